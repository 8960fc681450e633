// SPDX-License-Identifier: GPL-2.0
/* ARP and ND suppression. */
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/jiffies.h>
#include <net/arp.h>
#include <net/ip6_checksum.h>
#include <net/ndisc.h>

#include "forward.h"
#include "suppress.h"
#include "vlan.h"

/* No message of ND that is of use here is longer. */
#define VMNET_ND_MAX	256

/* ARP of IPv4 over Ethernet. */
struct vmnet_arp {
	struct arphdr head;
	u8 sha[ETH_ALEN];
	__be32 sip;
	u8 tha[ETH_ALEN];
	__be32 tip;
} __packed __aligned(2);

/**
 * struct vmnet_suppress_nd - a message of ND
 * @ip6h: its IPv6 header
 * @msg: the message
 * @len: octets of the message
 */
struct vmnet_suppress_nd {
	const struct ipv6hdr *ip6h;
	const struct nd_msg *msg;
	unsigned int len;
};

/* ---- ARP ---- */

/* A sane request or answer, with addresses that may be learned; NULL otherwise. */
static const struct vmnet_arp *vmnet_suppress_arp(struct sk_buff *skb)
{
	const struct vmnet_arp *arp;
	int offset = skb_network_offset(skb);

	if (!pskb_may_pull(skb, offset + sizeof(*arp)))
		return NULL;
	arp = (struct vmnet_arp *)skb_network_header(skb);
	if (arp->head.ar_hrd != htons(ARPHRD_ETHER) ||
	    arp->head.ar_pro != htons(ETH_P_IP) ||
	    arp->head.ar_hln != ETH_ALEN || arp->head.ar_pln != 4 ||
	    (arp->head.ar_op != htons(ARPOP_REQUEST) &&
	     arp->head.ar_op != htons(ARPOP_REPLY)))
		return NULL;
	/* Nobody speaks for others, and whoever probes has no address yet. */
	if (!ether_addr_equal(arp->sha, eth_hdr(skb)->h_source) || !arp->sip ||
	    ipv4_is_multicast(arp->sip) || ipv4_is_loopback(arp->sip) ||
	    ipv4_is_lbcast(arp->sip))
		return NULL;
	return arp;
}

static struct vmnet_neigh_key vmnet_suppress_key_v4(__be32 addr, u16 vid)
{
	struct vmnet_neigh_key key = { .vid = vid, .proto = htons(ETH_P_IP) };

	ipv6_addr_set_v4mapped(addr, &key.addr);
	return key;
}

static void vmnet_suppress_tell(struct vmnet *vm,
				const struct vmnet_neigh_key *key,
				const u8 *mac, bool router)
{
	if (vmnet_neigh_learn(&vm->neighs, key, mac, router, jiffies))
		vmnet_count(vm, VMNET_STAT_NEIGH_FULL);
}

static void vmnet_suppress_learn_arp(struct vmnet *vm, struct sk_buff *skb,
				     u16 vid)
{
	const struct vmnet_arp *arp = vmnet_suppress_arp(skb);
	struct vmnet_neigh_key key;

	if (!arp)
		return;
	key = vmnet_suppress_key_v4(arp->sip, vid);
	vmnet_suppress_tell(vm, &key, arp->sha, false);
}

/*
 * What is known of an address whose MAC address is behind a peer now. Of any other
 * somebody here can be asked, or nothing is sure.
 */
static const struct vmnet_neigh *
vmnet_suppress_find(struct vmnet *vm, const struct vmnet_neigh_key *key)
{
	struct vmnet_fdb_entry *entry;
	struct vmnet_neigh *n;

	n = vmnet_neigh_find(&vm->neighs, key);
	if (!n)
		return NULL;
	entry = vmnet_fdb_find(&vm->fdb, n->mac, key->vid);
	if (!entry || rcu_dereference(entry->dest)->kind != VMNET_DEST_PEER)
		return NULL;
	return n;
}

/* Gives @reply, whose head ends at its Ethernet header, to who has asked. */
static void vmnet_suppress_reply(struct vmnet *vm, struct sk_buff *reply,
				 u16 vid, const struct vmnet_dest *from)
{
	skb_reset_mac_header(reply);
	if (vid)
		__vlan_hwaccel_put_tag(reply, htons(ETH_P_8021Q), vid);
	vmnet_count(vm, VMNET_STAT_NEIGH_ANSWERED);
	vmnet_deliver(vm, reply, from, &vm->tunnel);
}

