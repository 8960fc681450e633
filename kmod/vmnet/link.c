// SPDX-License-Identifier: GPL-2.0
/* Links: one RRDP connection to each peer host. */
#include <linux/if_vlan.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/rrdp.h>

#include "encap.h"
#include "event.h"
#include "forward.h"
#include "link.h"
#include "mtu.h"
#include "receive.h"
#include "relay.h"
#include "super.h"
#include "vmnet-compat.h"

/*
 * Both hosts know each other as peers, and one of them must connect. It is the
 * one with the lower node number; the other waits to be connected to. So there
 * is one connection, whoever starts first.
 */

static struct hlist_head *vmnet_link_bucket(struct vmnet_link *link, u32 vni)
{
	return &link->peers[hash_32(vni, VMNET_LINK_HASH_BITS)];
}

static struct vmnet_peer *vmnet_link_find_peer(struct vmnet_link *link, u32 vni)
{
	struct vmnet_peer *peer;

	hlist_for_each_entry_rcu(peer, vmnet_link_bucket(link, vni), node,
				 lockdep_rtnl_is_held()) {
		if (peer->vm->vni == vni)
			return peer;
	}
	return NULL;
}

/* RCU read lock held, or rtnl lock. */
static struct vmnet_link *vmnet_link_find(struct vmnet_net *vn, u32 node)
{
	struct vmnet_link *link;

	list_for_each_entry_rcu(link, &vn->links, list,
				lockdep_rtnl_is_held()) {
		if (link->node == node)
			return link;
	}
	return NULL;
}

/* The state has changed: tell of it and look at the MTU again. */
static void vmnet_link_announce(struct vmnet_link *link)
{
	struct vmnet_peer *peer;
	int bucket;

	rcu_read_lock();
	hash_for_each_rcu(link->peers, bucket, peer, node) {
		vmnet_event_peer(peer, VMNET_EV_PEER_STATE);
		vmnet_mtu_schedule(peer->vm);
	}
	rcu_read_unlock();
}

static void vmnet_conn_free_rcu(struct rcu_head *rcu)
{
	struct vmnet_conn *vc = container_of(rcu, struct vmnet_conn, rcu);

	rrdp_conn_put(vc->rc);
	kfree(vc);
}

/* A sender may still hold the connection under the RCU read lock. */
static void vmnet_conn_release(struct vmnet_conn *vc)
{
	call_rcu(&vc->rcu, vmnet_conn_free_rcu);
}

static void vmnet_conn_abort(struct vmnet_conn *vc)
{
	rrdp_abort(vc->rc);
	vmnet_conn_release(vc);
}

static struct vmnet_conn *vmnet_conn_new(struct vmnet_link *link, gfp_t gfp)
{
	struct vmnet_conn *vc = kzalloc(sizeof(*vc), gfp);

	if (vc)
		vc->link = link;
	return vc;
}

static void vmnet_link_retry_later(struct vmnet_link *link)
{
	unsigned int msec = VMNET_LINK_RETRY_MIN +
			    get_random_u32_below(VMNET_LINK_RETRY_SPREAD);

	if (READ_ONCE(link->err) == -EHOSTUNREACH)
		msec *= VMNET_LINK_RETRY_ABSENT;
	queue_delayed_work(vmnet_wq, &link->retry, msecs_to_jiffies(msec));
}

/*
 * Makes @vc the connection to send on. Returns false when the link goes away,
 * and then @vc stays the caller's.
 */
static bool vmnet_link_up(struct vmnet_link *link, struct vmnet_conn *vc)
{
	struct vmnet_net *vn = link->vn;
	struct vmnet_conn *old;
	bool dead;

	spin_lock_bh(&vn->link_lock);
	old = rcu_dereference_protected(link->conn,
					lockdep_is_held(&vn->link_lock));
	dead = link->dead;
	if (!dead) {
		if (link->pending == vc)
			link->pending = NULL;
		rcu_assign_pointer(link->conn, vc);
		WRITE_ONCE(link->state, VMNET_PEER_UP);
		WRITE_ONCE(link->err, 0);
	}
	spin_unlock_bh(&vn->link_lock);
	if (dead)
		return false;

	if (old)
		vmnet_conn_abort(old);
	vmnet_link_announce(link);
	return true;
}

