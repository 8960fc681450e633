// SPDX-License-Identifier: GPL-2.0
/* RRDP sockets, of both types. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parse.h"
#include "rrdpsock.h"
#include "transport.h"

static int rrdp_socket(const struct place *at, int type)
{
	int fd = rrdpsock_open(type | SOCK_CLOEXEC);
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

static int open_server(const struct place *at, int type)
{
	int fd = rrdp_socket(at, type);
	int err = rrdpsock_listen(fd, at->port);

	if (err)
		die(STATUS_REFUSED, "cannot listen on port %u: %s", at->port,
		    rrdpsock_advice(-err));
	return fd;
}

static void open_client(const struct place *at, int type, struct channel *ch)
{
	struct sockaddr_rrdp addr;
	uint64_t node;

	if (!parse_number(at->address, UINT32_MAX, &node) || !node)
		die(STATUS_USAGE, "\"%s\" is no node number", at->address);
	addr = rrdpsock_address((uint32_t)node, at->port);
	ch->fd = rrdp_socket(at, type);
	if (connect(ch->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(STATUS_REFUSED, "cannot connect to node %s, port %u: %s",
		    at->address, at->port, rrdpsock_advice(errno));
}

static int message_server(const struct place *at)
{
	return open_server(at, SOCK_SEQPACKET);
}

static void message_client(const struct place *at, struct channel *ch)
{
	open_client(at, SOCK_SEQPACKET, ch);
}

static int stream_server(const struct place *at)
{
	return open_server(at, SOCK_STREAM);
}

static void stream_client(const struct place *at, struct channel *ch)
{
	open_client(at, SOCK_STREAM, ch);
}

const struct transport transport_rrdp = {
	.name = "rrdp",
	.open_server = message_server,
	.open_client = message_client,
};

const struct transport transport_rrdp_stream = {
	.name = "rrdp-stream",
	.stream = true,
	.open_server = stream_server,
	.open_client = stream_client,
};
