// SPDX-License-Identifier: GPL-2.0
/* From where a frame came to where it goes. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <net/dst_metadata.h>

#include "forward.h"
#include "mtu.h"
#include "peer.h"
#include "port.h"
#include "relay.h"
#include "snoop.h"
#include "suppress.h"
#include "vlan.h"

/*
 * Frames for the host and frames out of the tunnel both enter the stack
 * through the vmnet device. This dst marks the former, so that the receive
 * handler of the device lets them through. It never is a route: the stack
 * takes an skb with a metadata dst for one without a dst.
 */
static struct metadata_dst *vmnet_to_host;

void vmnet_drop(const struct vmnet *vm, struct sk_buff *skb,
		enum vmnet_stat reason)
{
	vmnet_count(vm, reason);
	vmnet_free_dropped(skb, reason);
}

bool vmnet_is_own(const struct vmnet *vm, const u8 *addr)
{
	return ether_addr_equal(addr, vm->dev->dev_addr);
}

bool vmnet_learn(struct vmnet *vm, const u8 *addr, u16 vid,
		 struct vmnet_dest *from, enum vmnet_stat *why)
{
	*why = VMNET_STAT_DROP_OWN_SOURCE;
	/* The MAC database has it in VLAN 0 only. */
	if (vid && unlikely(vmnet_is_own(vm, addr)))
		return false;
	switch (vmnet_fdb_learn(&vm->fdb, addr, vid, from, jiffies)) {
	case VMNET_LEARN_NEW:
		vmnet_count(vm, VMNET_STAT_LEARNED);
		return true;
	case VMNET_LEARN_MOVED:
		vmnet_count(vm, VMNET_STAT_MOVED);
		return true;
	case VMNET_LEARN_FULL:
		vmnet_count(vm, VMNET_STAT_FDB_FULL);
		return true;
	case VMNET_LEARN_DEST_FULL:
		vmnet_count(vm, VMNET_STAT_FDB_PORT_FULL);
		return true;
	case VMNET_LEARN_DAMPED:
		vmnet_count(vm, VMNET_STAT_DAMPED);
		return true;
	case VMNET_LEARN_OWN:
		return false;
	case VMNET_LEARN_HELD:
		*why = VMNET_STAT_DROP_HELD;
		return false;
	case VMNET_LEARN_KNOWN:
	case VMNET_LEARN_FIXED:
		break;
	}
	return true;
}

static void vmnet_port_send(struct vmnet *vm, struct sk_buff *skb,
			    struct vmnet_port *port,
			    const struct vmnet_dest *from)
{
	struct net_device *dev = port->dev;
	unsigned int mtu = READ_ONCE(dev->mtu);
	int depth;

	if (unlikely(!netif_running(dev) || !netif_carrier_ok(dev))) {
		vmnet_port_drop(port, skb, VMNET_STAT_DROP_PORT);
		return;
	}
	if (eth_type_vlan(skb->protocol))
		mtu += VLAN_HLEN;
	if (unlikely(!vmnet_mtu_fits(skb, mtu))) {
		if (vmnet_mtu_answer(vm, skb, &port->dest, from, mtu))
			vmnet_count_drop(port->count);
		else
			vmnet_port_drop(port, skb, VMNET_STAT_DROP_TOO_BIG);
		return;
	}
	vmnet_vlan_egress(&port->dest, skb);

	/* The next device may offload checksums, and looks for them here. */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    eth_type_vlan(skb->protocol)) {
		if (!vlan_get_protocol_and_depth(skb, skb->protocol, &depth)) {
			vmnet_port_drop(port, skb, VMNET_STAT_DROP_SHORT);
			return;
		}
		skb_set_network_header(skb, depth);
	}
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	vmnet_count(vm, VMNET_STAT_TX_PORT);
	vmnet_count_tx(port->count, skb->len);
	dev_queue_xmit(skb);
}

static void vmnet_host_count(struct vmnet *vm, unsigned int len)
{
	vmnet_count(vm, VMNET_STAT_TX_HOST);
	dev_sw_netstats_rx_add(vm->dev, len);
}

/* To the host's stack. skb->data is at the Ethernet header. */
static void vmnet_host_receive(struct vmnet *vm, struct sk_buff *skb,
			       bool queue)
{
	vmnet_host_count(vm, skb->len);
	vmnet_vlan_egress(&vm->local, skb);
	/* For the port it came from the frame may have been another host's. */
	skb->pkt_type = PACKET_HOST;
	skb->protocol = eth_type_trans(skb, vm->dev);
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &vmnet_to_host->dst);
	if (queue)
		netif_rx(skb);
	else
		netif_receive_skb(skb);
}