static void vmnet_conn_opened(struct rrdp_conn *rc)
{
	struct vmnet_conn *vc = rrdp_conn_priv(rc);

	vc->rc = rc;
	vmnet_link_up(vc->link, vc);
}

static void vmnet_conn_closed(struct rrdp_conn *rc, int err)
{
	struct vmnet_conn *vc = rrdp_conn_priv(rc);
	struct vmnet_link *link = vc->link;
	struct vmnet_net *vn = link->vn;
	bool mine = false, was_up;

	vc->rc = rc;
	spin_lock_bh(&vn->link_lock);
	was_up = rcu_access_pointer(link->conn) == vc;
	if (!link->dead && (was_up || link->pending == vc)) {
		mine = true;
		if (was_up)
			RCU_INIT_POINTER(link->conn, NULL);
		else
			link->pending = NULL;
		WRITE_ONCE(link->state, VMNET_PEER_DOWN);
		/* The other host may have closed it well, and is gone all the same. */
		WRITE_ONCE(link->err, err ?: -ESHUTDOWN);
		vmnet_link_retry_later(link);
	}
	spin_unlock_bh(&vn->link_lock);

	/* Otherwise who took it off the link releases it. */
	if (!mine)
		return;
	if (was_up)
		vmnet_link_announce(link);
	vmnet_conn_release(vc);
}

/**
 * struct vmnet_link_msg - what the header of a message says
 * @ext: its network, and with @has_ext the extension
 * @has_ext: the frame was for many hosts
 * @super: it is a super-frame
 */
struct vmnet_link_msg {
	struct vmnet_ext ext;
	bool has_ext;
	bool super;
};

static enum vmnet_encap vmnet_link_parse(const struct sk_buff *skb,
					 struct vmnet_link_msg *msg)
{
	u8 head[VMNET_HLEN + VMNET_EXT_HLEN];
	unsigned int len = skb->len, avail = min_t(unsigned int, len, sizeof(head));
	enum vmnet_encap encap;

	if (skb_copy_bits(skb, 0, head, avail))
		return VMNET_ENCAP_TRUNCATED;
	msg->super = false;
	msg->has_ext = vmnet_encap_has_ext(head, avail);
	if (msg->has_ext) {
		encap = vmnet_ext_parse(head, avail, len, &msg->ext);
		/* Who is in the subnet at all is known from the connection. */
		return encap == VMNET_ENCAP_OK && msg->ext.hello ?
		       VMNET_ENCAP_FLAGS : encap;
	}
	msg->super = avail && head[0] & VMNET_FLAG_SUPER;
	if (msg->super) {
		head[0] &= ~VMNET_FLAG_SUPER;
		len -= min_t(unsigned int, len, VMNET_SUPER_HLEN);
	}
	return vmnet_encap_parse(head, avail, len, &msg->ext.vni);
}

/* What comes from another subnet a host of this one has passed on: none is to be here. */
static void vmnet_conn_receive_ext(struct vmnet_peer *from, struct sk_buff *skb,
				   const struct vmnet_ext *ext)
{
	struct vmnet_outer outer = { };
	struct vmnet_peer *origin;

	origin = vmnet_relay_receive(from, skb, ext, false, &outer);
	if (origin)
		vmnet_receive(origin, skb, NULL);
}

