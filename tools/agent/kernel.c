// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rrdp.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "memory.h"
#include "rtnl.h"

#define DUMP_TRIES	4	/* of one that changes while it is read */

void peer_key(const struct peer *p, char key[PEER_KEY_SIZE])
{
	struct endpoint ep = p->endpoint;
	char text[ENDPOINT_STRLEN];

	if (p->transport == VMNET_TRANSPORT_RRDP) {
		snprintf(key, PEER_KEY_SIZE, "rrdp %u", p->node);
		return;
	}
	ep.port = 0;
	format_endpoint(&ep, text);
	snprintf(key, PEER_KEY_SIZE, "udp %s", text);
}

/* ----------------------------------------------------------------- asking */

int kernel_ask(struct kernel *k, struct nlk *nl, struct nl_msg *msg, const char *what,
	       nlk_reply_fn reply)
{
	int err = nlk_transact(nl, msg, reply, k);

	if (err)
		snprintf(k->error, sizeof(k->error), "%s: %s%s", what,
			 *nl->fault.text ? nl->fault.text : strerror(-err),
			 nlk_fault_hint(nl));
	nlmsg_free(msg);
	return err;
}

/* Makes a dump's request. */
typedef struct nl_msg *(*request_fn)(struct kernel *k);

/* Reads a table whose length is *@count, again if it changed meanwhile. */
static int dump(struct kernel *k, struct nlk *nl, request_fn request, const char *what,
		nlk_reply_fn reply, unsigned int *count)
{
	int try, err = 0;

	for (try = 0; try < DUMP_TRIES; try++) {
		*count = 0;
		err = kernel_ask(k, nl, request(k), what, reply);
		if (err && err != -ENOBUFS && err != -EINTR)
			return err;
		if (!err && !nl->interrupted)
			return 0;
	}
	snprintf(k->error, sizeof(k->error), "%s: there were always changes", what);
	return err ? err : -EAGAIN;
}

/* ------------------------------------------------------------------- links */

static void copy_string(char *to, size_t size, const struct nlattr *a)
{
	*to = '\0';
	if (a)
		snprintf(to, size, "%.*s", nla_len(a), (const char *)nla_data(a));
}

static void parse_net(struct link *l, const struct nlattr *info)
{
	const struct nlattr *data = nla_find(nla_data(info), nla_len(info), IFLA_INFO_DATA);
	struct nlattr *tb[IFLA_VMNET_MAX + 1];

	l->is_net = true;
	if (!data)
		return;
	nlk_nest_parse(data, tb, IFLA_VMNET_MAX);
	if (tb[IFLA_VMNET_VNI])
		l->vni = nlk_uint(tb[IFLA_VMNET_VNI]);
	if (tb[IFLA_VMNET_PORT])
		l->port = ntohs(nlk_uint(tb[IFLA_VMNET_PORT]));
	if (tb[IFLA_VMNET_NODE])
		l->node = nlk_uint(tb[IFLA_VMNET_NODE]);
	if (tb[IFLA_VMNET_SUBNET])
		l->subnet = nlk_uint(tb[IFLA_VMNET_SUBNET]);
}

bool kernel_parse_link(const struct nlmsghdr *nlh, struct link *l)
{
	const struct ifinfomsg *ifi = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_MAX + 1];

	*l = (struct link){ };
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ifi), tb, IFLA_MAX, NULL) < 0)
		return false;
	l->index = ifi->ifi_index;
	copy_string(l->name, sizeof(l->name), tb[IFLA_IFNAME]);
	copy_string(l->alias, sizeof(l->alias), tb[IFLA_IFALIAS]);
	if (tb[IFLA_MTU])
		l->mtu = nlk_uint(tb[IFLA_MTU]);
	if (tb[IFLA_MASTER])
		l->master = nlk_uint(tb[IFLA_MASTER]);
	if (!strcmp(link_kind(tb[IFLA_LINKINFO]), VMNET_LINK_KIND))
		parse_net(l, tb[IFLA_LINKINFO]);
	return true;
}

