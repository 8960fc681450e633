/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of RRDP, and what to do where there are none. */
#ifndef TOOLS_RRDPSOCK_H
#define TOOLS_RRDPSOCK_H

#include <linux/rrdp.h>
#include <stdint.h>

/*
 * A socket of @type, SOCK_SEQPACKET or SOCK_STREAM, with flags as SOCK_CLOEXEC.
 * Returns it or -errno.
 */
int rrdpsock_open(int type);

/* An address; @node may be RRDP_NODE_NONE. */
struct sockaddr_rrdp rrdpsock_address(uint32_t node, uint16_t port);

/* Listens on @port. Returns 0 or -errno. */
int rrdpsock_listen(int fd, uint16_t port);

/* What @error of a socket (an errno) means, and what to do about it. */
const char *rrdpsock_advice(int error);

#endif /* TOOLS_RRDPSOCK_H */
