// SPDX-License-Identifier: GPL-2.0
/* One to many: one frame for each subnet, which a host there passes on. */
#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/timekeeping.h>

#include "event.h"
#include "forward.h"
#include "group.h"
#include "hello.h"
#include "relay.h"
#include "udp.h"
#include "vmnet-compat.h"

/* How often is looked who has not acknowledged, while anybody should. */
#define VMNET_RELAY_TICK	msecs_to_jiffies(50)

/* An origin that was quiet for so long may count from somewhere else. */
#define VMNET_RELAY_RESTART	HZ

/* What a kept copy has in skb->cb. */
struct vmnet_relay_cb {
	u32 counter;
};

static struct vmnet_relay_cb *vmnet_relay_cb(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct vmnet_relay_cb) > sizeof(skb->cb));
	return (struct vmnet_relay_cb *)skb->cb;
}

/* ---- copies ---- */

/* @ext: NULL for a copy without extension. @stat counts it. */
static void vmnet_relay_copy(struct vmnet_peer *to, struct sk_buff *skb,
			     const struct vmnet_ext *ext,
			     const struct vmnet_dest *from,
			     enum vmnet_stat stat)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (unlikely(!copy)) {
		vmnet_count(to->vm, VMNET_STAT_DROP_NOMEM);
		vmnet_count_drop(to->count);
		return;
	}
	vmnet_count(to->vm, stat);
	vmnet_peer_send_ext(to, copy, from, ext);
}

/* This host's subnet: one for all that hear the group, one for each other. */
static void vmnet_relay_near(struct vmnet *vm, struct vmnet_subnet *subnet,
			     struct sk_buff *skb, const struct vmnet_ext *ext,
			     const struct vmnet_dest *from)
{
	struct vmnet_peer *group = vmnet_group_peer(vm);
	struct vmnet_member *m;
	bool heard = false;

	list_for_each_entry_rcu(m, &subnet->members, list) {
		if (group && READ_ONCE(m->hears))
			heard = true;
		else
			vmnet_relay_copy(m->peer, skb, ext, from,
					 VMNET_STAT_TX_DEAF);
	}
	if (heard)
		vmnet_relay_copy(group, skb, ext, from, VMNET_STAT_TX_GROUP);
}

/* ---- relay copies ---- */

void vmnet_relay_schedule(struct vmnet *vm)
{
	if (!delayed_work_pending(&vm->relay_work))
		queue_delayed_work(vmnet_wq, &vm->relay_work, VMNET_RELAY_TICK);
}

static void vmnet_relay_ask(struct vmnet_member *m)
{
	if (!READ_ONCE(m->asked))
		WRITE_ONCE(m->asked, jiffies ?: 1);
	vmnet_relay_schedule(m->vm);
}

/* In case the forwarder is dead: who comes next is sent them again. */
static void vmnet_relay_keep(struct vmnet_subnet *subnet, struct sk_buff *skb,
			     u32 counter)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC), *old = NULL;

	if (unlikely(!copy))
		return;
	vmnet_relay_cb(copy)->counter = counter;
	spin_lock_bh(&subnet->kept.lock);
	__skb_queue_tail(&subnet->kept, copy);
	if (skb_queue_len(&subnet->kept) > VMNET_SUBNET_KEEP)
		old = __skb_dequeue(&subnet->kept);
	spin_unlock_bh(&subnet->kept.lock);
	consume_skb(old);
}

bool vmnet_relay_acknowledged(struct vmnet_subnet *subnet, u32 counter)
{
	struct sk_buff *skb, *next;
	struct sk_buff_head done;
	bool more;

	__skb_queue_head_init(&done);
	spin_lock_bh(&subnet->kept.lock);
	skb_queue_walk_safe(&subnet->kept, skb, next) {
		if (counter - vmnet_relay_cb(skb)->counter >= VMNET_DUP_WINDOW)
			continue;
		__skb_unlink(skb, &subnet->kept);
		__skb_queue_tail(&done, skb);
	}
	more = !skb_queue_empty(&subnet->kept);
	spin_unlock_bh(&subnet->kept.lock);
	while ((skb = __skb_dequeue(&done)))
		consume_skb(skb);
	return more;
}

