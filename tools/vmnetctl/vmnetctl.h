/* SPDX-License-Identifier: GPL-2.0 */
/* What the subcommands of vmnetctl share. */
#ifndef VMNETCTL_H
#define VMNETCTL_H

#include <linux/vmnet.h>

#include "args.h"
#include "error.h"
#include "nlk.h"
#include "peer.h"
#include "rtnl.h"
#include "table.h"

/**
 * struct verb - a subcommand
 * @name: the word
 * @args: its synopsis
 * @summary: one line
 * @help: what --help says below the synopsis
 * @run: does it; returns the exit status
 */
struct verb {
	const char *name;
	const char *args;
	const char *summary;
	const char *help;
	int (*run)(struct args *a);
};

extern const struct verb node_verbs[], net_verbs[], peer_verbs[], fdb_verbs[],
	port_verbs[], mdb_verbs[], neigh_verbs[],
	stats_verbs[], conn_verbs[], monitor_verbs[], board_verbs[];	/* ended by a NULL name */

/* --json was given. */
extern bool want_json;

/* Cells of all tables. */
enum cell_id {
	CELL_NET, CELL_DEV, CELL_RRDP_NODE, CELL_LOCAL, CELL_LLADDR,
	CELL_VNI, CELL_UDP_PORT, CELL_MTU, CELL_AGEING, CELL_LIMIT,
	CELL_PORTS, CELL_PEERS, CELL_MACS,
	CELL_TRANSPORT, CELL_PEER, CELL_NODE, CELL_ADDRESS, CELL_PLAIN, CELL_STATE,
	CELL_TX_FRAMES, CELL_TX_BYTES, CELL_RX_FRAMES, CELL_RX_BYTES, CELL_DROPS,
	CELL_MAC, CELL_PORT, CELL_BEHIND, CELL_STATIC, CELL_AGE,
	CELL_NAME, CELL_VALUE,
	CELL_LOCAL_PORT, CELL_PEER_NODE, CELL_PEER_PORT, CELL_OPTIONS,
	CELL_SRTT, CELL_RTTVAR, CELL_RTO, CELL_CWND, CELL_CREDIT, CELL_INFLIGHT,
	CELL_TX_SEGS, CELL_RX_SEGS, CELL_RETRANS,
	CELL_SSTHRESH, CELL_SPURIOUS, CELL_EACKED, CELL_OOO,
	CELL_ZC_SENT, CELL_ZC_COPIED, CELL_CONN_AGE, CELL_HEARD,
	CELL_TIME, CELL_SOURCE, CELL_EVENT, CELL_KIND, CELL_MASTER,
	CELL_LEARNED, CELL_ERROR,
	CELL_VLAN, CELL_HELD, CELL_PVID, CELL_UNTAGGED, CELL_TAGGED,
	CELL_ISOLATED, CELL_CONFINED, CELL_LEARNING, CELL_STORM, CELL_RX_DROPS,
	CELL_SUBNET, CELL_RANK, CELL_ROLE, CELL_HEARS,
	CELL_SNOOPING, CELL_MCAST_LIMIT, CELL_MEMBERSHIP, CELL_QUERY_TIME, CELL_GROUPS,
	CELL_GROUP, CELL_EXPIRES, CELL_ROUTER, CELL_QUERIER,
	CELL_SUPPRESS, CELL_NEIGH_LIMIT, CELL_NEIGHS, CELL_IP, CELL_IS_ROUTER,
	CELL_COUNT
};

/* Sockets of the two families; they end the program if a module is missing. */
void open_rrdp(struct nlk *nl);
void open_vmnet(struct nlk *nl);
__noreturn void no_module(const char *module);

extern const struct nlk_names rrdp_names, vmnet_names, link_names;

/*
 * Sends @msg, which it frees, and waits for the kernel's verdict. Says what
 * the kernel said if it refused. Returns the exit status.
 */
int command(struct nlk *nl, struct nl_msg *msg, const struct nlk_names *names);

/* Takes the "on" or "off" of a keyword, if it is given, for a number. */
void read_switch(struct args *a, struct keyword *kw);

/* Fills a row from a reply. Returns 0 or -EBADMSG. */
typedef int (*row_fn)(struct table *t, const struct nlmsghdr *nlh);

/**
 * struct view - something to show
 * @columns: its table
 * @count: length of @columns
 * @row: makes a row (or several) of a reply
 * @cmd: request
 * @flags: NLM_F_DUMP for a dump, NLM_F_ACK for a single reply
 * @net_attr: attribute that limits the request to a network; 0: there is none
 * @names: attributes of the request
 */
struct view {
	const struct column *columns;
	unsigned int count;
	row_fn row;
	uint8_t cmd;
	int flags;
	int net_attr;
	const struct nlk_names *names;
};

extern const struct view node_view, net_view, peer_view, fdb_view, port_view, mdb_view,
	neigh_view, conn_view, rrdp_stats_view, vmnet_stats_view;

/**
 * struct source - where to get it
 * @nl: socket of the family
 * @view: what
 * @net: network it is about; 0 for all
 */
struct source {
	struct nlk *nl;
	const struct view *view;
	unsigned int net;
};

/* Prints a table of what @count sources of like columns say. */
int show(const struct source *sources, unsigned int count);

/* Takes the rest of the command line, a NET if the view has such, and shows it. */
int show_view(struct args *a, const struct view *view,
	      void (*open_family)(struct nlk *nl));

/* Writes what is in @out to standard output. Returns the exit status. */
int print_out(struct buf *out);

/**
 * struct number_cell - which attribute is which cell
 * @attr: attribute, an integer
 * @cell: cell
 */
struct number_cell {
	unsigned char attr;
	unsigned char cell;
};

/* Cells from attributes. An attribute that is NULL makes none. */
void number_cells(struct table *t, const struct number_cell *cells,
		  unsigned int count, struct nlattr **tb);
void name_cell(struct table *t, unsigned int cell, const char *const *names,
	       unsigned int count, const struct nlattr *attr);
void dev_cell(struct table *t, unsigned int cell, const struct nlattr *attr);
void mac_cell(struct table *t, unsigned int cell, const struct nlattr *attr);

/* Cells of parts that several tables and events have in common. */
void node_cells(struct table *t, struct nlattr **tb);
void conn_cells(struct table *t, const struct nlattr *nest);
void peer_cells(struct table *t, const struct nlattr *nest, bool behind);
void fdb_cells(struct table *t, const struct nlattr *nest);
void mdb_cells(struct table *t, const struct nlattr *nest);

/* Where an entry of a database is: behind a peer or a port; either may be NULL. */
void behind_cells(struct table *t, const struct nlattr *peer,
		  const struct nlattr *port);

/* An IP address, one of two attributes. */
void ip_cell(struct table *t, unsigned int cell, const struct nlattr *v4,
	     const struct nlattr *v6);

/* What hosts are to the forwarding of floods. */
extern const char *const role_names[VMNET_ROLE_SILENT + 1];

/*
 * Is the host at this address on a link of this one, by a device that has this
 * host's node number?
 */
bool way_is_link(const struct endpoint *ep);

/*
 * Takes "rrdp NODE" or "udp ADDR[:PORT] [port PORT]", which end the command
 * line; @make: also "plain" and where it is, or "auto NODE ADDR[:PORT]".
 */
void args_peer(struct args *a, struct peer *p, bool make);

#endif /* VMNETCTL_H */
