// SPDX-License-Identifier: GPL-2.0
/* Networks: add-net, set-net, del-net, show-nets. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <string.h>

#include "ifname.h"
#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	 COL_BOTH, 15,	"net",		"NET" },
	{ CELL_VNI,	 COL_BOTH, -8,	"vni",		"VNI" },
	{ CELL_UDP_PORT, COL_BOTH, -5,	"udp_port",	"PORT" },
	{ CELL_MTU,	 COL_BOTH, -5,	"mtu",		"MTU" },
	{ CELL_AGEING,	 COL_BOTH, -6,	"ageing",	"AGEING" },
	{ CELL_LIMIT,	 COL_BOTH, -8,	"limit",	"LIMIT" },
	{ CELL_PORTS,	 COL_BOTH, -5,	"ports",	"PORTS" },
	{ CELL_PEERS,	 COL_BOTH, -5,	"peers",	"PEERS" },
	{ CELL_MACS,	 COL_BOTH, -8,	"macs",		"MACS" },
	{ CELL_NODE,	 COL_BOTH, -10,	"node",		"NODE" },
	{ CELL_SUBNET,	 COL_BOTH, -10,	"subnet",	"SUBNET" },
	{ CELL_RANK,	 COL_BOTH, -4,	"rank",		"RANK" },
	{ CELL_ROLE,	 COL_BOTH, 9,	"role",		"ROLE" },
	{ CELL_SNOOPING, COL_BOTH, 8,	"mcast_snooping", "SNOOPING" },
	{ CELL_GROUPS,	 COL_BOTH, -6,	"groups",	"GROUPS" },
	{ CELL_MCAST_LIMIT, COL_JSON, 0, "mcast_limit", NULL },
	{ CELL_MEMBERSHIP, COL_JSON, 0, "mcast_membership", NULL },
	{ CELL_QUERY_TIME, COL_JSON, 0, "mcast_querier", NULL },
	{ CELL_SUPPRESS, COL_JSON, 0,	"neigh_suppress", NULL },
	{ CELL_NEIGH_LIMIT, COL_JSON, 0, "neigh_limit", NULL },
	{ CELL_NEIGHS,	 COL_JSON, 0,	"neighs",	NULL },
};

static int net_row(struct table *t, const struct nlmsghdr *nlh)
{
	static const struct number_cell numbers[] = {
		{ VMNET_A_NET_VNI, CELL_VNI },
		{ VMNET_A_NET_PORT, CELL_UDP_PORT },
		{ VMNET_A_NET_MTU, CELL_MTU },
		{ VMNET_A_NET_AGEING, CELL_AGEING },
		{ VMNET_A_NET_LIMIT, CELL_LIMIT },
		{ VMNET_A_NET_PORTS, CELL_PORTS },
		{ VMNET_A_NET_PEERS, CELL_PEERS },
		{ VMNET_A_NET_MACS, CELL_MACS },
		{ VMNET_A_NET_NODE, CELL_NODE },
		{ VMNET_A_NET_SUBNET, CELL_SUBNET },
		{ VMNET_A_NET_RANK, CELL_RANK },
		{ VMNET_A_NET_GROUPS, CELL_GROUPS },
		{ VMNET_A_NET_MCAST_LIMIT, CELL_MCAST_LIMIT },
		{ VMNET_A_NET_MCAST_MEMBERSHIP, CELL_MEMBERSHIP },
		{ VMNET_A_NET_MCAST_QUERIER, CELL_QUERY_TIME },
		{ VMNET_A_NET_NEIGH_LIMIT, CELL_NEIGH_LIMIT },
		{ VMNET_A_NET_NEIGHS, CELL_NEIGHS },
	};
	struct nlattr *tb[VMNET_A_MAX + 1], *net[VMNET_A_NET_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_NET])
		return -EBADMSG;
	nlk_nest_parse(tb[VMNET_A_NET], net, VMNET_A_NET_MAX);
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	number_cells(t, numbers, ARRAY_SIZE(numbers), net);
	name_cell(t, CELL_ROLE, role_names, ARRAY_SIZE(role_names),
		  net[VMNET_A_NET_ROLE]);
	if (net[VMNET_A_NET_MCAST_SNOOPING])
		table_flag(t, CELL_SNOOPING,
			   nlk_uint(net[VMNET_A_NET_MCAST_SNOOPING]));
	if (net[VMNET_A_NET_NEIGH_SUPPRESS])
		table_flag(t, CELL_SUPPRESS,
			   nlk_uint(net[VMNET_A_NET_NEIGH_SUPPRESS]));
	table_row(t);
	return 0;
}

static char *net_name(struct args *a)
{
	char *name = args_take(a, "NAME");

	if (!*name || strlen(name) >= IF_NAMESIZE)
		usage_error(a, "expected NAME of 1 to %d characters, not \"%s\"",
			    IF_NAMESIZE - 1, name);
	return name;
}

static int add_net(struct args *a)
{
	struct keyword kw[] = {
		{ .name = "vni", .value = "VNI", .max = UINT32_MAX },
		{ .name = "port", .value = "PORT", .max = UINT16_MAX },
		{ .name = "ageing", .value = "SECONDS", .max = UINT32_MAX },
		{ .name = "limit", .value = "N", .max = UINT32_MAX },
		{ .name = "node", .value = "NODE", .max = UINT32_MAX },
		{ .name = "subnet", .value = "SUBNET", .max = UINT32_MAX },
	};
	const struct keyword *vni = &kw[0], *port = &kw[1], *ageing = &kw[2],
			     *limit = &kw[3], *node = &kw[4], *subnet = &kw[5];
	/* created and brought up by one message: it exists and is up, or neither */
	const struct ifinfomsg ifi = {
		.ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	const char *name = net_name(a);
	struct nlattr *info, *data;
	struct nl_msg *msg;
	struct nlk nl;
	int status;

	args_keywords(a, kw, ARRAY_SIZE(kw));
	open_vmnet(&nl);
	nlk_close(&nl);
	/* Of this the kernel says but "File exists". */
	if (if_nametoindex(name))
		die(STATUS_REFUSED,
		    "there is a device \"%s\" already: choose another name", name);

	nlk_open(&nl, NETLINK_ROUTE, sizeof(ifi));
	msg = route_request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &ifi,
			    sizeof(ifi));
	nla_put_string(msg, IFLA_IFNAME, name);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, VMNET_LINK_KIND);
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (vni->given)
		nla_put_u32(msg, IFLA_VMNET_VNI, vni->number);
	if (port->given)
		nla_put_u16(msg, IFLA_VMNET_PORT, htons(port->number));
	if (ageing->given)
		nla_put_u32(msg, IFLA_VMNET_AGEING, ageing->number);
	if (limit->given)
		nla_put_u32(msg, IFLA_VMNET_LIMIT, limit->number);
	if (node->given)
		nla_put_u32(msg, IFLA_VMNET_NODE, node->number);
	if (subnet->given)
		nla_put_u32(msg, IFLA_VMNET_SUBNET, subnet->number);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	status = command(&nl, msg, &link_names);
	nlk_close(&nl);
	return status;
}