/*
 * Another subnet. If none of it acknowledges relay copies, each host there is sent a
 * copy, as if there were no subnets.
 */
static void vmnet_relay_far(struct vmnet_subnet *subnet, struct sk_buff *skb,
			    const struct vmnet_ext *ext,
			    const struct vmnet_dest *from)
{
	struct vmnet_member *m = vmnet_subnet_forwarder(subnet);

	if (likely(m)) {
		vmnet_relay_keep(subnet, skb, ext->counter);
		vmnet_relay_ask(m);
		vmnet_relay_copy(m->peer, skb, ext, from, VMNET_STAT_TX_RELAY);
		return;
	}
	list_for_each_entry_rcu(m, &subnet->members, list)
		vmnet_relay_copy(m->peer, skb, NULL, from,
				 VMNET_STAT_TX_UNRELAYED);
}

/* Consumes @skb. */
static void vmnet_relay_flood_one(struct vmnet *vm, struct sk_buff *skb,
				  const struct vmnet_dest *from)
{
	struct vmnet_ext ext = {
		.vni = vm->vni,
		.node = vm->node,
		.counter = atomic_inc_return(&vm->relay_counter),
	};
	struct vmnet_subnet *subnet;

	list_for_each_entry_rcu(subnet, &vm->subnets, list) {
		if (vmnet_subnet_is_own(vm, subnet))
			vmnet_relay_near(vm, subnet, skb, &ext, from);
		else
			vmnet_relay_far(subnet, skb, &ext, from);
	}
	consume_skb(skb);
}

/*
 * Each frame has a counter of its own, so a super-frame, whose segments would all
 * get the same, is cut up first.
 */
void vmnet_relay_flood_subnets(struct vmnet *vm, struct sk_buff *skb,
			       const struct vmnet_dest *from)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);
	struct sk_buff *segs, *next;

	if (unlikely(!copy)) {
		vmnet_count(vm, VMNET_STAT_DROP_NOMEM);
		return;
	}
	if (likely(!skb_is_gso(copy))) {
		vmnet_relay_flood_one(vm, copy, from);
		return;
	}
	segs = skb_gso_segment(copy, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs)) {
		vmnet_drop(vm, copy, VMNET_STAT_DROP_NOMEM);
		return;
	}
	consume_skb(copy);
	skb_list_walk_safe(segs, copy, next) {
		skb_mark_not_on_list(copy);
		vmnet_relay_flood_one(vm, copy, from);
	}
}

static unsigned int vmnet_relay_near_copies(struct vmnet *vm,
					    struct vmnet_subnet *subnet,
					    unsigned int enough)
{
	bool group = vmnet_group_peer(vm), heard = false;
	unsigned int n = 0;
	struct vmnet_member *m;

	list_for_each_entry_rcu(m, &subnet->members, list) {
		if (group && READ_ONCE(m->hears))
			heard = true;
		else
			n++;
		if (n + heard >= enough)
			break;
	}
	return n + heard;
}

static unsigned int vmnet_relay_far_copies(struct vmnet_subnet *subnet,
					   unsigned int enough)
{
	struct vmnet_member *m;
	unsigned int n = 0;

	if (vmnet_subnet_forwarder(subnet))
		return 1;
	list_for_each_entry_rcu(m, &subnet->members, list)
		if (++n >= enough)
			break;
	return n;
}

unsigned int vmnet_relay_copies(struct vmnet *vm, unsigned int enough)
{
	struct vmnet_subnet *subnet;
	unsigned int n = 0;

	list_for_each_entry_rcu(subnet, &vm->subnets, list) {
		if (n >= enough)
			break;
		n += vmnet_subnet_is_own(vm, subnet) ?
		     vmnet_relay_near_copies(vm, subnet, enough - n) :
		     vmnet_relay_far_copies(subnet, enough - n);
	}
	return n;
}

/* ---- silence ---- */

