// SPDX-License-Identifier: GPL-2.0
/* Devices that RRDP listens on: receive hook below, frames out. */
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "compat_netlink.h"
#include "device.h"
#include "drop.h"

struct rrdp_dev rrdp_dev_nowhere = {
	.refs = REFCOUNT_INIT(1),
	.gone = true,
};

/* What is for this host, in a buffer of our own, or NULL. */
static __always_inline struct sk_buff *
rrdp_dev_accept(struct rrdp_dev *rd, struct sk_buff *skb, bool broadcast)
{
	if (unlikely(skb->pkt_type != PACKET_HOST) &&
	    !(broadcast && skb->pkt_type == PACKET_BROADCAST)) {
		rrdp_drop(rd->rn, skb, skb->pkt_type == PACKET_OTHERHOST ?
			  RRDP_STAT_DROP_OTHERHOST : RRDP_STAT_DROP_GROUP);
		return NULL;
	}

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		rrdp_drop(rd->rn, NULL, RRDP_STAT_DROP_NOMEM);
	return skb;
}

static int rrdp_dev_receive(struct sk_buff *skb, struct net_device *dev,
			    struct packet_type *pt, struct net_device *orig_dev)
{
	struct rrdp_dev *rd = container_of(pt, struct rrdp_dev, pt);

	skb = rrdp_dev_accept(rd, skb, false);
	if (unlikely(!skb))
		return NET_RX_DROP;
	/* A tap or packet socket still counts on its size, which may change. */
	skb_orphan(skb);
	rrdp_rcv(rd, skb);
	return NET_RX_SUCCESS;
}

static int rrdp_dev_receive_resolve(struct sk_buff *skb, struct net_device *dev,
				    struct packet_type *pt,
				    struct net_device *orig_dev)
{
	struct rrdp_dev *rd = container_of(pt, struct rrdp_dev, resolve_pt);

	skb = rrdp_dev_accept(rd, skb, true);
	if (!skb)
		return NET_RX_DROP;
	rrdp_resolve_rcv(rd, skb);
	return NET_RX_SUCCESS;
}

/* @skb is NULL if whoever could not send it has freed it. */
static void rrdp_dev_drop_tx(struct rrdp_dev *rd, struct sk_buff *skb)
{
	local_bh_disable();
	rrdp_drop(rd->rn, skb, RRDP_STAT_DROP_TX);
	local_bh_enable();
}

/* Without the call for what all but a few devices have. */
static int push_link_header(struct sk_buff *skb, struct net_device *dev,
			    const u8 mac[ETH_ALEN], __be16 ethertype)
{
	struct ethhdr *eth;

	if (unlikely(!dev->header_ops || dev->header_ops->create != eth_header))
		return dev_hard_header(skb, dev, ntohs(ethertype), mac,
				       NULL, skb->len);
	eth = skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, mac);
	ether_addr_copy(eth->h_source, dev->dev_addr);
	eth->h_proto = ethertype;
	return ETH_HLEN;
}

static __always_inline int rrdp_dev_send(struct rrdp_dev *rd,
					 const u8 mac[ETH_ALEN],
					 struct sk_buff *skb, __be16 ethertype)
{
	struct net_device *dev;
	int err = -ENETDOWN;

	rcu_read_lock();
	dev = rrdp_dev_netdev(rd);
	/* The qdisc of a device without carrier drops and reports success. */
	if (unlikely(!dev || !netif_running(dev) || !netif_carrier_ok(dev)))
		goto drop;

	err = skb_cow_head(skb, LL_RESERVED_SPACE(dev));
	if (unlikely(err))
		goto drop;

	skb->dev = dev;
	skb->protocol = ethertype;
	skb_reset_network_header(skb);
	err = push_link_header(skb, dev, mac, ethertype);
	if (unlikely(err < 0))
		goto drop;

	err = dev_queue_xmit(skb);
	if (unlikely(err))
		rrdp_dev_drop_tx(rd, NULL);
	rcu_read_unlock();
	return err;

drop:
	rrdp_dev_drop_tx(rd, skb);
	rcu_read_unlock();
	return err;
}

