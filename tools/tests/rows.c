// SPDX-License-Identifier: GPL-2.0
/* Replies and events, made by hand, and the rows they become. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rrdp.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "ifname.h"
#include "tap.h"
#include "unit.h"
#include "vmnetctl.h"

static const uint8_t mac[] = { 2, 0, 0, 0, 0, 0x1a };

static const char *text_of(struct buf *b)
{
	buf_putc(b, '\0');
	b->len--;
	return b->p;
}

static struct nl_msg *reply(uint8_t cmd)
{
	const struct nlk nl = { .family = 30 };

	return nlk_genl_request(&nl, cmd, 0);
}

/* A line is as wanted, where \n is not wanted but folds, and ' stands for ". */
static void same_line(const char *got, const char *want, const char *what)
{
	char line[512];
	size_t n = 0;

	for (; *want && n < sizeof(line) - 2; want++)
		if (*want != '\n')
			line[n++] = *want == '\'' ? '"' : *want;
	line[n++] = '\n';
	line[n] = '\0';
	same(got, line, what);
}

/* The row in the view's table, and the object in its JSON. */
static void same_row(const struct view *v, struct nl_msg *msg, const char *text,
		     const char *json, const char *what)
{
	struct buf b = { };
	struct table t;
	char name[128];

	table_begin(&t, &b, TABLE_TEXT, v->columns, v->count);
	b.len = 0;
	ok(!v->row(&t, nlmsg_hdr(msg)), "%s is understood", what);
	snprintf(name, sizeof(name), "%s in text", what);
	same_line(text_of(&b), text, name);

	table_begin(&t, &b, TABLE_EVENT_JSON, v->columns, v->count);
	b.len = 0;
	v->row(&t, nlmsg_hdr(msg));
	snprintf(name, sizeof(name), "%s in JSON", what);
	same_line(text_of(&b), json, name);
	buf_free(&b);
}