/* A message. Bottom halves off, which is an RCU read-side section. */
static void vmnet_conn_receive(struct rrdp_conn *rc, struct sk_buff *skb)
{
	struct vmnet_conn *vc = rrdp_conn_priv(rc);
	struct vmnet_link *link = vc->link;
	struct vmnet_link_msg msg;
	enum vmnet_encap encap;
	struct vmnet_peer *peer;
	enum vmnet_stat reason;

	rcu_read_lock();
	encap = vmnet_link_parse(skb, &msg);
	reason = vmnet_encap_drop(encap);
	if (unlikely(encap != VMNET_ENCAP_OK))
		goto drop;
	peer = vmnet_link_find_peer(link, msg.ext.vni);
	reason = VMNET_STAT_DROP_VNI;
	if (unlikely(!peer))
		goto drop;

	vmnet_count(peer->vm, VMNET_STAT_RX_RRDP);
	reason = VMNET_STAT_DROP_NOMEM;
	if (unlikely(!pskb_pull(skb, VMNET_HLEN +
				(msg.has_ext ? VMNET_EXT_HLEN : 0))))
		goto drop;
	/* What the checksum of the message told is told; no frame goes by it. */
	skb->ip_summed = CHECKSUM_NONE;
	skb_clear_hash(skb);
	__vlan_hwaccel_clear_tag(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, true);
	if (msg.super)
		skb = vmnet_super_open(skb, &reason);
	if (unlikely(!skb))
		vmnet_count(peer->vm, reason);
	else if (msg.has_ext)
		vmnet_conn_receive_ext(peer, skb, &msg.ext);
	else
		vmnet_receive(peer, skb, NULL);
	rcu_read_unlock();
	return;

drop:
	vmnet_stat_inc(link->vn->mib, reason);
	vmnet_free_dropped(skb, reason);
	rcu_read_unlock();
}

static const struct rrdp_conn_ops vmnet_conn_ops = {
	.opened = vmnet_conn_opened,
	.receive = vmnet_conn_receive,
	.closed = vmnet_conn_closed,
};

/*
 * Another host has connected. It is let in only when it is a peer and it is
 * its turn to connect. A newer connection replaces the one before: the other
 * host would not have made it if it still had that.
 */
static int vmnet_link_accept(struct rrdp_listener *listener,
			     struct rrdp_conn *rc, void *priv)
{
	u32 node = rrdp_conn_peer_node(rc);
	struct vmnet_net *vn = priv;
	struct vmnet_link *link;
	struct vmnet_conn *vc;
	int err = -EACCES;

	rcu_read_lock();
	link = vmnet_link_find(vn, node);
	if (!link || node > rrdp_local_node(vn->net))
		goto out;
	err = -ENOMEM;
	vc = vmnet_conn_new(link, GFP_ATOMIC);
	if (!vc)
		goto out;
	vc->rc = rc;
	err = -ESHUTDOWN;
	if (!vmnet_link_up(link, vc)) {
		kfree(vc);
		goto out;
	}
	/* No callback of the connection comes before this one is over. */
	rrdp_conn_set_ops(rc, &vmnet_conn_ops, vc);
	rrdp_conn_set_deadtime(rc, VMNET_LINK_DEADTIME);
	err = 0;
out:
	rcu_read_unlock();
	return err;
}

static const struct rrdp_listen_ops vmnet_listen_ops = {
	.accept = vmnet_link_accept,
};

static bool vmnet_link_is_idle(struct vmnet_link *link)
{
	return !link->dead && !link->pending && !rcu_access_pointer(link->conn);
}

static void vmnet_link_connect(struct vmnet_link *link)
{
	struct vmnet_net *vn = link->vn;
	struct vmnet_conn *vc;
	struct rrdp_conn *rc;

	vc = vmnet_conn_new(link, GFP_KERNEL);
	if (!vc) {
		vmnet_link_retry_later(link);
		return;
	}
	spin_lock_bh(&vn->link_lock);
	if (!vmnet_link_is_idle(link)) {
		spin_unlock_bh(&vn->link_lock);
		kfree(vc);
		return;
	}
	link->pending = vc;
	WRITE_ONCE(link->state, VMNET_PEER_CONNECTING);
	spin_unlock_bh(&vn->link_lock);

	/* A callback may come, and release @vc, before this returns. */
	rcu_read_lock();
	rc = rrdp_connect(vn->net, link->node, VMNET_PORT_DEFAULT,
			  &vmnet_conn_ops, vc, GFP_ATOMIC);
	if (!IS_ERR(rc)) {
		vc->rc = rc;
		rrdp_conn_set_deadtime(rc, VMNET_LINK_DEADTIME);
		rcu_read_unlock();
		return;
	}
	rcu_read_unlock();

	spin_lock_bh(&vn->link_lock);
	link->pending = NULL;
	WRITE_ONCE(link->state, VMNET_PEER_DOWN);
	WRITE_ONCE(link->err, PTR_ERR(rc));
	spin_unlock_bh(&vn->link_lock);
	kfree(vc);
	vmnet_link_retry_later(link);
}

