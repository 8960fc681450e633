// SPDX-License-Identifier: GPL-2.0
/* The MAC database: add-fdb, del-fdb, show-fdb. */
#include <errno.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>

#include "ifname.h"
#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	  COL_BOTH, 15,	"net",		"NET" },
	{ CELL_MAC,	  COL_BOTH, 17,	"mac",		"MAC" },
	{ CELL_BEHIND,	  COL_TEXT, 26,	"behind",	"BEHIND" },
	{ CELL_PORT,	  COL_JSON, 0,	"port",		NULL },
	{ CELL_TRANSPORT, COL_JSON, 0,	"transport",	NULL },
	{ CELL_NODE,	  COL_JSON, 0,	"node",		NULL },
	{ CELL_ADDRESS,	  COL_JSON, 0,	"address",	NULL },
	{ CELL_UDP_PORT,  COL_JSON, 0,	"udp_port",	NULL },
	{ CELL_STATIC,	  COL_BOTH, 6,	"static",	"STATIC" },
	{ CELL_AGE,	  COL_BOTH, -9,	"age_ms",	"AGE(ms)" },
	{ CELL_VLAN,	  COL_BOTH, -4,	"vlan",		"VLAN" },
	{ CELL_HELD,	  COL_BOTH, 6,	"damped",	"DAMPED" },
};

void fdb_cells(struct table *t, const struct nlattr *nest)
{
	struct nlattr *tb[VMNET_A_FDB_MAX + 1];

	nlk_nest_parse(nest, tb, VMNET_A_FDB_MAX);
	mac_cell(t, CELL_MAC, tb[VMNET_A_FDB_LLADDR]);
	behind_cells(t, tb[VMNET_A_FDB_PEER], tb[VMNET_A_FDB_PORT]);
	if (tb[VMNET_A_FDB_LLADDR])
		table_flag(t, CELL_STATIC, tb[VMNET_A_FDB_STATIC]);
	if (tb[VMNET_A_FDB_HELD])
		table_flag(t, CELL_HELD, true);
	if (tb[VMNET_A_FDB_VID])
		table_number(t, CELL_VLAN, nlk_uint(tb[VMNET_A_FDB_VID]));
	if (tb[VMNET_A_FDB_AGE])
		table_number(t, CELL_AGE, nlk_uint(tb[VMNET_A_FDB_AGE]));
}

static int fdb_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_FDB])
		return -EBADMSG;
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	fdb_cells(t, tb[VMNET_A_FDB]);
	table_row(t);
	return 0;
}

/**
 * struct fdb_key - what names an entry
 * @mac: its address
 * @vlan: its VLAN, 0: in none
 */
struct fdb_key {
	uint8_t mac[6];
	uint16_t vlan;
};

/* Takes "MAC [vlan VID]". */
static void args_key(struct args *a, struct fdb_key *key)
{
	args_mac(a, "MAC", key->mac);
	key->vlan = args_accept(a, "vlan") ?
		    args_number(a, "VID", 1, 4094) : 0;
}

static struct nl_msg *fdb_request(struct nlk *nl, uint8_t cmd, const char *net,
				  const struct fdb_key *key, struct nlattr **nest)
{
	struct nl_msg *msg;

	open_vmnet(nl);
	msg = nlk_genl_request(nl, cmd, NLM_F_ACK);
	nla_put_u32(msg, VMNET_A_IFINDEX, ifname_index(net));
	*nest = nla_nest_start(msg, VMNET_A_FDB);
	nla_put(msg, VMNET_A_FDB_LLADDR, sizeof(key->mac), key->mac);
	if (key->vlan)
		nla_put_u16(msg, VMNET_A_FDB_VID, key->vlan);
	return msg;
}

static int fdb_command(struct nlk *nl, struct nl_msg *msg, struct nlattr *nest)
{
	int status;

	nla_nest_end(msg, nest);
	status = command(nl, msg, &vmnet_names);
	nlk_close(nl);
	return status;
}

static int add_fdb(struct args *a)
{
	const char *net = args_take(a, "NET"), *port = NULL;
	struct nlattr *nest;
	struct nl_msg *msg;
	struct fdb_key key;
	struct peer peer;
	struct nlk nl;

	args_key(a, &key);
	if (args_accept(a, "port")) {
		port = args_take(a, "DEV");
		args_end(a);
	} else if (args_accept(a, "peer")) {
		args_peer(a, &peer, false);
	} else {
		usage_error(a, "expected \"port\" or \"peer\" after MAC [vlan VID]");
	}

	msg = fdb_request(&nl, VMNET_CMD_FDB_NEW, net, &key, &nest);
	if (port)
		nla_put_u32(msg, VMNET_A_FDB_PORT, ifname_index(port));
	else
		put_peer(msg, VMNET_A_FDB_PEER, &peer);
	nla_put_flag(msg, VMNET_A_FDB_STATIC);
	return fdb_command(&nl, msg, nest);
}

static int del_fdb(struct args *a)
{
	const char *net = args_take(a, "NET");
	struct nlattr *nest;
	struct fdb_key key;
	struct nl_msg *msg;
	struct nlk nl;

	args_key(a, &key);
	args_end(a);
	msg = fdb_request(&nl, VMNET_CMD_FDB_DEL, net, &key, &nest);
	return fdb_command(&nl, msg, nest);
}

const struct view fdb_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = fdb_row,
	.cmd = VMNET_CMD_FDB_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

static int show_fdb(struct args *a)
{
	return show_view(a, &fdb_view, open_vmnet);
}

const struct verb fdb_verbs[] = {
	{
		.name = "add-fdb",
		.args =
		"NET MAC [vlan VID] port DEV\n"
		"NET MAC [vlan VID] peer rrdp NODE\n"
		"NET MAC [vlan VID] peer udp ADDR[:PORT] [port PORT]",
		.summary = "fix in the MAC database where an address is",
		.help =
		"The entry does not age and does not move. VID is the VLAN that it is for, on\n"
		"networks with ports that have VLANs (see \"vmnetctl set-port --help\").\n"
		"\n"
		"examples:\n"
		"  vmnetctl add-fdb vmnet0 02:00:00:00:00:01 port vif1.0\n"
		"  vmnetctl add-fdb vmnet0 02:00:00:00:00:01 vlan 10 port vif1.0\n"
		"  vmnetctl add-fdb vmnet0 02:00:00:00:00:02 peer rrdp 2\n",
		.run = add_fdb,
	}, {
		.name = "del-fdb",
		.args = "NET MAC [vlan VID]",
		.summary = "remove an address from the MAC database",
		.help =
		"It may have been fixed or learned; it can be learned again, and is damped no\n"
		"more.\n"
		"\n"
		"example:\n"
		"  vmnetctl del-fdb vmnet0 02:00:00:00:00:01\n",
		.run = del_fdb,
	}, {
		.name = "show-fdb",
		.args = "[NET]",
		.summary = "list the MAC database of one network, or of all",
		.help =
		"BEHIND says where frames for the address go: to a port of this host or to a\n"
		"peer. AGE is the time since a frame came from the address. DAMPED marks one that\n"
		"moved more than 5 times in 180 s: for 30 s it stays where it was before, and\n"
		"frames from it that come from elsewhere are dropped.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-fdb vmnet0\n"
		"  vmnetctl -j show-fdb | jq '[.[] | select(.node == 2).mac]'\n",
		.run = show_fdb,
	},
	{ }
};
