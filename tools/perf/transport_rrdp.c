// SPDX-License-Identifier: GPL-2.0
/* RRDP sockets. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parse.h"
#include "rrdpsock.h"
#include "transport.h"

static int rrdp_socket(const struct place *at)
{
	int fd = rrdpsock_open(SOCK_CLOEXEC);
	socklen_t len = sizeof(int);
	int options;

	if (fd < 0)
		die(fd == -EAFNOSUPPORT ? STATUS_NO_MODULE : STATUS_REFUSED,
		    "cannot make a socket: %s", rrdpsock_advice(-fd));
	if (!at->trust_link)
		return fd;
	if (getsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &options, &len))
		die(STATUS_REFUSED, "cannot read the options: %s", strerror(errno));
	options |= RRDP_OPT_CKSUM_HDR;
	if (setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &options, sizeof(options)))
		die(STATUS_REFUSED, "cannot set the options: %s", strerror(errno));
	return fd;
}

static int open_server(const struct place *at)
{
	int fd = rrdp_socket(at);
	int err = rrdpsock_listen(fd, at->port);

	if (err)
		die(STATUS_REFUSED, "cannot listen on port %u: %s", at->port,
		    rrdpsock_advice(-err));
	return fd;
}

static void open_client(const struct place *at, struct channel *ch)
{
	struct sockaddr_rrdp addr;
	uint64_t node;

	if (!parse_number(at->address, UINT32_MAX, &node) || !node)
		die(STATUS_USAGE, "\"%s\" is no node number", at->address);
	addr = rrdpsock_address((uint32_t)node, at->port);
	ch->fd = rrdp_socket(at);
	if (connect(ch->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(STATUS_REFUSED, "cannot connect to node %s, port %u: %s",
		    at->address, at->port, rrdpsock_advice(errno));
}

const struct transport transport_rrdp = {
	.name = "rrdp",
	.open_server = open_server,
	.open_client = open_client,
};
