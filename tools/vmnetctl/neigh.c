// SPDX-License-Identifier: GPL-2.0
/* The neighbour table: show-neighs. */
#include <errno.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>

#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	  COL_BOTH, 15,	"net",		"NET" },
	{ CELL_VLAN,	  COL_BOTH, -4,	"vlan",		"VLAN" },
	{ CELL_IP,	  COL_BOTH, 26,	"ip",		"IP" },
	{ CELL_MAC,	  COL_BOTH, 17,	"mac",		"MAC" },
	{ CELL_AGE,	  COL_BOTH, -9,	"age_ms",	"AGE(ms)" },
	{ CELL_IS_ROUTER, COL_BOTH, 6,	"router",	"ROUTER" },
};

static void neigh_cells(struct table *t, const struct nlattr *nest)
{
	static const struct number_cell numbers[] = {
		{ VMNET_A_NEIGH_VID, CELL_VLAN },
		{ VMNET_A_NEIGH_AGE, CELL_AGE },
	};
	struct nlattr *tb[VMNET_A_NEIGH_MAX + 1];

	nlk_nest_parse(nest, tb, VMNET_A_NEIGH_MAX);
	ip_cell(t, CELL_IP, tb[VMNET_A_NEIGH_IPV4], tb[VMNET_A_NEIGH_IPV6]);
	mac_cell(t, CELL_MAC, tb[VMNET_A_NEIGH_LLADDR]);
	number_cells(t, numbers, ARRAY_SIZE(numbers), tb);
	if (tb[VMNET_A_NEIGH_ROUTER])
		table_flag(t, CELL_IS_ROUTER, true);
}

static int neigh_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_NEIGH])
		return -EBADMSG;
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	neigh_cells(t, tb[VMNET_A_NEIGH]);
	table_row(t);
	return 0;
}

const struct view neigh_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = neigh_row,
	.cmd = VMNET_CMD_NEIGH_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

static int show_neighs(struct args *a)
{
	return show_view(a, &neigh_view, open_vmnet);
}

const struct verb neigh_verbs[] = {
	{
		.name = "show-neighs",
		.args = "[NET]",
		.summary = "list which MAC addresses IP addresses have",
		.help =
		"Learned from ARP and ND while \"set-net ... neigh-suppress on\" holds. AGE is the\n"
		"time since it was told, ROUTER marks addresses of IPv6 routers. Guests of this\n"
		"host that ask for an address are answered if its MAC address is behind a peer.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-neighs vmnet0\n"
		"  vmnetctl -j show-neighs | jq '.[] | select(.ip == \"10.0.0.7\").mac'\n",
		.run = show_neighs,
	},
	{ }
};