static bool vmnet_suppress_answer_arp(struct vmnet *vm, struct sk_buff *skb,
				      u16 vid, const struct vmnet_dest *from)
{
	const struct vmnet_arp *arp = vmnet_suppress_arp(skb);
	const struct vmnet_neigh *n;
	struct vmnet_neigh_key key;
	struct sk_buff *reply;

	/* Who asks for its own address tells it, or looks for another that has it. */
	if (!arp || arp->head.ar_op != htons(ARPOP_REQUEST) ||
	    arp->sip == arp->tip)
		return false;
	key = vmnet_suppress_key_v4(arp->tip, vid);
	n = vmnet_suppress_find(vm, &key);
	if (!n)
		return false;
	reply = arp_create(ARPOP_REPLY, ETH_P_ARP, arp->sip, vm->dev, arp->tip,
			   arp->sha, n->mac, arp->sha);
	if (unlikely(!reply))
		return false;
	vmnet_suppress_reply(vm, reply, vid, from);
	return true;
}

/* ---- ND ---- */

/* Solicitation or advertisement, checked as RFC 4861, section 7.1, wants it. */
static bool vmnet_suppress_nd(struct sk_buff *skb, struct vmnet_suppress_nd *nd)
{
	unsigned int offset = skb_network_offset(skb);
	unsigned int len;

	if (!pskb_may_pull(skb, offset + sizeof(*nd->ip6h)))
		return false;
	nd->ip6h = ipv6_hdr(skb);
	len = ntohs(nd->ip6h->payload_len);
	if (nd->ip6h->version != 6 || nd->ip6h->nexthdr != IPPROTO_ICMPV6 ||
	    nd->ip6h->hop_limit != 255 || len < sizeof(*nd->msg) ||
	    len > VMNET_ND_MAX)
		return false;
	offset += sizeof(*nd->ip6h);
	if (!pskb_may_pull(skb, offset + len))
		return false;
	nd->ip6h = ipv6_hdr(skb);
	nd->msg = (struct nd_msg *)(nd->ip6h + 1);
	nd->len = len;
	if ((nd->msg->icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION &&
	     nd->msg->icmph.icmp6_type != NDISC_NEIGHBOUR_ADVERTISEMENT) ||
	    nd->msg->icmph.icmp6_code ||
	    ipv6_addr_is_multicast(&nd->msg->target))
		return false;
	return skb->ip_summed == CHECKSUM_PARTIAL ||
	       !csum_ipv6_magic(&nd->ip6h->saddr, &nd->ip6h->daddr, len,
				IPPROTO_ICMPV6, csum_partial(nd->msg, len, 0));
}

/*
 * Does the message have a link-layer address of that type, and is it that which the
 * frame comes from? Nobody speaks for others.
 */
static bool vmnet_suppress_nd_says(const struct vmnet_suppress_nd *nd,
				   const struct sk_buff *skb, u8 type)
{
	const u8 *opt = nd->msg->opt;
	unsigned int left = nd->len - sizeof(*nd->msg), len;

	for (; left >= sizeof(struct nd_opt_hdr); opt += len, left -= len) {
		len = opt[1] * 8;
		if (!len || len > left)
			return false;
		if (opt[0] == type)
			return len == 8 &&
			       !memcmp(opt + sizeof(struct nd_opt_hdr),
				       eth_hdr(skb)->h_source, ETH_ALEN);
	}
	return false;
}

static struct vmnet_neigh_key
vmnet_suppress_key_v6(const struct in6_addr *addr, u16 vid)
{
	return (struct vmnet_neigh_key){
		.addr = *addr, .vid = vid, .proto = htons(ETH_P_IPV6),
	};
}

/*
 * Only an advertisement says whether it is a router's, which an answer must not get
 * wrong (RFC 4861, section 7.2.5); and without the override flag it may be one of many.
 */
static void vmnet_suppress_learn_nd(struct vmnet *vm, struct sk_buff *skb,
				    u16 vid)
{
	struct vmnet_suppress_nd nd;
	struct vmnet_neigh_key key;
	const u8 *mac;

	if (!vmnet_suppress_nd(skb, &nd))
		return;
	mac = eth_hdr(skb)->h_source;
	if (nd.msg->icmph.icmp6_type == NDISC_NEIGHBOUR_SOLICITATION) {
		if (ipv6_addr_any(&nd.ip6h->saddr) ||
		    !vmnet_suppress_nd_says(&nd, skb, ND_OPT_SOURCE_LL_ADDR))
			return;
		key = vmnet_suppress_key_v6(&nd.ip6h->saddr, vid);
		vmnet_neigh_confirm(&vm->neighs, &key, mac, jiffies);
		return;
	}
	if (!nd.msg->icmph.icmp6_override ||
	    !vmnet_suppress_nd_says(&nd, skb, ND_OPT_TARGET_LL_ADDR))
		return;
	key = vmnet_suppress_key_v6(&nd.msg->target, vid);
	vmnet_suppress_tell(vm, &key, mac, nd.msg->icmph.icmp6_router);
}

