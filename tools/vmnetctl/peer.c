// SPDX-License-Identifier: GPL-2.0
/* Peers: add-peer, del-peer, show-peers. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <string.h>

#include "ifname.h"
#include "vmnetctl.h"

static const char *const transports[] = {
	[VMNET_TRANSPORT_UDP] = "udp",
	[VMNET_TRANSPORT_RRDP] = "rrdp",
};

static const char *const states[] = {
	[VMNET_PEER_DOWN] = "down",
	[VMNET_PEER_CONNECTING] = "connecting",
	[VMNET_PEER_UP] = "up",
};

static const struct column columns[] = {
	{ CELL_NET,	  COL_BOTH, 15,	"net",		"NET" },
	{ CELL_PEER,	  COL_TEXT, 26,	"peer",		"PEER" },
	{ CELL_TRANSPORT, COL_JSON, 0,	"transport",	NULL },
	{ CELL_ADDRESS,	  COL_JSON, 0,	"address",	NULL },
	{ CELL_UDP_PORT,  COL_JSON, 0,	"udp_port",	NULL },
	{ CELL_PLAIN,	  COL_BOTH, 5,	"plain",	"PLAIN" },
	{ CELL_STATE,	  COL_BOTH, 10,	"state",	"STATE" },
	{ CELL_NODE,	  COL_BOTH, -10, "node",	"NODE" },
	{ CELL_SUBNET,	  COL_BOTH, -10, "subnet",	"SUBNET" },
	{ CELL_RANK,	  COL_BOTH, -4,	"rank",		"RANK" },
	{ CELL_ROLE,	  COL_BOTH, 9,	"role",		"ROLE" },
	{ CELL_HEARS,	  COL_BOTH, 5,	"hears",	"HEARS" },
	{ CELL_MTU,	  COL_BOTH, -5,	"mtu",		"MTU" },
	{ CELL_TX_FRAMES, COL_BOTH, -10, "tx_frames",	"TX-FRAMES" },
	{ CELL_TX_BYTES,  COL_BOTH, -12, "tx_bytes",	"TX-BYTES" },
	{ CELL_RX_FRAMES, COL_BOTH, -10, "rx_frames",	"RX-FRAMES" },
	{ CELL_RX_BYTES,  COL_BOTH, -12, "rx_bytes",	"RX-BYTES" },
	{ CELL_DROPS,	  COL_BOTH, -8,	"drops",	"DROPS" },
	{ CELL_ERROR,	  COL_BOTH, 0,	"error",	"ERROR" },
};

/* @behind: of an entry of the MAC database, where only its name matters. */
void peer_cells(struct table *t, const struct nlattr *nest, bool behind)
{
	static const struct number_cell numbers[] = {
		{ VMNET_A_PEER_SUBNET, CELL_SUBNET },
		{ VMNET_A_PEER_RANK, CELL_RANK },
		{ VMNET_A_PEER_MTU, CELL_MTU },
		{ VMNET_A_PEER_TX_FRAMES, CELL_TX_FRAMES },
		{ VMNET_A_PEER_TX_BYTES, CELL_TX_BYTES },
		{ VMNET_A_PEER_RX_FRAMES, CELL_RX_FRAMES },
		{ VMNET_A_PEER_RX_BYTES, CELL_RX_BYTES },
		{ VMNET_A_PEER_DROPS, CELL_DROPS },
	};
	struct nlattr *tb[VMNET_A_PEER_MAX + 1];
	char text[ENDPOINT_STRLEN];
	const char *name = NULL;
	unsigned int node = 0;
	struct endpoint ep;

	nlk_nest_parse(nest, tb, VMNET_A_PEER_MAX);
	name_cell(t, CELL_TRANSPORT, transports, ARRAY_SIZE(transports),
		  tb[VMNET_A_PEER_TRANSPORT]);
	if (tb[VMNET_A_PEER_NODE]) {
		node = nlk_uint(tb[VMNET_A_PEER_NODE]);
		table_number(t, CELL_NODE, node);
	}
	if (peer_endpoint(tb, &ep)) {
		format_endpoint(&ep, text);
		name = table_format(t, CELL_PEER, "udp %s", text);
		if (ep.port)
			table_number(t, CELL_UDP_PORT, ep.port);
		ep.port = 0;
		format_endpoint(&ep, text);
		table_copy(t, CELL_ADDRESS, text);
	} else if (node) {
		name = table_format(t, CELL_PEER, "rrdp %u", node);
	}
	if (behind) {
		if (name)
			table_string(t, CELL_BEHIND, name);
		return;
	}
	table_flag(t, CELL_PLAIN, tb[VMNET_A_PEER_PLAIN]);
	name_cell(t, CELL_STATE, states, ARRAY_SIZE(states), tb[VMNET_A_PEER_STATE]);
	name_cell(t, CELL_ROLE, role_names, ARRAY_SIZE(role_names),
		  tb[VMNET_A_PEER_ROLE]);
	table_flag(t, CELL_HEARS, tb[VMNET_A_PEER_HEARS]);
	number_cells(t, numbers, ARRAY_SIZE(numbers), tb);
	if (tb[VMNET_A_PEER_ERROR])
		table_string(t, CELL_ERROR, strerror(nlk_uint(tb[VMNET_A_PEER_ERROR])));
}

