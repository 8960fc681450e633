// SPDX-License-Identifier: GPL-2.0
/* Generic netlink family "rrdp" (Documentation/netlink/specs/rrdp.yaml). */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/rrdp.h>

#include "compat_netlink.h"
#include "conn.h"
#include "netlink.h"
#include "node.h"

static struct genl_family rrdp_genl_family;

/* False before the family has its group number and after it may be another's. */
static bool rrdp_genl_registered;

static const struct nla_policy rrdp_node_new_policy[RRDP_A_LOCAL + 1] = {
	[RRDP_A_NODE] = { .type = NLA_U32 },
	[RRDP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[RRDP_A_LLADDR] = NLA_POLICY_ETH_ADDR,
	[RRDP_A_LOCAL] = { .type = NLA_FLAG },
};

static const struct nla_policy rrdp_node_del_policy[RRDP_A_LEARNED + 1] = {
	[RRDP_A_NODE] = { .type = NLA_U32 },
	[RRDP_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[RRDP_A_LEARNED] = { .type = NLA_FLAG },
};

static const struct nla_policy rrdp_node_get_policy[RRDP_A_NODE + 1] = {
	[RRDP_A_NODE] = { .type = NLA_U32 },
};

/* Of commands that take nothing: whoever gives them something is told so. */
static const struct nla_policy rrdp_nothing_policy[] = {
	[RRDP_A_UNSPEC] = { .type = NLA_REJECT },
	[RRDP_A_NODE] = {
		.type = NLA_REJECT,
		.reject_message = "This command takes no attributes",
	},
};

/* RRDP_A_NODE of a request; it goes without saying which one is missing. */
static int rrdp_nl_get_node(struct genl_info *info, u32 *node)
{
	if (GENL_REQ_ATTR_CHECK(info, RRDP_A_NODE)) {
		NL_SET_ERR_MSG(info->extack, "Give the node's number");
		return -EINVAL;
	}
	*node = nla_get_u32(info->attrs[RRDP_A_NODE]);
	return 0;
}

/* The device that RRDP_A_IFINDEX names; rtnl held. */
static struct net_device *rrdp_nl_get_dev(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[RRDP_A_IFINDEX];
	struct net_device *dev;

	dev = __dev_get_by_index(genl_info_net(info), nla_get_u32(attr));
	if (!dev) {
		NL_SET_ERR_MSG_FMT(info->extack,
				   "No device has index %u here (see ip link)",
				   nla_get_u32(attr));
		NL_SET_BAD_ATTR(info->extack, attr);
	}
	return dev;
}

static int rrdp_nl_add_local(struct genl_info *info, u32 node)
{
	struct net *net = genl_info_net(info);
	struct net_device *dev = net->loopback_dev;

	if (info->attrs[RRDP_A_LLADDR]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RRDP_A_LLADDR],
				    "This host's MAC is its device's; leave it out");
		return -EINVAL;
	}
	if (info->attrs[RRDP_A_IFINDEX]) {
		dev = rrdp_nl_get_dev(info);
		if (!dev)
			return -ENODEV;
	}
	return rrdp_node_add_local(rrdp_pernet(net), node, dev, info->extack);
}

static int rrdp_nl_add_remote(struct genl_info *info, u32 node)
{
	struct net_device *dev;

	if (GENL_REQ_ATTR_CHECK(info, RRDP_A_IFINDEX)) {
		NL_SET_ERR_MSG(info->extack,
			       "Give the device that leads to the node");
		return -EINVAL;
	}
	if (GENL_REQ_ATTR_CHECK(info, RRDP_A_LLADDR)) {
		NL_SET_ERR_MSG(info->extack,
			       "Give the node's MAC, or say that it is local");
		return -EINVAL;
	}
	dev = rrdp_nl_get_dev(info);
	if (!dev)
		return -ENODEV;
	return rrdp_node_add(rrdp_pernet(genl_info_net(info)), node, dev,
			     nla_data(info->attrs[RRDP_A_LLADDR]),
			     info->extack);
}

static int rrdp_nl_node_new(struct sk_buff *skb, struct genl_info *info)
{
	u32 node;
	int err;

	err = rrdp_nl_get_node(info, &node);
	if (err)
		return err;

	rtnl_lock();
	if (info->attrs[RRDP_A_LOCAL])
		err = rrdp_nl_add_local(info, node);
	else
		err = rrdp_nl_add_remote(info, node);
	rtnl_unlock();
	return err;
}

