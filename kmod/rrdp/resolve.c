// SPDX-License-Identifier: GPL-2.0
/* Node resolution: frames, ageing, and whom to ask. */
#include <linux/etherdevice.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <uapi/linux/rrdp.h>

#include "conn.h"
#include "drop.h"
#include "core/resolve.h"
#include "netlink.h"
#include "node.h"
#include "resolve.h"

enum {
	/* Frames that may wait for the worker. */
	RRDP_CLAIMS_MAX		= 256,
	/* Requests to all hosts, per second and namespace. */
	RRDP_ASK_RATE		= 1000,
	/* Events of conflicts, per second and namespace; all are counted. */
	RRDP_CONFLICT_RATE	= 10,
};

static unsigned int node_max = 1024;
module_param(node_max, uint, 0644);
MODULE_PARM_DESC(node_max, "most entries that node resolution makes in a network namespace (1024)");

static unsigned int node_reachable_ms = 30000;
module_param(node_reachable_ms, uint, 0644);
MODULE_PARM_DESC(node_reachable_ms, "milliseconds for which a learned node is known to be there (30000)");

static unsigned int node_delay_ms = 5000;
module_param(node_delay_ms, uint, 0644);
MODULE_PARM_DESC(node_delay_ms, "milliseconds from use to the first request to a node that may have gone (5000)");

static unsigned int node_retrans_ms = 1000;
module_param(node_retrans_ms, uint, 0644);
MODULE_PARM_DESC(node_retrans_ms, "milliseconds between two requests for a node (1000)");

static unsigned int node_stale_ms = 60000;
module_param(node_stale_ms, uint, 0644);
MODULE_PARM_DESC(node_stale_ms, "milliseconds for which an unused learned node is kept (60000)");

static struct workqueue_struct *rrdp_resolve_wq __ro_after_init;

/**
 * struct rrdp_claim - in skb->cb of a frame received: what it says
 * @rd: device it came by, with a reference
 * @msg: the frame
 */
struct rrdp_claim {
	struct rrdp_dev *rd;
	struct rrdp_resolve msg;
};

/**
 * struct rrdp_letter - in skb->cb of a frame to be sent: where to
 * @rd: device, with a reference
 * @mac: destination
 */
struct rrdp_letter {
	struct rrdp_dev *rd;
	u8 mac[ETH_ALEN];
};

#define RRDP_CLAIM(skb)		((struct rrdp_claim *)(skb)->cb)
#define RRDP_LETTER(skb)	((struct rrdp_letter *)(skb)->cb)

/**
 * struct rrdp_round - one run of the worker
 * @rn: namespace
 * @now: as of rrdp_now()
 * @times: of ageing
 * @letters: frames to be sent once the lock is dropped
 * @gone: entries that were displaced, whose connections end then
 */
struct rrdp_round {
	struct rrdp_net *rn;
	u64 now;
	struct rrdp_nud_times times;
	struct sk_buff_head letters;
	struct list_head gone;
};

/* No parameter makes a busy loop. */
static u64 rrdp_resolve_time(const unsigned int *ms)
{
	return max(READ_ONCE(*ms), 10u) * RRDP_MSEC;
}

static const u8 *rrdp_claim_mac(const struct sk_buff *skb)
{
	return eth_hdr(skb)->h_source;
}

/* It was sent to this host alone. */
static bool rrdp_claim_is_direct(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST;
}

static void rrdp_resolve_count(struct rrdp_net *rn, enum rrdp_stat stat)
{
	local_bh_disable();
	rrdp_stat_add(rn->mib, stat, 1);
	local_bh_enable();
}

void rrdp_resolve_kick(struct rrdp_net *rn)
{
	mod_delayed_work(rrdp_resolve_wq, &rn->resolve, 0);
}

/* ---- frames out ---- */

/* RCU read side, or rrdp_net.lock. */
static struct sk_buff *rrdp_resolve_skb(struct rrdp_dev *rd,
					enum rrdp_resolve_op op, u32 target,
					gfp_t gfp)
{
	struct net_device *dev = rrdp_dev_netdev(rd);
	struct rrdp_resolve msg = {
		.op = op,
		.sender = READ_ONCE(rd->rn->local_node),
		.target = target,
	};
	struct sk_buff *skb;

	if (op == RRDP_RESOLVE_ANNOUNCE)
		msg.target = msg.sender;
	if (!dev || !msg.sender)
		return NULL;
	skb = alloc_skb(LL_RESERVED_SPACE(dev) + RRDP_RESOLVE_LEN +
			dev->needed_tailroom, gfp);
	if (!skb) {
		rrdp_resolve_count(rd->rn, RRDP_STAT_DROP_NOMEM);
		return NULL;
	}
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	rrdp_resolve_build(skb_put(skb, RRDP_RESOLVE_LEN), &msg);
	return skb;
}