static int peer_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_PEER])
		return -EBADMSG;
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	peer_cells(t, tb[VMNET_A_PEER], false);
	table_row(t);
	return 0;
}

static void take_port(struct args *a, const struct keyword *port, struct endpoint *ep)
{
	if (!port->given)
		return;
	if (ep->port)
		usage_error(a, "the port is there twice");
	if (!port->number)
		usage_error(a, "expected PORT, a number from 1 to 65535, not \"0\"");
	ep->port = port->number;
}

static void args_udp_peer(struct args *a, struct peer *p, bool make)
{
	struct keyword kw[] = {
		{ .name = "port", .value = "PORT", .max = UINT16_MAX },
		{ .name = "plain" },
		{ .name = "node", .value = "NODE", .max = UINT32_MAX },
		{ .name = "subnet", .value = "SUBNET", .max = UINT32_MAX },
	};

	p->transport = VMNET_TRANSPORT_UDP;
	args_endpoint(a, "ADDR", &p->endpoint);
	args_keywords(a, kw, make ? ARRAY_SIZE(kw) : 1);
	take_port(a, &kw[0], &p->endpoint);
	p->plain = kw[1].given;
	p->number = kw[2].number;
	p->subnet = kw[3].number;
}

static void args_rrdp_peer(struct args *a, struct peer *p, bool make)
{
	struct keyword kw[] = {
		{ .name = "subnet", .value = "SUBNET", .max = UINT32_MAX },
	};

	p->transport = VMNET_TRANSPORT_RRDP;
	p->node = args_number(a, "NODE", 1, UINT32_MAX);
	if (make)
		args_keywords(a, kw, ARRAY_SIZE(kw));
	else
		args_end(a);
	p->subnet = kw[0].number;
}

/* RRDP where no router is in between, UDP elsewhere. */
static void args_auto_peer(struct args *a, struct peer *p)
{
	struct keyword kw[] = {
		{ .name = "port", .value = "PORT", .max = UINT16_MAX },
		{ .name = "subnet", .value = "SUBNET", .max = UINT32_MAX },
	};
	const uint32_t node = args_number(a, "NODE", 1, UINT32_MAX);

	args_endpoint(a, "ADDR", &p->endpoint);
	args_keywords(a, kw, ARRAY_SIZE(kw));
	take_port(a, &kw[0], &p->endpoint);
	if (way_is_link(&p->endpoint)) {
		memset(p, 0, sizeof(*p));
		p->transport = VMNET_TRANSPORT_RRDP;
		p->node = node;
	} else {
		p->transport = VMNET_TRANSPORT_UDP;
		p->number = node;
	}
	p->subnet = kw[1].number;
}

void args_peer(struct args *a, struct peer *p, bool make)
{
	const char *expected = make ? "\"rrdp\", \"udp\" or \"auto\"" : "\"rrdp\" or \"udp\"";
	const char *word = args_take(a, expected);

	memset(p, 0, sizeof(*p));
	if (!strcmp(word, "rrdp"))
		args_rrdp_peer(a, p, make);
	else if (!strcmp(word, "udp"))
		args_udp_peer(a, p, make);
	else if (make && !strcmp(word, "auto"))
		args_auto_peer(a, p);
	else
		usage_error(a, "expected %s, not \"%s\"", expected, word);
}

static int peer_request(const char *net, const struct peer *peer, uint8_t cmd)
{
	struct nl_msg *msg;
	struct nlk nl;
	int status;

	open_vmnet(&nl);
	msg = nlk_genl_request(&nl, cmd, NLM_F_ACK);
	nla_put_u32(msg, VMNET_A_IFINDEX, ifname_index(net));
	put_peer(msg, VMNET_A_PEER, peer);
	status = command(&nl, msg, &vmnet_names);
	nlk_close(&nl);
	return status;
}

static int peer_command(struct args *a, uint8_t cmd)
{
	const char *net = args_take(a, "NET");
	struct peer peer;

	args_peer(a, &peer, cmd == VMNET_CMD_PEER_NEW);
	return peer_request(net, &peer, cmd);
}