static int rrdp_nl_del(struct genl_info *info, u32 node,
		       const struct net_device *dev)
{
	struct rrdp_net *rn = rrdp_pernet(genl_info_net(info));

	if (!info->attrs[RRDP_A_LEARNED])
		return rrdp_node_del(rn, node, dev, info->extack);
	rrdp_node_del_learned(rn, dev);
	return 0;
}

static int rrdp_nl_node_del(struct sk_buff *skb, struct genl_info *info)
{
	struct net_device *dev = NULL;
	u32 node = RRDP_NODE_NONE;
	int err = 0;

	if (!info->attrs[RRDP_A_LEARNED]) {
		err = rrdp_nl_get_node(info, &node);
	} else if (info->attrs[RRDP_A_NODE]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RRDP_A_NODE],
				    "Give a number, or say that all learned nodes shall go");
		err = -EINVAL;
	}
	if (err)
		return err;

	rtnl_lock();
	if (info->attrs[RRDP_A_IFINDEX]) {
		dev = rrdp_nl_get_dev(info);
		if (!dev) {
			err = -ENODEV;
			goto out;
		}
	}
	err = rrdp_nl_del(info, node, dev);
out:
	rtnl_unlock();
	return err;
}

/* What node resolution knows of it. */
static int rrdp_nl_put_resolve(struct sk_buff *skb,
			       const struct rrdp_node *node)
{
	u64 known, age = 0;

	if (nla_put_u16(skb, RRDP_A_STATE, node->nud.state))
		return -EMSGSIZE;
	if (!node->learned)
		return 0;
	if (nla_put_flag(skb, RRDP_A_LEARNED))
		return -EMSGSIZE;
	known = max_t(u64, node->nud.confirmed, atomic64_read(&node->heard));
	if (!known)
		return 0;
	if (known < rrdp_now())
		age = div_u64(rrdp_now() - known, RRDP_MSEC);
	return nla_put_u32(skb, RRDP_A_AGE, min_t(u64, age, U32_MAX));
}

/* rrdp_net.lock held: the node has its device until it is unlocked. */
static int rrdp_nl_put_node(struct sk_buff *skb, const struct rrdp_node *node)
{
	if (nla_put_u32(skb, RRDP_A_NODE, node->id) ||
	    (node->rd &&
	     nla_put_u32(skb, RRDP_A_IFINDEX, node->rd->dev->ifindex)) ||
	    (rrdp_nud_usable(node->nud.state) &&
	     nla_put(skb, RRDP_A_LLADDR, ETH_ALEN, node->mac)) ||
	    (node->local && nla_put_flag(skb, RRDP_A_LOCAL)))
		return -EMSGSIZE;
	return rrdp_nl_put_resolve(skb, node);
}

static int rrdp_nl_node_get(struct sk_buff *skb, struct genl_info *info)
{
	struct rrdp_net *rn = rrdp_pernet(genl_info_net(info));
	const struct rrdp_node *node;
	struct sk_buff *msg;
	void *hdr;
	u32 id;
	int err;

	err = rrdp_nl_get_node(info, &id);
	if (err)
		return err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &rrdp_genl_family, 0,
				RRDP_CMD_NODE_GET);

	mutex_lock(&rn->lock);
	node = rrdp_node_find(rn, id);
	if (!node)
		err = -ENOENT;
	else
		err = hdr ? rrdp_nl_put_node(msg, node) : -EMSGSIZE;
	mutex_unlock(&rn->lock);

	if (err == -ENOENT)
		NL_SET_ERR_MSG_FMT(info->extack,
				   "Node %u is not in the table (see show-nodes)",
				   id);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static void *rrdp_nl_item_begin(struct sk_buff *skb,
				struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &rrdp_genl_family, NLM_F_MULTI, cmd);
}

/* @err is what putting the item's attributes said. */
static int rrdp_nl_item_end(struct sk_buff *skb, struct netlink_callback *cb,
			    void *hdr, int err)
{
	if (err) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);
	return 0;
}

