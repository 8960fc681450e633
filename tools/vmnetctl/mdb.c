// SPDX-License-Identifier: GPL-2.0
/* The multicast database: show-mdb. */
#include <errno.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>

#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	  COL_BOTH, 15,	"net",		"NET" },
	{ CELL_VLAN,	  COL_BOTH, -4,	"vlan",		"VLAN" },
	{ CELL_GROUP,	  COL_BOTH, 20,	"group",	"GROUP" },
	{ CELL_BEHIND,	  COL_TEXT, 26,	"behind",	"BEHIND" },
	{ CELL_PORT,	  COL_JSON, 0,	"port",		NULL },
	{ CELL_TRANSPORT, COL_JSON, 0,	"transport",	NULL },
	{ CELL_NODE,	  COL_JSON, 0,	"node",		NULL },
	{ CELL_ADDRESS,	  COL_JSON, 0,	"address",	NULL },
	{ CELL_UDP_PORT,  COL_JSON, 0,	"udp_port",	NULL },
	{ CELL_EXPIRES,	  COL_BOTH, -11, "expires_ms",	"EXPIRES(ms)" },
	{ CELL_ROUTER,	  COL_BOTH, -10, "router_ms",	"ROUTER(ms)" },
	{ CELL_QUERIER,	  COL_BOTH, 7,	"querier",	"QUERIER" },
};

void mdb_cells(struct table *t, const struct nlattr *nest)
{
	static const struct number_cell numbers[] = {
		{ VMNET_A_MDB_VID, CELL_VLAN },
		{ VMNET_A_MDB_EXPIRES, CELL_EXPIRES },
		{ VMNET_A_MDB_ROUTER, CELL_ROUTER },
	};
	struct nlattr *tb[VMNET_A_MDB_MAX + 1];

	nlk_nest_parse(nest, tb, VMNET_A_MDB_MAX);
	ip_cell(t, CELL_GROUP, tb[VMNET_A_MDB_IPV4], tb[VMNET_A_MDB_IPV6]);
	behind_cells(t, tb[VMNET_A_MDB_PEER], tb[VMNET_A_MDB_PORT]);
	number_cells(t, numbers, ARRAY_SIZE(numbers), tb);
	if (tb[VMNET_A_MDB_QUERIER])
		table_flag(t, CELL_QUERIER, true);
}

static int mdb_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_MDB])
		return -EBADMSG;
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	mdb_cells(t, tb[VMNET_A_MDB]);
	table_row(t);
	return 0;
}

const struct view mdb_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = mdb_row,
	.cmd = VMNET_CMD_MDB_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

static int show_mdb(struct args *a)
{
	return show_view(a, &mdb_view, open_vmnet);
}

const struct verb mdb_verbs[] = {
	{
		.name = "show-mdb",
		.args = "[NET]",
		.summary = "list who listens to multicast groups",
		.help =
		"Each row is a port of this host, its NIC (the name of the network) or a peer,\n"
		"that listens to GROUP for EXPIRES more, unless it says so again. The rows with\n"
		"the groups 0.0.0.0 and :: stand for all groups: with ROUTER a multicast router\n"
		"is there, QUERIER marks the one that asked last, and with EXPIRES it is given\n"
		"all groups, since not all could be remembered that it listens to.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-mdb vmnet0\n"
		"  vmnetctl -j show-mdb | jq '.[] | select(.group == \"239.1.1.1\")'\n",
		.run = show_mdb,
	},
	{ }
};
