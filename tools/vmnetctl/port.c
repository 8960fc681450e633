// SPDX-License-Identifier: GPL-2.0
/* Ports: set-port, show-ports. */
#include <errno.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <string.h>

#include "ifname.h"
#include "vlans.h"
#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	  COL_BOTH, 15,	 "net",	      "NET" },
	{ CELL_PORT,	  COL_BOTH, 15,	 "port",      "PORT" },
	{ CELL_PVID,	  COL_BOTH, -4,	 "pvid",      "PVID" },
	{ CELL_ISOLATED,  COL_BOTH, 8,	 "isolated",  "ISOLATED" },
	{ CELL_CONFINED,  COL_BOTH, 8,	 "confined",  "CONFINED" },
	{ CELL_LEARNING,  COL_BOTH, 8,	 "learning",  "LEARNING" },
	{ CELL_MACS,	  COL_BOTH, -8,	 "macs",      "MACS" },
	{ CELL_LIMIT,	  COL_BOTH, -8,	 "limit",     "LIMIT" },
	{ CELL_STORM,	  COL_BOTH, -8,	 "storm",     "STORM" },
	{ CELL_TX_FRAMES, COL_BOTH, -10, "tx_frames", "TX-FRAMES" },
	{ CELL_TX_BYTES,  COL_BOTH, -12, "tx_bytes",  "TX-BYTES" },
	{ CELL_DROPS,	  COL_BOTH, -8,	 "tx_drops",  "TX-DROPS" },
	{ CELL_RX_FRAMES, COL_BOTH, -10, "rx_frames", "RX-FRAMES" },
	{ CELL_RX_BYTES,  COL_BOTH, -12, "rx_bytes",  "RX-BYTES" },
	{ CELL_RX_DROPS,  COL_BOTH, -8,	 "rx_drops",  "RX-DROPS" },
	{ CELL_UNTAGGED,  COL_JSON, 0,	 "untagged",  NULL },
	{ CELL_TAGGED,	  COL_BOTH, 6,	 "tagged",    "TAGGED" },
	{ CELL_GROUPS,	  COL_JSON, 0,	 "groups",    NULL },
	{ CELL_MCAST_LIMIT, COL_JSON, 0, "mcast_limit", NULL },
};

static void read_set(struct vlans *v, const struct nlattr *attr)
{
	memset(v, 0, sizeof(*v));
	if (attr && nla_len(attr) == sizeof(v->octets))
		memcpy(v->octets, nla_data(attr), sizeof(v->octets));
}

/* The text of the sets lives until the next row. */
static void vlan_cells(struct table *t, struct nlattr **tb)
{
	static char tagged[VLANS_STRLEN], untagged[VLANS_STRLEN];
	struct vlans all, bare;
	unsigned int i;

	if (tb[VMNET_A_PORT_ALL_VLANS]) {
		table_string(t, CELL_TAGGED, "all");
		return;
	}
	read_set(&all, tb[VMNET_A_PORT_VLANS]);
	read_set(&bare, tb[VMNET_A_PORT_UNTAGGED]);
	for (i = 0; i < VLANS_LEN; i++)
		all.octets[i] &= (uint8_t)~bare.octets[i];
	vlans_format(&all, tagged);
	vlans_format(&bare, untagged);
	table_string(t, CELL_TAGGED, tagged);
	table_string(t, CELL_UNTAGGED, untagged);
	if (tb[VMNET_A_PORT_PVID] && nlk_uint(tb[VMNET_A_PORT_PVID]))
		table_number(t, CELL_PVID, nlk_uint(tb[VMNET_A_PORT_PVID]));
}

static void port_cells(struct table *t, const struct nlattr *nest)
{
	static const struct number_cell numbers[] = {
		{ VMNET_A_PORT_LIMIT, CELL_LIMIT },
		{ VMNET_A_PORT_STORM, CELL_STORM },
		{ VMNET_A_PORT_MACS, CELL_MACS },
		{ VMNET_A_PORT_GROUPS, CELL_GROUPS },
		{ VMNET_A_PORT_MCAST_LIMIT, CELL_MCAST_LIMIT },
		{ VMNET_A_PORT_TX_FRAMES, CELL_TX_FRAMES },
		{ VMNET_A_PORT_TX_BYTES, CELL_TX_BYTES },
		{ VMNET_A_PORT_DROPS, CELL_DROPS },
		{ VMNET_A_PORT_RX_FRAMES, CELL_RX_FRAMES },
		{ VMNET_A_PORT_RX_BYTES, CELL_RX_BYTES },
		{ VMNET_A_PORT_RX_DROPS, CELL_RX_DROPS },
	};
	struct nlattr *tb[VMNET_A_PORT_MAX + 1];

	nlk_nest_parse(nest, tb, VMNET_A_PORT_MAX);
	dev_cell(t, CELL_PORT, tb[VMNET_A_PORT_IFINDEX]);
	vlan_cells(t, tb);
	if (tb[VMNET_A_PORT_ISOLATED])
		table_flag(t, CELL_ISOLATED, nlk_uint(tb[VMNET_A_PORT_ISOLATED]));
	if (tb[VMNET_A_PORT_CONFINED])
		table_flag(t, CELL_CONFINED, nlk_uint(tb[VMNET_A_PORT_CONFINED]));
	if (tb[VMNET_A_PORT_LEARNING])
		table_flag(t, CELL_LEARNING, nlk_uint(tb[VMNET_A_PORT_LEARNING]));
	number_cells(t, numbers, ARRAY_SIZE(numbers), tb);
}

