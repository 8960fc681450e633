// SPDX-License-Identifier: GPL-2.0
/* Frames out of the tunnel. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>

#include "forward.h"
#include "gro.h"
#include "receive.h"
#include "relay.h"
#include "snoop.h"
#include "suppress.h"
#include "vlan.h"

/* RFC 6040: false when the frame must be dropped. */
static bool vmnet_ecn_ok(struct sk_buff *skb, const struct vmnet_outer *outer)
{
	const void *oiph = skb->head + outer->offset;

	/* Behind a VLAN tag the network header is not where it seems. */
	if (eth_type_vlan(skb->protocol))
		return true;
	if (outer->family == VMNET_V4)
		return IP_ECN_decapsulate(oiph, skb) <= 1;
	return IP6_ECN_decapsulate(oiph, skb) <= 1;
}

/*
 * Are there VLAN devices on top of the vmnet device? vlan_uses_dev() would tell,
 * but only under rtnl.
 */
static bool vmnet_has_vlans(const struct net_device *dev)
{
#if IS_ENABLED(CONFIG_VLAN_8021Q)
	return rcu_access_pointer(dev->vlan_info);
#else
	return false;
#endif
}

/*
 * The transport header that is set is the tunnel's, in front of the frame: who
 * sizes a super-frame by it reads wild memory (qdisc_pkt_len_segs_init()).
 */
static void vmnet_find_transport(struct sk_buff *skb)
{
	skb->transport_header = (typeof(skb->transport_header))~0U;
	if (!skb_is_gso(skb))
		return;
	/* Dissecting costs more than all else that is done to the frame here. */
	if (skb->protocol == htons(ETH_P_IP) && ip_hdr(skb)->ihl >= 5)
		skb_set_transport_header(skb, ip_hdr(skb)->ihl * 4);
	else
		skb_probe_transport_header(skb);
}

static void vmnet_enter(struct vmnet *vm, struct sk_buff *skb)
{
	/*
	 * A VLAN device on top of the vmnet device would get the frames of its
	 * VLAN before they are switched, those for guests, too.
	 */
	if (skb_vlan_tagged(skb) && vmnet_has_vlans(vm->dev)) {
		skb_push(skb, ETH_HLEN);
		vmnet_forward(vm, skb, &vm->tunnel);
		return;
	}
	vmnet_gro_receive(vm, skb);
}

void vmnet_receive(struct vmnet_peer *peer, struct sk_buff *skb,
		   const struct vmnet_outer *outer)
{
	struct vmnet *vm = peer->vm;
	const struct ethhdr *eth;
	enum vmnet_stat reason;
	u16 vid;

	reason = VMNET_STAT_DROP_DOWN;
	if (unlikely(!netif_running(vm->dev)))
		goto drop;
	reason = VMNET_STAT_DROP_SHORT;
	if (unlikely(!pskb_may_pull(skb, ETH_HLEN)))
		goto drop;

	vmnet_count_rx(peer->count, skb->len);
	skb_reset_mac_header(skb);
	skb->protocol = eth_type_trans(skb, vm->dev);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	if (unlikely(vmnet_vlan_is_inside(vm, skb))) {
		skb = skb_vlan_untag(skb);
		if (!skb) {
			vmnet_count(vm, VMNET_STAT_DROP_SHORT);
			return;
		}
	}
	skb_reset_network_header(skb);
	if (unlikely(!pskb_inet_may_pull(skb)))
		goto drop;
	vmnet_find_transport(skb);
	reason = VMNET_STAT_DROP_ECN;
	if (outer && unlikely(!vmnet_ecn_ok(skb, outer)))
		goto drop;

	eth = eth_hdr(skb);
	reason = VMNET_STAT_DROP_SOURCE;
	if (unlikely(!is_valid_ether_addr(eth->h_source)))
		goto drop;
	vid = vmnet_vlan_of(vm, skb);
	if (unlikely(!vmnet_learn(vm, eth->h_source, vid, &peer->dest, &reason)))
		goto drop;
	/* Further on nobody will know which peer it came from. */
	if (unlikely(is_multicast_ether_addr(eth->h_dest)))
		vmnet_snoop_learn(vm, skb, vid, &peer->dest);
	if (unlikely(READ_ONCE(vm->neighs.enabled)))
		vmnet_suppress_learn(vm, skb, vid);

	if (outer && outer->relay)
		vmnet_relay_pass_on(peer, skb, outer->relay);
	vmnet_enter(vm, skb);
	return;

drop:
	vmnet_drop(vm, skb, reason);
}
