// SPDX-License-Identifier: GPL-2.0
/* RRDP sockets. */
#include <errno.h>
#include <linux/rrdp.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parse.h"
#include "transport.h"

static int rrdp_socket(const struct place *at)
{
	int fd = transport_socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET,
				  "rrdp.ko is not loaded");
	socklen_t len = sizeof(int);
	int options;

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
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = at->port,
	};
	int fd = rrdp_socket(at);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16))
		die(STATUS_REFUSED, "cannot listen on port %u: %s", at->port,
		    strerror(errno));
	return fd;
}

static void open_client(const struct place *at, struct channel *ch)
{
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = at->port,
	};
	uint64_t node;

	if (!parse_number(at->address, UINT32_MAX, &node) || !node)
		die(STATUS_USAGE, "\"%s\" is no node number", at->address);
	addr.srrdp_node = (uint32_t)node;
	ch->fd = rrdp_socket(at);
	if (connect(ch->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(STATUS_REFUSED, "cannot connect to node %s, port %u: %s",
		    at->address, at->port,
		    errno == EHOSTUNREACH ?
		    "it is not in the table; \"vmnetctl add-node\" adds it" :
		    strerror(errno));
}

const struct transport transport_rrdp = {
	.name = "rrdp",
	.open_server = open_server,
	.open_client = open_client,
};
