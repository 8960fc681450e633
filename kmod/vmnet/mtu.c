// SPDX-License-Identifier: GPL-2.0
/* MTU of a network, and what happens to frames that are too large. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/dst.h>
#include <net/ip_tunnels.h>

#include "forward.h"
#include "group.h"
#include "mtu.h"
#include "peer.h"

/*
 * The kernel builds "too big" messages for tunnels that have a route to their
 * other end. RRDP peers and ports have none, but all it wants of a route is
 * its MTU.
 */
struct vmnet_mtu_dst {
	struct dst_entry dst;
	unsigned int mtu;
};

static unsigned int vmnet_mtu_of_dst(const struct dst_entry *dst)
{
	return container_of(dst, struct vmnet_mtu_dst, dst)->mtu;
}

static struct dst_ops vmnet_mtu_dst_ops = {
	.family = AF_UNSPEC,
	.mtu = vmnet_mtu_of_dst,
};

bool vmnet_mtu_answer(struct vmnet *vm, struct sk_buff *skb,
		      struct vmnet_dest *to,
		      const struct vmnet_dest *from, unsigned int mtu)
{
	struct vmnet_mtu_dst path = { .mtu = mtu };
	int err;

	if (is_multicast_ether_addr(eth_hdr(skb)->h_dest) ||
	    !pskb_inet_may_pull(skb))
		return false;
	path.dst.ops = &vmnet_mtu_dst_ops;
	err = skb_tunnel_check_pmtu(skb, &path.dst, 0, true);
	if (!err)
		return false;
	if (unlikely(err < 0)) {
		/* It ran out of memory halfway: this is no frame any more. */
		vmnet_drop(vm, skb, VMNET_STAT_DROP_NOMEM);
		return true;
	}

	vmnet_count(vm, VMNET_STAT_DROP_TOO_BIG);
	vmnet_count(vm, VMNET_STAT_PMTU);
	if (from->kind == VMNET_DEST_LOCAL)
		vmnet_deliver(vm, skb, from, to);
	else
		vmnet_forward(vm, skb, to);
	return true;
}

/* Largest MTU that all peers can carry, 0 if that is not known. */
static unsigned int vmnet_mtu_of_peers(struct vmnet *vm)
{
	unsigned int mtu, min = 0;
	struct vmnet_peer *peer;

	list_for_each_entry(peer, &vm->peers, list) {
		mtu = vmnet_peer_mtu(peer);
		if (mtu && (!min || mtu < min))
			min = mtu;
	}
	return min;
}

/**
 * vmnet_mtu_update - set the MTU to what the peers can carry
 * @vm: network
 *
 * That is the smallest of all: a guest cannot know to which host it sends. A
 * smaller MTU that the user set stays.
 *
 * Context: rtnl lock held.
 */
void vmnet_mtu_update(struct vmnet *vm)
{
	unsigned int user = vm->mtu_user;
	unsigned int max, mtu;

	max = vmnet_mtu_of_peers(vm);
	mtu = max ?: ETH_DATA_LEN;
	if (user && (!max || user < max))
		mtu = user;
	mtu = max_t(unsigned int, mtu, ETH_MIN_MTU);
	max = max ? max_t(unsigned int, max, ETH_MIN_MTU) : ETH_MAX_MTU;

	WRITE_ONCE(vm->dev->max_mtu, max);
	if (mtu == vm->dev->mtu)
		return;
	if (dev_set_mtu(vm->dev, mtu))
		netdev_warn(vm->dev, "MTU stays %u, its peers carry %u\n",
			    vm->dev->mtu, mtu);
	vm->mtu_user = user;
}

/* ndo_change_mtu: the core has checked it against dev->max_mtu. */
int vmnet_mtu_change(struct net_device *dev, int mtu)
{
	struct vmnet *vm = netdev_priv(dev);

	WRITE_ONCE(dev->mtu, mtu);
	vm->mtu_user = mtu;
	return 0;
}

static void vmnet_mtu_work(struct work_struct *work)
{
	struct vmnet *vm = container_of(work, struct vmnet, mtu_work);
	struct net_device *dev = vm->dev;

	rtnl_lock();
	if (dev->reg_state == NETREG_REGISTERED) {
		vmnet_mtu_update(vm);
		vmnet_group_update(vm);
	}
	rtnl_unlock();
	dev_put(dev);
}

void vmnet_mtu_schedule(struct vmnet *vm)
{
	/* Held first: the work may be over before queue_work() returns. */
	dev_hold(vm->dev);
	if (!queue_work(vmnet_wq, &vm->mtu_work))
		dev_put(vm->dev);
}

void vmnet_mtu_init(struct vmnet *vm)
{
	INIT_WORK(&vm->mtu_work, vmnet_mtu_work);
}