static int rrdp_nl_dump_node(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct rrdp_node *node)
{
	void *hdr = rrdp_nl_item_begin(skb, cb, RRDP_CMD_NODE_GET);

	if (!hdr)
		return -EMSGSIZE;
	return rrdp_nl_item_end(skb, cb, hdr, rrdp_nl_put_node(skb, node));
}

/* The node that a dump is confined to, RRDP_NODE_NONE for all. */
static u32 rrdp_nl_dump_only(struct netlink_callback *cb)
{
	struct nlattr **attrs = compat_genl_dump_attrs(cb);

	return attrs && attrs[RRDP_A_NODE] ? nla_get_u32(attrs[RRDP_A_NODE]) :
					     RRDP_NODE_NONE;
}

/**
 * struct rrdp_nl_dump_pos - where a dump of the node table goes on
 * @locals: local entries shown
 * @next: lowest number of another host not shown
 * @done: all shown; @next would have wrapped
 */
struct rrdp_nl_dump_pos {
	unsigned long locals;
	unsigned long next;
	bool done;
};

static int rrdp_nl_node_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rrdp_net *rn = rrdp_pernet(sock_net(skb->sk));
	struct rrdp_nl_dump_pos *pos = (void *)cb->ctx;
	u32 only = rrdp_nl_dump_only(cb);
	const struct rrdp_node *node, *other;
	unsigned long skip, id;

	BUILD_BUG_ON(sizeof(*pos) > sizeof(cb->ctx));
	if (pos->done)
		return 0;

	mutex_lock(&rn->lock);
	cb->seq = rn->node_seq;

	skip = pos->locals;
	list_for_each_entry(node, &rn->locals, list) {
		if (skip) {
			skip--;
			continue;
		}
		if ((!only || node->id == only) &&
		    rrdp_nl_dump_node(skb, cb, node))
			goto full;
		pos->locals++;
	}

	xa_for_each_start(&rn->nodes, id, other, pos->next) {
		if (only && other->id != only)
			continue;
		if (rrdp_nl_dump_node(skb, cb, other)) {
			pos->next = id;
			goto full;
		}
	}
	pos->done = true;
full:
	mutex_unlock(&rn->lock);
	return skb->len;
}

/* What has happened to a connection so far. */
static int rrdp_nl_put_conn_counts(struct sk_buff *skb,
				   const struct rrdp_info *info)
{
	const struct {
		int attr;
		u64 value;
	} counts[] = {
		{ RRDP_A_CONN_TX_SEGS, info->tx_segs },
		{ RRDP_A_CONN_RX_SEGS, info->rx_segs },
		{ RRDP_A_CONN_RETRANS, info->retrans },
		{ RRDP_A_CONN_SPURIOUS, info->spurious },
		{ RRDP_A_CONN_EACKED, info->eacked },
		{ RRDP_A_CONN_OOO, info->ooo },
		{ RRDP_A_CONN_ZC_SENT, info->zc_sent },
		{ RRDP_A_CONN_ZC_COPIED, info->zc_copied },
		{ RRDP_A_CONN_AGE, info->age },
		{ RRDP_A_CONN_HEARD, info->heard },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		if (nla_put_u64_64bit(skb, counts[i].attr, counts[i].value,
				      RRDP_A_CONN_PAD))
			return -EMSGSIZE;
	return 0;
}

static int rrdp_nl_put_conn(struct sk_buff *skb,
			    const struct rrdp_info *info)
{
	struct nlattr *nest = nla_nest_start(skb, RRDP_A_CONN);

	if (!nest ||
	    nla_put_u8(skb, RRDP_A_CONN_STATE, info->state) ||
	    nla_put_u16(skb, RRDP_A_CONN_LOCAL_PORT, info->local_port) ||
	    nla_put_u32(skb, RRDP_A_CONN_PEER_NODE, info->peer_node) ||
	    nla_put_u16(skb, RRDP_A_CONN_PEER_PORT, info->peer_port) ||
	    nla_put_u32(skb, RRDP_A_CONN_OPTIONS, info->options) ||
	    nla_put_u32(skb, RRDP_A_CONN_SRTT, info->srtt) ||
	    nla_put_u32(skb, RRDP_A_CONN_RTTVAR, info->rttvar) ||
	    nla_put_u32(skb, RRDP_A_CONN_RTO, info->rto) ||
	    nla_put_u32(skb, RRDP_A_CONN_CWND, info->cwnd) ||
	    nla_put_u32(skb, RRDP_A_CONN_SSTHRESH, info->ssthresh) ||
	    nla_put_u32(skb, RRDP_A_CONN_CREDIT, info->credit) ||
	    nla_put_u32(skb, RRDP_A_CONN_INFLIGHT, info->inflight) ||
	    rrdp_nl_put_conn_counts(skb, info))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);
	return 0;
}

