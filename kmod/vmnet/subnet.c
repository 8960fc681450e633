// SPDX-License-Identifier: GPL-2.0
/* Hosts of a network by subnet of the underlay, and who forwards for each. */
#include <linux/hash.h>
#include <linux/slab.h>

#include "elect.h"
#include "subnet.h"

static unsigned int vmnet_member_bucket(u32 number)
{
	return hash_32(number, VMNET_PEER_HASH_BITS);
}

struct vmnet_member *vmnet_member_find(const struct vmnet *vm, u32 number)
{
	struct vmnet_member *m;

	hlist_for_each_entry_rcu(m, &vm->members[vmnet_member_bucket(number)],
				 node, lockdep_rtnl_is_held()) {
		if (m->number == number)
			return m;
	}
	return NULL;
}

static struct vmnet_subnet *vmnet_subnet_find(const struct vmnet *vm, u32 id)
{
	struct vmnet_subnet *subnet;

	list_for_each_entry_rcu(subnet, &vm->subnets, list,
				lockdep_rtnl_is_held()) {
		if (subnet->id == id)
			return subnet;
	}
	return NULL;
}

struct vmnet_subnet *vmnet_subnet_own(const struct vmnet *vm)
{
	return vmnet_subnet_find(vm, vm->subnet);
}

static struct vmnet_subnet *vmnet_subnet_get(struct vmnet *vm, u32 id)
{
	struct vmnet_subnet *subnet = vmnet_subnet_find(vm, id);

	if (!subnet) {
		subnet = kzalloc(sizeof(*subnet), GFP_KERNEL_ACCOUNT);
		if (!subnet)
			return NULL;
		subnet->id = id;
		INIT_LIST_HEAD(&subnet->members);
		skb_queue_head_init(&subnet->kept);
		list_add_tail_rcu(&subnet->list, &vm->subnets);
	}
	subnet->users++;
	return subnet;
}

/* Nobody finds a member in it any more, so nothing more is kept either. */
static void vmnet_subnet_put(struct vmnet_subnet *subnet)
{
	if (--subnet->users)
		return;
	list_del_rcu(&subnet->list);
	skb_queue_purge(&subnet->kept);
	kfree_rcu(subnet, rcu);
}

/**
 * vmnet_member_check - may a peer be what it is said to be
 * @vm: network
 * @cfg: what is said of it
 * @extack: says what is wrong
 *
 * Context: rtnl lock held.
 */
int vmnet_member_check(struct vmnet *vm, const struct vmnet_peer_config *cfg,
		       struct netlink_ext_ack *extack)
{
	if (cfg->leaving && !cfg->subnet) {
		NL_SET_ERR_MSG(extack,
			       "only a peer with a subnet can be leaving: it forwards for no other");
		return -EINVAL;
	}
	if (!cfg->node && !cfg->subnet)
		return 0;
	if (cfg->plain) {
		NL_SET_ERR_MSG(extack,
			       "a plain peer knows of no relaying: give it neither node nor subnet");
		return -EINVAL;
	}
	if (!cfg->node) {
		NL_SET_ERR_MSG(extack,
			       "a peer with a subnet needs its node number, too");
		return -EINVAL;
	}
	if (cfg->node == vm->node) {
		NL_SET_ERR_MSG(extack,
			       "this node number is this host's own: a peer is another host");
		return -EINVAL;
	}
	if (vmnet_member_find(vm, cfg->node)) {
		NL_SET_ERR_MSG(extack,
			       "another peer of this network has that node number: each host has its own");
		return -EEXIST;
	}
	return 0;
}

/**
 * vmnet_member_new - make a peer a member, if its node number is known
 * @peer: peer, not yet found by anybody
 * @cfg: what is known of it
 *
 * Context: rtnl lock held; may sleep.
 */
int vmnet_member_new(struct vmnet_peer *peer,
		     const struct vmnet_peer_config *cfg)
{
	struct vmnet *vm = peer->vm;
	struct vmnet_member *m;

	if (!cfg->node)
		return 0;
	m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	m->peer = peer;
	m->vm = vm;
	m->number = cfg->node;
	m->subnet_id = cfg->subnet;
	m->leaving = cfg->leaving;
	m->acked = jiffies;
	spin_lock_init(&m->dup_lock);
	/* A host that does not know where it is itself sends to each by itself. */
	if (vm->subnet && cfg->subnet) {
		m->subnet = vmnet_subnet_get(vm, cfg->subnet);
		if (!m->subnet) {
			kfree(m);
			return -ENOMEM;
		}
	}
	peer->member = m;
	return 0;
}