static void rrdp_rows(void)
{
	struct nl_msg *msg = reply(RRDP_CMD_NODE_GET);
	struct nlattr *nest, *stat;

	nla_put_u32(msg, RRDP_A_NODE, 4294967295);
	nla_put_u32(msg, RRDP_A_IFINDEX, 1001);
	nla_put(msg, RRDP_A_LLADDR, 6, mac);
	same_row(&node_view, msg,
		 "4294967295  -      rrdp-dev         02:00:00:00:00:1a  -        -                   -\n",
		 "{'node':4294967295,'local':false,'dev':'rrdp-dev',\n"
		 "'lladdr':'02:00:00:00:00:1a'}\n", "a node");
	nla_put_flag(msg, RRDP_A_LOCAL);
	same_row(&node_view, msg,
		 "4294967295  yes    rrdp-dev         02:00:00:00:00:1a  -        -                   -\n",
		 "{'node':4294967295,'local':true,'dev':'rrdp-dev',\n"
		 "'lladdr':'02:00:00:00:00:1a'}\n", "this host's node");
	nla_put_u16(msg, RRDP_A_STATE, NUD_PERMANENT);
	same_row(&node_view, msg,
		 "4294967295  yes    rrdp-dev         02:00:00:00:00:1a  -        permanent           -\n",
		 "{'node':4294967295,'local':true,'dev':'rrdp-dev',\n"
		 "'lladdr':'02:00:00:00:00:1a','learned':false,'state':'permanent'}\n",
		 "this host's node with a state");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_NODE_GET);
	nla_put_u32(msg, RRDP_A_NODE, 2);
	nla_put_u16(msg, RRDP_A_STATE, NUD_INCOMPLETE);
	nla_put_flag(msg, RRDP_A_LEARNED);
	nla_put_u32(msg, RRDP_A_AGE, 1500);
	same_row(&node_view, msg,
		 "         2  -      -                -                  yes      incomplete       1500\n",
		 "{'node':2,'local':false,'learned':true,'state':'incomplete','age_ms':1500}\n",
		 "a node that is asked for");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_NODE_GET);
	nla_put_u32(msg, RRDP_A_NODE, 2);
	nla_put_u16(msg, RRDP_A_STATE, 0x4000);
	same_row(&node_view, msg,
		 "         2  -      -                -                  -        ?                   -\n",
		 "{'node':2,'local':false,'learned':false,'state':'?'}\n",
		 "a node in a state of another age");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_CONN_GET);
	nest = nla_nest_start(msg, RRDP_A_CONN);
	nla_put_u8(msg, RRDP_A_CONN_STATE, RRDP_OPEN);
	nla_put_u16(msg, RRDP_A_CONN_LOCAL_PORT, 4789);
	nla_put_u32(msg, RRDP_A_CONN_PEER_NODE, 2);
	nla_put_u16(msg, RRDP_A_CONN_PEER_PORT, 40000);
	nla_put_u32(msg, RRDP_A_CONN_OPTIONS,
		    RRDP_OPT_SEQUENCED | RRDP_OPT_MORE | RRDP_OPT_EACKR);
	nla_put_u32(msg, RRDP_A_CONN_SRTT, 250);
	nla_put_u64(msg, RRDP_A_CONN_TX_SEGS, 1ull << 40);
	nla_put_u32(msg, RRDP_A_CONN_SSTHRESH, 8191);
	nla_put_u64(msg, RRDP_A_CONN_SPURIOUS, 1);
	nla_put_u64(msg, RRDP_A_CONN_EACKED, 2);
	nla_put_u64(msg, RRDP_A_CONN_OOO, 3);
	nla_put_u64(msg, RRDP_A_CONN_ZC_SENT, 4);
	nla_put_u64(msg, RRDP_A_CONN_ZC_COPIED, 5);
	nla_put_u64(msg, RRDP_A_CONN_AGE, 6);
	nla_put_u64(msg, RRDP_A_CONN_HEARD, 7);
	nla_nest_end(msg, nest);
	same_row(&conn_view, msg,
		 " 4789           2  40000  open             250         -      -       -\n"
		 "         -  1099511627776           -         -          7\n"
		 "  sequenced,more,eackr\n",
		 "{'local_port':4789,'peer_node':2,'peer_port':40000,'state':'open',\n"
		 "'srtt_us':250,'ssthresh':8191,'tx_segs':1099511627776,'spurious':1,\n"
		 "'eacked':2,'out_of_order':3,'zc_sent':4,'zc_copied':5,'age_ms':6,\n"
		 "'heard_ms':7,'options':'sequenced,more,eackr'}\n",
		 "a connection");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_STATS_GET);
	nest = nla_nest_start(msg, RRDP_A_STATS);
	stat = nla_nest_start(msg, RRDP_A_STAT);
	nla_put_string(msg, RRDP_A_STAT_NAME, "rx_segments");
	nla_put_u64(msg, RRDP_A_STAT_VALUE, UINT64_MAX);
	nla_nest_end(msg, stat);
	nla_nest_end(msg, nest);
	same_row(&rrdp_stats_view, msg,
		 "rrdp             rx_segments                   18446744073709551615\n",
		 "{'of':'rrdp','name':'rx_segments','value':18446744073709551615}\n",
		 "a counter of RRDP");
	nlmsg_free(msg);
}

/* What this program does not know, where others have what it knows. */
static void put_later(struct nl_msg *msg)
{
	struct nlattr *nest;

	nla_put_flag(msg, 300);
	nla_put_u64(msg, 301, UINT64_MAX);
	nest = nla_nest_start(msg, 0x3ffe);
	nla_put_u32(msg, 1, 0);
	nla_nest_end(msg, nest);
}

static struct nl_msg *peer_reply(uint8_t cmd)
{
	struct nl_msg *msg = reply(cmd);
	struct nlattr *nest;

	nla_put_u32(msg, VMNET_A_IFINDEX, 1002);
	nest = nla_nest_start(msg, VMNET_A_PEER);
	nla_put_u8(msg, VMNET_A_PEER_TRANSPORT, VMNET_TRANSPORT_RRDP);
	nla_put_u32(msg, VMNET_A_PEER_NODE, 2);
	nla_put_u8(msg, VMNET_A_PEER_STATE, VMNET_PEER_CONNECTING);
	nla_put_u32(msg, VMNET_A_PEER_MTU, 1450);
	nla_put_u64(msg, VMNET_A_PEER_RX_BYTES, 77);
	nla_put_u32(msg, VMNET_A_PEER_ERROR, EHOSTUNREACH);
	nla_nest_end(msg, nest);
	return msg;
}

/* An entry behind @port or, if it is 0, behind a UDP peer. */
static struct nl_msg *fdb_reply(uint8_t cmd, unsigned int port)
{
	struct nl_msg *msg = reply(cmd);
	struct peer peer = { .transport = VMNET_TRANSPORT_UDP };
	struct nlattr *nest;