struct rrdp_nl_conn_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int rrdp_nl_dump_conn(const struct rrdp_info *info, void *arg)
{
	struct rrdp_nl_conn_dump *dump = arg;
	struct netlink_callback *cb = dump->cb;
	struct sk_buff *skb = dump->skb;
	void *hdr = rrdp_nl_item_begin(skb, cb, RRDP_CMD_CONN_GET);

	if (!hdr)
		return -EMSGSIZE;
	return rrdp_nl_item_end(skb, cb, hdr, rrdp_nl_put_conn(skb, info));
}

static int rrdp_nl_conn_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rrdp_nl_conn_dump dump = { .skb = skb, .cb = cb };

	rrdp_conn_dump(rrdp_pernet(sock_net(skb->sk)), &cb->args[0], &cb->seq,
		       rrdp_nl_dump_conn, &dump);
	return skb->len;
}

static size_t rrdp_nl_stats_size(void)
{
	size_t size = nla_total_size(0);
	int i;

	for (i = 0; i < RRDP_STAT_COUNT; i++)
		size += nla_total_size(0) +
			nla_total_size(strlen(rrdp_stat_names[i]) + 1) +
			nla_total_size_64bit(sizeof(u64));
	return size;
}

static int rrdp_nl_put_stat(struct sk_buff *skb, const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(skb, RRDP_A_STAT);

	if (!nest ||
	    nla_put_string(skb, RRDP_A_STAT_NAME, name) ||
	    nla_put_u64_64bit(skb, RRDP_A_STAT_VALUE, value, RRDP_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int rrdp_nl_put_stats(struct sk_buff *skb, struct rrdp_net *rn)
{
	u64 value[RRDP_STAT_COUNT];
	struct nlattr *nest;
	int i;

	nest = nla_nest_start(skb, RRDP_A_STATS);
	if (!nest)
		return -EMSGSIZE;

	rrdp_stats_read(rn->mib, value);
	for (i = 0; i < RRDP_STAT_COUNT; i++)
		if (rrdp_nl_put_stat(skb, rrdp_stat_names[i], value[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int rrdp_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct rrdp_net *rn = rrdp_pernet(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = genlmsg_new(rrdp_nl_stats_size(), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &rrdp_genl_family, 0,
				RRDP_CMD_STATS_GET);
	err = hdr ? rrdp_nl_put_stats(msg, rn) : -EMSGSIZE;
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

bool rrdp_netlink_has_listeners(struct rrdp_net *rn)
{
	return READ_ONCE(rrdp_genl_registered) &&
	       genl_has_listeners(&rrdp_genl_family, rn->net, 0);
}

static struct sk_buff *rrdp_nl_event_new(enum rrdp_event_type event,
					 void **hdr, gfp_t gfp)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &rrdp_genl_family, 0, RRDP_CMD_EVENT);
	if (!*hdr || nla_put_u32(msg, RRDP_A_EVENT, event)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Consumes @msg, which may be NULL and is not sent if @err is set. */
static void rrdp_nl_event_send(struct rrdp_net *rn, struct sk_buff *msg,
			       void *hdr, int err, gfp_t gfp)
{
	if (!msg || err) {
		nlmsg_free(msg);
		genl_set_err(&rrdp_genl_family, rn->net, 0, 0, -ENOBUFS);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&rrdp_genl_family, rn->net, msg, 0, 0, gfp);
}

/* Of a node, by whoever does not keep the family from being unregistered. */
static void rrdp_nl_event_send_node(struct rrdp_net *rn, struct sk_buff *msg,
				    void *hdr, int err)
{
	/* rrdp_netlink_exit() waits for readers of RCU. */
	rcu_read_lock();
	if (rrdp_netlink_has_listeners(rn))
		rrdp_nl_event_send(rn, msg, hdr, err, GFP_ATOMIC);
	else
		nlmsg_free(msg);
	rcu_read_unlock();
}

void rrdp_netlink_notify_node(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_node *node)
{
	struct sk_buff *msg;
	void *hdr;

	if (!rrdp_netlink_has_listeners(rn))
		return;
	msg = rrdp_nl_event_new(event, &hdr, GFP_KERNEL);
	rrdp_nl_event_send_node(rn, msg, hdr,
				msg ? rrdp_nl_put_node(msg, node) : 0);
}

void rrdp_netlink_notify_conflict(struct rrdp_net *rn, u32 node,
				  const struct rrdp_dev *rd,
				  const u8 mac[ETH_ALEN])
{
	struct sk_buff *msg;
	int err = 0;
	void *hdr;

	if (!rrdp_netlink_has_listeners(rn))
		return;
	msg = rrdp_nl_event_new(RRDP_EV_NODE_CONFLICT, &hdr, GFP_KERNEL);
	if (msg && (nla_put_u32(msg, RRDP_A_NODE, node) ||
		    nla_put_u32(msg, RRDP_A_IFINDEX, rd->dev->ifindex) ||
		    nla_put(msg, RRDP_A_LLADDR, ETH_ALEN, mac)))
		err = -EMSGSIZE;
	rrdp_nl_event_send_node(rn, msg, hdr, err);
}

void rrdp_netlink_notify_conn(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	/* rrdp_netlink_exit() waits for readers of RCU. */
	rcu_read_lock();
	if (rrdp_netlink_has_listeners(rn)) {
		msg = rrdp_nl_event_new(event, &hdr, GFP_ATOMIC);
		rrdp_nl_event_send(rn, msg, hdr,
				   msg ? rrdp_nl_put_conn(msg, info) : 0,
				   GFP_ATOMIC);
	}
	rcu_read_unlock();
}

static const struct genl_ops rrdp_genl_ops[] = {
	{
		.cmd = RRDP_CMD_NODE_NEW,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = rrdp_node_new_policy,
		.maxattr = ARRAY_SIZE(rrdp_node_new_policy) - 1,
		.doit = rrdp_nl_node_new,
	}, {
		.cmd = RRDP_CMD_NODE_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = rrdp_node_del_policy,
		.maxattr = ARRAY_SIZE(rrdp_node_del_policy) - 1,
		.doit = rrdp_nl_node_del,
	}, {
		.cmd = RRDP_CMD_NODE_GET,
		.policy = rrdp_node_get_policy,
		.maxattr = ARRAY_SIZE(rrdp_node_get_policy) - 1,
		.doit = rrdp_nl_node_get,
		.dumpit = rrdp_nl_node_dump,
	}, {
		.cmd = RRDP_CMD_CONN_GET,
		.policy = rrdp_nothing_policy,
		.maxattr = ARRAY_SIZE(rrdp_nothing_policy) - 1,
		.dumpit = rrdp_nl_conn_dump,
	}, {
		.cmd = RRDP_CMD_STATS_GET,
		.policy = rrdp_nothing_policy,
		.maxattr = ARRAY_SIZE(rrdp_nothing_policy) - 1,
		.doit = rrdp_nl_stats_get,
	},
};

static const struct genl_multicast_group rrdp_genl_groups[] = {
	{ .name = RRDP_GENL_MCGRP_EVENTS },
};

static struct genl_family rrdp_genl_family __ro_after_init = {
	.name = RRDP_GENL_NAME,
	.version = RRDP_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.ops = rrdp_genl_ops,
	.n_ops = ARRAY_SIZE(rrdp_genl_ops),
	.mcgrps = rrdp_genl_groups,
	.n_mcgrps = ARRAY_SIZE(rrdp_genl_groups),
	.module = THIS_MODULE,
};

int __init rrdp_netlink_init(void)
{
	int err = genl_register_family(&rrdp_genl_family);

	if (!err)
		WRITE_ONCE(rrdp_genl_registered, true);
	return err;
}

void rrdp_netlink_exit(void)
{
	WRITE_ONCE(rrdp_genl_registered, false);
	synchronize_rcu();
	genl_unregister_family(&rrdp_genl_family);
}