static int port_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_PORT_INFO])
		return -EBADMSG;
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	port_cells(t, tb[VMNET_A_PORT_INFO]);
	table_row(t);
	return 0;
}

/* What "set-port" can set. */
enum {
	KW_VLANS, KW_PVID, KW_TAGGED, KW_ISOLATED, KW_CONFINED, KW_LEARNING, KW_LIMIT,
	KW_STORM, KW_MCAST_LIMIT
};

/**
 * struct port_vlans - what a command line says of VLANs
 * @given: it says something; all of it, as it replaces what was
 * @all: all of them
 * @member: those that the port is in
 * @untagged: those without tag
 * @pvid: that of frames without tag, 0: none
 */
struct port_vlans {
	bool given;
	bool all;
	struct vlans member;
	struct vlans untagged;
	uint16_t pvid;
};

static void read_pvid(struct args *a, const struct keyword *kw,
		      struct port_vlans *v)
{
	v->pvid = kw->number;
	if (!v->pvid)
		usage_error(a, "expected VID, a number from 1 to 4094, not \"0\"");
	if (vlans_has(&v->member, v->pvid))
		usage_error(a, "VLAN %u is the one without tags: leave it out of LIST",
			    v->pvid);
	vlans_add(&v->member, v->pvid);
	vlans_add(&v->untagged, v->pvid);
}

static void read_vlans(struct args *a, const struct keyword *kw,
		       struct port_vlans *v)
{
	bool some = kw[KW_PVID].given || kw[KW_TAGGED].given;

	memset(v, 0, sizeof(*v));
	v->all = kw[KW_VLANS].given;
	v->given = v->all || some;
	if (v->all && strcmp(kw[KW_VLANS].text, "all"))
		usage_error(a, "expected \"all\", not \"%s\"", kw[KW_VLANS].text);
	if (v->all && some)
		usage_error(a, "in all VLANs or in some, not both");
	if (kw[KW_TAGGED].given && !vlans_parse(kw[KW_TAGGED].text, &v->member))
		usage_error(a,
			    "expected LIST of VLANs from 1 to 4094 such as 10,20-29, not \"%s\"",
			    kw[KW_TAGGED].text);
	if (kw[KW_PVID].given)
		read_pvid(a, &kw[KW_PVID], v);
}

static void put_vlans(struct nl_msg *msg, const struct port_vlans *v)
{
	if (!v->given)
		return;
	if (v->all) {
		nla_put_flag(msg, VMNET_A_PORT_ALL_VLANS);
		return;
	}
	nla_put(msg, VMNET_A_PORT_VLANS, VLANS_LEN, v->member.octets);
	nla_put(msg, VMNET_A_PORT_UNTAGGED, VLANS_LEN, v->untagged.octets);
	nla_put_u16(msg, VMNET_A_PORT_PVID, v->pvid);
}

static void put_port(struct nl_msg *msg, const struct keyword *kw)
{
	if (kw[KW_ISOLATED].given)
		nla_put_u8(msg, VMNET_A_PORT_ISOLATED, kw[KW_ISOLATED].number);
	if (kw[KW_CONFINED].given)
		nla_put_u8(msg, VMNET_A_PORT_CONFINED, kw[KW_CONFINED].number);
	if (kw[KW_LEARNING].given)
		nla_put_u8(msg, VMNET_A_PORT_LEARNING, kw[KW_LEARNING].number);
	if (kw[KW_LIMIT].given)
		nla_put_u32(msg, VMNET_A_PORT_LIMIT, kw[KW_LIMIT].number);
	if (kw[KW_STORM].given)
		nla_put_u32(msg, VMNET_A_PORT_STORM, kw[KW_STORM].number);
	if (kw[KW_MCAST_LIMIT].given)
		nla_put_u32(msg, VMNET_A_PORT_MCAST_LIMIT,
			    kw[KW_MCAST_LIMIT].number);
}