/*
 * An advertisement in the name of @n, who is asked for. It does not override what is
 * known otherwise, as it is not the address's own (RFC 4861, section 7.2.8).
 */
static struct sk_buff *vmnet_suppress_advert(struct vmnet *vm,
					     const struct vmnet_neigh *n,
					     const struct in6_addr *to,
					     const u8 *mac)
{
	unsigned int len = sizeof(struct nd_msg) + 8;
	struct ipv6hdr *ip6h;
	struct sk_buff *skb;
	struct nd_msg *msg;

	skb = alloc_skb(LL_RESERVED_SPACE(vm->dev) + sizeof(*ip6h) + len,
			GFP_ATOMIC);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(vm->dev));
	skb->dev = vm->dev;
	skb->protocol = htons(ETH_P_IPV6);
	skb_reset_network_header(skb);
	ip6h = skb_put_zero(skb, sizeof(*ip6h));
	ip6h->version = 6;
	ip6h->payload_len = htons(len);
	ip6h->nexthdr = IPPROTO_ICMPV6;
	ip6h->hop_limit = 255;
	ip6h->saddr = n->key.addr;
	ip6h->daddr = *to;
	skb_set_transport_header(skb, sizeof(*ip6h));

	msg = skb_put_zero(skb, len);
	msg->icmph.icmp6_type = NDISC_NEIGHBOUR_ADVERTISEMENT;
	msg->icmph.icmp6_router = READ_ONCE(n->router);
	msg->icmph.icmp6_solicited = 1;
	msg->target = n->key.addr;
	msg->opt[0] = ND_OPT_TARGET_LL_ADDR;
	msg->opt[1] = 1;
	ether_addr_copy(msg->opt + sizeof(struct nd_opt_hdr), n->mac);
	msg->icmph.icmp6_cksum =
		csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_ICMPV6,
				csum_partial(msg, len, 0));
	if (eth_header(skb, vm->dev, ETH_P_IPV6, mac, n->mac, skb->len) < 0) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

static bool vmnet_suppress_answer_nd(struct vmnet *vm, struct sk_buff *skb,
				     u16 vid, const struct vmnet_dest *from)
{
	const struct vmnet_neigh *n;
	struct vmnet_suppress_nd nd;
	struct vmnet_neigh_key key;
	struct sk_buff *reply;

	/* Without a source it looks for another that has the address. */
	if (!vmnet_suppress_nd(skb, &nd) ||
	    nd.msg->icmph.icmp6_type != NDISC_NEIGHBOUR_SOLICITATION ||
	    ipv6_addr_any(&nd.ip6h->saddr) ||
	    ipv6_addr_equal(&nd.ip6h->saddr, &nd.msg->target) ||
	    !vmnet_suppress_nd_says(&nd, skb, ND_OPT_SOURCE_LL_ADDR))
		return false;
	key = vmnet_suppress_key_v6(&nd.msg->target, vid);
	n = vmnet_suppress_find(vm, &key);
	if (!n)
		return false;
	reply = vmnet_suppress_advert(vm, n, &nd.ip6h->saddr,
				      eth_hdr(skb)->h_source);
	if (unlikely(!reply))
		return false;
	vmnet_suppress_reply(vm, reply, vid, from);
	return true;
}

/* ---- both ---- */

void vmnet_suppress_learn(struct vmnet *vm, struct sk_buff *skb, u16 vid)
{
	if (vmnet_vlan_is_unknown(skb, vid))
		return;
	if (skb->protocol == htons(ETH_P_ARP))
		vmnet_suppress_learn_arp(vm, skb, vid);
	else if (skb->protocol == htons(ETH_P_IPV6))
		vmnet_suppress_learn_nd(vm, skb, vid);
}

bool vmnet_suppress_answer(struct vmnet *vm, struct sk_buff *skb, u16 vid,
			   const struct vmnet_dest *from)
{
	if (vmnet_vlan_is_unknown(skb, vid))
		return false;
	if (skb->protocol == htons(ETH_P_ARP))
		return vmnet_suppress_answer_arp(vm, skb, vid, from);
	return skb->protocol == htons(ETH_P_IPV6) &&
	       vmnet_suppress_answer_nd(vm, skb, vid, from);
}

void vmnet_suppress_enable(struct vmnet *vm, bool on)
{
	if (on == vm->neighs.enabled)
		return;
	WRITE_ONCE(vm->neighs.enabled, on);
	if (on)
		return;
	/* Who learns now may not have seen it. */
	synchronize_net();
	vmnet_neigh_age(&vm->neighs, 0, jiffies);
}
