// SPDX-License-Identifier: GPL-2.0
/* Peers: other hosts of a network. */
#include <linux/jhash.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "event.h"
#include "forward.h"
#include "group.h"
#include "hello.h"
#include "link.h"
#include "mtu.h"
#include "peer.h"
#include "port.h"
#include "relay.h"
#include "subnet.h"
#include "udp.h"

static struct hlist_head *vmnet_peer_bucket_v4(struct vmnet *vm, __be32 addr)
{
	return &vm->udp_peers[hash_32((__force u32)addr, VMNET_PEER_HASH_BITS)];
}

static struct hlist_head *vmnet_peer_bucket_v6(struct vmnet *vm,
					       const struct in6_addr *addr)
{
	return &vm->udp_peers[hash_32(__ipv6_addr_jhash(addr, 0),
				      VMNET_PEER_HASH_BITS)];
}

struct vmnet_peer *vmnet_peer_find_v4(struct vmnet *vm, __be32 addr)
{
	struct vmnet_peer *peer;

	hlist_for_each_entry_rcu(peer, vmnet_peer_bucket_v4(vm, addr), node,
				 lockdep_rtnl_is_held()) {
		if (peer->id.family == VMNET_V4 && peer->id.v4.s_addr == addr)
			return peer;
	}
	return NULL;
}

struct vmnet_peer *vmnet_peer_find_v6(struct vmnet *vm,
				      const struct in6_addr *addr)
{
	struct vmnet_peer *peer;

	hlist_for_each_entry_rcu(peer, vmnet_peer_bucket_v6(vm, addr), node,
				 lockdep_rtnl_is_held()) {
		if (peer->id.family == VMNET_V6 &&
		    ipv6_addr_equal(&peer->id.v6, addr))
			return peer;
	}
	return NULL;
}

struct vmnet_peer *vmnet_peer_find(struct vmnet *vm,
				   const struct vmnet_peer_id *id)
{
	struct vmnet_peer *peer;

	if (id->transport == VMNET_TRANSPORT_UDP)
		return id->family == VMNET_V4 ?
			vmnet_peer_find_v4(vm, id->v4.s_addr) :
			vmnet_peer_find_v6(vm, &id->v6);

	list_for_each_entry(peer, &vm->peers, list) {
		if (peer->id.transport == VMNET_TRANSPORT_RRDP &&
		    peer->id.node == id->node)
			return peer;
	}
	return NULL;
}

/* The device behind which a peer is, only to be compared. rtnl lock held. */
static const struct net_device *vmnet_peer_dev(struct vmnet_peer *peer)
{
	return peer->id.transport == VMNET_TRANSPORT_UDP ?
		vmnet_udp_dev(peer) : vmnet_link_dev(peer->link);
}

bool vmnet_peer_uses(struct vmnet *vm, const struct net_device *dev)
{
	struct vmnet_peer *peer;

	list_for_each_entry(peer, &vm->peers, list) {
		if (vmnet_peer_dev(peer) == dev)
			return true;
	}
	return false;
}

unsigned int vmnet_peer_mtu(struct vmnet_peer *peer)
{
	unsigned int mtu;

	mtu = peer->id.transport == VMNET_TRANSPORT_UDP ?
		vmnet_udp_mtu(peer) : vmnet_link_mtu(peer->link);
	WRITE_ONCE(peer->mtu, mtu);
	return mtu;
}

enum vmnet_peer_state vmnet_peer_state(const struct vmnet_peer *peer)
{
	if (peer->id.transport == VMNET_TRANSPORT_UDP)
		return VMNET_PEER_UP;
	return READ_ONCE(peer->link->state);
}

int vmnet_peer_error(const struct vmnet_peer *peer)
{
	if (peer->id.transport == VMNET_TRANSPORT_UDP)
		return 0;
	return READ_ONCE(peer->link->err);
}

void vmnet_peer_drop(struct vmnet_peer *peer, struct sk_buff *skb,
		     enum vmnet_stat reason)
{
	vmnet_count_drop(peer->count);
	vmnet_drop(peer->vm, skb, reason);
}

void vmnet_peer_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			 const struct vmnet_dest *from,
			 const struct vmnet_ext *ext)
{
	if (peer->id.transport == VMNET_TRANSPORT_UDP)
		vmnet_udp_send_ext(peer, skb, from, ext);
	else
		vmnet_link_send_ext(peer, skb, from, ext);
}