/* What the silent forwarder has not acknowledged goes to the one after it. */
static void vmnet_relay_again(struct vmnet *vm, struct vmnet_subnet *subnet)
{
	struct vmnet_member *m = vmnet_subnet_forwarder(subnet);
	struct vmnet_ext ext = { .vni = vm->vni, .node = vm->node };
	struct sk_buff *skb, *copy;
	struct sk_buff_head again;

	if (!m) {
		skb_queue_purge(&subnet->kept);
		return;
	}
	__skb_queue_head_init(&again);
	spin_lock_bh(&subnet->kept.lock);
	skb_queue_walk(&subnet->kept, skb) {
		copy = skb_clone(skb, GFP_ATOMIC);
		if (copy)
			__skb_queue_tail(&again, copy);
	}
	spin_unlock_bh(&subnet->kept.lock);
	if (!skb_queue_empty(&again))
		vmnet_relay_ask(m);
	while ((skb = __skb_dequeue(&again))) {
		ext.counter = vmnet_relay_cb(skb)->counter;
		vmnet_count(vm, VMNET_STAT_TX_RELAY_AGAIN);
		vmnet_udp_send_ext(m->peer, skb, &vm->tunnel, &ext);
	}
}

void vmnet_relay_gone(struct vmnet_member *m)
{
	if (!vmnet_member_is_far(m) || !READ_ONCE(m->asked))
		return;
	rcu_read_lock();
	local_bh_disable();
	vmnet_relay_again(m->vm, m->subnet);
	local_bh_enable();
	rcu_read_unlock();
}

static void vmnet_relay_silent(struct vmnet_member *m)
{
	WRITE_ONCE(m->asked, 0);
	WRITE_ONCE(m->silent, true);
	vmnet_count(m->vm, VMNET_STAT_SILENT);
	vmnet_event_peer(m->peer, VMNET_EV_PEER_STATE);
}

/*
 * Looks for who has not acknowledged. As a message may be lost, it is asked once more
 * before it is taken for dead. Returns true while something is awaited.
 */
static bool vmnet_relay_watch_subnet(struct vmnet *vm,
				     struct vmnet_subnet *subnet)
{
	bool silent = false, more = false;
	struct vmnet_member *m;
	unsigned long asked;

	list_for_each_entry_rcu(m, &subnet->members, list) {
		asked = READ_ONCE(m->asked);
		if (!asked)
			continue;
		more = true;
		if (time_after_eq(jiffies, asked + VMNET_SILENCE)) {
			vmnet_relay_silent(m);
			silent = true;
		} else if (time_after_eq(jiffies, asked + VMNET_ACK_INTERVAL)) {
			vmnet_hello_ask(m);
		}
	}
	if (silent)
		vmnet_relay_again(vm, subnet);
	return more;
}

static bool vmnet_relay_watch(struct vmnet *vm)
{
	struct vmnet_subnet *subnet;
	bool more = false;

	list_for_each_entry_rcu(subnet, &vm->subnets, list) {
		if (vmnet_relay_watch_subnet(vm, subnet))
			more = true;
	}
	return more;
}

static void vmnet_relay_work(struct work_struct *work)
{
	struct vmnet *vm = container_of(to_delayed_work(work), struct vmnet,
					relay_work);
	bool more;

	rcu_read_lock();
	local_bh_disable();
	more = vmnet_hello_acknowledge_due(vm);
	if (vmnet_relay_watch(vm))
		more = true;
	local_bh_enable();
	rcu_read_unlock();
	if (more && netif_running(vm->dev))
		vmnet_relay_schedule(vm);
}

/* ---- receiving ---- */

/*
 * A frame comes from its origin itself, or from a host of this subnet that passes
 * on what came from another.
 */
static bool vmnet_relay_may_send(const struct vmnet_member *from,
				 const struct vmnet_member *origin)
{
	return from == origin ||
	       (vmnet_member_is_near(from) && vmnet_member_is_far(origin));
}

static enum vmnet_dup_verdict vmnet_relay_check(struct vmnet_member *origin,
						u32 counter)
{
	enum vmnet_dup_verdict verdict;

	spin_lock_bh(&origin->dup_lock);
	verdict = vmnet_dup_check(&origin->dup, counter, jiffies,
				  VMNET_RELAY_RESTART);
	spin_unlock_bh(&origin->dup_lock);
	return verdict;
}