static int read_link(const struct nlmsghdr *nlh, void *arg)
{
	struct kernel *k = arg;

	k->links = memory_grow(k->links, k->link_count, sizeof(*k->links));
	if (!kernel_parse_link(nlh, &k->links[k->link_count]))
		return -EBADMSG;
	k->link_count++;
	return 0;
}

static struct nl_msg *link_request(struct kernel *k)
{
	const struct ifinfomsg ifi = { };

	(void)k;
	return route_request(RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
}

int kernel_read_links(struct kernel *k)
{
	return dump(k, &k->route, link_request, "cannot list devices", read_link,
		    &k->link_count);
}

const struct link *kernel_link(const struct kernel *k, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < k->link_count; i++)
		if (k->links[i].index == index)
			return &k->links[i];
	return NULL;
}

/* ------------------------------------------------------------------- vmnet */

static void parse_peer(const struct nlattr *nest, struct peer *p, struct nlattr **tb)
{
	nlk_nest_parse(nest, tb, VMNET_A_PEER_MAX);
	*p = (struct peer){ };
	if (tb[VMNET_A_PEER_TRANSPORT])
		p->transport = nlk_uint(tb[VMNET_A_PEER_TRANSPORT]);
	if (tb[VMNET_A_PEER_NODE])
		p->node = nlk_uint(tb[VMNET_A_PEER_NODE]);
	if (tb[VMNET_A_PEER_SUBNET])
		p->subnet = nlk_uint(tb[VMNET_A_PEER_SUBNET]);
	p->plain = tb[VMNET_A_PEER_PLAIN];
	peer_endpoint(tb, &p->endpoint);
	if (p->transport == VMNET_TRANSPORT_UDP) {
		p->number = p->node;
		p->node = 0;
	}
}

static int read_peer(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[VMNET_A_MAX + 1], *peer[VMNET_A_PEER_MAX + 1];
	struct kernel *k = arg;
	struct member *m;

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_PEER] ||
	    !tb[VMNET_A_IFINDEX])
		return -EBADMSG;
	k->members = memory_grow(k->members, k->member_count, sizeof(*m));
	m = &k->members[k->member_count++];
	*m = (struct member){ .net = nlk_uint(tb[VMNET_A_IFINDEX]) };
	parse_peer(tb[VMNET_A_PEER], &m->peer, peer);
	if (peer[VMNET_A_PEER_STATE])
		m->state = nlk_uint(peer[VMNET_A_PEER_STATE]);
	if (peer[VMNET_A_PEER_ROLE])
		m->role = nlk_uint(peer[VMNET_A_PEER_ROLE]);
	m->hears = peer[VMNET_A_PEER_HEARS];
	if (peer[VMNET_A_PEER_TX_FRAMES])
		m->tx_frames = nlk_uint(peer[VMNET_A_PEER_TX_FRAMES]);
	if (peer[VMNET_A_PEER_RX_FRAMES])
		m->rx_frames = nlk_uint(peer[VMNET_A_PEER_RX_FRAMES]);
	return 0;
}

static int read_mac(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[VMNET_A_MAX + 1], *fdb[VMNET_A_FDB_MAX + 1];
	struct nlattr *peer[VMNET_A_PEER_MAX + 1];
	struct kernel *k = arg;
	struct mac *m;

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_FDB] || !tb[VMNET_A_IFINDEX])
		return -EBADMSG;
	nlk_nest_parse(tb[VMNET_A_FDB], fdb, VMNET_A_FDB_MAX);
	if (!fdb[VMNET_A_FDB_LLADDR] || nla_len(fdb[VMNET_A_FDB_LLADDR]) != sizeof(m->addr))
		return -EBADMSG;
	k->macs = memory_grow(k->macs, k->mac_count, sizeof(*m));
	m = &k->macs[k->mac_count++];
	*m = (struct mac){
		.net = nlk_uint(tb[VMNET_A_IFINDEX]),
		.fixed = fdb[VMNET_A_FDB_STATIC],
	};
	memcpy(m->addr, nla_data(fdb[VMNET_A_FDB_LLADDR]), sizeof(m->addr));
	if (fdb[VMNET_A_FDB_VID])
		m->vlan = nlk_uint(fdb[VMNET_A_FDB_VID]);
	if (fdb[VMNET_A_FDB_PORT])
		m->port = nlk_uint(fdb[VMNET_A_FDB_PORT]);
	if (fdb[VMNET_A_FDB_PEER])
		parse_peer(fdb[VMNET_A_FDB_PEER], &m->peer, peer);
	return 0;
}

