// SPDX-License-Identifier: GPL-2.0
/* TIPC, the nearest relative; the port stands for a service type. */
#include <errno.h>
#include <linux/tipc.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "transport.h"

static int tipc_socket(void)
{
	return transport_socket(AF_TIPC, SOCK_SEQPACKET,
				"the kernel has no TIPC: try \"modprobe tipc\"");
}

static int open_server(const struct place *at)
{
	struct sockaddr_tipc addr = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_RANGE,
		.scope = TIPC_CLUSTER_SCOPE,
		.addr.nameseq = { .type = at->port },
	};
	int fd = tipc_socket();

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16))
		die(STATUS_REFUSED, "cannot offer service %u: %s", at->port,
		    strerror(errno));
	return fd;
}

/* The service is found by its name alone: the address says nothing. */
static void open_client(const struct place *at, struct channel *ch)
{
	struct sockaddr_tipc addr = {
		.family = AF_TIPC,
		.addrtype = TIPC_SERVICE_ADDR,
		.addr.name.name = { .type = at->port },
	};

	ch->fd = tipc_socket();
	if (connect(ch->fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(STATUS_REFUSED, "cannot connect to service %u: %s", at->port,
		    strerror(errno));
}

const struct transport transport_tipc = {
	.name = "tipc",
	.open_server = open_server,
	.open_client = open_client,
};
