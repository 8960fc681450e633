// SPDX-License-Identifier: GPL-2.0
/* Events as rows, for "monitor". */
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rrdp.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "ifname.h"

static const struct column columns[] = {
	{ CELL_TIME,	  COL_BOTH, 0, "time" },
	{ CELL_SOURCE,	  COL_BOTH, 0, "source" },
	{ CELL_EVENT,	  COL_BOTH, 0, "event" },
	{ CELL_NET,	  COL_BOTH, 0, "net" },
	{ CELL_PEER,	  COL_TEXT, 0, "peer" },
	{ CELL_MAC,	  COL_BOTH, 0, "mac" },
	{ CELL_GROUP,	  COL_BOTH, 0, "group" },
	{ CELL_VLAN,	  COL_BOTH, 0, "vlan" },
	{ CELL_PORT,	  COL_BOTH, 0, "port" },
	{ CELL_TRANSPORT, COL_JSON, 0, "transport" },
	{ CELL_NODE,	  COL_JSON, 0, "node" },
	{ CELL_ADDRESS,	  COL_JSON, 0, "address" },
	{ CELL_UDP_PORT,  COL_JSON, 0, "udp_port" },
	{ CELL_PLAIN,	  COL_BOTH, 0, "plain" },
	{ CELL_STATIC,	  COL_BOTH, 0, "static" },
	{ CELL_HELD,	  COL_BOTH, 0, "damped" },
	{ CELL_ROUTER,	  COL_BOTH, 0, "router_ms" },
	{ CELL_QUERIER,	  COL_BOTH, 0, "querier" },
	{ CELL_RRDP_NODE, COL_BOTH, 0, "node" },
	{ CELL_LOCAL,	  COL_BOTH, 0, "local" },
	{ CELL_DEV,	  COL_BOTH, 0, "dev" },
	{ CELL_LLADDR,	  COL_BOTH, 0, "lladdr" },
	{ CELL_LEARNED,	  COL_BOTH, 0, "learned" },
	{ CELL_LOCAL_PORT, COL_BOTH, 0, "local_port" },
	{ CELL_PEER_NODE, COL_BOTH, 0, "peer_node" },
	{ CELL_PEER_PORT, COL_BOTH, 0, "peer_port" },
	{ CELL_OPTIONS,	  COL_BOTH, 0, "options" },
	{ CELL_KIND,	  COL_BOTH, 0, "kind" },
	{ CELL_STATE,	  COL_BOTH, 0, "state" },
	{ CELL_SUBNET,	  COL_BOTH, 0, "subnet" },
	{ CELL_RANK,	  COL_BOTH, 0, "rank" },
	{ CELL_ROLE,	  COL_BOTH, 0, "role" },
	{ CELL_HEARS,	  COL_BOTH, 0, "hears" },
	{ CELL_MTU,	  COL_BOTH, 0, "mtu" },
	{ CELL_ERROR,	  COL_BOTH, 0, "error" },
	{ CELL_MASTER,	  COL_BOTH, 0, "master" },
};

void event_table_begin(struct table *t, struct buf *out)
{
	table_begin(t, out, want_json ? TABLE_EVENT_JSON : TABLE_EVENT_TEXT,
		    columns, ARRAY_SIZE(columns));
	t->lead = EVENT_LEAD;
}

static void lead_cells(struct table *t, const char *source)
{
	char text[sizeof("2026-11-28T01:18:00")];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%FT%T", &tm);
	table_format(t, CELL_TIME, "%s.%06ldZ", text, now.tv_nsec / 1000);
	table_string(t, CELL_SOURCE, source);
}

void event_row(struct table *t, const char *source, const char *event)
{
	lead_cells(t, source);
	table_string(t, CELL_EVENT, event);
	table_row(t);
}

int rrdp_event_row(struct table *t, const struct nlmsghdr *nlh)
{
	static const char *const events[] = {
		[RRDP_EV_NODE_NEW] = "node-new",
		[RRDP_EV_NODE_DEL] = "node-del",
		[RRDP_EV_CONN_OPEN] = "conn-open",
		[RRDP_EV_CONN_CLOSED] = "conn-closed",
		[RRDP_EV_NODE_CHANGED] = "node-changed",
		[RRDP_EV_NODE_FAILED] = "node-failed",
		[RRDP_EV_NODE_CONFLICT] = "node-conflict",
	};
	struct nlattr *tb[RRDP_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX) || !tb[RRDP_A_EVENT])
		return -EBADMSG;
	if (tb[RRDP_A_CONN])
		conn_cells(t, tb[RRDP_A_CONN]);
	node_cells(t, tb);
	lead_cells(t, "rrdp");
	name_cell(t, CELL_EVENT, events, ARRAY_SIZE(events), tb[RRDP_A_EVENT]);
	table_row(t);
	return 0;
}

