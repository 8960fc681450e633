// SPDX-License-Identifier: GPL-2.0
/* Names of netlink attributes, as the command line calls them. */
#include <linux/if_link.h>
#include <linux/rrdp.h>
#include <linux/vmnet.h>

#include "vmnetctl.h"

static const char *const rrdp_attrs[] = {
	[RRDP_A_NODE] = "node",
	[RRDP_A_IFINDEX] = "dev",
	[RRDP_A_LLADDR] = "lladdr",
	[RRDP_A_LOCAL] = "local",
	[RRDP_A_LEARNED] = "learned",
};

const struct nlk_names rrdp_names = {
	.names = rrdp_attrs,
	.count = ARRAY_SIZE(rrdp_attrs),
};

static const char *const peer_attrs[] = {
	[VMNET_A_PEER_TRANSPORT] = "transport",
	[VMNET_A_PEER_NODE] = "node",
	[VMNET_A_PEER_IPV4] = "IPv4 address",
	[VMNET_A_PEER_IPV6] = "IPv6 address",
	[VMNET_A_PEER_PORT] = "port",
	[VMNET_A_PEER_PLAIN] = "plain",
	[VMNET_A_PEER_SUBNET] = "subnet",
	[VMNET_A_PEER_LEAVING] = "leaving",
};

static const struct nlk_names peer_names = {
	.names = peer_attrs,
	.count = ARRAY_SIZE(peer_attrs),
};

static const char *const fdb_attrs[] = {
	[VMNET_A_FDB_LLADDR] = "MAC",
	[VMNET_A_FDB_PORT] = "port",
	[VMNET_A_FDB_PEER] = "peer",
	[VMNET_A_FDB_STATIC] = "static",
	[VMNET_A_FDB_VID] = "vlan",
};

static const struct nlk_names *const fdb_nested[ARRAY_SIZE(fdb_attrs)] = {
	[VMNET_A_FDB_PEER] = &peer_names,
};

static const struct nlk_names fdb_names = {
	.names = fdb_attrs,
	.count = ARRAY_SIZE(fdb_attrs),
	.nested = fdb_nested,
};

static const char *const port_attrs[] = {
	[VMNET_A_PORT_IFINDEX] = "port",
	[VMNET_A_PORT_ALL_VLANS] = "vlans all",
	[VMNET_A_PORT_VLANS] = "vlans",
	[VMNET_A_PORT_UNTAGGED] = "untagged",
	[VMNET_A_PORT_PVID] = "pvid",
	[VMNET_A_PORT_ISOLATED] = "isolated",
	[VMNET_A_PORT_LEARNING] = "learning",
	[VMNET_A_PORT_LIMIT] = "limit",
	[VMNET_A_PORT_STORM] = "storm",
	[VMNET_A_PORT_MCAST_LIMIT] = "mcast-limit",
	[VMNET_A_PORT_CONFINED] = "confined",
};

static const struct nlk_names port_names = {
	.names = port_attrs,
	.count = ARRAY_SIZE(port_attrs),
};

static const char *const net_attrs[] = {
	[VMNET_A_NET_MCAST_SNOOPING] = "mcast-snooping",
	[VMNET_A_NET_MCAST_LIMIT] = "mcast-limit",
	[VMNET_A_NET_MCAST_MEMBERSHIP] = "mcast-membership",
	[VMNET_A_NET_MCAST_QUERIER] = "mcast-querier",
	[VMNET_A_NET_NEIGH_SUPPRESS] = "neigh-suppress",
	[VMNET_A_NET_NEIGH_LIMIT] = "neigh-limit",
};

static const struct nlk_names net_names = {
	.names = net_attrs,
	.count = ARRAY_SIZE(net_attrs),
};

static const char *const vmnet_attrs[] = {
	[VMNET_A_IFINDEX] = "net",
	[VMNET_A_NET] = "net",
	[VMNET_A_PEER] = "peer",
	[VMNET_A_FDB] = "fdb",
	[VMNET_A_PORT_INFO] = "port",
};

static const struct nlk_names *const vmnet_nested[ARRAY_SIZE(vmnet_attrs)] = {
	[VMNET_A_NET] = &net_names,
	[VMNET_A_PEER] = &peer_names,
	[VMNET_A_FDB] = &fdb_names,
	[VMNET_A_PORT_INFO] = &port_names,
};

const struct nlk_names vmnet_names = {
	.names = vmnet_attrs,
	.count = ARRAY_SIZE(vmnet_attrs),
	.nested = vmnet_nested,
};

static const char *const data_attrs[] = {
	[IFLA_VMNET_VNI] = "vni",
	[IFLA_VMNET_PORT] = "port",
	[IFLA_VMNET_AGEING] = "ageing",
	[IFLA_VMNET_LIMIT] = "limit",
	[IFLA_VMNET_NODE] = "node",
	[IFLA_VMNET_SUBNET] = "subnet",
};

static const struct nlk_names data_names = {
	.names = data_attrs,
	.count = ARRAY_SIZE(data_attrs),
};

/* Only steps on the way to the data: they need no name of their own. */
static const char *const info_attrs[IFLA_INFO_DATA + 1];

static const struct nlk_names *const info_nested[ARRAY_SIZE(info_attrs)] = {
	[IFLA_INFO_DATA] = &data_names,
};

static const struct nlk_names info_names = {
	.names = info_attrs,
	.count = ARRAY_SIZE(info_attrs),
	.nested = info_nested,
};

static const char *const link_attrs[IFLA_LINKINFO + 1] = {
	[IFLA_IFNAME] = "name",
};

static const struct nlk_names *const link_nested[ARRAY_SIZE(link_attrs)] = {
	[IFLA_LINKINFO] = &info_names,
};

const struct nlk_names link_names = {
	.names = link_attrs,
	.count = ARRAY_SIZE(link_attrs),
	.nested = link_nested,
};