	parse_endpoint("[2001:db8::2]:4789", &peer.endpoint);
	nla_put_u32(msg, VMNET_A_IFINDEX, 1002);
	nest = nla_nest_start(msg, VMNET_A_FDB);
	nla_put(msg, VMNET_A_FDB_LLADDR, 6, mac);
	if (port)
		nla_put_u32(msg, VMNET_A_FDB_PORT, port);
	else
		put_peer(msg, VMNET_A_FDB_PEER, &peer);
	nla_put_u32(msg, VMNET_A_FDB_AGE, 4000);
	nla_nest_end(msg, nest);
	return msg;
}

static void vmnet_rows(void)
{
	struct nl_msg *msg = reply(VMNET_CMD_NET_GET);
	struct nlattr *nest;

	nla_put_u32(msg, VMNET_A_IFINDEX, 1002);
	nest = nla_nest_start(msg, VMNET_A_NET);
	nla_put_u32(msg, VMNET_A_NET_VNI, 42);
	nla_put_u16(msg, VMNET_A_NET_PORT, 4789);
	nla_put_u32(msg, VMNET_A_NET_MACS, 5);
	nla_nest_end(msg, nest);
	same_row(&net_view, msg,
		 "vmnet-dev              42   4789      -       -         -\n"
		 "      -      -         5           -           -     -  -          -              -\n",
		 "{'net':'vmnet-dev','vni':42,'udp_port':4789,'macs':5}\n", "a network");
	nlmsg_free(msg);

	msg = peer_reply(VMNET_CMD_PEER_GET);
	same_row(&peer_view, msg,
		 "vmnet-dev        rrdp 2                      -      connecting           2\n"
		 "           -     -  -          -       1450           -             -           -            77         -  No route to host\n",
		 "{'net':'vmnet-dev','transport':'rrdp','plain':false,\n"
		 "'state':'connecting','node':2,'hears':false,'mtu':1450,'rx_bytes':77,'error':'No route to host'}\n",
		 "a peer");
	nlmsg_free(msg);

	msg = fdb_reply(VMNET_CMD_FDB_GET, 0);
	same_row(&fdb_view, msg,
		 "vmnet-dev        02:00:00:00:00:1a  udp [2001:db8::2]:4789      -            4000     -  -\n",
		 "{'net':'vmnet-dev','mac':'02:00:00:00:00:1a','transport':'udp',\n"
		 "'address':'2001:db8::2','udp_port':4789,'static':false,'age_ms':4000}\n",
		 "a MAC behind a peer");
	nlmsg_free(msg);

	msg = fdb_reply(VMNET_CMD_FDB_GET, 1001);
	same_row(&fdb_view, msg,
		 "vmnet-dev        02:00:00:00:00:1a  port rrdp-dev               -            4000     -  -\n",
		 "{'net':'vmnet-dev','mac':'02:00:00:00:00:1a','port':'rrdp-dev',\n"
		 "'static':false,'age_ms':4000}\n", "a MAC behind a port");
	nlmsg_free(msg);
}

/* An event's row without its time. */
static void same_event(row_fn row, struct nl_msg *msg, const char *text,
		       const char *json, const char *what)
{
	struct buf b = { };
	struct table t;
	char name[128];

	event_table_begin(&t, &b);
	ok(!row(&t, nlmsg_hdr(msg)), "%s is understood", what);
	snprintf(name, sizeof(name), "%s in text", what);
	same_line(strchr(text_of(&b), ' ') + 1, text, name);

	want_json = true;
	b.len = 0;
	event_table_begin(&t, &b);
	row(&t, nlmsg_hdr(msg));
	want_json = false;
	snprintf(name, sizeof(name), "%s in JSON", what);
	same_line(strchr(text_of(&b), ',') + 1, json, name);
	buf_free(&b);
}