int vmnet_event_row(struct table *t, const struct nlmsghdr *nlh)
{
	static const char *const events[] = {
		[VMNET_EV_PEER_NEW] = "peer-new",
		[VMNET_EV_PEER_DEL] = "peer-del",
		[VMNET_EV_PEER_STATE] = "peer-state",
		[VMNET_EV_FDB_NEW] = "fdb-new",
		[VMNET_EV_FDB_DEL] = "fdb-del",
		[VMNET_EV_FDB_MOVE] = "fdb-move",
		[VMNET_EV_PORT_NEW] = "port-new",
		[VMNET_EV_PORT_DEL] = "port-del",
		[VMNET_EV_FDB_DAMPED] = "fdb-damped",
		[VMNET_EV_PORT_CHANGED] = "port-changed",
		[VMNET_EV_MDB_NEW] = "mdb-new",
		[VMNET_EV_MDB_DEL] = "mdb-del",
		[VMNET_EV_NET_CHANGED] = "net-changed",
	};
	struct nlattr *tb[VMNET_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_EVENT])
		return -EBADMSG;
	if (tb[VMNET_A_PEER])
		peer_cells(t, tb[VMNET_A_PEER], false);
	if (tb[VMNET_A_FDB])
		fdb_cells(t, tb[VMNET_A_FDB]);
	if (tb[VMNET_A_MDB])
		mdb_cells(t, tb[VMNET_A_MDB]);
	/* of an event about a port itself */
	dev_cell(t, CELL_PORT, tb[VMNET_A_PORT]);
	dev_cell(t, CELL_NET, tb[VMNET_A_IFINDEX]);
	lead_cells(t, "vmnet");
	name_cell(t, CELL_EVENT, events, ARRAY_SIZE(events), tb[VMNET_A_EVENT]);
	table_row(t);
	return 0;
}

static int link_parse(const struct nlmsghdr *nlh, struct nlattr **tb)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);

	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ifi), tb, IFLA_MAX, NULL) < 0)
		return -EBADMSG;
	/* events of a bridge about its own ports repeat what the link says */
	if (ifi->ifi_family != AF_UNSPEC || !tb[IFLA_IFNAME] ||
	    !memchr(nla_data(tb[IFLA_IFNAME]), 0, nla_len(tb[IFLA_IFNAME])))
		return -EBADMSG;
	return 0;
}

int link_learn(const struct nlmsghdr *nlh, void *unused)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_MAX + 1];

	(void)unused;
	if (!link_parse(nlh, tb))
		ifname_learn(ifi->ifi_index, nla_data(tb[IFLA_IFNAME]));
	return 0;
}

static const char *link_state(unsigned int flags)
{
	if (!(flags & IFF_UP))
		return "down";
	return flags & IFF_LOWER_UP ? "up" : "no-carrier";
}

int link_event_row(struct table *t, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_MAX + 1];
	const char *kind;

	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    link_parse(nlh, tb))
		return -EBADMSG;
	/* kept also after the link is gone: other events may name it yet */
	ifname_learn(ifi->ifi_index, nla_data(tb[IFLA_IFNAME]));

	table_copy(t, CELL_DEV, ifname_get(ifi->ifi_index));
	kind = link_kind(tb[IFLA_LINKINFO]);
	if (*kind)
		table_copy(t, CELL_KIND, kind);
	table_string(t, CELL_STATE, link_state(ifi->ifi_flags));
	if (tb[IFLA_MTU])
		table_number(t, CELL_MTU, nlk_uint(tb[IFLA_MTU]));
	dev_cell(t, CELL_MASTER, tb[IFLA_MASTER]);
	lead_cells(t, "link");
	table_string(t, CELL_EVENT,
		     nlh->nlmsg_type == RTM_NEWLINK ? "changed" : "deleted");
	table_row(t);
	return 0;
}
