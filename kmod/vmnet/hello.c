// SPDX-License-Identifier: GPL-2.0
/* Messages between the hosts of a network: who hears whom. */
#include <linux/jiffies.h>

#include "event.h"
#include "group.h"
#include "hello.h"
#include "relay.h"
#include "udp.h"

/* Softirq or bottom halves off, RCU read lock held. */
static void vmnet_hello_send(struct vmnet_peer *to, enum vmnet_hello_kind kind,
			     u32 counter)
{
	struct vmnet *vm = to->vm;
	struct vmnet_ext ext = {
		.vni = vm->vni,
		.hello = kind,
		.node = vm->node,
		.counter = counter,
	};

	if (vmnet_udp_send_hello(to, &ext))
		vmnet_count(vm, VMNET_STAT_HELLO_LOST);
	else
		vmnet_count(vm, VMNET_STAT_TX_HELLO);
}

/* ---- the group ---- */

/*
 * One answer to each probe, and no more than half as many again if somebody
 * sends more probes than he should.
 */
static bool vmnet_hello_may_answer(struct vmnet_member *m)
{
	unsigned long last = READ_ONCE(m->answered);
	unsigned long now = jiffies ?: 1;

	if (last && time_before(now, last + VMNET_HELLO_INTERVAL * 2 / 3))
		return false;
	WRITE_ONCE(m->answered, now);
	return true;
}

static void vmnet_hello_heard(struct vmnet_member *m)
{
	WRITE_ONCE(m->unheard, 0);
	if (READ_ONCE(m->hears))
		return;
	WRITE_ONCE(m->hears, true);
	vmnet_event_peer(m->peer, VMNET_EV_PEER_STATE);
}

/* A probe is sent to the group: who has left so many unanswered is deaf. */
static void vmnet_hello_not_heard(struct vmnet_member *m)
{
	unsigned int unheard = READ_ONCE(m->unheard);

	if (unheard < VMNET_HELLO_LOST) {
		WRITE_ONCE(m->unheard, unheard + 1);
	} else if (READ_ONCE(m->hears)) {
		WRITE_ONCE(m->hears, false);
		vmnet_event_peer(m->peer, VMNET_EV_PEER_STATE);
	}
}

static void vmnet_hello_probe_group(struct vmnet *vm)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(vm);
	struct vmnet_peer *group = vmnet_group_peer(vm);
	struct vmnet_member *m;

	if (!subnet || list_empty(&subnet->members))
		return;
	list_for_each_entry_rcu(m, &subnet->members, list)
		vmnet_hello_not_heard(m);
	if (group)
		vmnet_hello_send(group, VMNET_HELLO_PROBE, 0);
}

/* ---- forwarders ---- */

static void vmnet_hello_alive(struct vmnet_member *m, u32 counter)
{
	bool more = vmnet_relay_acknowledged(m->subnet, counter);

	/* What was sent since it said so is acknowledged soon, if it still lives. */
	WRITE_ONCE(m->asked, more && vmnet_subnet_forwarder(m->subnet) == m ?
		   jiffies ?: 1 : 0);
	if (!READ_ONCE(m->silent))
		return;
	WRITE_ONCE(m->silent, false);
	vmnet_event_peer(m->peer, VMNET_EV_PEER_STATE);
}

static void vmnet_hello_say_alive(struct vmnet_member *origin)
{
	WRITE_ONCE(origin->ack_due, false);
	WRITE_ONCE(origin->acked, jiffies);
	vmnet_hello_send(origin->peer, VMNET_HELLO_ALIVE,
			 READ_ONCE(origin->relayed));
}

void vmnet_hello_acknowledge(struct vmnet_member *origin, u32 counter)
{
	unsigned long due = READ_ONCE(origin->acked) + VMNET_ACK_INTERVAL;

	WRITE_ONCE(origin->relayed, counter);
	if (time_after_eq(jiffies, due)) {
		vmnet_hello_say_alive(origin);
		return;
	}
	WRITE_ONCE(origin->ack_due, true);
	vmnet_relay_schedule(origin->vm);
}

bool vmnet_hello_acknowledge_due(struct vmnet *vm)
{
	struct vmnet_subnet *subnet;
	struct vmnet_member *m;
	bool more = false;

	list_for_each_entry_rcu(subnet, &vm->subnets, list) {
		list_for_each_entry_rcu(m, &subnet->members, list) {
			if (!READ_ONCE(m->ack_due))
				continue;
			vmnet_hello_say_alive(m);
			more = true;
		}
	}
	return more;
}

void vmnet_hello_ask(struct vmnet_member *m)
{
	vmnet_hello_send(m->peer, VMNET_HELLO_PROBE, 0);
}

static void vmnet_hello_probe_silent(struct vmnet *vm)
{
	struct vmnet_subnet *subnet;
	struct vmnet_member *m;

	list_for_each_entry_rcu(subnet, &vm->subnets, list) {
		list_for_each_entry_rcu(m, &subnet->members, list) {
			if (READ_ONCE(m->silent))
				vmnet_hello_ask(m);
		}
	}
}

/* ---- both ---- */

int vmnet_hello_receive(struct vmnet_peer *from, const struct vmnet_ext *ext,
			bool group)
{
	struct vmnet_member *m = from->member;

	if (!m || m->number != ext->node)
		return VMNET_STAT_DROP_ORIGIN;
	/* The group is for one subnet, acknowledgements are for two. */
	if (group || ext->hello == VMNET_HELLO_HEARD ?
	    !vmnet_member_is_near(m) : !vmnet_member_is_far(m))
		return VMNET_STAT_DROP_SUBNET;
	if (group && ext->hello != VMNET_HELLO_PROBE)
		return VMNET_STAT_DROP_SUBNET;

	vmnet_count(from->vm, VMNET_STAT_RX_HELLO);
	switch (ext->hello) {
	case VMNET_HELLO_HEARD:
		vmnet_hello_heard(m);
		break;
	case VMNET_HELLO_ALIVE:
		vmnet_hello_alive(m, ext->counter);
		break;
	case VMNET_HELLO_PROBE:
		if (!group)
			vmnet_hello_acknowledge(m, READ_ONCE(m->relayed));
		else if (vmnet_hello_may_answer(m))
			vmnet_hello_send(from, VMNET_HELLO_HEARD, 0);
		break;
	}
	return -1;
}

static void vmnet_hello_work(struct work_struct *work)
{
	struct vmnet *vm = container_of(to_delayed_work(work), struct vmnet,
					hello_work);

	rcu_read_lock();
	local_bh_disable();
	vmnet_hello_probe_group(vm);
	vmnet_hello_probe_silent(vm);
	local_bh_enable();
	rcu_read_unlock();
	vmnet_group_check(vm);
	queue_delayed_work(vmnet_wq, &vm->hello_work, VMNET_HELLO_INTERVAL);
}

void vmnet_hello_start(struct vmnet *vm)
{
	if (netif_running(vm->dev) && !list_empty(&vm->subnets))
		queue_delayed_work(vmnet_wq, &vm->hello_work, 0);
}

void vmnet_hello_stop(struct vmnet *vm)
{
	cancel_delayed_work_sync(&vm->hello_work);
}

void vmnet_hello_init(struct vmnet *vm)
{
	INIT_DELAYED_WORK(&vm->hello_work, vmnet_hello_work);
}