static void events(void)
{
	struct nl_msg *msg = reply(RRDP_CMD_EVENT);
	struct ifinfomsg ifi = {
		.ifi_index = 1003, .ifi_flags = IFF_UP | IFF_LOWER_UP,
	};
	struct nlattr *nest;

	nla_put_u32(msg, RRDP_A_EVENT, RRDP_EV_NODE_NEW);
	nla_put_u32(msg, RRDP_A_NODE, 2);
	nla_put_u32(msg, RRDP_A_IFINDEX, 1001);
	nla_put(msg, RRDP_A_LLADDR, 6, mac);
	same_event(rrdp_event_row, msg,
		   "rrdp node-new node 2 dev rrdp-dev lladdr 02:00:00:00:00:1a\n",
		   "'source':'rrdp','event':'node-new','node':2,'local':false,\n"
		   "'dev':'rrdp-dev','lladdr':'02:00:00:00:00:1a'}\n", "a new node");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_EVENT);
	nla_put_u32(msg, RRDP_A_EVENT, RRDP_EV_NODE_FAILED);
	nla_put_u32(msg, RRDP_A_NODE, 2);
	nla_put_u16(msg, RRDP_A_STATE, NUD_FAILED);
	nla_put_flag(msg, RRDP_A_LEARNED);
	same_event(rrdp_event_row, msg,
		   "rrdp node-failed node 2 learned state failed\n",
		   "'source':'rrdp','event':'node-failed','node':2,'local':false,\n"
		   "'learned':true,'state':'failed'}\n", "a node that failed");
	nlmsg_free(msg);

	msg = reply(RRDP_CMD_EVENT);
	nla_put_u32(msg, RRDP_A_EVENT, 99);
	same_event(rrdp_event_row, msg, "rrdp ?\n",
		   "'source':'rrdp','event':'?'}\n", "an event of another age");
	nlmsg_free(msg);

	msg = peer_reply(VMNET_CMD_EVENT);
	nla_put_u32(msg, VMNET_A_EVENT, VMNET_EV_PEER_STATE);
	same_event(vmnet_event_row, msg,
		   "vmnet peer-state net vmnet-dev peer rrdp 2 state connecting mtu 1450 error No route to host\n",
		   "'source':'vmnet','event':'peer-state','net':'vmnet-dev',\n"
		   "'transport':'rrdp','node':2,'plain':false,'state':'connecting',\n"
		   "'hears':false,'mtu':1450,'error':'No route to host'}\n", "a peer's state");
	nlmsg_free(msg);

	msg = fdb_reply(VMNET_CMD_EVENT, 1001);
	nla_put_u32(msg, VMNET_A_EVENT, VMNET_EV_FDB_MOVE);
	same_event(vmnet_event_row, msg,
		   "vmnet fdb-move net vmnet-dev mac 02:00:00:00:00:1a port rrdp-dev\n",
		   "'source':'vmnet','event':'fdb-move','net':'vmnet-dev',\n"
		   "'mac':'02:00:00:00:00:1a','port':'rrdp-dev','static':false}\n",
		   "a move");
	nlmsg_free(msg);

	msg = reply(VMNET_CMD_EVENT);
	nla_put_u32(msg, VMNET_A_IFINDEX, 1002);
	nla_put_u32(msg, VMNET_A_EVENT, VMNET_EV_PORT_NEW);
	nla_put_u32(msg, VMNET_A_PORT, 1001);
	same_event(vmnet_event_row, msg,
		   "vmnet port-new net vmnet-dev port rrdp-dev\n",
		   "'source':'vmnet','event':'port-new','net':'vmnet-dev','port':'rrdp-dev'}\n",
		   "a new port");
	nlmsg_free(msg);

	msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, "renamed");
	nla_put_u32(msg, IFLA_MTU, 1500);
	nla_put_u32(msg, IFLA_MASTER, 1002);
	nest = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "veth");
	nla_nest_end(msg, nest);
	same_event(link_event_row, msg,
		   "link changed dev renamed kind veth state up mtu 1500 master vmnet-dev\n",
		   "'source':'link','event':'changed','dev':'renamed',\n"
		   "'kind':'veth','state':'up','mtu':1500,'master':'vmnet-dev'}\n",
		   "a link");
	same(ifname_get(1003), "renamed", "its name is remembered");
	nlmsg_free(msg);
}

/* What makes no sense must be refused, and must not spoil the next row. */
static void refused(row_fn row, struct nl_msg *msg, const char *what)
{
	struct buf b = { };
	struct table t;

	event_table_begin(&t, &b);
	ok(row(&t, nlmsg_hdr(msg)) == -EBADMSG && !b.len &&
	   !memchr(t.present, 1, sizeof(t.present)),
	   "no row of %s", what);
	buf_free(&b);
	nlmsg_free(msg);
}