static int set_peer(struct args *a)
{
	struct peer peer = { .transport = VMNET_TRANSPORT_UDP };
	const char *net = args_take(a, "NET");
	bool leaving;

	if (args_accept(a, "rrdp")) {
		peer.transport = VMNET_TRANSPORT_RRDP;
		peer.node = args_number(a, "NODE", 1, UINT32_MAX);
	} else if (args_accept(a, "udp")) {
		args_endpoint(a, "ADDR", &peer.endpoint);
	} else {
		usage_error(a, "expected \"rrdp\" or \"udp\"");
	}
	if (!args_accept(a, "leaving"))
		usage_error(a, "expected \"leaving on\" or \"leaving off\"");
	leaving = args_accept(a, "on");
	if (!leaving && !args_accept(a, "off"))
		usage_error(a, "expected \"leaving on\" or \"leaving off\"");
	args_end(a);
	peer.leaving = &leaving;
	return peer_request(net, &peer, VMNET_CMD_PEER_SET);
}

static int add_peer(struct args *a)
{
	return peer_command(a, VMNET_CMD_PEER_NEW);
}

static int del_peer(struct args *a)
{
	return peer_command(a, VMNET_CMD_PEER_DEL);
}

const struct view peer_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = peer_row,
	.cmd = VMNET_CMD_PEER_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

static int show_peers(struct args *a)
{
	return show_view(a, &peer_view, open_vmnet);
}

const struct verb peer_verbs[] = {
	{
		.name = "add-peer",
		.args = "NET rrdp NODE [subnet SUBNET]\n"
			"NET udp ADDR[:PORT] [port PORT] [plain] [node NODE]\n"
			"     [subnet SUBNET]\n"
			"NET auto NODE ADDR[:PORT] [port PORT] [subnet SUBNET]",
		.summary = "join a network with another host",
		.help =
		"The other host is named by its RRDP node, or by its IP address and UDP port.\n"
		"A node that is not known here is asked for, again and again, on the devices\n"
		"that have this host's number (see \"vmnetctl add-node --help\"). The port is that\n"
		"of NET unless given.\n"
		"\n"
		"\"plain\" says that the peer knows nothing of vmnet, such as a vxlan device.\n"
		"\n"
		"NODE and SUBNET are the peer's node number and subnet of the underlay. If NET\n"
		"has a subnet, too, what is for many hosts is sent once to each subnet. Then\n"
		"RRDP peers must have it as well, which is that of NET, or what is passed on\n"
		"there does not get to them.\n"
		"\n"
		"\"auto\" makes it an RRDP peer if this host reaches ADDR without a router, by a\n"
		"device that has its own node number, and a UDP peer otherwise. That is decided\n"
		"once: after a change of the routes delete the peer and add it again.\n"
		"\n"
		"examples:\n"
		"  vmnetctl add-peer vmnet0 rrdp 2\n"
		"  vmnetctl add-peer vmnet0 udp 192.0.2.2\n"
		"  vmnetctl add-peer vmnet0 udp 192.0.2.3 node 3 subnet 10\n"
		"  vmnetctl add-peer vmnet0 udp [2001:db8::2]:4789 plain\n"
		"  vmnetctl add-peer vmnet0 auto 4 192.0.2.4\n",
		.run = add_peer,
	}, {
		.name = "set-peer",
		.args = "NET rrdp NODE leaving on|off\n"
			"NET udp ADDR[:PORT] leaving on|off",
		.summary = "have another host forward no more, or again",
		.help =
		"A host that is going to leave a network is first set so on all others: the\n"
		"next in its subnet forwards from then on. What still gets to it, it passes on.\n"
		"So nothing is lost when it is then deleted.\n"
		"\n"
		"example:\n"
		"  vmnetctl set-peer vmnet0 udp 192.0.2.2 leaving on\n",
		.run = set_peer,
	}, {
		.name = "del-peer",
		.args = "NET rrdp NODE\nNET udp ADDR[:PORT] [port PORT]",
		.summary = "leave another host of a network",
		.help =
		"What was learned from the peer is forgotten.\n"
		"\n"
		"examples:\n"
		"  vmnetctl del-peer vmnet0 rrdp 2\n"
		"  vmnetctl del-peer vmnet0 udp 192.0.2.2\n",
		.run = del_peer,
	}, {
		.name = "show-peers",
		.args = "[NET]",
		.summary = "list the peers of one network, or of all",
		.help =
		"PEER is what \"vmnetctl del-peer NET\" takes. MTU is the largest packet, without\n"
		"its Ethernet header, that fits through the tunnel, 0 while that is not known.\n"
		"DROPS counts frames that were for the peer and could not be sent. ERROR says\n"
		"why the last connection to an RRDP peer ended or was not made, until there is\n"
		"one.\n"
		"\n"
		"RANK is the place of the peer in the election of who forwards for its SUBNET,\n"
		"and ROLE what comes of it: \"forwarder\"; \"standby\", one before it forwards;\n"
		"\"leaving\"; or \"silent\", it does not answer this host. HEARS marks hosts of\n"
		"this host's own subnet that hear its IP multicasts; the others there are sent\n"
		"copies. This host's own rank and role are those of \"vmnetctl show-nets\".\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-peers vmnet0\n"
		"  vmnetctl -j show-peers | jq '.[] | select(.state != \"up\")'\n",
		.run = show_peers,
	},
	{ }
};
