/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel has of networks, peers and nodes, and what it is told of them. */
#ifndef AGENT_KERNEL_H
#define AGENT_KERNEL_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "nlk.h"
#include "peer.h"

#define ALIAS_SIZE	256	/* of a device */
#define PEER_KEY_SIZE	64

/**
 * struct link - a network device
 * @index: of it
 * @name: of it
 * @alias: what somebody wrote about it, "" if nobody did
 * @mtu: of it
 * @master: index of its master, 0 if it has none
 * @is_net: it is a network of vmnet, and has the rest:
 * @vni: its number
 * @port: its UDP port
 * @node: number of this host in it
 * @subnet: that this host is in, 0: none
 */
struct link {
	unsigned int index;
	char name[IF_NAMESIZE];
	char alias[ALIAS_SIZE];
	unsigned int mtu;
	unsigned int master;
	bool is_net;
	uint32_t vni;
	uint16_t port;
	uint32_t node;
	uint32_t subnet;
};

/**
 * struct member - a peer that a network has
 * @net: index of the network
 * @peer: who it is
 * @state: enum vmnet_peer_state
 * @role: enum vmnet_role
 * @hears: it hears the group of this host's subnet
 * @tx_frames: sent
 * @rx_frames: received
 */
struct member {
	unsigned int net;
	struct peer peer;
	uint8_t state;
	uint8_t role;
	bool hears;
	uint64_t tx_frames;
	uint64_t rx_frames;
};

/**
 * struct mac - an entry of a MAC database
 * @net: index of the network
 * @addr: the address
 * @vlan: 0: none
 * @port: index of the port it is behind; 0: a peer
 * @peer: that one
 * @fixed: static
 */
struct mac {
	unsigned int net;
	uint8_t addr[6];
	uint16_t vlan;
	unsigned int port;
	struct peer peer;
	bool fixed;
};

/**
 * struct port - traffic of a port
 * @net: index of the network
 * @index: of the port
 * @tx_frames: given to it
 * @rx_frames: taken from it
 */
struct port {
	unsigned int net;
	unsigned int index;
	uint64_t tx_frames;
	uint64_t rx_frames;
};

/**
 * struct kernel - a conversation with it, and what it said
 * @route: rtnetlink
 * @vmnet: the module, if @has_vmnet
 * @rrdp: the module, if @has_rrdp
 * @has_vmnet: it is loaded
 * @has_rrdp: it is loaded
 * @error: what was refused last
 * @links: all devices
 * @link_count: of them
 * @members: all peers of all networks, by kernel_read_peers()
 * @member_count: of them
 * @macs: by kernel_read_macs()
 * @mac_count: of them
 * @ports: by kernel_read_ports()
 * @port_count: of them
 * @local_node: number of this host for RRDP, 0: none
 */
struct kernel {
	struct nlk route;
	struct nlk vmnet;
	struct nlk rrdp;
	bool has_vmnet;
	bool has_rrdp;
	char error[320];
	struct link *links;
	unsigned int link_count;
	struct member *members;
	unsigned int member_count;
	struct mac *macs;
	unsigned int mac_count;
	struct port *ports;
	unsigned int port_count;
	uint32_t local_node;
};

/*
 * Begins, and reads links and own node number. Modules may have come or gone before.
 * Returns as the others; kernel_end() is called in any case.
 */
int kernel_begin(struct kernel *k);
void kernel_end(struct kernel *k);

/*
 * These return 0 or -errno, with k->error. A table that changes all the time while it is
 * read is an error, too: something might be missing.
 */
int kernel_read_links(struct kernel *k);
int kernel_read_peers(struct kernel *k);
int kernel_read_macs(struct kernel *k);
int kernel_read_ports(struct kernel *k);

/* Sends and frees @msg; what was asked is @what, such as "cannot add a peer". */
int kernel_ask(struct kernel *k, struct nlk *nl, struct nl_msg *msg, const char *what,
	       nlk_reply_fn reply);

/* Makes the network that @l describes, and sets it up. */
int kernel_add_net(struct kernel *k, const struct link *l);
int kernel_del_net(struct kernel *k, unsigned int index);
int kernel_add_peer(struct kernel *k, unsigned int net, const struct peer *p);
int kernel_del_peer(struct kernel *k, unsigned int net, const struct peer *p);

/* Has this host the number @node for RRDP, on device @dev. */
int kernel_add_node(struct kernel *k, uint32_t node, unsigned int dev);

/* Reads a link from a message, also from that of an event. */
bool kernel_parse_link(const struct nlmsghdr *nlh, struct link *l);

const struct link *kernel_link(const struct kernel *k, unsigned int index);

/* "udp ADDRESS" or "rrdp NODE": one network has it once at @port. */
void peer_key(const struct peer *p, char key[PEER_KEY_SIZE]);

#endif /* AGENT_KERNEL_H */
