// SPDX-License-Identifier: GPL-2.0
/* RRDP connections: show-connections. */
#include <errno.h>
#include <linux/rrdp.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>

#include "vmnetctl.h"

static const char *const states[] = {
	[RRDP_CLOSED] = "closed",
	[RRDP_LISTEN] = "listen",
	[RRDP_SYN_SENT] = "syn-sent",
	[RRDP_SYN_RCVD] = "syn-rcvd",
	[RRDP_OPEN] = "open",
	[RRDP_CLOSE_WAIT] = "close-wait",
};

static const struct column columns[] = {
	{ CELL_LOCAL_PORT, COL_BOTH, -5, "local_port",	"LPORT" },
	{ CELL_PEER_NODE, COL_BOTH, -10, "peer_node",	"NODE" },
	{ CELL_PEER_PORT, COL_BOTH, -5,	"peer_port",	"PORT" },
	{ CELL_STATE,	  COL_BOTH, 10,	"state",	"STATE" },
	{ CELL_SRTT,	  COL_BOTH, -8,	"srtt_us",	"SRTT(us)" },
	{ CELL_RTTVAR,	  COL_JSON, 0,	"rttvar_us",	NULL },
	{ CELL_RTO,	  COL_BOTH, -8,	"rto_us",	"RTO(us)" },
	{ CELL_CWND,	  COL_BOTH, -5,	"cwnd",		"CWND" },
	{ CELL_SSTHRESH,  COL_JSON, 0,	"ssthresh",	NULL },
	{ CELL_CREDIT,	  COL_BOTH, -6,	"credit",	"CREDIT" },
	{ CELL_INFLIGHT,  COL_BOTH, -8,	"inflight",	"INFLIGHT" },
	{ CELL_TX_SEGS,	  COL_BOTH, -10, "tx_segs",	"TX-SEGS" },
	{ CELL_RX_SEGS,	  COL_BOTH, -10, "rx_segs",	"RX-SEGS" },
	{ CELL_RETRANS,	  COL_BOTH, -8,	"retrans",	"RETRANS" },
	{ CELL_SPURIOUS,  COL_JSON, 0,	"spurious",	NULL },
	{ CELL_EACKED,	  COL_JSON, 0,	"eacked",	NULL },
	{ CELL_OOO,	  COL_JSON, 0,	"out_of_order",	NULL },
	{ CELL_ZC_SENT,	  COL_JSON, 0,	"zc_sent",	NULL },
	{ CELL_ZC_COPIED, COL_JSON, 0,	"zc_copied",	NULL },
	{ CELL_CONN_AGE,  COL_JSON, 0,	"age_ms",	NULL },
	{ CELL_HEARD,	  COL_BOTH, -9,	"heard_ms",	"HEARD(ms)" },
	{ CELL_OPTIONS,	  COL_BOTH, 0,	"options",	"OPTIONS" },
};

static void options_cell(struct table *t, uint32_t options)
{
	static const char *const names[] = {
		"sequenced", "cksum-hdr", "xseq", "credit", "more", "eackr",
	};
	char text[128] = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (options & 1u << i) {
			if (*text)
				strcat(text, ",");
			strcat(text, names[i]);
		}
	table_copy(t, CELL_OPTIONS, text);
}

void conn_cells(struct table *t, const struct nlattr *nest)
{
	static const struct number_cell numbers[] = {
		{ RRDP_A_CONN_LOCAL_PORT, CELL_LOCAL_PORT },
		{ RRDP_A_CONN_PEER_NODE, CELL_PEER_NODE },
		{ RRDP_A_CONN_PEER_PORT, CELL_PEER_PORT },
		{ RRDP_A_CONN_SRTT, CELL_SRTT },
		{ RRDP_A_CONN_RTTVAR, CELL_RTTVAR },
		{ RRDP_A_CONN_RTO, CELL_RTO },
		{ RRDP_A_CONN_CWND, CELL_CWND },
		{ RRDP_A_CONN_CREDIT, CELL_CREDIT },
		{ RRDP_A_CONN_INFLIGHT, CELL_INFLIGHT },
		{ RRDP_A_CONN_TX_SEGS, CELL_TX_SEGS },
		{ RRDP_A_CONN_RX_SEGS, CELL_RX_SEGS },
		{ RRDP_A_CONN_RETRANS, CELL_RETRANS },
		{ RRDP_A_CONN_SSTHRESH, CELL_SSTHRESH },
		{ RRDP_A_CONN_SPURIOUS, CELL_SPURIOUS },
		{ RRDP_A_CONN_EACKED, CELL_EACKED },
		{ RRDP_A_CONN_OOO, CELL_OOO },
		{ RRDP_A_CONN_ZC_SENT, CELL_ZC_SENT },
		{ RRDP_A_CONN_ZC_COPIED, CELL_ZC_COPIED },
		{ RRDP_A_CONN_AGE, CELL_CONN_AGE },
		{ RRDP_A_CONN_HEARD, CELL_HEARD },
	};
	struct nlattr *tb[RRDP_A_CONN_MAX + 1];

	nlk_nest_parse(nest, tb, RRDP_A_CONN_MAX);
	number_cells(t, numbers, ARRAY_SIZE(numbers), tb);
	name_cell(t, CELL_STATE, states, ARRAY_SIZE(states), tb[RRDP_A_CONN_STATE]);
	if (tb[RRDP_A_CONN_OPTIONS])
		options_cell(t, nlk_uint(tb[RRDP_A_CONN_OPTIONS]));
}

static int conn_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[RRDP_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX) || !tb[RRDP_A_CONN])
		return -EBADMSG;
	conn_cells(t, tb[RRDP_A_CONN]);
	table_row(t);
	return 0;
}

const struct view conn_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = conn_row,
	.cmd = RRDP_CMD_CONN_GET,
	.flags = NLM_F_DUMP,
	.names = &rrdp_names,
};

static int show_connections(struct args *a)
{
	return show_view(a, &conn_view, open_rrdp);
}

const struct verb conn_verbs[] = {
	{
		.name = "show-connections",
		.args = "",
		.summary = "list the RRDP connections",
		.help =
		"LPORT is the port here, NODE and PORT are the other end. CWND, CREDIT and\n"
		"INFLIGHT count segments. SRTT and RTO are in microseconds, HEARD is the time\n"
		"since something came from the other end.\n"
		"\n"
		"With --json also: rttvar_us; ssthresh; spurious, how many segments were sent\n"
		"again in vain; eacked and out_of_order, how many went astray there and here;\n"
		"zc_sent and zc_copied, messages sent without a copy, and with one although none\n"
		"was wanted; age_ms.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-connections\n"
		"  vmnetctl -j show-connections | jq '.[] | select(.retrans > 0)'\n",
		.run = show_connections,
	},
	{ }
};
