// SPDX-License-Identifier: GPL-2.0
/* Ethernet frames by way of AF_PACKET: the least that a program can use. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parse.h"
#include "transport.h"

/* The port stands for an EtherType: none has a number below 1536. */
static struct sockaddr_ll frames_of(const struct place *at)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(at->port),
		.sll_halen = 6,
	};

	if (at->port < 1536)
		die(STATUS_USAGE, "the port is the EtherType: 1536 at least");
	if (!at->device)
		die(STATUS_USAGE, "frames need a device: -i DEV");
	addr.sll_ifindex = (int)if_nametoindex(at->device);
	if (!addr.sll_ifindex)
		die(STATUS_REFUSED, "there is no device \"%s\"", at->device);
	return addr;
}

static int open_server(const struct place *at)
{
	struct sockaddr_ll addr = frames_of(at);
	int fd = transport_socket(AF_PACKET, SOCK_DGRAM, NULL);

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die(STATUS_REFUSED, "cannot receive from %s: %s", at->device,
		    strerror(errno));
	return fd;
}

static void open_client(const struct place *at, struct channel *ch)
{
	struct sockaddr_ll addr = frames_of(at);

	if (!parse_mac(at->address, addr.sll_addr))
		die(STATUS_USAGE, "\"%s\" is no MAC address", at->address);
	ch->fd = open_server(at);
	memcpy(&ch->to, &addr, sizeof(addr));
	ch->to_len = sizeof(addr);
}

const struct transport transport_packet = {
	.name = "packet",
	.lossy = true,
	.open_server = open_server,
	.open_client = open_client,
};