void vmnet_deliver(struct vmnet *vm, struct sk_buff *skb,
		   const struct vmnet_dest *to, const struct vmnet_dest *from)
{
	switch (to->kind) {
	case VMNET_DEST_LOCAL:
		/*
		 * Only an answer to what the host sends comes this way, and it
		 * must not run inside that: the sending socket may be locked.
		 */
		vmnet_host_receive(vm, skb, true);
		break;
	case VMNET_DEST_PORT:
		vmnet_port_send(vm, skb, vmnet_dest_port(to), from);
		break;
	case VMNET_DEST_PEER:
		vmnet_peer_send(vmnet_dest_peer(to), skb, from);
		break;
	}
}

static void vmnet_deliver_copy(struct vmnet *vm, struct sk_buff *skb,
			       const struct vmnet_dest *to,
			       const struct vmnet_dest *from)
{
	struct sk_buff *copy = skb_clone(skb, GFP_ATOMIC);

	if (likely(copy))
		vmnet_deliver(vm, copy, to, from);
	else
		vmnet_count(vm, VMNET_STAT_DROP_NOMEM);
}

/*
 * IEEE 802.1Q, table 8-1: these groups are for the bridge itself and never
 * forwarded. Spanning tree (00) is let through: this switch takes no part in
 * it, so that guests' bridges can find loops through it.
 */
static bool vmnet_is_reserved_group(const u8 *addr)
{
	return is_link_local_ether_addr(addr) && addr[5] != 0;
}

/*
 * The frame is for @to, too. It is known now that it was not the last for @prev,
 * which so gets a copy. Returns the one that is still to be served.
 */
static const struct vmnet_dest *
vmnet_flood_next(struct vmnet *vm, struct sk_buff *skb,
		 const struct vmnet_dest *prev, const struct vmnet_dest *to,
		 const struct vmnet_dest *from)
{
	if (vmnet_verdict(from, to) != VMNET_PASS)
		return prev;
	if (prev)
		vmnet_deliver_copy(vm, skb, prev, from);
	return to;
}

/* Gives @last the frame, or with @keep a copy of it, as it stays the caller's. */
static void vmnet_flood_last(struct vmnet *vm, struct sk_buff *skb,
			     const struct vmnet_dest *last,
			     const struct vmnet_dest *from, bool keep)
{
	if (keep && last)
		vmnet_deliver_copy(vm, skb, last, from);
	else if (last)
		vmnet_deliver(vm, skb, last, from);
	else if (!keep)
		consume_skb(skb);
}

/*
 * To all ports in VLAN @vid and, with @peers, all peers. With @keep they get copies
 * and @skb stays the caller's, otherwise the last of them gets it.
 */
static void vmnet_flood(struct vmnet *vm, struct sk_buff *skb, u16 vid,
			const struct vmnet_dest *from, bool peers, bool keep)
{
	const struct vmnet_dest *last = NULL;
	struct vmnet_port *port;
	struct vmnet_peer *peer;

	vmnet_count(vm, VMNET_STAT_FLOODED);
	list_for_each_entry_rcu(port, &vm->ports, list) {
		if (vmnet_vlan_carries(&port->dest, vid))
			last = vmnet_flood_next(vm, skb, last, &port->dest,
						from);
	}
	if (peers) {
		list_for_each_entry_rcu(peer, &vm->singles, single)
			last = vmnet_flood_next(vm, skb, last, &peer->dest,
						from);
		vmnet_relay_flood(vm, skb, from);
	}
	vmnet_flood_last(vm, skb, last, from, keep);
}

/*
 * A report to all hosts: they are parts of one switch, and each has to know of all
 * listeners. What is not such a host is told if there is a router behind it.
 */
static const struct vmnet_dest *
vmnet_report_peers(struct vmnet *vm, struct sk_buff *skb,
		   const struct vmnet_dest *last, const struct vmnet_dest *from,
		   const struct vmnet_mdb_set *set)
{
	struct vmnet_peer *peer;

	list_for_each_entry_rcu(peer, &vm->singles, single) {
		if (!peer->plain || vmnet_mdb_has(set, &peer->dest))
			last = vmnet_flood_next(vm, skb, last, &peer->dest,
						from);
	}
	vmnet_relay_flood(vm, skb, from);
	return last;
}

static bool vmnet_is_in_subnet(const struct vmnet_dest *to)
{
	return to->kind == VMNET_DEST_PEER &&
	       vmnet_peer_in_subnet(vmnet_dest_peer(to));
}

