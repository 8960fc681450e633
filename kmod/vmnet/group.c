// SPDX-License-Identifier: GPL-2.0
/* The IP multicast group of a network, for the hosts of one subnet. */
#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>

#include "group.h"
#include "mtu.h"
#include "subnet.h"
#include "udp.h"

/*
 * Administratively scoped (RFC 2365), one for each network. Networks of the same VNI
 * on different UDP ports share it: the port tells them apart.
 */
#define VMNET_GROUP_PREFIX	0xEF000000

/*
 * Index of the device, and this host's address on it, by which the hosts of its
 * subnet know it; 0 if there are none or they cannot be sent multicasts. RCU read
 * lock held, or rtnl lock.
 */
static int vmnet_group_wanted(struct vmnet *vm, __be32 *saddr)
{
	struct vmnet_subnet *subnet = vmnet_subnet_own(vm);
	const struct net_device *dev;
	struct vmnet_member *m;
	int ifindex = 0;

	if (!subnet)
		return 0;
	rcu_read_lock();
	list_for_each_entry_rcu(m, &subnet->members, list) {
		if (m->peer->id.family != VMNET_V4)
			continue;
		ifindex = vmnet_udp_ifindex(m->peer, saddr);
		if (ifindex)
			break;
	}
	dev = dev_get_by_index_rcu(vm->net, ifindex);
	if (!dev || !(dev->flags & IFF_MULTICAST) || !__in_dev_get_rcu(dev))
		ifindex = 0;
	rcu_read_unlock();
	return ifindex;
}

void vmnet_group_check(struct vmnet *vm)
{
	__be32 saddr = 0;
	int ifindex;

	rcu_read_lock();
	ifindex = vmnet_group_wanted(vm, &saddr);
	rcu_read_unlock();
	if (ifindex != READ_ONCE(vm->group.ifindex) ||
	    (ifindex && saddr != READ_ONCE(vm->group.saddr)))
		vmnet_mtu_schedule(vm);
}

/* Nothing is sent to the group any more once a grace period has passed. */
static void vmnet_group_forget(struct vmnet *vm)
{
	struct vmnet_peer *peer = rtnl_dereference(vm->group.peer);

	WRITE_ONCE(vm->group.ifindex, 0);
	RCU_INIT_POINTER(vm->group.peer, NULL);
	if (peer)
		vmnet_peer_free_later(peer);
}

void vmnet_group_leave(struct vmnet *vm)
{
	struct in_device *in_dev = NULL;
	struct net_device *dev;

	if (!vm->group.ifindex)
		return;
	dev = __dev_get_by_index(vm->net, vm->group.ifindex);
	if (dev)
		in_dev = __in_dev_get_rtnl(dev);
	if (in_dev)
		ip_mc_dec_group(in_dev, htonl(VMNET_GROUP_PREFIX | vm->vni));
	vmnet_group_forget(vm);
}

static void vmnet_group_join(struct vmnet *vm, int ifindex, __be32 saddr)
{
	struct vmnet_peer_id id = {
		.transport = VMNET_TRANSPORT_UDP,
		.family = VMNET_V4,
		.v4.s_addr = htonl(VMNET_GROUP_PREFIX | vm->vni),
	};
	struct net_device *dev = __dev_get_by_index(vm->net, ifindex);
	struct in_device *in_dev = dev ? __in_dev_get_rtnl(dev) : NULL;
	struct vmnet_peer *peer;

	if (!in_dev)
		return;
	peer = vmnet_peer_alloc(vm, &id);
	/* Without, everybody is sent copies; it is tried again. */
	if (!peer)
		return;
	peer->udp_port = vm->udp_port;
	ip_mc_inc_group(in_dev, id.v4.s_addr);
	WRITE_ONCE(vm->group.saddr, saddr);
	WRITE_ONCE(vm->group.ifindex, ifindex);
	rcu_assign_pointer(vm->group.peer, peer);
}

void vmnet_group_update(struct vmnet *vm)
{
	__be32 saddr = 0;
	int ifindex = vmnet_group_wanted(vm, &saddr);

	if (ifindex == vm->group.ifindex &&
	    (!ifindex || saddr == vm->group.saddr))
		return;
	vmnet_group_leave(vm);
	if (ifindex)
		vmnet_group_join(vm, ifindex, saddr);
}

void vmnet_group_device_changed(struct vmnet *vm, struct net_device *dev)
{
	if (vm->group.ifindex == dev->ifindex && !__in_dev_get_rtnl(dev))
		vmnet_group_forget(vm);
}
