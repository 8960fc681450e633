// SPDX-License-Identifier: GPL-2.0
/*
 * Busy polling of AF_RRDP sockets, in TAP.
 *
 *	rrdp-busy FROM TO SWITCH
 *
 * Both ends are in this process: one socket in the network namespace FROM, one in
 * TO, as node 2, with eth0 whose other end is to-TO in the namespace SWITCH.
 *
 * The device of TO is told to let its interrupts rest for minutes once it has had
 * one. Then nothing but busy polling fetches what has come, so that a call that does
 * not sleep and yet returns a message proves that it has polled.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/rrdp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tap.h"

#define NODE	2
#define PORT	90

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- namespaces and devices ---- */

static int open_netns(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		die(path);
	return fd;
}

static void enter(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		die("setns");
}

/* Devices in sysfs are those of the namespace that mounts it. */
static void show_devices(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		die("/sys");
}

static void write_to(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		die(path);
	close(fd);
}

static void set_feature(const char *dev, unsigned int cmd, unsigned int value)
{
	struct ethtool_value feature = { .cmd = cmd, .data = value };
	struct ifreq ifr = { .ifr_data = (void *)&feature };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		die(dev);
	close(fd);
}

static void let_interrupts_rest(bool rest)
{
	write_to("/sys/class/net/eth0/napi_defer_hard_irqs", rest ? "1000" : "0");
	/* nanoseconds */
	write_to("/sys/class/net/eth0/gro_flush_timeout",
		 rest ? "250000000000" : "0");
}

/* ---- sockets ---- */

static void set_option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("setsockopt");
}

static int get_option(int fd, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	if (getsockopt(fd, SOL_SOCKET, name, &value, &len))
		die("getsockopt");
	return value;
}

/* Patient, as the other end hears nothing for as long as nobody polls. */
static int new_socket(void)
{
	int fd = socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET, 0);

	if (fd < 0)
		die("socket");
	set_option(fd, SOL_RRDP, RRDP_SO_DEADTIME, 600000);
	return fd;
}

static const struct sockaddr *address(unsigned int node)
{
	static struct sockaddr_rrdp addr;

	addr = (struct sockaddr_rrdp) {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = PORT,
		.srrdp_node = node,
	};
	return (const struct sockaddr *)&addr;
}

static void connect_ends(int from, int to, int end[2])
{
	/* A message that does not come fails its test, and not all that follow. */
	struct timeval patience = { .tv_sec = 30 };
	int l;

	enter(to);
	l = new_socket();
	set_option(l, SOL_SOCKET, SO_BUSY_POLL, 70);
	if (bind(l, address(RRDP_NODE_NONE), sizeof(struct sockaddr_rrdp)) ||
	    listen(l, 1))
		die("listen");
	enter(from);
	end[0] = new_socket();
	if (connect(end[0], address(NODE), sizeof(struct sockaddr_rrdp)))
		die("connect");
	end[1] = accept(l, NULL, NULL);
	if (end[1] < 0)
		die("accept");
	if (setsockopt(end[1], SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		die("SO_RCVTIMEO");
	close(l);
}

static long receive(int fd, int flags)
{
	char buf[100];
	ssize_t got = recv(fd, buf, sizeof(buf), flags);

	return got < 0 ? -errno : got;
}

static long size_of_next(int fd)
{
	int value;

	return ioctl(fd, SIOCINQ, &value) ? -errno : value;
}

static long poll_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

/* ---- tests ---- */

static void test_recv(const int end[2])
{
	send(end[0], "wait", 4, 0);
	is("a message waits in the device", size_of_next(end[1]), 0);
	is("recv() does not find it", receive(end[1], MSG_DONTWAIT), -EAGAIN);
	set_option(end[1], SOL_SOCKET, SO_BUSY_POLL, 50);
	is("recv() that polls fetches it", receive(end[1], MSG_DONTWAIT), 4);

	send(end[0], "again", 5, 0);
	is("the next one waits, too", size_of_next(end[1]), 0);
	is("recv() that may sleep need not", receive(end[1], 0), 5);
	is("recv() finds no more", receive(end[1], MSG_DONTWAIT), -EAGAIN);
}

/* Whether poll() polls is also a matter of a sysctl, in the first namespace only. */
static void test_poll(const int end[2], int first)
{
	static const char sysctl[] = "/proc/sys/net/core/busy_poll";

	enter(first);
	write_to(sysctl, "0");
	send(end[0], "poll", 4, 0);
	is("poll() does not find a message", poll_now(end[1]), 0);
	write_to(sysctl, "50");
	is("poll() that polls does", poll_now(end[1]), POLLIN);
	write_to(sysctl, "0");
	set_option(end[1], SOL_SOCKET, SO_BUSY_POLL, 0);
	is("and has fetched it", receive(end[1], MSG_DONTWAIT), 4);
}

int main(int argc, char **argv)
{
	int first = open("/proc/self/ns/net", O_RDONLY);
	int from, to, end[2];
	char dev[32];

	if (argc != 4)
		return fprintf(stderr, "usage: rrdp-busy FROM TO SWITCH\n"), 2;
	from = open_netns(argv[1]);
	to = open_netns(argv[2]);

	/* What makes a veth deliver with NAPI: GRO here, and no TSO there. */
	enter(open_netns(argv[3]));
	snprintf(dev, sizeof(dev), "to-%s", argv[2]);
	set_feature(dev, ETHTOOL_STSO, 0);
	enter(to);
	set_feature("eth0", ETHTOOL_SGRO, 1);
	show_devices();

	connect_ends(from, to, end);
	is("accept() passes on how long to poll", get_option(end[1], SO_BUSY_POLL), 70);
	set_option(end[1], SOL_SOCKET, SO_BUSY_POLL, 0);
	is("nothing came yet", get_option(end[1], SO_INCOMING_NAPI_ID), 0);
	let_interrupts_rest(true);
	send(end[0], "last", 4, 0);
	is("one by the last interrupt", receive(end[1], 0), 4);
	is("the socket knows by what", get_option(end[1], SO_INCOMING_NAPI_ID) > 0, 1);

	set_option(end[1], SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);
	test_recv(end);
	test_poll(end, first);

	/* Polled once more, the device goes on with interrupts. */
	let_interrupts_rest(false);
	set_option(end[1], SOL_SOCKET, SO_PREFER_BUSY_POLL, 0);
	set_option(end[1], SOL_SOCKET, SO_BUSY_POLL, 50);
	receive(end[1], MSG_DONTWAIT);
	set_option(end[1], SOL_SOCKET, SO_BUSY_POLL, 0);
	send(end[0], "end", 3, 0);
	is("as before", receive(end[1], 0), 3);
	close(end[0]);
	close(end[1]);
	return tap_end();
}