/*
 * To the peers that listen: one by one if that is no more copies than a flood would
 * be. Returns the one that is still to be served.
 */
static const struct vmnet_dest *
vmnet_multicast_peers(struct vmnet *vm, struct sk_buff *skb,
		      const struct vmnet_dest *last,
		      const struct vmnet_dest *from,
		      const struct vmnet_mdb_set *set)
{
	const struct vmnet_dest *to;
	struct vmnet_mdb_iter it;
	unsigned int n = 0;
	bool flood;

	vmnet_mdb_iter_init(&it, set);
	while ((to = vmnet_mdb_next(&it))) {
		if (vmnet_is_in_subnet(to))
			n++;
	}
	flood = n > vmnet_relay_copies(vm, n);
	vmnet_mdb_iter_init(&it, set);
	while ((to = vmnet_mdb_next(&it))) {
		if (to->kind == VMNET_DEST_PEER &&
		    !(flood && vmnet_is_in_subnet(to)))
			last = vmnet_flood_next(vm, skb, last, to, from);
	}
	if (flood)
		vmnet_relay_flood(vm, skb, from);
	return last;
}

/*
 * To those of a set; @host says whether the host may have it. Returns true when it is
 * to, and then @skb still is the caller's.
 */
static bool vmnet_multicast(struct vmnet *vm, struct sk_buff *skb, u16 vid,
			    const struct vmnet_dest *from,
			    const struct vmnet_mdb_set *set, bool host)
{
	const struct vmnet_dest *to, *last = NULL;
	struct vmnet_mdb_iter it;

	/* A multicast router of the host wants all; it asks for it so. */
	host = host && (vm->dev->flags & (IFF_PROMISC | IFF_ALLMULTI) ||
			vmnet_mdb_has(set, &vm->local));
	vmnet_count(vm, VMNET_STAT_SNOOPED);
	vmnet_mdb_iter_init(&it, set);
	while ((to = vmnet_mdb_next(&it))) {
		if (to->kind == VMNET_DEST_PORT && vmnet_vlan_carries(to, vid))
			last = vmnet_flood_next(vm, skb, last, to, from);
	}
	if (vmnet_reaches_peers(from))
		last = set->routers ?
		       vmnet_report_peers(vm, skb, last, from, set) :
		       vmnet_multicast_peers(vm, skb, last, from, set);
	vmnet_flood_last(vm, skb, last, from, host);
	return host;
}

/*
 * A frame that is for many, or for one of whom it is not known where. As
 * vmnet_switch().
 */
static bool vmnet_switch_many(struct vmnet *vm, struct sk_buff *skb, u16 vid,
			      struct vmnet_dest *from, bool host)
{
	bool many = is_multicast_ether_addr(eth_hdr(skb)->h_dest);
	bool peers = vmnet_reaches_peers(from);
	struct vmnet_mdb_set set;

	/* Only for peers who is asked for is behind one. */
	if (many && peers && unlikely(READ_ONCE(vm->neighs.enabled)) &&
	    vmnet_suppress_answer(vm, skb, vid, from))
		peers = false;
	else if (many && vmnet_snoop(vm, skb, vid, from, &set))
		return vmnet_multicast(vm, skb, vid, from, &set, host);
	vmnet_flood(vm, skb, vid, from, peers, host);
	return host;
}

/* Where a unicast frame goes, NULL if that is not known. */
static const struct vmnet_dest *vmnet_lookup(struct vmnet *vm, const u8 *addr,
					     u16 vid)
{
	struct vmnet_fdb_entry *entry;

	if (vid && vmnet_is_own(vm, addr))
		return &vm->local;
	entry = vmnet_fdb_find(&vm->fdb, addr, vid);
	return entry ? rcu_dereference(entry->dest) : NULL;
}

/* Why a unicast frame must not go where it should; false if it may. */
static bool vmnet_is_barred(const struct vmnet_dest *from,
			    const struct vmnet_dest *to, u16 vid,
			    enum vmnet_stat *why)
{
	switch (vmnet_verdict(from, to)) {
	case VMNET_DROP_SAME:
		*why = VMNET_STAT_DROP_SAME;
		return true;
	case VMNET_DROP_SPLIT:
		*why = VMNET_STAT_DROP_SPLIT;
		return true;
	case VMNET_DROP_ISOLATED:
		*why = VMNET_STAT_DROP_ISOLATED;
		return true;
	case VMNET_DROP_CONFINED:
		*why = VMNET_STAT_DROP_CONFINED;
		return true;
	case VMNET_PASS:
		break;
	}
	*why = VMNET_STAT_DROP_VLAN_OUT;
	return !vmnet_vlan_carries(to, vid);
}