static void rrdp_resolve_xmit(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
			      struct sk_buff *skb)
{
	rrdp_resolve_count(rd->rn, RRDP_STAT_TX_RESOLVE);
	rrdp_dev_xmit_resolve(rd, mac, skb);
}

void rrdp_resolve_introduce(struct rrdp_dev *rd, const u8 mac[ETH_ALEN])
{
	struct sk_buff *skb;

	if (!READ_ONCE(rd->local) || !is_valid_ether_addr(mac))
		return;
	skb = rrdp_resolve_skb(rd, RRDP_RESOLVE_ANNOUNCE, 0, GFP_ATOMIC);
	if (skb)
		rrdp_resolve_xmit(rd, mac, skb);
}

/* A device that is down will announce this host when it comes up. */
static void rrdp_round_send(struct rrdp_round *r, struct rrdp_dev *rd,
			    const u8 mac[ETH_ALEN], enum rrdp_resolve_op op,
			    u32 target)
{
	struct sk_buff *skb;

	if (!rd->local || !rrdp_dev_is_up(rd))
		return;
	skb = rrdp_resolve_skb(rd, op, target, GFP_KERNEL);
	if (!skb)
		return;
	rrdp_dev_hold(rd);
	RRDP_LETTER(skb)->rd = rd;
	ether_addr_copy(RRDP_LETTER(skb)->mac, mac);
	__skb_queue_tail(&r->letters, skb);
}

static void rrdp_round_announce(struct rrdp_round *r, struct rrdp_dev *rd)
{
	u8 all[ETH_ALEN];

	eth_broadcast_addr(all);
	rrdp_round_send(r, rd, all, RRDP_RESOLVE_ANNOUNCE, 0);
}

static void rrdp_round_ask_all(struct rrdp_round *r, u32 id)
{
	struct rrdp_dev *rd;
	u8 all[ETH_ALEN];

	if (!rrdp_rate_allows(&r->rn->asks, RRDP_ASK_RATE)) {
		rrdp_resolve_count(r->rn, RRDP_STAT_RESOLVE_LIMITED);
		return;
	}
	eth_broadcast_addr(all);
	list_for_each_entry(rd, &r->rn->devs, list)
		rrdp_round_send(r, rd, all, RRDP_RESOLVE_REQUEST, id);
}

static void rrdp_round_ask_one(struct rrdp_round *r, struct rrdp_node *node)
{
	rrdp_round_send(r, node->rd, node->mac, RRDP_RESOLVE_REQUEST, node->id);
}

static void rrdp_round_post(struct rrdp_round *r)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&r->letters))) {
		struct rrdp_letter to = *RRDP_LETTER(skb);

		rrdp_resolve_xmit(to.rd, to.mac, skb);
		rrdp_dev_put(to.rd);
	}
}

/* ---- frames in ---- */

static enum rrdp_stat rrdp_claim_parse(struct sk_buff *skb,
				       struct rrdp_resolve *msg)
{
	static const u8 map[] = {
		[RRDP_RESOLVE_OK]	= RRDP_STAT_COUNT,
		[RRDP_RESOLVE_SHORT]	= RRDP_STAT_DROP_RESOLVE_SHORT,
		[RRDP_RESOLVE_BAD_OP]	= RRDP_STAT_DROP_RESOLVE_OP,
		[RRDP_RESOLVE_NO_NODE]	= RRDP_STAT_DROP_RESOLVE_NODE,
		[RRDP_RESOLVE_TARGET]	= RRDP_STAT_DROP_RESOLVE_TARGET,
	};

	if (!pskb_may_pull(skb, RRDP_RESOLVE_LEN))
		return RRDP_STAT_DROP_RESOLVE_SHORT;
	return map[rrdp_resolve_parse(msg, skb->data, skb_headlen(skb))];
}

/* What is wrong with it, or RRDP_STAT_COUNT. */
static enum rrdp_stat rrdp_claim_check(struct rrdp_dev *rd,
				       struct sk_buff *skb,
				       struct rrdp_resolve *msg)
{
	enum rrdp_stat reason = rrdp_claim_parse(skb, msg);