static int set_port(struct args *a)
{
	struct keyword kw[] = {
		[KW_VLANS] = { .name = "vlans", .value = "\"all\"" },
		[KW_PVID] = { .name = "pvid", .value = "VID", .max = VLANS_MAX },
		[KW_TAGGED] = { .name = "tagged", .value = "LIST" },
		[KW_ISOLATED] = { .name = "isolated", .value = "\"on\" or \"off\"" },
		[KW_CONFINED] = { .name = "confined", .value = "\"on\" or \"off\"" },
		[KW_LEARNING] = { .name = "learning", .value = "\"on\" or \"off\"" },
		[KW_LIMIT] = { .name = "limit", .value = "N", .max = UINT32_MAX },
		[KW_STORM] = { .name = "storm", .value = "RATE", .max = UINT32_MAX },
		[KW_MCAST_LIMIT] = { .name = "mcast-limit", .value = "G",
				     .max = UINT32_MAX },
	};
	const char *net = args_take(a, "NET"), *dev = args_take(a, "DEV");
	struct port_vlans vlans;
	struct nlattr *nest;
	struct nl_msg *msg;
	struct nlk nl;
	int status;

	if (!*a->words)
		usage_error(a, "expected what to set at the end");
	args_keywords(a, kw, ARRAY_SIZE(kw));
	read_vlans(a, kw, &vlans);
	read_switch(a, &kw[KW_ISOLATED]);
	read_switch(a, &kw[KW_CONFINED]);
	read_switch(a, &kw[KW_LEARNING]);
	open_vmnet(&nl);
	msg = nlk_genl_request(&nl, VMNET_CMD_PORT_SET, NLM_F_ACK);
	nla_put_u32(msg, VMNET_A_IFINDEX, ifname_index(net));
	nest = nla_nest_start(msg, VMNET_A_PORT_INFO);
	nla_put_u32(msg, VMNET_A_PORT_IFINDEX, ifname_index(dev));
	put_vlans(msg, &vlans);
	put_port(msg, kw);
	nla_nest_end(msg, nest);
	status = command(&nl, msg, &vmnet_names);
	nlk_close(&nl);
	return status;
}

const struct view port_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = port_row,
	.cmd = VMNET_CMD_PORT_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

static int show_ports(struct args *a)
{
	return show_view(a, &port_view, open_vmnet);
}

const struct verb port_verbs[] = {
	{
		.name = "set-port",
		.args =
		"NET DEV [vlans all | [pvid VID] [tagged LIST]]\n"
		"NET DEV [isolated on|off] [confined on|off]\n"
		"NET DEV [learning on|off] [limit N]\n"
		"NET DEV [storm RATE] [mcast-limit G]",
		.summary = "set the VLANs and the limits of a port",
		.help =
		"What is not named stays as it was, but for the VLANs: what is given of them\n"
		"replaces all that the port had. All words may come in one command.\n"
		"\n"
		"  VID       VLAN, 1 to 4094, of frames without tag, both ways. Without it\n"
		"            frames without tag are dropped.\n"
		"  LIST      VLANs with tags, such as 10,20-29. Others are dropped.\n"
		"  vlans all every VLAN, with tags as they are, as a port is at first\n"
		"  isolated  the port and others that are isolated do not hear each other\n"
		"  confined  the port and the peers do not hear each other\n"
		"  learning  off: no MAC address is learned from the port\n"
		"  N         most MAC addresses learned from the port, 65536 at first;\n"
		"            0: no limit\n"
		"  RATE      most frames a second of the port that are flooded (broadcast,\n"
		"            multicast, unknown address), at most 10000000; 0: no limit\n"
		"  G         most multicast groups it may listen to, 512 at first; 0: no limit.\n"
		"            Who asks for more is given all groups\n"
		"\n"
		"If DEV is NET, it is the NIC of this host: it has VLANs only. As soon as one\n"
		"has VLANs, MAC addresses are learned for each VLAN on its own.\n"
		"\n"
		"examples:\n"
		"  vmnetctl set-port vmnet0 vif1.0 pvid 10\n"
		"  vmnetctl set-port vmnet0 vif2.0 pvid 10 tagged 20-29,40\n"
		"  vmnetctl set-port vmnet0 vif3.0 isolated on limit 4 storm 100\n",
		.run = set_port,
	}, {
		.name = "show-ports",
		.args = "[NET]",
		.summary = "list the ports of one network, or of all",
		.help =
		"The first of each network is the NIC of this host. TX is to the port, RX is\n"
		"from it; RX-DROPS counts frames that were not let in. With --json also:\n"
		"untagged, the VLANs whose frames the port is given without tag; groups and\n"
		"mcast_limit, multicast groups that it listens to, and most of them.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-ports vmnet0\n"
		"  vmnetctl -j show-ports | jq '.[] | select(.rx_drops > 0)'\n",
		.run = show_ports,
	},
	{ }
};