static int read_port(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[VMNET_A_MAX + 1], *info[VMNET_A_PORT_MAX + 1];
	struct kernel *k = arg;
	struct port *p;

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_PORT_INFO] ||
	    !tb[VMNET_A_IFINDEX])
		return -EBADMSG;
	nlk_nest_parse(tb[VMNET_A_PORT_INFO], info, VMNET_A_PORT_MAX);
	if (!info[VMNET_A_PORT_IFINDEX])
		return -EBADMSG;
	k->ports = memory_grow(k->ports, k->port_count, sizeof(*p));
	p = &k->ports[k->port_count++];
	*p = (struct port){
		.net = nlk_uint(tb[VMNET_A_IFINDEX]),
		.index = nlk_uint(info[VMNET_A_PORT_IFINDEX]),
	};
	if (info[VMNET_A_PORT_TX_FRAMES])
		p->tx_frames = nlk_uint(info[VMNET_A_PORT_TX_FRAMES]);
	if (info[VMNET_A_PORT_RX_FRAMES])
		p->rx_frames = nlk_uint(info[VMNET_A_PORT_RX_FRAMES]);
	return 0;
}

static struct nl_msg *peer_request(struct kernel *k)
{
	return nlk_genl_request(&k->vmnet, VMNET_CMD_PEER_GET, NLM_F_DUMP);
}

static struct nl_msg *mac_request(struct kernel *k)
{
	return nlk_genl_request(&k->vmnet, VMNET_CMD_FDB_GET, NLM_F_DUMP);
}

static struct nl_msg *port_request(struct kernel *k)
{
	return nlk_genl_request(&k->vmnet, VMNET_CMD_PORT_GET, NLM_F_DUMP);
}

int kernel_read_peers(struct kernel *k)
{
	k->member_count = 0;
	return !k->has_vmnet ? 0 :
	       dump(k, &k->vmnet, peer_request, "cannot list peers", read_peer,
		    &k->member_count);
}

int kernel_read_macs(struct kernel *k)
{
	k->mac_count = 0;
	return !k->has_vmnet ? 0 :
	       dump(k, &k->vmnet, mac_request, "cannot list MAC addresses", read_mac,
		    &k->mac_count);
}

int kernel_read_ports(struct kernel *k)
{
	k->port_count = 0;
	return !k->has_vmnet ? 0 :
	       dump(k, &k->vmnet, port_request, "cannot list ports", read_port,
		    &k->port_count);
}

/* A new device takes none. */
static int set_alias(struct kernel *k, const struct link *l)
{
	const struct ifinfomsg ifi = { };
	struct nl_msg *msg = route_request(RTM_SETLINK, NLM_F_ACK, &ifi, sizeof(ifi));

	nla_put_string(msg, IFLA_IFNAME, l->name);
	nla_put(msg, IFLA_IFALIAS, strlen(l->alias), l->alias);
	return kernel_ask(k, &k->route, msg, "cannot write whose network it is", NULL);
}

int kernel_add_net(struct kernel *k, const struct link *l)
{
	/* created and brought up by one message: it exists and is up, or neither */
	const struct ifinfomsg ifi = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg *msg = route_request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
					   &ifi, sizeof(ifi));
	struct nlattr *info, *data;
	char what[64];
	int err;

	nla_put_string(msg, IFLA_IFNAME, l->name);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, VMNET_LINK_KIND);
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u32(msg, IFLA_VMNET_VNI, l->vni);
	nla_put_u32(msg, IFLA_VMNET_NODE, l->node);
	if (l->subnet)
		nla_put_u32(msg, IFLA_VMNET_SUBNET, l->subnet);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	snprintf(what, sizeof(what), "cannot make network %s", l->name);
	err = kernel_ask(k, &k->route, msg, what, NULL);
	return err ? err : set_alias(k, l);
}