static void vmnet_link_retry(struct work_struct *work)
{
	struct vmnet_link *link = container_of(to_delayed_work(work),
					       struct vmnet_link, retry);
	u32 local = rrdp_local_node(link->vn->net);

	if (local && local < link->node)
		vmnet_link_connect(link);
	else if (!rcu_access_pointer(link->conn))
		/* Whose turn it is changes with this host's number. */
		vmnet_link_retry_later(link);
}

/*
 * One frame is for all of a subnet only if all know each other there by the same
 * numbers, and relay copies are UDP's.
 */
static int vmnet_link_check_subnet(const struct vmnet *vm, u32 subnet,
				   struct netlink_ext_ack *extack)
{
	/* A host that does not know where it is itself sends to each by itself. */
	if (!vm->subnet)
		return 0;
	if (subnet != vm->subnet) {
		NL_SET_ERR_MSG(extack,
			       "an RRDP peer is on a link of this host, and so in the subnet that its network has: that subnet, or none");
		return -EINVAL;
	}
	if (vm->node != rrdp_local_node(vm->net)) {
		NL_SET_ERR_MSG(extack,
			       "this host has one number in the network and another for RRDP: they must be the same for RRDP peers with a subnet");
		return -EINVAL;
	}
	return 0;
}

int vmnet_link_check(const struct vmnet *vm, u32 node, u32 subnet,
		     struct netlink_ext_ack *extack)
{
	struct net *net = vm->net;
	u32 local = rrdp_local_node(net);
	struct net_device *dev;
	int err;

	if (!local) {
		NL_SET_ERR_MSG(extack,
			       "this host has no RRDP node number: give it one first (vmnetctl add-node ... local)");
		return -ENETUNREACH;
	}
	if (node == local) {
		NL_SET_ERR_MSG(extack,
			       "this node number is this host's own: a peer is another host");
		return -EINVAL;
	}
	err = subnet ? vmnet_link_check_subnet(vm, subnet, extack) : 0;
	if (err)
		return err;
	dev = rrdp_node_dev(net, node);
	dev_put(dev);
	/* A node that is not there yet may come later. */
	if (!dev && !rrdp_can_ask(net)) {
		NL_SET_ERR_MSG(extack,
			       "no such RRDP node, and no device to ask for it: give this host's number to one (vmnetctl add-node ... local dev), or tell the node's MAC address (lladdr)");
		return -EHOSTUNREACH;
	}
	return 0;
}

const struct net_device *vmnet_link_dev(const struct vmnet_link *link)
{
	struct net_device *dev = rrdp_node_dev(link->vn->net, link->node);

	/* Only compared, under rtnl: it needs no reference. */
	dev_put(dev);
	return dev;
}

/* Octets that RRDP puts in front of a message: its header and the credit. */
#define VMNET_RRDP_HLEN	16

unsigned int vmnet_link_mtu(const struct vmnet_link *link)
{
	unsigned int overhead = VMNET_HLEN + ETH_HLEN;
	struct vmnet_conn *vc;
	struct net_device *dev;
	unsigned int mss = 0;

	dev = rrdp_node_dev(link->vn->net, link->node);
	if (dev) {
		mss = READ_ONCE(dev->mtu);
		mss -= min_t(unsigned int, mss, VMNET_RRDP_HLEN);
		dev_put(dev);
	}
	rcu_read_lock();
	vc = rcu_dereference(link->conn);
	/* Both know the device's MTU, this one that of the other host as well. */
	if (vc)
		mss = min(mss ?: UINT_MAX, rrdp_conn_mss(vc->rc));
	rcu_read_unlock();
	return mss > overhead ? mss - overhead : 0;
}

