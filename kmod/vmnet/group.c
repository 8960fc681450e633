// SPDX-License-Identifier: GPL-2.0
/* The IP multicast group of a network, for the hosts of one subnet. */
#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/ipv6.h>

#include "group.h"
#include "mtu.h"
#include "subnet.h"
#include "udp.h"
#include "vmnet-compat.h"

/*
 * One group for each network. Those of the same VNI on different UDP ports share it:
 * the port tells them apart. IPv4's is administratively scoped (RFC 2365), IPv6's is
 * transient, of the link (RFC 4291), with a dynamic group number (RFC 3307).
 */
#define VMNET_GROUP4		0xEF000000
#define VMNET_GROUP6		0xFF120000
#define VMNET_GROUP6_NUMBER	0x80000000

static struct vmnet_peer_id vmnet_group_id(const struct vmnet *vm,
					   enum vmnet_family family)
{
	struct vmnet_peer_id id = {
		.transport = VMNET_TRANSPORT_UDP,
		.family = family,
	};

	if (family == VMNET_V4)
		id.v4.s_addr = htonl(VMNET_GROUP4 | vm->vni);
	else
		ipv6_addr_set(&id.v6, htonl(VMNET_GROUP6), 0, 0,
			      htonl(VMNET_GROUP6_NUMBER | vm->vni));
	return id;
}

/* Has it that family's part, and thus its groups? RCU read lock or rtnl lock held. */
static bool vmnet_group_dev_has(const struct net_device *dev,
				enum vmnet_family family)
{
	return family == VMNET_V4 ? !!rcu_access_pointer(dev->ip_ptr) :
	       vmnet_ip6_has(dev);
}

/*
 * Whence the hosts of this subnet that have an address of that family are sent to,
 * which is how they know this host. False if there are none, or they cannot be sent
 * multicasts.
 */
static bool vmnet_group_source(struct vmnet *vm, struct vmnet_subnet *subnet,
			       enum vmnet_family family,
			       struct vmnet_source *source)
{
	const struct net_device *dev;
	struct vmnet_member *m;

	list_for_each_entry_rcu(m, &subnet->members, list) {
		if (m->peer->id.transport != VMNET_TRANSPORT_UDP ||
		    m->peer->id.family != family ||
		    !vmnet_udp_source(m->peer, source))
			continue;
		dev = dev_get_by_index_rcu(vm->net, source->ifindex);
		return dev && dev->flags & IFF_MULTICAST &&
		       vmnet_group_dev_has(dev, family);
	}
	return false;
}

/*
 * The group to be in. A network whose hosts are partly known by one family and partly
 * by the other uses IPv4's: those of IPv6 do not hear it and are sent copies. RCU read
 * lock held, or rtnl lock. Return: whether there is one.
 */
static bool vmnet_group_wanted(struct vmnet *vm, enum vmnet_family *family,
			       struct vmnet_source *source)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(vm);
	bool wanted = false;

	if (!subnet)
		return false;
	rcu_read_lock();
	for (*family = VMNET_V4; *family < VMNET_FAMILIES; ++*family) {
		wanted = vmnet_group_source(vm, subnet, *family, source);
		if (wanted)
			break;
	}
	rcu_read_unlock();
	return wanted;
}

/* Is @group, or none if it is NULL, what is wanted? */
static bool vmnet_group_is(const struct vmnet_peer *group, bool wanted,
			   enum vmnet_family family,
			   const struct vmnet_source *source)
{
	if (!group || !wanted)
		return !group && !wanted;
	return group->id.family == family &&
	       group->source.ifindex == source->ifindex &&
	       (family == VMNET_V4 ? group->source.v4 == source->v4 :
		ipv6_addr_equal(&group->source.v6, &source->v6));
}

void vmnet_group_check(struct vmnet *vm)
{
	struct vmnet_source source;
	enum vmnet_family family;
	bool wanted;

	rcu_read_lock();
	wanted = vmnet_group_wanted(vm, &family, &source);
	if (!vmnet_group_is(vmnet_group_peer(vm), wanted, family, &source))
		vmnet_mtu_schedule(vm);
	rcu_read_unlock();
}

/* Nothing is sent to the group any more once a grace period has passed. */
static void vmnet_group_forget(struct vmnet *vm)
{
	struct vmnet_peer *group = rtnl_dereference(vm->group);

	RCU_INIT_POINTER(vm->group, NULL);
	vmnet_peer_free_later(group);
}

void vmnet_group_leave(struct vmnet *vm)
{
	struct vmnet_peer *group = rtnl_dereference(vm->group);
	struct net_device *dev;

	if (!group)
		return;
	dev = __dev_get_by_index(vm->net, group->source.ifindex);
	if (dev && group->id.family == VMNET_V6)
		vmnet_ip6_leave(dev, &group->id.v6);
	else if (dev && __in_dev_get_rtnl(dev))
		ip_mc_dec_group(__in_dev_get_rtnl(dev), group->id.v4.s_addr);
	vmnet_group_forget(vm);
}

/* If it fails, everybody is sent copies; it is tried again. */
static void vmnet_group_join(struct vmnet *vm, enum vmnet_family family,
			     const struct vmnet_source *source)
{
	struct net_device *dev = __dev_get_by_index(vm->net, source->ifindex);
	struct vmnet_peer_id id = vmnet_group_id(vm, family);
	struct vmnet_peer *group;

	if (!dev || !vmnet_group_dev_has(dev, family))
		return;
	group = vmnet_peer_alloc(vm, &id);
	if (!group)
		return;
	group->udp_port = vm->udp_port;
	group->source = *source;
	if (family == VMNET_V4) {
		ip_mc_inc_group(__in_dev_get_rtnl(dev), id.v4.s_addr);
	} else if (vmnet_ip6_join(dev, &id.v6)) {
		vmnet_peer_free_later(group);
		return;
	}
	rcu_assign_pointer(vm->group, group);
}

void vmnet_group_update(struct vmnet *vm)
{
	struct vmnet_source source;
	enum vmnet_family family;
	bool wanted = vmnet_group_wanted(vm, &family, &source);

	if (vmnet_group_is(rtnl_dereference(vm->group), wanted, family, &source))
		return;
	vmnet_group_leave(vm);
	if (wanted)
		vmnet_group_join(vm, family, &source);
}

void vmnet_group_device_changed(struct vmnet *vm, struct net_device *dev)
{
	struct vmnet_peer *group = rtnl_dereference(vm->group);

	if (group && group->source.ifindex == dev->ifindex &&
	    !vmnet_group_dev_has(dev, group->id.family))
		vmnet_group_forget(vm);
}
