// SPDX-License-Identifier: GPL-2.0
/*
 * Holds RRDP connections, to see what they cost and when their ends notice.
 *
 *	rrdp-hold listen PORT COUNT
 *	rrdp-hold connect NODE PORT COUNT
 *	rrdp-hold dead NODE PORT NETNS DEV idle|busy MSEC
 *
 * "listen" and "connect" each have one end of COUNT connections, spread over as many
 * ports from PORT on as that takes, print "ready" when messages have crossed each,
 * and wait for a signal. Their keepalives are rare, so that many do no work.
 *
 * "dead" talks to an echo for MSEC milliseconds, or, "idle", once at their begin;
 * then it sets DEV of the network namespace NETNS down, and prints how many
 * nanoseconds later the connection ended.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/rrdp.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PER_PORT	20000
#define DEADTIME	3600000
#define NSEC		1000000000ull

static char buf[RRDP_MSG_MAX];

static void die(const char *what)
{
	fprintf(stderr, "rrdp-hold: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

static struct sockaddr_rrdp address(const char *node, int port)
{
	return (struct sockaddr_rrdp) {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = (uint16_t)port,
		.srrdp_node = node ? (uint32_t)atol(node) : RRDP_NODE_NONE,
	};
}

static int new_socket(int deadtime)
{
	int fd = socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET, 0);

	if (fd < 0)
		die("socket");
	if (deadtime && setsockopt(fd, SOL_RRDP, RRDP_SO_DEADTIME, &deadtime,
				   sizeof(deadtime)))
		die("RRDP_SO_DEADTIME");
	return fd;
}

static int connect_to(const char *node, int port, int deadtime)
{
	struct sockaddr_rrdp addr = address(node, port);
	int tries = 100, fd;

	/* The other end may not listen yet. */
	for (;;) {
		fd = new_socket(deadtime);
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		if (errno != ECONNREFUSED || !tries--)
			die("connect");
		close(fd);
		usleep(50000);
	}
}

static void allow_files(int count)
{
	struct rlimit limit = { (rlim_t)count + 64, (rlim_t)count + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

static void exchange(int fd)
{
	if (send(fd, "x", 1, 0) != 1 || recv(fd, buf, sizeof(buf), 0) != 1)
		die("exchange");
}

static void hold(void)
{
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

static void do_listen(int port, int count)
{
	int i, fd = -1, conn;

	allow_files(count);
	for (i = 0; i < count; i++) {
		struct sockaddr_rrdp addr = address(NULL, port + i / PER_PORT);

		if (i % PER_PORT == 0) {
			fd = new_socket(DEADTIME);
			if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
			    listen(fd, 128))
				die("listen");
		}
		conn = accept(fd, NULL, NULL);
		if (conn < 0)
			die("accept");
		if (recv(conn, buf, sizeof(buf), 0) != 1 || send(conn, "x", 1, 0) != 1)
			die("exchange");
	}
	hold();
}

static void do_connect(const char *node, int port, int count)
{
	int i, fd;

	allow_files(count);
	for (i = 0; i < count; i++) {
		fd = connect_to(node, port + i / PER_PORT, DEADTIME);
		exchange(fd);
	}
	hold();
}

/* A socket that lives in the network namespace @name. */
static int socket_in(const char *name)
{
	int own = open("/proc/self/ns/net", O_RDONLY), other, fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	other = open(path, O_RDONLY);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET))
		die(path);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || setns(own, CLONE_NEWNET))
		die("setns");
	return fd;
}

static void set_up(int fd, const char *dev, int up)
{
	struct ifreq req = {};

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	if (ioctl(fd, SIOCGIFFLAGS, &req))
		die(dev);
	req.ifr_flags = (short)(up ? req.ifr_flags | IFF_UP : req.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &req))
		die(dev);
}

/* Nothing comes any more; a busy end goes on sending. */
static void wait_for_end(int fd, int busy)
{
	ssize_t got;

	do {
		if (busy)
			usleep(1000);
		if (busy && send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
		    errno != EAGAIN)
			break;
		got = recv(fd, buf, sizeof(buf), busy ? MSG_DONTWAIT : 0);
	} while (got > 0 || (got < 0 && errno == EAGAIN));
	if (errno != ETIMEDOUT)
		die("the connection ended otherwise");
}

static void do_dead(char **argv)
{
	int fd = connect_to(argv[2], atoi(argv[3]), 0);
	int ctl = socket_in(argv[4]), busy = !strcmp(argv[6], "busy");
	useconds_t usec = (useconds_t)atoi(argv[7]) * 1000;
	uint64_t cut, end = now() + usec * 1000ull;

	do {
		exchange(fd);
		usleep(busy ? 1000 : usec);
	} while (now() < end);
	set_up(ctl, argv[5], 0);
	cut = now();
	wait_for_end(fd, busy);
	printf("%llu\n", (unsigned long long)(now() - cut));
	set_up(ctl, argv[5], 1);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "listen"))
		do_listen(atoi(argv[2]), atoi(argv[3]));
	else if (argc == 5 && !strcmp(argv[1], "connect"))
		do_connect(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 8 && !strcmp(argv[1], "dead"))
		do_dead(argv);
	else
		return fprintf(stderr, "usage: see the head of rrdp-hold.c\n"), 2;
	return 0;
}