static int set_net(struct args *a)
{
	struct keyword kw[] = {
		{ .name = "mcast-snooping", .value = "\"on\" or \"off\"" },
		{ .name = "neigh-suppress", .value = "\"on\" or \"off\"" },
		{ .name = "mcast-limit", .value = "G", .max = UINT32_MAX },
		{ .name = "mcast-membership", .value = "SECONDS", .max = UINT32_MAX },
		{ .name = "mcast-querier", .value = "SECONDS", .max = UINT32_MAX },
		{ .name = "neigh-limit", .value = "N", .max = UINT32_MAX },
	};
	static const int attrs[ARRAY_SIZE(kw)] = {
		VMNET_A_NET_MCAST_SNOOPING, VMNET_A_NET_NEIGH_SUPPRESS,
		VMNET_A_NET_MCAST_LIMIT, VMNET_A_NET_MCAST_MEMBERSHIP,
		VMNET_A_NET_MCAST_QUERIER, VMNET_A_NET_NEIGH_LIMIT,
	};
	/* The first of them are switches. */
	const unsigned int switches = 2;
	const char *net = args_take(a, "NET");
	struct nlattr *nest;
	struct nl_msg *msg;
	struct nlk nl;
	unsigned int i;
	int status;

	if (!*a->words)
		usage_error(a, "expected what to set at the end");
	args_keywords(a, kw, ARRAY_SIZE(kw));
	for (i = 0; i < switches; i++)
		read_switch(a, &kw[i]);
	open_vmnet(&nl);
	msg = nlk_genl_request(&nl, VMNET_CMD_NET_SET, NLM_F_ACK);
	nla_put_u32(msg, VMNET_A_IFINDEX, ifname_index(net));
	nest = nla_nest_start(msg, VMNET_A_NET);
	for (i = 0; i < ARRAY_SIZE(kw); i++) {
		if (!kw[i].given)
			continue;
		if (i < switches)
			nla_put_u8(msg, attrs[i], kw[i].number);
		else
			nla_put_u32(msg, attrs[i], kw[i].number);
	}
	nla_nest_end(msg, nest);
	status = command(&nl, msg, &vmnet_names);
	nlk_close(&nl);
	return status;
}

/* Index of a link, if it is a network. */
static int find_net(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_MAX + 1];
	int *index = arg;

	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ifi), tb, IFLA_MAX, NULL) < 0)
		return -EBADMSG;
	if (!strcmp(link_kind(tb[IFLA_LINKINFO]), VMNET_LINK_KIND))
		*index = ifi->ifi_index;
	return 0;
}