int rrdp_dev_xmit(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
		  struct sk_buff *skb)
{
	return rrdp_dev_send(rd, mac, skb, rrdp_ethertype);
}

int rrdp_dev_xmit_resolve(struct rrdp_dev *rd, const u8 mac[ETH_ALEN],
			  struct sk_buff *skb)
{
	return rrdp_dev_send(rd, mac, skb, rrdp_resolve_ethertype);
}

struct rrdp_dev *rrdp_dev_find(struct rrdp_net *rn,
			       const struct net_device *dev)
{
	struct rrdp_dev *rd;

	list_for_each_entry_rcu(rd, &rn->devs, list,
				lockdep_is_held(&rn->lock))
		if (rd->dev == dev)
			return rd;
	return NULL;
}

static bool rrdp_dev_suitable(const struct rrdp_net *rn,
			      const struct net_device *dev,
			      struct netlink_ext_ack *extack)
{
	if (!net_eq(dev_net(dev), rn->net)) {
		NL_SET_ERR_MSG_FMT(extack, "%s is in another network namespace",
				   dev->name);
		return false;
	}
	if (dev->flags & IFF_LOOPBACK)
		return true;
	if (dev->type != ARPHRD_ETHER) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%s is no Ethernet device; RRDP needs one",
				   dev->name);
		return false;
	}
	if (netif_is_bridge_port(dev) || netif_is_ovs_port(dev) ||
	    netif_is_lag_port(dev)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "%s is a port of a bridge or bond; name that instead",
				   dev->name);
		return false;
	}
	return true;
}

struct rrdp_dev *rrdp_dev_attach(struct rrdp_net *rn, struct net_device *dev,
				 struct netlink_ext_ack *extack)
{
	struct rrdp_dev *rd;

	lockdep_assert_held(&rn->lock);

	rd = rrdp_dev_find(rn, dev);
	if (rd) {
		rd->users++;
		return rd;
	}

	if (!rrdp_dev_suitable(rn, dev, extack))
		return ERR_PTR(-EOPNOTSUPP);

	rd = kzalloc(sizeof(*rd), GFP_KERNEL_ACCOUNT);
	if (!rd)
		return ERR_PTR(-ENOMEM);

	rd->dev = dev;
	rd->rn = rn;
	rd->users = 1;
	refcount_set(&rd->refs, 1);
	netdev_hold(dev, &rd->tracker, GFP_KERNEL);
	list_add_tail_rcu(&rd->list, &rn->devs);

	rd->pt.type = rrdp_ethertype;
	rd->pt.dev = dev;
	rd->pt.func = rrdp_dev_receive;
	dev_add_pack(&rd->pt);
	return rd;
}

void rrdp_dev_listen(struct rrdp_dev *rd, bool listen)
{
	lockdep_assert_held(&rd->rn->lock);

	WRITE_ONCE(rd->local, listen);
	if (!listen) {
		dev_remove_pack(&rd->resolve_pt);
		return;
	}
	rd->resolve_pt.type = rrdp_resolve_ethertype;
	rd->resolve_pt.dev = rd->dev;
	rd->resolve_pt.func = rrdp_dev_receive_resolve;
	dev_add_pack(&rd->resolve_pt);
}

void rrdp_dev_detach(struct rrdp_dev *rd)
{
	lockdep_assert_held(&rd->rn->lock);

	if (--rd->users)
		return;

	list_del_rcu(&rd->list);
	WRITE_ONCE(rd->gone, true);
	/* Waits for all RCU readers: receivers, and senders that saw !gone. */
	dev_remove_pack(&rd->pt);
	netdev_put(rd->dev, &rd->tracker);
	rrdp_dev_put(rd);
}

/**
 * rrdp_dev_put - drop a reference to an attached device
 * @rd: the device
 *
 * Context: any.
 */
void rrdp_dev_put(struct rrdp_dev *rd)
{
	if (refcount_dec_and_test(&rd->refs))
		kfree_rcu(rd, rcu);
}