static int vmnet_peer_check_udp(struct vmnet *vm,
				const struct vmnet_peer_id *id,
				struct netlink_ext_ack *extack)
{
	if (id->family == VMNET_V4 ?
	    ipv4_is_zeronet(id->v4.s_addr) || ipv4_is_lbcast(id->v4.s_addr) ||
	    ipv4_is_multicast(id->v4.s_addr) :
	    ipv6_addr_any(&id->v6) || ipv6_addr_is_multicast(&id->v6)) {
		NL_SET_ERR_MSG(extack,
			       "a peer needs a unicast IP address: one host");
		return -EINVAL;
	}
	if (id->family == VMNET_V6 && ipv6_addr_v4mapped(&id->v6)) {
		NL_SET_ERR_MSG(extack,
			       "this is an IPv4 address, written as an IPv6 one: use the IPv4 address");
		return -EINVAL;
	}
	if (id->family == VMNET_V6 &&
	    ipv6_addr_type(&id->v6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG(extack,
			       "a link-local address says nothing without a device: use a global or unique local one");
		return -EINVAL;
	}
	if (vmnet_udp_is_own(vm, id)) {
		NL_SET_ERR_MSG(extack,
			       "this IP address is this host's own: a peer is another host");
		return -EINVAL;
	}
	return 0;
}

static int vmnet_peer_check(struct vmnet *vm, const struct vmnet_peer_id *id,
			    const struct vmnet_peer_config *cfg,
			    struct netlink_ext_ack *extack)
{
	int err;

	if (id->transport == VMNET_TRANSPORT_UDP)
		err = vmnet_peer_check_udp(vm, id, extack);
	else
		err = vmnet_link_check(vm, id->node, cfg->subnet, extack);
	if (err)
		return err;
	if (vmnet_peer_find(vm, id)) {
		NL_SET_ERR_MSG(extack,
			       "this network has that peer already: delete it first to change it");
		return -EEXIST;
	}
	return 0;
}

static void vmnet_peer_free(struct vmnet_peer *peer)
{
	dst_cache_destroy(&peer->cache);
	free_percpu(peer->count);
	kfree(peer->member);
	kfree(peer);
}

static void vmnet_peer_free_rcu(struct rcu_head *rcu)
{
	vmnet_peer_free(container_of(rcu, struct vmnet_peer, rcu));
}

void vmnet_peer_free_later(struct vmnet_peer *peer)
{
	call_rcu(&peer->rcu, vmnet_peer_free_rcu);
}

struct vmnet_peer *vmnet_peer_alloc(struct vmnet *vm,
				    const struct vmnet_peer_id *id)
{
	static u64 seq;
	struct vmnet_peer *peer;

	peer = kzalloc(sizeof(*peer), GFP_KERNEL_ACCOUNT);
	if (!peer)
		return NULL;
	peer->dest.kind = VMNET_DEST_PEER;
	peer->vm = vm;
	peer->id = *id;
	peer->seq = ++seq;
	INIT_LIST_HEAD(&peer->single);
	peer->count = vmnet_count_alloc();
	if (!peer->count || dst_cache_init(&peer->cache, GFP_KERNEL_ACCOUNT)) {
		vmnet_peer_free(peer);
		return NULL;
	}
	return peer;
}

/* Connects the peer to its transport. */
static int vmnet_peer_attach(struct vmnet_peer *peer,
			     struct netlink_ext_ack *extack)
{
	struct vmnet *vm = peer->vm;
	int err;

	if (peer->id.transport == VMNET_TRANSPORT_RRDP)
		return vmnet_link_attach(peer, extack);

	err = vmnet_udp_open(vm, peer->id.family, extack);
	if (err)
		return err;
	hlist_add_head_rcu(&peer->node, peer->id.family == VMNET_V4 ?
			   vmnet_peer_bucket_v4(vm, peer->id.v4.s_addr) :
			   vmnet_peer_bucket_v6(vm, &peer->id.v6));
	return 0;
}

/* Those who flood frames find it. */
static void vmnet_peer_link(struct vmnet_peer *peer)
{
	if (peer->member)
		vmnet_member_link(peer->member);
	if (!peer->member || !peer->member->subnet)
		list_add_tail_rcu(&peer->single, &peer->vm->singles);
}

/* Nobody will find it any more but in the MAC database. */
static void vmnet_peer_unlink(struct vmnet_peer *peer)
{
	hlist_del_rcu(&peer->node);
	if (peer->member)
		vmnet_member_unlink(peer->member);
	if (!list_empty(&peer->single))
		list_del_rcu(&peer->single);
}

/*
 * First half of the end of a peer: nothing is received from it or learned of it
 * any more when this returns.
 */
static void vmnet_peer_silence(struct vmnet_peer *peer)
{
	vmnet_peer_unlink(peer);
	synchronize_net();
	vmnet_fdb_flush(&peer->vm->fdb, &peer->dest);
	vmnet_mdb_flush(&peer->vm->mdb, &peer->dest);
}

/*
 * Second half. A sender may have found the peer in the MAC database just
 * before it was flushed.
 */
static void vmnet_peer_release(struct vmnet_peer *peer)
{
	if (peer->id.transport == VMNET_TRANSPORT_RRDP)
		vmnet_link_put(peer->link);
	else
		vmnet_udp_close(peer->vm, peer->id.family);
	if (peer->member)
		vmnet_member_release(peer->member);
	vmnet_peer_free_later(peer);
}

/**
 * vmnet_peer_add - add a peer to a network
 * @vm: network
 * @id: what it is named by
 * @cfg: what is said of it
 * @extack: says what is wrong
 *
 * Context: rtnl lock held.
 */
int vmnet_peer_add(struct vmnet *vm, const struct vmnet_peer_id *id,
		   const struct vmnet_peer_config *cfg,
		   struct netlink_ext_ack *extack)
{
	const struct net_device *dev;
	struct vmnet_peer *peer;
	int err;