static int del_net(struct args *a)
{
	const char *name = net_name(a);
	struct ifinfomsg ifi = { };
	struct nl_msg *msg;
	struct nlk nl;
	int status, net = 0;

	args_end(a);
	open_vmnet(&nl);
	nlk_close(&nl);

	nlk_open(&nl, NETLINK_ROUTE, sizeof(ifi));
	ifi.ifi_index = ifname_index(name);
	msg = route_request(RTM_GETLINK, NLM_F_ACK, &ifi, sizeof(ifi));
	if (nlk_transact(&nl, msg, find_net, &net))
		die(STATUS_REFUSED, "cannot ask about \"%s\": %s", name,
		    strerror(nl.fault.error));
	nlmsg_free(msg);
	if (!net)
		die(STATUS_REFUSED,
		    "\"%s\" is not a network; \"vmnetctl show-nets\" lists those there are",
		    name);

	ifi.ifi_index = net;
	status = command(&nl, route_request(RTM_DELLINK, NLM_F_ACK, &ifi, sizeof(ifi)),
			 &link_names);
	nlk_close(&nl);
	return status;
}

const struct view net_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = net_row,
	.cmd = VMNET_CMD_NET_GET,
	.flags = NLM_F_DUMP,
	.names = &vmnet_names,
};

static int show_nets(struct args *a)
{
	return show_view(a, &net_view, open_vmnet);
}

const struct verb net_verbs[] = {
	{
		.name = "add-net",
		.args = "NAME [vni VNI] [port PORT] [ageing SECONDS] [limit N]\n"
			"     [node NODE] [subnet SUBNET]",
		.summary = "make a virtual network on this host",
		.help =
		"Makes the network device NAME and sets it up. Guests join the network when\n"
		"their devices become its ports: \"ip link set DEV master NAME\".\n"
		"\n"
		"  VNI      number of the network, 1 to 16777215, the same on all its hosts\n"
		"  PORT     UDP port for the tunnels, 4789 unless given\n"
		"  SECONDS  after which a silent MAC address is forgotten, 300 unless given;\n"
		"           0: never\n"
		"  N        most entries of the MAC database; 0: no limit\n"
		"  NODE     node number of this host, that of RRDP unless given\n"
		"  SUBNET   number of the subnet of the underlay that this host is in. With it,\n"
		"           what is for many hosts is sent once to each subnet, where one host\n"
		"           passes it on, and not to each host\n"
		"\n"
		"examples:\n"
		"  vmnetctl add-net vmnet0 vni 42\n"
		"  vmnetctl add-net vmnet1 vni 43 node 1 subnet 10\n"
		"  ip link set vif1.0 master vmnet0\n",
		.run = add_net,
	}, {
		.name = "set-net",
		.args = "NET [mcast-snooping on|off] [mcast-limit G]\n"
			"     [mcast-membership SECONDS] [mcast-querier SECONDS]\n"
			"     [neigh-suppress on|off] [neigh-limit N]",
		.summary = "set what a virtual network does with multicasts and ARP",
		.help =
		"What is not named stays as it was.\n"
		"\n"
		"  mcast-snooping    on, as at first: while a querier asks who listens, guests\n"
		"                    are given only the multicast groups they listen to. off: all\n"
		"  G                 most groups that are remembered, 4096 at first; 0: no limit.\n"
		"                    Who listens to more is given all groups\n"
		"  mcast-membership  how long a report of a listener holds good, 260 at first\n"
		"  mcast-querier     how long a query holds good, 255 at first\n"
		"  neigh-suppress    on: who asks (ARP, ND) for a guest of another host whose\n"
		"                    address is known is answered by this one. off, as at first\n"
		"  N                 most IP addresses known, 65536 at first; 0: no limit\n"
		"\n"
		"examples:\n"
		"  vmnetctl set-net vmnet0 mcast-snooping off\n"
		"  vmnetctl set-net vmnet0 mcast-limit 10000 mcast-membership 130\n"
		"  vmnetctl set-net vmnet0 neigh-suppress on\n",
		.run = set_net,
	}, {
		.name = "del-net",
		.args = "NAME",
		.summary = "remove a virtual network from this host",
		.help =
		"Its ports become free devices, its peers are forgotten.\n"
		"\n"
		"example:\n"
		"  vmnetctl del-net vmnet0\n",
		.run = del_net,
	}, {
		.name = "show-nets",
		.args = "",
		.summary = "list the virtual networks",
		.help =
		"PORT is the UDP port; PORTS, PEERS and MACS count what the network has. NODE\n"
		"and SUBNET are this host's, RANK is its place in the election of who forwards\n"
		"for its subnet, and ROLE what that makes of it. SNOOPING says whether multicasts\n"
		"go to their listeners only, GROUPS how many groups have any. With --json also\n"
		"what \"set-net\" sets.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-nets\n"
		"  vmnetctl -j show-nets | jq -r '.[].net'\n",
		.run = show_nets,
	},
	{ }
};