	if (reason != RRDP_STAT_COUNT)
		return reason;
	if (!is_valid_ether_addr(rrdp_claim_mac(skb)))
		return RRDP_STAT_DROP_RESOLVE_MAC;
	if (msg->op == RRDP_RESOLVE_REPLY &&
	    msg->target != READ_ONCE(rd->rn->local_node))
		return RRDP_STAT_DROP_RESOLVE_TARGET;
	return RRDP_STAT_COUNT;
}

/* Most of what is sent to all is about others, and nothing is learned of it. */
static bool rrdp_claim_concerns_us(struct rrdp_net *rn,
				   const struct rrdp_resolve *msg)
{
	u32 local = READ_ONCE(rn->local_node);

	if (msg->sender == local || msg->op == RRDP_RESOLVE_REPLY)
		return true;
	if (msg->op == RRDP_RESOLVE_REQUEST)
		return msg->target == local;
	return xa_load(&rn->nodes, msg->sender);
}

void rrdp_resolve_rcv(struct rrdp_dev *rd, struct sk_buff *skb)
{
	struct rrdp_net *rn = rd->rn;
	struct rrdp_resolve msg;
	enum rrdp_stat reason;

	rrdp_stat_add(rn->mib, RRDP_STAT_RX_RESOLVE, 1);
	reason = rrdp_claim_check(rd, skb, &msg);
	if (reason == RRDP_STAT_COUNT) {
		if (!rrdp_claim_concerns_us(rn, &msg)) {
			consume_skb(skb);
			return;
		}
		if (skb_queue_len_lockless(&rn->claims) >= RRDP_CLAIMS_MAX)
			reason = RRDP_STAT_DROP_RESOLVE_BACKLOG;
	}
	if (reason != RRDP_STAT_COUNT) {
		rrdp_drop(rn, skb, reason);
		return;
	}
	rrdp_dev_hold(rd);
	RRDP_CLAIM(skb)->rd = rd;
	RRDP_CLAIM(skb)->msg = msg;
	skb_queue_tail(&rn->claims, skb);
	rrdp_resolve_kick(rn);
}

/* ---- what to make of them ---- */

/* The first one stays, and is asked whether it is still there. */
static enum rrdp_stat rrdp_claim_conflict(struct rrdp_round *r,
					  const struct sk_buff *skb,
					  struct rrdp_node *first)
{
	const struct rrdp_claim *claim = RRDP_CLAIM(skb);

	if (first)
		rrdp_nud_doubt(&first->nud, &r->times, r->now);
	if (rrdp_rate_allows(&r->rn->conflicts, RRDP_CONFLICT_RATE))
		rrdp_netlink_notify_conflict(r->rn, claim->msg.sender,
					     claim->rd, rrdp_claim_mac(skb));
	return RRDP_STAT_DROP_RESOLVE_CONFLICT;
}

/* Another host has our number: all shall know that we are here. */
static enum rrdp_stat rrdp_claim_defend(struct rrdp_round *r,
					const struct sk_buff *skb)
{
	if (jiffies - r->rn->defended > HZ) {
		r->rn->defended = jiffies;
		rrdp_round_announce(r, RRDP_CLAIM(skb)->rd);
	}
	rrdp_claim_conflict(r, skb, NULL);
	return RRDP_STAT_DROP_RESOLVE_OURS;
}

/* The learned entry that is least known to be of use, of those in doubt. */
static struct rrdp_node *rrdp_round_victim(struct rrdp_round *r)
{
	struct rrdp_node *node, *victim = NULL;

	list_for_each_entry(node, &r->rn->learned, list) {
		if (node->nud.state & (NUD_STALE | NUD_FAILED) &&
		    (!victim || node->nud.confirmed < victim->nud.confirmed))
			victim = node;
	}
	return victim;
}

/* Is there room for one more entry? If not, it is made. */
static bool rrdp_round_make_room(struct rrdp_round *r)
{
	struct rrdp_net *rn = r->rn;
	struct rrdp_node *victim;

	/* The limit may have been lowered. */
	while (rn->n_learned >= READ_ONCE(node_max)) {
		victim = rrdp_round_victim(r);
		if (!victim)
			return false;
		rrdp_node_forget(rn, victim);
	}
	return true;
}

/*
 * A node says where it is. Two that say so of one number, or one MAC of two
 * numbers: the first is kept, unless it is in doubt.
 */