	err = vmnet_peer_check(vm, id, cfg, extack);
	if (!err)
		err = vmnet_member_check(vm, cfg, extack);
	if (err)
		return err;
	peer = vmnet_peer_alloc(vm, id);
	if (!peer)
		return -ENOMEM;
	peer->udp_port = cfg->udp_port;
	peer->plain = cfg->plain;
	err = vmnet_member_new(peer, cfg);
	if (err)
		goto err_free;
	err = vmnet_peer_attach(peer, extack);
	if (err)
		goto err_member;
	dev = vmnet_peer_dev(peer);
	if (dev && vmnet_port_find(vm, dev)) {
		NL_SET_ERR_MSG(extack,
			       "the device through which this peer is reached is a port of the network: it cannot carry the tunnel, too");
		vmnet_peer_silence(peer);
		vmnet_peer_release(peer);
		return -ELOOP;
	}
	list_add_tail_rcu(&peer->list, &vm->peers);
	vmnet_peer_link(peer);
	vm->n_peers++;
	vmnet_mtu_update(vm);
	vmnet_group_update(vm);
	vmnet_event_peer(peer, VMNET_EV_PEER_NEW);
	vmnet_hello_start(vm);
	return 0;

err_member:
	if (peer->member)
		vmnet_member_release(peer->member);
err_free:
	vmnet_peer_free(peer);
	return err;
}

/**
 * vmnet_peer_set_leaving - a peer is to forward no more, or again
 * @peer: peer
 * @leaving: no more
 * @extack: says what is wrong
 *
 * It stays a host of the network, so what it still gets it passes on.
 *
 * Context: rtnl lock held.
 */
int vmnet_peer_set_leaving(struct vmnet_peer *peer, bool leaving,
			   struct netlink_ext_ack *extack)
{
	if (!peer->member) {
		NL_SET_ERR_MSG(extack,
			       "this peer forwards for no subnet: it was added without node and subnet");
		return -EINVAL;
	}
	if (peer->member->leaving == leaving)
		return 0;
	WRITE_ONCE(peer->member->leaving, leaving);
	vmnet_event_peer(peer, VMNET_EV_PEER_STATE);
	return 0;
}

/* The peer is silent already. */
static void vmnet_peer_remove(struct vmnet_peer *peer)
{
	struct vmnet *vm = peer->vm;

	list_del_rcu(&peer->list);
	vm->n_peers--;
	vmnet_event_peer(peer, VMNET_EV_PEER_DEL);
	vmnet_peer_release(peer);
}

void vmnet_peer_del(struct vmnet_peer *peer)
{
	struct vmnet *vm = peer->vm;

	vmnet_peer_silence(peer);
	if (peer->member)
		vmnet_relay_gone(peer->member);
	vmnet_peer_remove(peer);
	vmnet_mtu_update(vm);
	vmnet_group_update(vm);
}

/* As vmnet_peer_silence() for each, but waits once and flushes once. */
static void vmnet_peer_silence_all(struct vmnet *vm)
{
	struct vmnet_peer *peer;

	if (list_empty(&vm->peers))
		return;
	list_for_each_entry(peer, &vm->peers, list)
		vmnet_peer_unlink(peer);
	synchronize_net();
	vmnet_fdb_flush_kind(&vm->fdb, VMNET_DEST_PEER);
	vmnet_mdb_flush_kind(&vm->mdb, VMNET_DEST_PEER);
}

void vmnet_peer_del_all(struct vmnet *vm)
{
	struct vmnet_peer *peer, *next;

	vmnet_peer_silence_all(vm);
	list_for_each_entry_safe(peer, next, &vm->peers, list)
		vmnet_peer_remove(peer);
}