/* Does member @m come before host @number? */
static bool vmnet_member_before(const struct vmnet_member *m, u32 number)
{
	return vmnet_elect_before(m->vm->vni, m->number, number);
}

void vmnet_member_link(struct vmnet_member *m)
{
	struct vmnet_member *next;

	hlist_add_head_rcu(&m->node,
			   &m->vm->members[vmnet_member_bucket(m->number)]);
	if (!m->subnet)
		return;
	list_for_each_entry(next, &m->subnet->members, list) {
		if (!vmnet_member_before(next, m->number))
			break;
	}
	/* In front of @next, or at the end if there is none. */
	list_add_tail_rcu(&m->list, &next->list);
}

void vmnet_member_unlink(struct vmnet_member *m)
{
	/* It may not have been linked, when something went wrong. */
	if (hlist_unhashed(&m->node))
		return;
	hlist_del_rcu(&m->node);
	if (m->subnet)
		list_del_rcu(&m->list);
}

void vmnet_member_release(struct vmnet_member *m)
{
	if (m->subnet)
		vmnet_subnet_put(m->subnet);
}

/* Better one that leaves than none. */
struct vmnet_member *vmnet_subnet_forwarder(struct vmnet_subnet *subnet)
{
	struct vmnet_member *m, *leaving = NULL;

	list_for_each_entry_rcu(m, &subnet->members, list,
				lockdep_rtnl_is_held()) {
		if (READ_ONCE(m->silent))
			continue;
		if (!READ_ONCE(m->leaving))
			return m;
		if (!leaving)
			leaving = m;
	}
	return leaving;
}

/* First of this host's subnet that does not leave, or NULL if it is this host. */
static const struct vmnet_member *vmnet_subnet_own_first(const struct vmnet *vm)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(vm);
	const struct vmnet_member *m;

	if (!subnet)
		return NULL;
	list_for_each_entry_rcu(m, &subnet->members, list,
				lockdep_rtnl_is_held()) {
		if (!vmnet_member_before(m, vm->node))
			return NULL;
		if (!READ_ONCE(m->leaving))
			return m;
	}
	return NULL;
}

bool vmnet_subnet_elected(const struct vmnet *vm)
{
	return vm->subnet && !vmnet_subnet_own_first(vm);
}

/* Members of @subnet that come before host @number. */
static unsigned int vmnet_subnet_count_before(struct vmnet_subnet *subnet,
					      u32 number)
{
	const struct vmnet_member *m;
	unsigned int n = 0;

	list_for_each_entry_rcu(m, &subnet->members, list,
				lockdep_rtnl_is_held()) {
		if (!vmnet_member_before(m, number))
			break;
		n++;
	}
	return n;
}

unsigned int vmnet_member_rank(const struct vmnet_member *m)
{
	unsigned int rank;

	if (!m->subnet)
		return 0;
	rank = 1 + vmnet_subnet_count_before(m->subnet, m->number);
	if (vmnet_member_is_near(m) && !vmnet_member_before(m, m->vm->node))
		rank++;
	return rank;
}

unsigned int vmnet_subnet_own_rank(const struct vmnet *vm)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(vm);

	if (!vm->subnet)
		return 0;
	return 1 + (subnet ? vmnet_subnet_count_before(subnet, vm->node) : 0);
}

enum vmnet_role vmnet_member_role(const struct vmnet_member *m)
{
	const struct vmnet_member *first;

	if (!m->subnet)
		return VMNET_ROLE_NONE;
	if (READ_ONCE(m->silent))
		return VMNET_ROLE_SILENT;
	first = vmnet_member_is_near(m) ? vmnet_subnet_own_first(m->vm) :
		vmnet_subnet_forwarder(m->subnet);
	if (first == m)
		return VMNET_ROLE_FORWARDER;
	return READ_ONCE(m->leaving) ? VMNET_ROLE_LEAVING : VMNET_ROLE_STANDBY;
}
