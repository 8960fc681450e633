/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * vmnet: a distributed virtual switch.
 *
 * A network is a link of kind "vmnet"; its peers, MAC database and counters
 * are reached through generic netlink, which
 * Documentation/netlink/specs/vmnet.yaml describes.
 */
#ifndef _UAPI_LINUX_VMNET_H
#define _UAPI_LINUX_VMNET_H

#include <linux/types.h>

#define VMNET_LINK_KIND		"vmnet"

/* UDP port of the tunnel (RFC 7348) and RRDP port of the links between hosts. */
#define VMNET_PORT_DEFAULT	4789

#define VMNET_VNI_MAX		0xFFFFFF

/* IFLA_INFO_DATA of "ip link add ... type vmnet". */
enum {
	IFLA_VMNET_UNSPEC,
	IFLA_VMNET_VNI,		/* u32, 1..VMNET_VNI_MAX; 1 */
	IFLA_VMNET_PORT,	/* be16, UDP port, VMNET_PORT_DEFAULT */
	IFLA_VMNET_AGEING,	/* u32, seconds; 300; 0 = never */
	IFLA_VMNET_LIMIT,	/* u32, entries of the MAC database; 0 = no limit */
	IFLA_VMNET_NODE,	/* u32, node number of this host; that of RRDP */
	IFLA_VMNET_SUBNET,	/* u32, subnet of the underlay in which it is; 0 = none */

	__IFLA_VMNET_MAX,
	IFLA_VMNET_MAX = __IFLA_VMNET_MAX - 1
};

#define VMNET_GENL_NAME		"vmnet"
#define VMNET_GENL_VERSION	1
#define VMNET_GENL_MCGRP_EVENTS	"events"

enum vmnet_cmd {
	VMNET_CMD_UNSPEC,
	VMNET_CMD_NET_GET,	/* dump: networks of this namespace, VMNET_A_NET */
	VMNET_CMD_PEER_NEW,	/* ifindex, nest VMNET_A_PEER */
	VMNET_CMD_PEER_DEL,	/* ifindex, nest VMNET_A_PEER (what identifies it) */
	VMNET_CMD_PEER_GET,	/* dump; [ifindex] */
	VMNET_CMD_FDB_NEW,	/* ifindex, nest VMNET_A_FDB: static entry */
	VMNET_CMD_FDB_DEL,	/* ifindex, nest VMNET_A_FDB */
	VMNET_CMD_FDB_GET,	/* dump; [ifindex] */
	VMNET_CMD_STATS_GET,	/* dump; [ifindex]; without ifindex in the answer:
				 * messages from peers that no network got
				 */
	VMNET_CMD_EVENT,	/* multicast only */
	VMNET_CMD_PORT_SET,	/* ifindex, nest VMNET_A_PORT_INFO */
	VMNET_CMD_PORT_GET,	/* dump; [ifindex]; with the host NIC of each network */
	VMNET_CMD_PEER_SET,	/* ifindex, nest VMNET_A_PEER: who, and LEAVING */
	VMNET_CMD_NET_SET,	/* ifindex, nest VMNET_A_NET: from MCAST_SNOOPING on */
	VMNET_CMD_MDB_GET,	/* dump; [ifindex] */
	VMNET_CMD_NEIGH_GET,	/* dump; [ifindex] */

	__VMNET_CMD_MAX,
	VMNET_CMD_MAX = __VMNET_CMD_MAX - 1
};

enum vmnet_attr {
	VMNET_A_UNSPEC,
	VMNET_A_IFINDEX,	/* u32, the vmnet device */
	VMNET_A_NET,		/* nest of VMNET_A_NET_* */
	VMNET_A_PEER,		/* nest of VMNET_A_PEER_* */
	VMNET_A_FDB,		/* nest of VMNET_A_FDB_* */
	VMNET_A_STATS,		/* nest of VMNET_A_STAT; repeated */
	VMNET_A_STAT,		/* nest: VMNET_A_STAT_NAME, VMNET_A_STAT_VALUE */
	VMNET_A_STAT_NAME,	/* string */
	VMNET_A_STAT_VALUE,	/* u64 */
	VMNET_A_EVENT,		/* u32, enum vmnet_event_type */
	VMNET_A_PAD,
	VMNET_A_PORT,		/* u32, ifindex of the port an event is about */
	VMNET_A_PORT_INFO,	/* nest of VMNET_A_PORT_* */
	VMNET_A_MDB,		/* nest of VMNET_A_MDB_* */
	VMNET_A_NEIGH,		/* nest of VMNET_A_NEIGH_* */

	__VMNET_A_MAX,
	VMNET_A_MAX = __VMNET_A_MAX - 1
};