static struct vmnet_link *vmnet_link_new(struct vmnet_net *vn, u32 node,
					 struct netlink_ext_ack *extack)
{
	struct rrdp_listener *listener;
	struct vmnet_link *link;

	link = kzalloc(sizeof(*link), GFP_KERNEL_ACCOUNT);
	if (!link)
		return ERR_PTR(-ENOMEM);
	if (!vn->listener) {
		listener = rrdp_listen(vn->net, VMNET_PORT_DEFAULT,
				       &vmnet_listen_ops, vn);
		if (IS_ERR(listener)) {
			kfree(link);
			NL_SET_ERR_MSG(extack,
				       "cannot listen on RRDP port 4789: another program has it");
			return ERR_CAST(listener);
		}
		vn->listener = listener;
	}
	link->vn = vn;
	link->node = node;
	link->state = VMNET_PEER_DOWN;
	hash_init(link->peers);
	INIT_DELAYED_WORK(&link->retry, vmnet_link_retry);
	list_add_rcu(&link->list, &vn->links);
	queue_delayed_work(vmnet_wq, &link->retry, 0);
	return link;
}

static void vmnet_link_free(struct vmnet_link *link)
{
	struct vmnet_net *vn = link->vn;
	struct vmnet_conn *conn, *pending;

	list_del_rcu(&link->list);
	spin_lock_bh(&vn->link_lock);
	link->dead = true;
	spin_unlock_bh(&vn->link_lock);
	/* From here on nobody queues it again, or sets a connection. */
	cancel_delayed_work_sync(&link->retry);

	conn = rcu_dereference_protected(link->conn, link->dead);
	pending = link->pending;
	RCU_INIT_POINTER(link->conn, NULL);
	link->pending = NULL;
	if (conn)
		vmnet_conn_abort(conn);
	if (pending)
		vmnet_conn_abort(pending);
	if (list_empty(&vn->links)) {
		rrdp_unlisten(vn->listener);
		vn->listener = NULL;
	}
	/* Callbacks and senders that had begun are done when this returns. */
	synchronize_net();
	kfree(link);
}

int vmnet_link_attach(struct vmnet_peer *peer, struct netlink_ext_ack *extack)
{
	struct vmnet_net *vn = vmnet_pernet(peer->vm->net);
	u32 vni = peer->vm->vni;
	struct vmnet_link *link;

	link = vmnet_link_find(vn, peer->id.node);
	if (link && vmnet_link_find_peer(link, vni)) {
		NL_SET_ERR_MSG(extack,
			       "another network with the same VNI has this node as a peer: over RRDP only the VNI tells them apart");
		return -EEXIST;
	}
	if (!link) {
		link = vmnet_link_new(vn, peer->id.node, extack);
		if (IS_ERR(link))
			return PTR_ERR(link);
	}
	link->users++;
	peer->link = link;
	hlist_add_head_rcu(&peer->node, vmnet_link_bucket(link, vni));
	return 0;
}

void vmnet_link_put(struct vmnet_link *link)
{
	if (!--link->users)
		vmnet_link_free(link);
}

/* Room for headers of @hlen octets, in a buffer whose head is ours to write. */
static int vmnet_link_own_head(const struct vmnet_conn *vc, struct sk_buff *skb,
			       unsigned int hlen)
{
	unsigned int room = rrdp_headroom(vc->rc) + hlen;

	/*
	 * The frame stays here until it is acknowledged. Its sender's socket
	 * buffer and route are not to wait for that. Before the head grows, or
	 * what it grows by is added to no truesize.
	 */
	skb_orphan(skb);
	/* How a super-frame is cut stands behind the head, which TCP shares. */
	return (skb_is_gso(skb) ? skb_cow(skb, room) : skb_cow_head(skb, room)) ?:
	       skb_orphan_frags(skb, GFP_ATOMIC);
}

/*
 * Sends in one message what is described by @super, if it is a super-frame, or has
 * the extension @ext, if that is not NULL.
 */