static enum rrdp_stat rrdp_claim_learn(struct rrdp_round *r,
				       const struct sk_buff *skb,
				       bool confirmed)
{
	const struct rrdp_claim *claim = RRDP_CLAIM(skb);
	const u8 *mac = rrdp_claim_mac(skb);
	struct rrdp_net *rn = r->rn;
	struct rrdp_node *node = xa_load(&rn->nodes, claim->msg.sender);
	struct rrdp_node *other = rrdp_node_find_mac(rn, mac);
	struct rrdp_nud nud;

	if (node && node == other) {
		/* Perhaps by another device as well: that makes no difference. */
		rrdp_nud_see(&node->nud, &r->times, r->now);
		if (confirmed && node->learned)
			rrdp_nud_confirm(&node->nud, &r->times, r->now);
		return RRDP_STAT_COUNT;
	}
	if (node && !rrdp_nud_yields(&node->nud))
		return rrdp_claim_conflict(r, skb, node);
	if (other && !rrdp_nud_yields(&other->nud))
		return rrdp_claim_conflict(r, skb, other);
	if (!node && !rrdp_round_make_room(r))
		return RRDP_STAT_DROP_RESOLVE_FULL;
	/* It may have been what made room. */
	other = rrdp_node_find_mac(rn, mac);
	if (other)
		rrdp_node_unpublish(rn, other, &r->gone);

	rrdp_nud_learn(&nud, &r->times, r->now);
	nud.asked_at = node ? node->nud.asked_at : 0;
	if (confirmed)
		rrdp_nud_confirm(&nud, &r->times, r->now);
	node = rrdp_node_learn(rn, claim->msg.sender, claim->rd, mac, &nud,
			       &r->gone);
	return IS_ERR(node) ? RRDP_STAT_DROP_NOMEM : RRDP_STAT_COUNT;
}

/* Who asks for us is about to connect, and told where we are only if it can. */
static enum rrdp_stat rrdp_claim_request(struct rrdp_round *r,
					 const struct sk_buff *skb)
{
	const struct rrdp_claim *claim = RRDP_CLAIM(skb);
	enum rrdp_stat reason = rrdp_claim_learn(r, skb, false);

	if (reason != RRDP_STAT_COUNT)
		return reason;
	if (!rrdp_rate_allows(&r->rn->introductions, RRDP_REPLY_RATE))
		return RRDP_STAT_DROP_RESOLVE_RATE;
	rrdp_round_send(r, claim->rd, rrdp_claim_mac(skb), RRDP_RESOLVE_REPLY,
			claim->msg.sender);
	return RRDP_STAT_COUNT;
}

static enum rrdp_stat rrdp_claim_reply(struct rrdp_round *r,
				       const struct sk_buff *skb)
{
	const struct rrdp_node *node = xa_load(&r->rn->nodes,
					       RRDP_CLAIM(skb)->msg.sender);

	/* If several answer, the first is kept, and the others are a conflict. */
	if (!node || !rrdp_nud_is_asked(&node->nud, &r->times, r->now))
		return RRDP_STAT_DROP_RESOLVE_UNASKED;
	return rrdp_claim_learn(r, skb, true);
}

/*
 * Who announces itself to us alone does not know us: it will, once it is asked.
 * Nobody makes us learn of a new node this way.
 */
static enum rrdp_stat rrdp_claim_announce(struct rrdp_round *r,
					  const struct sk_buff *skb)
{
	u32 id = RRDP_CLAIM(skb)->msg.sender;
	enum rrdp_stat reason;
	struct rrdp_node *node;

	if (!xa_load(&r->rn->nodes, id))
		return RRDP_STAT_COUNT;
	reason = rrdp_claim_learn(r, skb, false);
	node = xa_load(&r->rn->nodes, id);
	if (reason != RRDP_STAT_COUNT || !node || !rrdp_claim_is_direct(skb))
		return reason;
	if (node->learned)
		rrdp_nud_doubt(&node->nud, &r->times, r->now);
	else if (rrdp_nud_may_ask(&node->nud, &r->times, r->now))
		rrdp_round_ask_one(r, node);
	return reason;
}