enum vmnet_net_attr {
	VMNET_A_NET_UNSPEC,
	VMNET_A_NET_NAME,	/* string, device name */
	VMNET_A_NET_VNI,	/* u32 */
	VMNET_A_NET_PORT,	/* u16, UDP port */
	VMNET_A_NET_MTU,	/* u32 */
	VMNET_A_NET_AGEING,	/* u32, seconds */
	VMNET_A_NET_LIMIT,	/* u32 */
	VMNET_A_NET_PORTS,	/* u32, number of ports */
	VMNET_A_NET_PEERS,	/* u32, number of peers */
	VMNET_A_NET_MACS,	/* u32, entries of the MAC database */
	VMNET_A_NET_NODE,	/* u32, node number of this host */
	VMNET_A_NET_SUBNET,	/* u32, subnet in which it is */
	VMNET_A_NET_RANK,	/* u32, its place in the election there, from 1 */
	VMNET_A_NET_ROLE,	/* u8, enum vmnet_role */
	VMNET_A_NET_MCAST_SNOOPING,	/* u8, 0 or 1 */
	VMNET_A_NET_MCAST_LIMIT,	/* u32, groups there may be; 0 = no limit */
	VMNET_A_NET_MCAST_MEMBERSHIP,	/* u32, seconds that a report holds good */
	VMNET_A_NET_MCAST_QUERIER,	/* u32, seconds that a query holds good */
	VMNET_A_NET_NEIGH_SUPPRESS,	/* u8, 0 or 1 */
	VMNET_A_NET_NEIGH_LIMIT,	/* u32, neighbours there may be; 0 = no limit */
	VMNET_A_NET_GROUPS,	/* u32, groups that somebody listens to */
	VMNET_A_NET_NEIGHS,	/* u32, neighbours that are known */

	__VMNET_A_NET_MAX,
	VMNET_A_NET_MAX = __VMNET_A_NET_MAX - 1
};

enum vmnet_transport {
	VMNET_TRANSPORT_UNSPEC,
	VMNET_TRANSPORT_UDP,
	VMNET_TRANSPORT_RRDP,
};

enum vmnet_peer_state {
	VMNET_PEER_DOWN,	/* RRDP: no connection now, it is being retried */
	VMNET_PEER_CONNECTING,
	VMNET_PEER_UP,		/* UDP peers are always up */
};

/* What a host is to the forwarding of floods to its subnet. */
enum vmnet_role {
	VMNET_ROLE_NONE,	/* it is in no subnet */
	VMNET_ROLE_FORWARDER,	/* the first in the order of the election */
	VMNET_ROLE_STANDBY,	/* somebody who can comes before it */
	VMNET_ROLE_LEAVING,	/* it is to forward no more */
	VMNET_ROLE_SILENT,	/* it does not answer this host */
};

/* A peer is named by its RRDP node number or by its IP address and UDP port. */
enum vmnet_peer_attr {
	VMNET_A_PEER_UNSPEC,
	VMNET_A_PEER_TRANSPORT,	/* u8, enum vmnet_transport */
	VMNET_A_PEER_NODE,	/* u32, RRDP: the host's node number; UDP: the
				 * same, as the origin of what is relayed
				 */
	VMNET_A_PEER_IPV4,	/* be32, UDP */
	VMNET_A_PEER_IPV6,	/* 16 octets, UDP */
	VMNET_A_PEER_PORT,	/* u16, UDP; default: the network's */
	VMNET_A_PEER_PLAIN,	/* flag: no vmnet extension, e.g. a vxlan device */
	VMNET_A_PEER_SUBNET,	/* u32, UDP: subnet of the underlay in which it is */
	VMNET_A_PEER_LEAVING,	/* u8, UDP: 1 = it is to forward no more */
	VMNET_A_PEER_STATE,	/* u8, enum vmnet_peer_state */
	VMNET_A_PEER_MTU,	/* u32, largest inner packet (without Ethernet header) */
	VMNET_A_PEER_TX_FRAMES,	/* u64 */
	VMNET_A_PEER_TX_BYTES,	/* u64 */
	VMNET_A_PEER_RX_FRAMES,	/* u64 */
	VMNET_A_PEER_RX_BYTES,	/* u64 */
	VMNET_A_PEER_DROPS,	/* u64 */
	VMNET_A_PEER_PAD,
	VMNET_A_PEER_ERROR,	/* u32, errno: why the last connection ended or
				 * was not made; absent while there is one
				 */
	VMNET_A_PEER_RANK,	/* u32, its place in the election of its subnet */
	VMNET_A_PEER_ROLE,	/* u8, enum vmnet_role */
	VMNET_A_PEER_HEARS,	/* flag: it hears the group of this host's subnet */

	__VMNET_A_PEER_MAX,
	VMNET_A_PEER_MAX = __VMNET_A_PEER_MAX - 1
};

enum vmnet_fdb_attr {
	VMNET_A_FDB_UNSPEC,
	VMNET_A_FDB_LLADDR,	/* 6 octets */
	VMNET_A_FDB_PORT,	/* u32, ifindex of the port it is behind, or */
	VMNET_A_FDB_PEER,	/* nest of VMNET_A_PEER_*: the peer it is behind */
	VMNET_A_FDB_STATIC,	/* flag */
	VMNET_A_FDB_AGE,	/* u32, milliseconds since a frame came from it */
	VMNET_A_FDB_VID,	/* u16, VLAN id, 1..4094; in none if absent */
	VMNET_A_FDB_HELD,	/* flag: it moved too often and does not now */

