/* SPDX-License-Identifier: GPL-2.0 */
/* AF_RRDP sockets for the tests in C whose ends are all in one process. */
#ifndef _NET_SOCK_H
#define _NET_SOCK_H

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/rrdp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* The number of the node that the test runs on. */
#define LOCAL	1

static inline struct sockaddr_rrdp address(uint32_t node, uint16_t port)
{
	return (struct sockaddr_rrdp) {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = port,
		.srrdp_node = node,
	};
}

static inline int socket_of(int type)
{
	int fd = socket(RRDP_AF_DEFAULT, type, 0);

	if (fd < 0) {
		perror("# socket");
		exit(1);
	}
	return fd;
}

static inline int do_bind(int fd, uint32_t node, uint16_t port)
{
	struct sockaddr_rrdp addr = address(node, port);

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static inline int do_connect(int fd, uint32_t node, uint16_t port)
{
	struct sockaddr_rrdp addr = address(node, port);

	return connect(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static inline int listener_of(int type, uint16_t port, int backlog)
{
	int fd = socket_of(type);

	if (do_bind(fd, RRDP_NODE_NONE, port) || listen(fd, backlog)) {
		perror("# listen");
		exit(1);
	}
	return fd;
}

/*
 * Two ends of one connection: the one that connects, with @options unless they are
 * negative, and the one that is accepted.
 */
static inline void pair_of(int type, int accepted, uint16_t port, int end[2],
			   int options)
{
	int l = listener_of(accepted, port, 5);

	end[0] = socket_of(type);
	if (options >= 0 && setsockopt(end[0], SOL_RRDP, RRDP_SO_OPTIONS,
				       &options, sizeof(options)))
		perror("# options");
	if (do_connect(end[0], LOCAL, port))
		perror("# connect");
	end[1] = accept(l, NULL, NULL);
	close(l);
}

static inline void close_pair(int end[2])
{
	close(end[0]);
	close(end[1]);
}

static inline int poll_for(int fd, short events, int msec)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, msec) > 0 ? p.revents : 0;
}

static inline void set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static inline int error_of(int fd)
{
	socklen_t len = sizeof(int);
	int err = -1;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err;
}

/* The next completion of @fd: its first and last message and whether it was copied. */
static inline long completion(int fd, int *copied)
{
	char control[CMSG_SPACE(sizeof(struct sock_extended_err) + 64)];
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err *err;

	if (!(poll_for(fd, 0, 5000) & POLLERR) ||
	    recvmsg(fd, &msg, MSG_ERRQUEUE) < 0 || !CMSG_FIRSTHDR(&msg))
		return -1;
	err = (struct sock_extended_err *)CMSG_DATA(CMSG_FIRSTHDR(&msg));
	*copied = err->ee_code == SO_EE_CODE_ZEROCOPY_COPIED;
	return err->ee_info * 1000L + err->ee_data;
}

#endif /* _NET_SOCK_H */