static void vmnet_link_send_one(struct vmnet_peer *peer, struct vmnet_conn *vc,
				struct sk_buff *skb,
				const struct virtio_net_hdr *super,
				const struct vmnet_ext *ext)
{
	unsigned int hlen = VMNET_HLEN + (super ? VMNET_SUPER_HLEN : 0) +
			    (ext ? VMNET_EXT_HLEN : 0);
	unsigned int len = skb->len;
	int err = -ENOMEM;
	u8 *p;

	if (!super && skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(skb, 0))
		goto drop;
	if (vmnet_link_own_head(vc, skb, hlen))
		goto drop;
	skb_scrub_packet(skb, true);
	skb->dev = NULL;
	skb->ip_summed = CHECKSUM_NONE;
	p = __skb_push(skb, hlen);
	if (ext)
		vmnet_ext_build(p, ext);
	else
		vmnet_encap_build(p, peer->vm->vni);
	if (super) {
		skb_gso_reset(skb);
		p[0] |= VMNET_FLAG_SUPER;
		memcpy(p + VMNET_HLEN, super, VMNET_SUPER_HLEN);
	}
	err = rrdp_send_skb(vc->rc, skb);
	if (likely(!err)) {
		vmnet_count(peer->vm, VMNET_STAT_TX_RRDP);
		vmnet_count_tx(peer->count, len);
		return;
	}
drop:
	vmnet_peer_drop(peer, skb,
			err == -EAGAIN ? VMNET_STAT_DROP_PEER_FULL :
			err == -EMSGSIZE ? VMNET_STAT_DROP_TOO_BIG :
			err == -ENOMEM ? VMNET_STAT_DROP_NOMEM :
			VMNET_STAT_DROP_PEER_DOWN);
}

/* A super-frame that no message can carry. */
static void vmnet_link_send_segments(struct vmnet_peer *peer,
				     struct vmnet_conn *vc, struct sk_buff *skb)
{
	struct sk_buff *segs, *seg, *next;

	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR(segs)) {
		vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_NOMEM);
		return;
	}
	if (!segs) {
		vmnet_link_send_one(peer, vc, skb, NULL, NULL);
		return;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		vmnet_link_send_one(peer, vc, seg, NULL, NULL);
	}
}

/**
 * vmnet_link_send_ext - send a frame to an RRDP peer
 * @peer: peer
 * @skb: frame or super-frame, skb->data at its Ethernet header; consumed
 * @from: where it came from
 * @ext: extension of the header, NULL = none; not for a super-frame
 *
 * Context: bottom halves off, RCU read lock held.
 */
void vmnet_link_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			 const struct vmnet_dest *from,
			 const struct vmnet_ext *ext)
{
	unsigned int overhead = VMNET_HLEN + ETH_HLEN + (ext ? VMNET_EXT_HLEN : 0);
	unsigned int msg_max, max;
	struct virtio_net_hdr super;
	struct vmnet_conn *vc;

	vc = rcu_dereference(peer->link->conn);
	if (unlikely(!vc)) {
		vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_PEER_DOWN);
		return;
	}
	/* Messages of several segments carry frames that no segment could. */
	msg_max = rrdp_conn_msg_max(vc->rc);
	max = msg_max - min(msg_max, overhead);
	if (skb_vlan_tag_present(skb))
		max -= min_t(unsigned int, max, VLAN_HLEN);
	if (unlikely(!vmnet_mtu_fits(skb, max))) {
		max = READ_ONCE(peer->mtu) ?: max;
		if (vmnet_mtu_answer(peer->vm, skb, &peer->dest, from, max))
			vmnet_count_drop(peer->count);
		else
			vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_TOO_BIG);
		return;
	}
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb) {
			vmnet_count(peer->vm, VMNET_STAT_DROP_NOMEM);
			vmnet_count_drop(peer->count);
			return;
		}
	}
	msg_max -= min_t(unsigned int, msg_max, VMNET_HLEN + VMNET_SUPER_HLEN);
	if (!skb_is_gso(skb))
		vmnet_link_send_one(peer, vc, skb, NULL, ext);
	else if (vmnet_super_describe(skb, msg_max, &super))
		vmnet_link_send_one(peer, vc, skb, &super, NULL);
	else
		vmnet_link_send_segments(peer, vc, skb);
}