	__VMNET_A_FDB_MAX,
	VMNET_A_FDB_MAX = __VMNET_A_FDB_MAX - 1
};

/* Octets of a set of VLANs: VLAN n is bit n % 8 of octet n / 8. */
#define VMNET_VLANS_LEN		512

/*
 * A port is named by its ifindex, the host NIC by that of the vmnet device. What
 * is not given stays as it was, but for the VLANs, which are given together.
 */
enum vmnet_port_attr {
	VMNET_A_PORT_UNSPEC,
	VMNET_A_PORT_IFINDEX,	/* u32 */
	VMNET_A_PORT_ALL_VLANS,	/* flag: it is in all, with tags as they are, or */
	VMNET_A_PORT_VLANS,	/* VMNET_VLANS_LEN octets: those it is in */
	VMNET_A_PORT_UNTAGGED,	/* VMNET_VLANS_LEN octets: those given without tag */
	VMNET_A_PORT_PVID,	/* u16, VLAN of frames without tag; 0: dropped */
	VMNET_A_PORT_ISOLATED,	/* u8, 0 or 1 */
	VMNET_A_PORT_LEARNING,	/* u8, 0 or 1 */
	VMNET_A_PORT_LIMIT,	/* u32, addresses learned from it; 0 = no limit */
	VMNET_A_PORT_STORM,	/* u32, frames per second flooded; 0 = no limit */
	VMNET_A_PORT_MACS,	/* u32, addresses learned from it */
	VMNET_A_PORT_TX_FRAMES,	/* u64, given to it */
	VMNET_A_PORT_TX_BYTES,	/* u64 */
	VMNET_A_PORT_RX_FRAMES,	/* u64, taken from it */
	VMNET_A_PORT_RX_BYTES,	/* u64 */
	VMNET_A_PORT_DROPS,	/* u64, for it and thrown away */
	VMNET_A_PORT_RX_DROPS,	/* u64, from it and not let in */
	VMNET_A_PORT_PAD,
	VMNET_A_PORT_MCAST_LIMIT,	/* u32, groups it may listen to; 0 = no limit */
	VMNET_A_PORT_GROUPS,	/* u32, groups it listens to */
	VMNET_A_PORT_CONFINED,	/* u8, 0 or 1 */

	__VMNET_A_PORT_MAX,
	VMNET_A_PORT_MAX = __VMNET_A_PORT_MAX - 1
};

/* A listener to an IP multicast group, or what is behind a multicast router. */
enum vmnet_mdb_attr {
	VMNET_A_MDB_UNSPEC,
	VMNET_A_MDB_IPV4,	/* be32, group, or */
	VMNET_A_MDB_IPV6,	/* 16 octets, group; zeros in both: all groups */
	VMNET_A_MDB_VID,	/* u16, VLAN id, 1..4094; in none if absent */
	VMNET_A_MDB_PORT,	/* u32, ifindex of the port that listens, or */
	VMNET_A_MDB_PEER,	/* nest of VMNET_A_PEER_*: the peer */
	VMNET_A_MDB_EXPIRES,	/* u32, milliseconds that it still listens */
	VMNET_A_MDB_ROUTER,	/* u32, milliseconds that a router is believed there */
	VMNET_A_MDB_QUERIER,	/* flag: the last query came from there */

	__VMNET_A_MDB_MAX,
	VMNET_A_MDB_MAX = __VMNET_A_MDB_MAX - 1
};

/* Which MAC address an IP address has, as ARP or ND told. */
enum vmnet_neigh_attr {
	VMNET_A_NEIGH_UNSPEC,
	VMNET_A_NEIGH_IPV4,	/* be32, or */
	VMNET_A_NEIGH_IPV6,	/* 16 octets */
	VMNET_A_NEIGH_LLADDR,	/* 6 octets */
	VMNET_A_NEIGH_VID,	/* u16, VLAN id, 1..4094; in none if absent */
	VMNET_A_NEIGH_AGE,	/* u32, milliseconds since it was told */
	VMNET_A_NEIGH_ROUTER,	/* flag: it is a router's */

	__VMNET_A_NEIGH_MAX,
	VMNET_A_NEIGH_MAX = __VMNET_A_NEIGH_MAX - 1
};

enum vmnet_event_type {
	VMNET_EV_UNSPEC,
	VMNET_EV_PEER_NEW,
	VMNET_EV_PEER_DEL,
	VMNET_EV_PEER_STATE,
	VMNET_EV_FDB_NEW,
	VMNET_EV_FDB_DEL,
	VMNET_EV_FDB_MOVE,
	VMNET_EV_PORT_NEW,
	VMNET_EV_PORT_DEL,
	VMNET_EV_FDB_DAMPED,
	VMNET_EV_PORT_CHANGED,
	VMNET_EV_MDB_NEW,
	VMNET_EV_MDB_DEL,
	VMNET_EV_NET_CHANGED,
};

#endif /* _UAPI_LINUX_VMNET_H */