static enum rrdp_stat rrdp_claim_judge(struct rrdp_round *r,
				       const struct sk_buff *skb)
{
	const struct rrdp_claim *claim = RRDP_CLAIM(skb);
	struct rrdp_net *rn = r->rn;

	/* All this may have changed while it waited. */
	if (!claim->rd->local)
		return RRDP_STAT_DROP_NO_LOCAL;
	if (rrdp_node_own_mac(rn, rrdp_claim_mac(skb)))
		return RRDP_STAT_DROP_RESOLVE_OWN;
	if (claim->msg.sender == rn->local_node)
		return rrdp_claim_defend(r, skb);
	if (claim->msg.op == RRDP_RESOLVE_ANNOUNCE)
		return rrdp_claim_announce(r, skb);
	if (claim->msg.target != rn->local_node)
		return RRDP_STAT_DROP_RESOLVE_TARGET;
	return claim->msg.op == RRDP_RESOLVE_REQUEST ?
	       rrdp_claim_request(r, skb) : rrdp_claim_reply(r, skb);
}

static void rrdp_round_claims(struct rrdp_round *r)
{
	unsigned int n = RRDP_CLAIMS_MAX;
	struct sk_buff *skb;

	while (n-- && (skb = skb_dequeue(&r->rn->claims))) {
		struct rrdp_dev *rd = RRDP_CLAIM(skb)->rd;
		enum rrdp_stat reason = rrdp_claim_judge(r, skb);

		if (reason == RRDP_STAT_COUNT) {
			consume_skb(skb);
		} else {
			local_bh_disable();
			rrdp_drop(r->rn, skb, reason);
			local_bh_enable();
		}
		rrdp_dev_put(rd);
	}
}

/* ---- ageing ---- */

static void rrdp_round_failed(struct rrdp_round *r, struct rrdp_node *node)
{
	rrdp_resolve_count(r->rn, RRDP_STAT_NODES_FAILED);
	rrdp_node_fail(r->rn, node);
	rrdp_wait_fail(r->rn, node->id, -EHOSTUNREACH);
}

static void rrdp_round_age(struct rrdp_round *r, struct rrdp_node *node)
{
	if (READ_ONCE(node->used)) {
		WRITE_ONCE(node->used, false);
		rrdp_nud_use(&node->nud, &r->times, r->now);
	}
	if (READ_ONCE(node->doubted)) {
		WRITE_ONCE(node->doubted, false);
		rrdp_nud_doubt(&node->nud, &r->times, r->now);
	}
	switch (rrdp_nud_timer(&node->nud, &r->times,
			       atomic64_read(&node->heard), r->now)) {
	case RRDP_NUD_NOTHING:
		break;
	case RRDP_NUD_ASK_ALL:
		rrdp_round_ask_all(r, node->id);
		break;
	case RRDP_NUD_ASK_ONE:
		rrdp_round_ask_one(r, node);
		break;
	case RRDP_NUD_FAIL:
		rrdp_round_failed(r, node);
		break;
	case RRDP_NUD_FORGET:
		rrdp_node_forget(r->rn, node);
		break;
	}
}

static void rrdp_round_age_all(struct rrdp_round *r)
{
	struct rrdp_node *node, *next;

	list_for_each_entry_safe(node, next, &r->rn->learned, list)
		rrdp_round_age(r, node);
}

/* When there is more to do than what the worker will be told. */
static u64 rrdp_round_deadline(struct rrdp_round *r)
{
	u64 deadline = RRDP_NEVER;
	struct rrdp_node *node;

	list_for_each_entry(node, &r->rn->learned, list)
		deadline = min(deadline, node->nud.deadline);
	return deadline;
}

/* ---- the worker ---- */

static int rrdp_round_resolve(struct rrdp_round *r, u32 id)
{
	struct rrdp_node *node;
	struct rrdp_nud nud;

	/* One that has failed gives its place to a new attempt. */
	if (!xa_load(&r->rn->nodes, id) && !rrdp_round_make_room(r)) {
		rrdp_resolve_count(r->rn, RRDP_STAT_NODES_REFUSED);
		return -ENOBUFS;
	}
	rrdp_nud_resolve(&nud, r->now);
	node = rrdp_node_learn(r->rn, id, NULL, NULL, &nud, &r->gone);
	if (IS_ERR(node))
		return PTR_ERR(node);
	rrdp_round_age(r, node);
	return 0;
}

static void rrdp_round_waiting(struct rrdp_round *r)
{
	u32 id;
	int err;

	while ((id = rrdp_wait_sort(r->rn))) {
		err = rrdp_round_resolve(r, id);
		if (err)
			rrdp_wait_fail(r->rn, id, err);
	}
}

static void rrdp_round_devices(struct rrdp_round *r)
{
	struct rrdp_dev *rd;

	list_for_each_entry(rd, &r->rn->devs, list) {
		if (rd->announce)
			rrdp_round_announce(r, rd);
		rd->announce = false;
	}
}