/* Why the frame is dropped, or -1. */
static int vmnet_relay_accept(struct vmnet_peer *from,
			      struct vmnet_member *origin,
			      const struct vmnet_ext *ext, bool group,
			      struct vmnet_outer *outer)
{
	struct vmnet *vm = from->vm;
	bool relay;

	/* This host itself is nobody's member either. */
	if (!origin || !from->member ||
	    !vmnet_relay_may_send(from->member, origin))
		return VMNET_STAT_DROP_ORIGIN;
	/* The group never leaves its subnet. */
	if (group && !vmnet_member_is_near(from->member))
		return VMNET_STAT_DROP_SUBNET;

	relay = from->member == origin && vmnet_member_is_far(origin);
	if (group)
		vmnet_count(vm, VMNET_STAT_RX_GROUP);
	if (relay) {
		vmnet_count(vm, VMNET_STAT_RX_RELAY);
		if (!vmnet_subnet_elected(vm))
			vmnet_count(vm, VMNET_STAT_RX_UNELECTED);
		vmnet_hello_acknowledge(origin, ext->counter);
	}
	switch (vmnet_relay_check(origin, ext->counter)) {
	case VMNET_DUP_SEEN:
		return VMNET_STAT_DROP_DUPLICATE;
	case VMNET_DUP_OLD:
		return VMNET_STAT_DROP_LATE;
	case VMNET_DUP_NEW:
		break;
	}
	if (relay)
		outer->relay = ext;
	return -1;
}

struct vmnet_peer *vmnet_relay_receive(struct vmnet_peer *from,
				       struct sk_buff *skb,
				       const struct vmnet_ext *ext, bool group,
				       struct vmnet_outer *outer)
{
	struct vmnet *vm = from->vm;
	struct vmnet_member *origin;
	int reason;

	if (unlikely(!netif_running(vm->dev))) {
		/* Nor does it answer: it is no host of the network now. */
		vmnet_drop(vm, skb, VMNET_STAT_DROP_DOWN);
		return NULL;
	}
	if (ext->hello) {
		reason = vmnet_hello_receive(from, ext, group);
		if (reason < 0)
			consume_skb(skb);
		else
			vmnet_drop(vm, skb, reason);
		return NULL;
	}
	origin = vmnet_member_find(vm, ext->node);
	reason = vmnet_relay_accept(from, origin, ext, group, outer);
	if (reason < 0)
		return origin->peer;
	vmnet_drop(vm, skb, reason);
	return NULL;
}

void vmnet_relay_pass_on(struct vmnet_peer *origin, struct sk_buff *skb,
			 const struct vmnet_ext *ext)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(origin->vm);
	struct sk_buff *copy;

	if (!subnet || list_empty(&subnet->members))
		return;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (unlikely(!copy)) {
		vmnet_count(origin->vm, VMNET_STAT_DROP_NOMEM);
		return;
	}
	skb_push(copy, ETH_HLEN);
	vmnet_relay_near(origin->vm, subnet, copy, ext, &origin->dest);
	consume_skb(copy);
}

/* ---- start and end ---- */

void vmnet_relay_init(struct vmnet *vm)
{
	INIT_LIST_HEAD(&vm->singles);
	INIT_LIST_HEAD(&vm->subnets);
	hash_init(vm->members);
	INIT_DELAYED_WORK(&vm->relay_work, vmnet_relay_work);
	/*
	 * A host that starts again must not count from where others have been
	 * already: time goes on faster than it counts.
	 */
	atomic_set(&vm->relay_counter, (int)(ktime_get_real_ns() >> 16));
}

void vmnet_relay_stop(struct vmnet *vm)
{
	struct vmnet_subnet *subnet;
	struct vmnet_member *m;

	cancel_delayed_work_sync(&vm->relay_work);
	list_for_each_entry(subnet, &vm->subnets, list) {
		skb_queue_purge(&subnet->kept);
		list_for_each_entry(m, &subnet->members, list) {
			WRITE_ONCE(m->asked, 0);
			WRITE_ONCE(m->silent, false);
			WRITE_ONCE(m->hears, false);
			WRITE_ONCE(m->ack_due, false);
		}
	}
}