/*
 * Sends @skb to ports and peers. Returns true when the host is to have it, and
 * then it still is the caller's. The host never gets what it sent itself.
 */
static bool vmnet_switch(struct vmnet *vm, struct sk_buff *skb,
			 struct vmnet_dest *from)
{
	u16 vid = vmnet_vlan_of(vm, skb);
	/* What the host has sent it has seen. */
	bool host = from->kind != VMNET_DEST_LOCAL &&
		    vmnet_vlan_carries(&vm->local, vid);
	bool promisc = host && vm->dev->flags & IFF_PROMISC;
	const struct vmnet_dest *to = NULL;
	enum vmnet_stat why;
	const u8 *addr;

	/* From peers it was learned in vmnet_receive(). */
	if (unlikely(READ_ONCE(vm->neighs.enabled)) &&
	    from->kind != VMNET_DEST_PEER)
		vmnet_suppress_learn(vm, skb, vid);
	addr = eth_hdr(skb)->h_dest;
	if (is_multicast_ether_addr(addr)) {
		why = VMNET_STAT_DROP_RESERVED;
		if (unlikely(vmnet_is_reserved_group(addr)))
			goto drop;
	} else {
		to = vmnet_lookup(vm, addr, vid);
		host = promisc;
	}
	if (!to) {
		why = VMNET_STAT_DROP_STORM;
		if (unlikely(!vmnet_port_may_flood(from, skb)))
			goto drop;
		return vmnet_switch_many(vm, skb, vid, from, host);
	}

	if (unlikely(vmnet_is_barred(from, to, vid, &why)))
		goto drop;
	if (to->kind == VMNET_DEST_LOCAL)
		return true;
	if (unlikely(promisc)) {
		vmnet_deliver_copy(vm, skb, to, from);
		return true;
	}
	vmnet_deliver(vm, skb, to, from);
	return false;

drop:
	if (from->kind == VMNET_DEST_PORT)
		vmnet_count_rx_drop(vmnet_dest_port(from)->count);
	vmnet_drop(vm, skb, why);
	return false;
}

/**
 * vmnet_forward - switch a frame
 * @vm: network
 * @skb: frame; skb->data and the MAC header are at its Ethernet header, and
 *	the network header is set. Consumed
 * @from: where it came from
 *
 * Context: bottom halves off, RCU read lock held; takes no lock.
 */
void vmnet_forward(struct vmnet *vm, struct sk_buff *skb,
		   struct vmnet_dest *from)
{
	if (unlikely(vmnet_vlan_is_inside(vm, skb))) {
		skb = vmnet_vlan_take_out(skb);
		if (!skb) {
			vmnet_count(vm, VMNET_STAT_DROP_NOMEM);
			return;
		}
	}
	/* Whoever puts tunnels into tunnels must not use up the stack. */
	if (vmnet_switch(vm, skb, from))
		vmnet_host_receive(vm, skb, from == &vm->tunnel);
}

/**
 * vmnet_tunnel_receive - frames that enter the stack at the vmnet device
 * @pskb: the frame, with skb->data behind its Ethernet header
 *
 * What peers sent comes here after GRO, so that a guest gets super-frames, and
 * after tc has seen it on the vmnet device. From which peer it came was learned
 * before and no longer matters: no peer gets it.
 *
 * Context: softirq, RCU read lock held.
 */
rx_handler_result_t vmnet_tunnel_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct vmnet *vm = netdev_priv(skb->dev);

	/* The host's IP loops its multicasts back, without Ethernet header. */
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return RX_HANDLER_PASS;
	if (skb_dst(skb) == &vmnet_to_host->dst) {
		skb_dst_drop(skb);
		return RX_HANDLER_PASS;
	}
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;

	skb_push(skb, ETH_HLEN);
	if (!vmnet_switch(vm, skb, &vm->tunnel))
		return RX_HANDLER_CONSUMED;
	vmnet_host_count(vm, skb->len);
	vmnet_vlan_egress(&vm->local, skb);
	skb_pull(skb, ETH_HLEN);
	return RX_HANDLER_PASS;
}

int vmnet_forward_init(void)
{
	vmnet_to_host = metadata_dst_alloc(0, METADATA_HW_PORT_MUX, GFP_KERNEL);
	return vmnet_to_host ? 0 : -ENOMEM;
}

void vmnet_forward_exit(void)
{
	/* A queued skb may still hold it. */
	dst_release(&vmnet_to_host->dst);
}
