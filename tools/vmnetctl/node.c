// SPDX-License-Identifier: GPL-2.0
/* Nodes: add-node, del-node, show-nodes. */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rrdp.h>
#include <netlink/netlink.h>

#include "ifname.h"
#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_RRDP_NODE, COL_BOTH, -10,	"node",		"NODE" },
	{ CELL_LOCAL,	COL_BOTH, 5,	"local",	"LOCAL" },
	{ CELL_DEV,	COL_BOTH, 15,	"dev",		"DEV" },
	{ CELL_LLADDR,	COL_BOTH, 17,	"lladdr",	"LLADDR" },
	{ CELL_LEARNED,	COL_BOTH, 7,	"learned",	"LEARNED" },
	{ CELL_STATE,	COL_BOTH, 10,	"state",	"STATE" },
	{ CELL_AGE,	COL_BOTH, -9,	"age_ms",	"AGE(ms)" },
};

/* Each state is a bit. */
static void state_cell(struct table *t, const struct nlattr *attr)
{
	static const struct {
		unsigned int state;
		const char *name;
	} states[] = {
		{ NUD_INCOMPLETE, "incomplete" },
		{ NUD_REACHABLE, "reachable" },
		{ NUD_STALE, "stale" },
		{ NUD_DELAY, "delay" },
		{ NUD_PROBE, "probe" },
		{ NUD_FAILED, "failed" },
		{ NUD_PERMANENT, "permanent" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i].state == nlk_uint(attr))
			break;
	table_string(t, CELL_STATE,
		     i < ARRAY_SIZE(states) ? states[i].name : "?");
}

void node_cells(struct table *t, struct nlattr **tb)
{
	if (tb[RRDP_A_NODE])
		table_number(t, CELL_RRDP_NODE, nlk_uint(tb[RRDP_A_NODE]));
	dev_cell(t, CELL_DEV, tb[RRDP_A_IFINDEX]);
	mac_cell(t, CELL_LLADDR, tb[RRDP_A_LLADDR]);
	if (tb[RRDP_A_NODE])
		table_flag(t, CELL_LOCAL, tb[RRDP_A_LOCAL]);
	if (tb[RRDP_A_STATE]) {
		table_flag(t, CELL_LEARNED, tb[RRDP_A_LEARNED]);
		state_cell(t, tb[RRDP_A_STATE]);
	}
	if (tb[RRDP_A_AGE])
		table_number(t, CELL_AGE, nlk_uint(tb[RRDP_A_AGE]));
}

static int node_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[RRDP_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX))
		return -EBADMSG;
	node_cells(t, tb);
	table_row(t);
	return 0;
}

static int node_command(struct nlk *nl, struct nl_msg *msg)
{
	int status = command(nl, msg, &rrdp_names);

	nlk_close(nl);
	return status;
}

static int add_node(struct args *a)
{
	struct keyword kw[] = {
		{ .name = "dev", .value = "DEV" },
		{ .name = "lladdr", .value = "MAC" },
		{ .name = "local" },
	};
	const struct keyword *dev = &kw[0], *lladdr = &kw[1], *local = &kw[2];
	uint32_t node = args_number(a, "NODE", 1, UINT32_MAX);
	struct nl_msg *msg;
	uint8_t mac[6];
	struct nlk nl;

	args_keywords(a, kw, ARRAY_SIZE(kw));
	if (local->given && lladdr->given)
		usage_error(a, "\"local\" takes no \"lladdr\": it is that of the device");
	if (!local->given && (!dev->given || !lladdr->given))
		usage_error(a, "expected \"dev DEV lladdr MAC\", or \"local\"");
	if (lladdr->given && !parse_mac(lladdr->text, mac))
		usage_error(a, "expected MAC such as 02:00:00:00:00:01, not \"%s\"",
			    lladdr->text);

	open_rrdp(&nl);
	msg = nlk_genl_request(&nl, RRDP_CMD_NODE_NEW, NLM_F_ACK);
	nla_put_u32(msg, RRDP_A_NODE, node);
	if (dev->given)
		nla_put_u32(msg, RRDP_A_IFINDEX, ifname_index(dev->text));
	if (lladdr->given)
		nla_put(msg, RRDP_A_LLADDR, sizeof(mac), mac);
	if (local->given)
		nla_put_flag(msg, RRDP_A_LOCAL);
	return node_command(&nl, msg);
}

static int del_node(struct args *a)
{
	struct keyword kw[] = {
		{ .name = "dev", .value = "DEV" },
	};
	bool learned = args_accept(a, "learned");
	uint32_t node = learned ? 0 : args_number(a, "NODE", 1, UINT32_MAX);
	struct nl_msg *msg;
	struct nlk nl;

	args_keywords(a, kw, ARRAY_SIZE(kw));
	open_rrdp(&nl);
	msg = nlk_genl_request(&nl, RRDP_CMD_NODE_DEL, NLM_F_ACK);
	if (learned)
		nla_put_flag(msg, RRDP_A_LEARNED);
	else
		nla_put_u32(msg, RRDP_A_NODE, node);
	if (kw[0].given)
		nla_put_u32(msg, RRDP_A_IFINDEX, ifname_index(kw[0].text));
	return node_command(&nl, msg);
}

const struct view node_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = node_row,
	.cmd = RRDP_CMD_NODE_GET,
	.flags = NLM_F_DUMP,
	.names = &rrdp_names,
};

static int show_nodes(struct args *a)
{
	return show_view(a, &node_view, open_rrdp);
}

const struct verb node_verbs[] = {
	{
		.name = "add-node",
		.args = "NODE dev DEV lladdr MAC\nNODE local [dev DEV]",
		.summary = "say where an RRDP node is, or which one this host is",
		.help =
		"NODE is a number from 1 to 4294967295, one for each host. The first form\n"
		"says that it is reached at the address MAC through the device DEV. The second\n"
		"form gives this host its own number, under which others find it on DEV. It\n"
		"finds them there, too, so that only one that does not answer has to be added.\n"
		"\n"
		"examples:\n"
		"  vmnetctl add-node 1 local\n"
		"  vmnetctl add-node 2 dev eth0 lladdr 52:54:00:00:00:02\n",
		.run = add_node,
	}, {
		.name = "del-node",
		.args = "NODE [dev DEV]\nlearned [dev DEV]",
		.summary = "forget an RRDP node, or all that were learned",
		.help =
		"Connections to the node end. With DEV only what concerns that device is\n"
		"forgotten. A node that was learned will be found again when it is needed.\n"
		"\n"
		"examples:\n"
		"  vmnetctl del-node 2\n"
		"  vmnetctl del-node 1 dev eth1\n"
		"  vmnetctl del-node learned\n",
		.run = del_node,
	}, {
		.name = "show-nodes",
		.args = "",
		.summary = "list the RRDP nodes",
		.help =
		"LOCAL marks this host's own number, LEARNED a node that was not added but\n"
		"found. STATE is that of a neighbour of IP (see \"ip neigh\"); of a learned\n"
		"node AGE is the time since it was known to be there.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-nodes\n"
		"  vmnetctl -j show-nodes | jq '.[] | select(.node == 2).lladdr'\n",
		.run = show_nodes,
	},
	{ }
};