static void rrdp_resolve_work(struct work_struct *work)
{
	struct rrdp_net *rn = container_of(to_delayed_work(work),
					   struct rrdp_net, resolve);
	struct rrdp_round r = {
		.rn = rn,
		.now = rrdp_now(),
		.times = {
			.reachable = rrdp_resolve_time(&node_reachable_ms),
			.delay = rrdp_resolve_time(&node_delay_ms),
			.retrans = rrdp_resolve_time(&node_retrans_ms),
			.stale = rrdp_resolve_time(&node_stale_ms),
		},
		.gone = LIST_HEAD_INIT(r.gone),
	};
	u64 deadline;

	__skb_queue_head_init(&r.letters);
	mutex_lock(&rn->lock);
	rrdp_round_devices(&r);
	rrdp_round_claims(&r);
	rrdp_round_age_all(&r);
	rrdp_round_waiting(&r);
	deadline = rrdp_round_deadline(&r);
	mutex_unlock(&rn->lock);

	rrdp_round_post(&r);
	rrdp_node_bury(rn, &r.gone, -EHOSTUNREACH);
	rrdp_wait_end(rn);

	/* Not if it has been told meanwhile: then it runs at once. */
	if (!skb_queue_empty_lockless(&rn->claims))
		deadline = r.now;
	if (deadline != RRDP_NEVER)
		queue_delayed_work(rrdp_resolve_wq, &rn->resolve,
				   nsecs_to_jiffies(deadline -
						    min(deadline, r.now)) + 1);
}

/* ---- devices ---- */

void rrdp_resolve_join(struct rrdp_dev *rd)
{
	struct rrdp_net *rn = rd->rn;

	lockdep_assert_held(&rn->lock);
	if (rd->dev->flags & IFF_LOOPBACK)
		return;
	rrdp_dev_listen(rd, true);
	WRITE_ONCE(rn->n_resolving, rn->n_resolving + 1);
	rd->up = rrdp_dev_is_up(rd);
	rd->announce = rd->up;
	rrdp_resolve_kick(rn);
}

void rrdp_resolve_leave(struct rrdp_dev *rd)
{
	struct rrdp_net *rn = rd->rn;

	lockdep_assert_held(&rn->lock);
	if (!rd->local)
		return;
	rrdp_dev_listen(rd, false);
	WRITE_ONCE(rn->n_resolving, rn->n_resolving - 1);
	rd->announce = false;
}

void rrdp_resolve_dev_event(struct rrdp_net *rn, const struct net_device *dev,
			    bool tell)
{
	struct rrdp_dev *rd;
	bool up;

	mutex_lock(&rn->lock);
	rd = rrdp_dev_find(rn, dev);
	if (rd && rd->local) {
		up = rrdp_dev_is_up(rd);
		if (up && (tell || !rd->up)) {
			rd->announce = true;
			rrdp_resolve_kick(rn);
		}
		rd->up = up;
	}
	mutex_unlock(&rn->lock);
}

/* ---- life ---- */

void rrdp_resolve_flush(struct rrdp_net *rn)
{
	rrdp_resolve_kick(rn);
	flush_delayed_work(&rn->resolve);
}

void rrdp_resolve_net_init(struct rrdp_net *rn)
{
	skb_queue_head_init(&rn->claims);
	INIT_DELAYED_WORK(&rn->resolve, rrdp_resolve_work);
	rn->defended = jiffies - 2 * HZ;
}

void rrdp_resolve_net_exit(struct rrdp_net *rn)
{
	struct sk_buff *skb;

	cancel_delayed_work_sync(&rn->resolve);
	while ((skb = skb_dequeue(&rn->claims))) {
		rrdp_dev_put(RRDP_CLAIM(skb)->rd);
		kfree_skb(skb);
	}
}

int __init rrdp_resolve_init(void)
{
	BUILD_BUG_ON(sizeof(struct rrdp_claim) > sizeof_field(struct sk_buff, cb));
	BUILD_BUG_ON(sizeof(struct rrdp_letter) > sizeof_field(struct sk_buff, cb));

	rrdp_resolve_wq = alloc_workqueue("rrdp", WQ_UNBOUND, 0);
	return rrdp_resolve_wq ? 0 : -ENOMEM;
}

void rrdp_resolve_exit(void)
{
	destroy_workqueue(rrdp_resolve_wq);
}
