/* SPDX-License-Identifier: GPL-2.0 */
/* Peers of a network, as netlink says them. */
#ifndef TOOLS_PEER_H
#define TOOLS_PEER_H

#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#include "parse.h"

/**
 * struct peer - who it is, and what is said of it
 * @transport: enum vmnet_transport
 * @node: of RRDP
 * @endpoint: of UDP
 * @plain: it does not know the extension of vmnet
 * @number: node number of a UDP peer, 0: not said
 * @subnet: of a UDP peer, 0: not said
 * @leaving: NULL: not said
 */
struct peer {
	uint8_t transport;
	uint32_t node;
	struct endpoint endpoint;
	bool plain;
	uint32_t number;
	uint32_t subnet;
	const bool *leaving;
};

/* Adds it as a nest of VMNET_A_PEER_* of type @attr. */
void put_peer(struct nl_msg *msg, int attr, const struct peer *p);

/* Its address, if the kernel says one. */
bool peer_endpoint(struct nlattr **tb, struct endpoint *ep);

#endif /* TOOLS_PEER_H */