static void nonsense(void)
{
	struct nl_msg *msg;
	struct nlattr cut = { .nla_len = 60, .nla_type = 1 };

	refused(node_view.row, nlmsg_alloc_simple(30, 0), "a reply without a header");
	refused(fdb_view.row, reply(VMNET_CMD_FDB_GET), "an empty reply");
	refused(vmnet_event_row, reply(VMNET_CMD_EVENT), "an event without a type");

	msg = reply(VMNET_CMD_EVENT);
	nla_put_u32(msg, VMNET_A_EVENT, VMNET_EV_FDB_NEW);
	nla_put(msg, VMNET_A_FDB, sizeof(cut), &cut);
	same_event(vmnet_event_row, msg, "vmnet fdb-new\n",
		   "'source':'vmnet','event':'fdb-new'}\n",
		   "an event with a nest cut short");
	nlmsg_free(msg);

	msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	refused(link_event_row, msg, "a link cut short");

	msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);
	nlmsg_append(msg, &(struct ifinfomsg) { }, sizeof(struct ifinfomsg), NLMSG_ALIGNTO);
	nla_put(msg, IFLA_IFNAME, 8, "no end..");
	refused(link_event_row, msg, "a link whose name has no end");

	/* addresses of the wrong length are left out */
	msg = reply(RRDP_CMD_NODE_GET);
	nla_put_u32(msg, RRDP_A_NODE, 2);
	nla_put(msg, RRDP_A_LLADDR, 3, mac);
	same_row(&node_view, msg,
		 "         2  -      -                -                  -        -                   -\n",
		 "{'node':2,'local':false}\n", "a node with a short address");
	nlmsg_free(msg);
}

/* The reply is the same row with what a later kernel module says besides. */
static void same_later(const struct view *v, uint8_t cmd, int nest_attr,
		       void (*fill)(struct nl_msg *msg), const char *json, const char *what)
{
	bool later;

	for (later = false; ; later = true) {
		struct nl_msg *msg = reply(cmd);
		struct nlattr *nest = nest_attr ? nla_nest_start(msg, nest_attr) : NULL;
		struct buf b = { };
		struct table t;

		fill(msg);
		if (later)
			put_later(msg);
		if (nest) {
			nla_nest_end(msg, nest);
			if (later)
				put_later(msg);
		}
		table_begin(&t, &b, TABLE_EVENT_JSON, v->columns, v->count);
		b.len = 0;
		ok(!v->row(&t, nlmsg_hdr(msg)), "%s of a%s module is understood", what,
		   later ? " later" : "n earlier");
		same_line(text_of(&b), json, what);
		buf_free(&b);
		nlmsg_free(msg);
		if (later)
			break;
	}
}

/* The least that the first version of each said. */
static void fill_node(struct nl_msg *msg)
{
	nla_put_u32(msg, RRDP_A_NODE, 2);
}

static void fill_conn(struct nl_msg *msg)
{
	nla_put_u8(msg, RRDP_A_CONN_STATE, 200);
}

static void fill_peer(struct nl_msg *msg)
{
	nla_put_u8(msg, VMNET_A_PEER_TRANSPORT, VMNET_TRANSPORT_RRDP);
	nla_put_u32(msg, VMNET_A_PEER_NODE, 2);
	nla_put_u8(msg, VMNET_A_PEER_STATE, 200);
	nla_put_u8(msg, VMNET_A_PEER_ROLE, 200);
}

static void fill_fdb(struct nl_msg *msg)
{
	nla_put(msg, VMNET_A_FDB_LLADDR, 6, mac);
}

static void fill_net(struct nl_msg *msg)
{
	nla_put_u32(msg, VMNET_A_NET_VNI, 42);
}

/* Numbers that have no name yet, and all that is optional left out. */
static void versions(void)
{
	same_later(&node_view, RRDP_CMD_NODE_GET, 0, fill_node,
		   "{'node':2,'local':false}\n", "a node");
	same_later(&conn_view, RRDP_CMD_CONN_GET, RRDP_A_CONN, fill_conn,
		   "{'state':'?'}\n", "a connection");
	same_later(&peer_view, VMNET_CMD_PEER_GET, VMNET_A_PEER, fill_peer,
		   "{'transport':'rrdp','plain':false,'state':'?','node':2,\n"
		   "'role':'?','hears':false}\n", "a peer");
	same_later(&fdb_view, VMNET_CMD_FDB_GET, VMNET_A_FDB, fill_fdb,
		   "{'mac':'02:00:00:00:00:1a','static':false}\n", "a MAC");
	same_later(&net_view, VMNET_CMD_NET_GET, VMNET_A_NET, fill_net,
		   "{'vni':42}\n", "a network");
}

void test_rows(void)
{
	ifname_learn(1001, "rrdp-dev");
	ifname_learn(1002, "vmnet-dev");
	rrdp_rows();
	vmnet_rows();
	events();
	versions();
	nonsense();
}