int kernel_del_net(struct kernel *k, unsigned int index)
{
	const struct ifinfomsg ifi = { .ifi_index = index };

	return kernel_ask(k, &k->route,
			  route_request(RTM_DELLINK, NLM_F_ACK, &ifi, sizeof(ifi)),
			  "cannot delete a network", NULL);
}

static int peer_command(struct kernel *k, uint8_t cmd, unsigned int net,
			const struct peer *p)
{
	struct nl_msg *msg = nlk_genl_request(&k->vmnet, cmd, NLM_F_ACK);
	char key[PEER_KEY_SIZE], what[128];

	nla_put_u32(msg, VMNET_A_IFINDEX, net);
	put_peer(msg, VMNET_A_PEER, p);
	peer_key(p, key);
	snprintf(what, sizeof(what), "cannot %s peer %s",
		 cmd == VMNET_CMD_PEER_NEW ? "add" : "delete", key);
	return kernel_ask(k, &k->vmnet, msg, what, NULL);
}

int kernel_add_peer(struct kernel *k, unsigned int net, const struct peer *p)
{
	return peer_command(k, VMNET_CMD_PEER_NEW, net, p);
}

int kernel_del_peer(struct kernel *k, unsigned int net, const struct peer *p)
{
	struct peer who = {
		.transport = p->transport, .node = p->node, .endpoint = p->endpoint,
	};

	return peer_command(k, VMNET_CMD_PEER_DEL, net, &who);
}

/* -------------------------------------------------------------------- rrdp */

static int read_node(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[RRDP_A_MAX + 1];
	struct kernel *k = arg;

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX))
		return -EBADMSG;
	if (tb[RRDP_A_LOCAL] && tb[RRDP_A_NODE])
		k->local_node = nlk_uint(tb[RRDP_A_NODE]);
	return 0;
}

static struct nl_msg *node_request(struct kernel *k)
{
	return nlk_genl_request(&k->rrdp, RRDP_CMD_NODE_GET, NLM_F_DUMP);
}

int kernel_add_node(struct kernel *k, uint32_t node, unsigned int dev)
{
	struct nl_msg *msg = nlk_genl_request(&k->rrdp, RRDP_CMD_NODE_NEW, NLM_F_ACK);
	int err;

	nla_put_u32(msg, RRDP_A_NODE, node);
	nla_put_u32(msg, RRDP_A_IFINDEX, dev);
	nla_put_flag(msg, RRDP_A_LOCAL);
	err = kernel_ask(k, &k->rrdp, msg, "cannot set the number of this host for RRDP", NULL);
	if (!err)
		k->local_node = node;
	return err;
}

/* ------------------------------------------------------------ conversation */

int kernel_begin(struct kernel *k)
{
	unsigned int ignored;
	int err;

	*k = (struct kernel){ };
	nlk_open(&k->route, NETLINK_ROUTE, sizeof(struct ifinfomsg));
	k->has_vmnet = nlk_open_family(&k->vmnet, VMNET_GENL_NAME);
	k->has_rrdp = nlk_open_family(&k->rrdp, RRDP_GENL_NAME);
	err = kernel_read_links(k);
	if (!err && k->has_rrdp)
		err = dump(k, &k->rrdp, node_request, "cannot list nodes", read_node, &ignored);
	return err;
}

void kernel_end(struct kernel *k)
{
	nlk_close(&k->route);
	if (k->has_vmnet)
		nlk_close(&k->vmnet);
	if (k->has_rrdp)
		nlk_close(&k->rrdp);
	free(k->links);
	free(k->members);
	free(k->macs);
	free(k->ports);
}
