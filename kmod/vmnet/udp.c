// SPDX-License-Identifier: GPL-2.0
/* UDP peers: sockets, sending and receiving (RFC 7348). */
#include <linux/if_vlan.h>
#include <linux/in6.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "encap.h"
#include "forward.h"
#include "mtu.h"
#include "receive.h"
#include "relay.h"
#include "udp.h"
#include "vmnet-compat.h"

/* Octets in front of the inner packet: outer headers and inner Ethernet. */
#define VMNET_UDP_HLEN	(sizeof(struct udphdr) + VMNET_HLEN)
#define VMNET_V4_OVERHEAD	(sizeof(struct iphdr) + VMNET_UDP_HLEN + ETH_HLEN)
#define VMNET_V6_OVERHEAD	(sizeof(struct ipv6hdr) + VMNET_UDP_HLEN + ETH_HLEN)

/* Is it no host, but the group of the network? */
static bool vmnet_udp_is_group(const struct vmnet_peer *peer)
{
	return peer->id.family == VMNET_V4 ?
	       ipv4_is_multicast(peer->id.v4.s_addr) :
	       ipv6_addr_is_multicast(&peer->id.v6);
}

/* What is flooded to hosts with a subnet has the extension, too. */
static unsigned int vmnet_udp_overhead(const struct vmnet_peer *peer)
{
	bool extended = peer->member ? !!peer->member->subnet :
			vmnet_udp_is_group(peer);

	return (peer->id.family == VMNET_V4 ?
		VMNET_V4_OVERHEAD : VMNET_V6_OVERHEAD) +
	       (extended ? VMNET_EXT_HLEN : 0);
}

static struct hlist_head *vmnet_sock_bucket(struct vmnet_sock *vs, u32 vni)
{
	return &vs->nets[hash_32(vni, VMNET_VNI_HASH_BITS)];
}

static struct vmnet *vmnet_sock_find(struct vmnet_sock *vs, u32 vni)
{
	struct vmnet *vm;

	hlist_for_each_entry_rcu(vm, vmnet_sock_bucket(vs, vni),
				 sock_node[vs->family]) {
		if (vm->vni == vni)
			return vm;
	}
	return NULL;
}

static struct vmnet_peer *vmnet_udp_sender(struct vmnet *vm,
					   const struct vmnet_sock *vs,
					   const struct sk_buff *skb)
{
	if (vs->family == VMNET_V4)
		return vmnet_peer_find_v4(vm, ip_hdr(skb)->saddr);
	return vmnet_peer_find_v6(vm, &ipv6_hdr(skb)->saddr);
}

/*
 * Sets only the VNI of @ext if there is no extension. If there are too few octets
 * to pull, the parsers say so.
 */
static enum vmnet_encap vmnet_udp_parse(struct sk_buff *skb,
					struct vmnet_ext *ext)
{
	const unsigned int udp = sizeof(struct udphdr);

	pskb_may_pull(skb, VMNET_UDP_HLEN);
	if (likely(!vmnet_encap_has_ext(skb->data + udp,
					skb_headlen(skb) - udp)))
		return vmnet_encap_parse(skb->data + udp,
					 skb_headlen(skb) - udp,
					 skb->len - udp, &ext->vni);
	pskb_may_pull(skb, VMNET_UDP_HLEN + VMNET_EXT_HLEN);
	return vmnet_ext_parse(skb->data + udp, skb_headlen(skb) - udp,
			       skb->len - udp, ext);
}

/* Was the datagram sent to a group? */
static bool vmnet_udp_to_group(const struct vmnet_sock *vs,
			       const struct sk_buff *skb)
{
	return vs->family == VMNET_V4 ?
	       ipv4_is_multicast(ip_hdr(skb)->daddr) :
	       ipv6_addr_is_multicast(&ipv6_hdr(skb)->daddr);
}

/*
 * A datagram. Softirq, RCU read lock held; skb->data is at the UDP header.
 *
 * A network is no underlay: its guests could send as peers of this host, to networks
 * that are not theirs.
 */
static int vmnet_udp_receive(struct sock *sk, struct sk_buff *skb)
{
	struct vmnet_sock *vs = rcu_dereference_sk_user_data(sk);
	struct vmnet_ext ext = { .node = 0 };
	unsigned int hlen = VMNET_UDP_HLEN;
	struct vmnet_outer outer;
	enum vmnet_stat reason;
	enum vmnet_encap encap;
	struct vmnet_peer *peer;
	struct vmnet *vm;

	if (unlikely(!vs))
		goto drop;

	encap = vmnet_udp_parse(skb, &ext);
	reason = vmnet_encap_drop(encap);
	if (unlikely(encap != VMNET_ENCAP_OK))
		goto drop_count;
	vm = vmnet_sock_find(vs, ext.vni);
	reason = VMNET_STAT_DROP_VNI;
	if (unlikely(!vm))
		goto drop_count;

	if (unlikely(vmnet_is_device(skb->dev))) {
		vmnet_drop(vm, skb, VMNET_STAT_DROP_LOOP);
		return 0;
	}
	vmnet_count(vm, VMNET_STAT_RX_UDP);
	peer = vmnet_udp_sender(vm, vs, skb);
	if (unlikely(!peer)) {
		vmnet_drop(vm, skb, VMNET_STAT_DROP_STRANGER);
		return 0;
	}
	outer.family = vs->family;
	outer.relay = NULL;
	if (ext.node) {
		peer = vmnet_relay_receive(peer, skb, &ext,
					   vmnet_udp_to_group(vs, skb), &outer);
		if (!peer)
			return 0;
		hlen += VMNET_EXT_HLEN;
	}
	outer.offset = skb_network_header(skb) - skb->head;
	if (iptunnel_pull_header(skb, hlen, htons(ETH_P_TEB),
				 !net_eq(vm->net, dev_net(vm->dev)))) {
		vmnet_drop(vm, skb, VMNET_STAT_DROP_NOMEM);
		return 0;
	}
	/* Pulling may have moved the head, but not what is in front of it. */
	vmnet_receive(peer, skb, &outer);
	return 0;

drop_count:
	vmnet_stat_inc(vs->vn->mib, reason);
	vmnet_free_dropped(skb, reason);
	return 0;
drop:
	kfree_skb(skb);
	return 0;
}

/* No ICMP error is for us: path MTU errors change the route, not the socket. */
static int vmnet_udp_err_lookup(struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static struct socket *vmnet_sock_create(struct net *net,
					enum vmnet_family family, u16 port)
{
	struct udp_port_cfg cfg = {
		.family = family == VMNET_V4 ? AF_INET : AF_INET6,
		.local_udp_port = htons(port),
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = family == VMNET_V6,
	};
	struct socket *sock;
	int no = 0, err;

	err = udp_sock_create(net, &cfg, &sock);
	if (err < 0)
		return ERR_PTR(err);
	/* What it sends to the group is not for this host; of IPv4's it knows. */
	if (family == VMNET_V6)
		err = sock->ops->setsockopt(sock, SOL_IPV6, IPV6_MULTICAST_LOOP,
					    KERNEL_SOCKPTR(&no), sizeof(no));
	if (err < 0) {
		udp_tunnel_sock_release(vmnet_tunnel_sk(sock));
		return ERR_PTR(err);
	}
	return sock;
}

static struct vmnet_sock *vmnet_sock_new(struct vmnet_net *vn,
					 enum vmnet_family family, u16 port)
{
	struct udp_tunnel_sock_cfg cfg = {
		.encap_type = 1,
		.encap_rcv = vmnet_udp_receive,
		.encap_err_lookup = vmnet_udp_err_lookup,
	};
	struct vmnet_sock *vs;
	struct socket *sock;

	vs = kzalloc(sizeof(*vs), GFP_KERNEL_ACCOUNT);
	if (!vs)
		return ERR_PTR(-ENOMEM);
	sock = vmnet_sock_create(vn->net, family, port);
	if (IS_ERR(sock)) {
		kfree(vs);
		return ERR_CAST(sock);
	}
	udp_allow_gso(sock->sk);
	vs->vn = vn;
	vs->family = family;
	vs->port = port;
	vs->sock = sock;
	hash_init(vs->nets);
	list_add(&vs->list, &vn->socks);

	cfg.sk_user_data = vs;
	setup_udp_tunnel_sock(vn->net, vmnet_tunnel_sk(sock), &cfg);
	udp_tunnel_notify_add_rx_port(vmnet_tunnel_sk(sock),
				      UDP_TUNNEL_TYPE_VXLAN);
	return vs;
}

static void vmnet_sock_free(struct vmnet_sock *vs)
{
	list_del(&vs->list);
	udp_tunnel_notify_del_rx_port(vmnet_tunnel_sk(vs->sock),
				      UDP_TUNNEL_TYPE_VXLAN);
	/* Waits for receivers. */
	udp_tunnel_sock_release(vmnet_tunnel_sk(vs->sock));
	kfree(vs);
}

static struct vmnet_sock *vmnet_sock_get(struct vmnet_net *vn,
					 enum vmnet_family family, u16 port)
{
	struct vmnet_sock *vs;

	list_for_each_entry(vs, &vn->socks, list) {
		if (vs->family == family && vs->port == port)
			return vs;
	}
	return vmnet_sock_new(vn, family, port);
}

void vmnet_udp_offload(struct net_device *dev, bool push)
{
	struct vmnet_sock *vs;

	list_for_each_entry(vs, &vmnet_pernet(dev_net(dev))->socks, list) {
		if (push)
			udp_tunnel_push_rx_port(dev, vmnet_tunnel_sk(vs->sock),
						UDP_TUNNEL_TYPE_VXLAN);
		else
			udp_tunnel_drop_rx_port(dev, vmnet_tunnel_sk(vs->sock),
						UDP_TUNNEL_TYPE_VXLAN);
	}
}

static bool vmnet_udp_has_peer(const struct vmnet *vm,
			       enum vmnet_family family)
{
	const struct vmnet_peer *peer;

	list_for_each_entry(peer, &vm->peers, list) {
		if (peer->id.transport == VMNET_TRANSPORT_UDP &&
		    peer->id.family == family)
			return true;
	}
	return false;
}

int vmnet_udp_open(struct vmnet *vm, enum vmnet_family family,
		   struct netlink_ext_ack *extack)
{
	struct vmnet_sock *vs;

	if (rcu_access_pointer(vm->sock[family]))
		return 0;

	vs = vmnet_sock_get(vmnet_pernet(vm->net), family, vm->udp_port);
	if (IS_ERR(vs)) {
		if (PTR_ERR(vs) == -EADDRINUSE)
			NL_SET_ERR_MSG(extack,
				       "the network's UDP port is taken by another socket on this host (a vxlan device?)");
		else
			NL_SET_ERR_MSG(extack, "cannot open the UDP socket");
		return PTR_ERR(vs);
	}
	vs->users++;
	if (family == VMNET_V6)
		vmnet_need_v6_headroom(vm);
	hlist_add_head_rcu(&vm->sock_node[family],
			   vmnet_sock_bucket(vs, vm->vni));
	rcu_assign_pointer(vm->sock[family], vs);
	return 0;
}

void vmnet_udp_close(struct vmnet *vm, enum vmnet_family family)
{
	struct vmnet_sock *vs = rtnl_dereference(vm->sock[family]);

	if (!vs || vmnet_udp_has_peer(vm, family))
		return;
	RCU_INIT_POINTER(vm->sock[family], NULL);
	hlist_del_rcu(&vm->sock_node[family]);
	/* Who still finds the network in the socket must be done with it. */
	synchronize_net();
	if (!--vs->users)
		vmnet_sock_free(vs);
}

/*
 * Would what is sent on this route come back to this host, or go into a network of
 * it? The peer's address may have become this host's own after the peer was added.
 */
static bool vmnet_udp_is_loop(const struct dst_entry *dst, bool local)
{
	return local || vmnet_is_device(dst->dev);
}

/* Bottom halves off. */
static struct dst_entry *vmnet_udp_route4(struct vmnet_peer *peer,
					  __be32 *saddr)
{
	struct flowi4 fl4 = {
		.daddr = peer->id.v4.s_addr,
		.flowi4_proto = IPPROTO_UDP,
		.fl4_dport = htons(peer->udp_port),
	};
	struct rtable *rt;

	rt = dst_cache_get_ip4(&peer->cache, saddr);
	if (likely(rt))
		return &rt->dst;
	if (vmnet_udp_is_group(peer)) {
		fl4.flowi4_oif = peer->source.ifindex;
		fl4.saddr = peer->source.v4;
	}
	rt = ip_route_output_key(peer->vm->net, &fl4);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	/* This host is in the group, but the socket loops nothing back. */
	if (vmnet_udp_is_loop(&rt->dst, rt->rt_flags & RTCF_LOCAL &&
			      !vmnet_udp_is_group(peer))) {
		ip_rt_put(rt);
		return ERR_PTR(-ELOOP);
	}
	*saddr = fl4.saddr;
	dst_cache_set_ip4(&peer->cache, &rt->dst, fl4.saddr);
	return &rt->dst;
}

/* Bottom halves off. */
static struct dst_entry *vmnet_udp_route6(struct vmnet_peer *peer,
					  struct in6_addr *saddr)
{
	struct flowi6 fl6 = {
		.daddr = peer->id.v6,
		.flowi6_proto = IPPROTO_UDP,
		.fl6_dport = htons(peer->udp_port),
	};
	struct dst_entry *dst;

	dst = dst_cache_get_ip6(&peer->cache, saddr);
	if (likely(dst))
		return dst;
	if (vmnet_udp_is_group(peer)) {
		fl6.flowi6_oif = peer->source.ifindex;
		fl6.saddr = peer->source.v6;
	}
	dst = vmnet_ip6_route(peer->vm->net, &fl6);
	if (IS_ERR(dst))
		return dst;
	if (vmnet_udp_is_loop(dst, vmnet_ip6_is_local(dst) &&
			      !vmnet_udp_is_group(peer))) {
		dst_release(dst);
		return ERR_PTR(-ELOOP);
	}
	*saddr = fl6.saddr;
	dst_cache_set_ip6(&peer->cache, dst, saddr);
	return dst;
}

/* Route to a peer, with a reference, and the source address to use. */
static struct dst_entry *vmnet_udp_route(struct vmnet_peer *peer,
					 struct vmnet_source *source)
{
	if (peer->id.family == VMNET_V4)
		return vmnet_udp_route4(peer, &source->v4);
	return vmnet_udp_route6(peer, &source->v6);
}

static unsigned int vmnet_udp_dst_mtu(const struct vmnet_peer *peer,
				      const struct dst_entry *dst)
{
	unsigned int overhead = vmnet_udp_overhead(peer);
	unsigned int mtu = dst_mtu(dst);

	return mtu > overhead ? mtu - overhead : 0;
}

unsigned int vmnet_udp_mtu(struct vmnet_peer *peer)
{
	struct vmnet_source source;
	struct dst_entry *dst;
	unsigned int mtu = 0;

	local_bh_disable();
	dst = vmnet_udp_route(peer, &source);
	if (!IS_ERR(dst)) {
		mtu = vmnet_udp_dst_mtu(peer, dst);
		dst_release(dst);
	}
	local_bh_enable();
	return mtu;
}

const struct net_device *vmnet_udp_dev(struct vmnet_peer *peer)
{
	const struct net_device *dev = NULL;
	struct vmnet_source source;
	struct dst_entry *dst;

	local_bh_disable();
	dst = vmnet_udp_route(peer, &source);
	if (!IS_ERR(dst)) {
		/* Only compared, under rtnl: it needs no reference. */
		dev = dst->dev;
		dst_release(dst);
	}
	local_bh_enable();
	return dev;
}

bool vmnet_udp_source(struct vmnet_peer *peer, struct vmnet_source *source)
{
	struct dst_entry *dst;

	local_bh_disable();
	dst = vmnet_udp_route(peer, source);
	if (!IS_ERR(dst)) {
		source->ifindex = dst->dev->ifindex;
		dst_release(dst);
	}
	local_bh_enable();
	return !IS_ERR(dst);
}

bool vmnet_udp_is_own(const struct vmnet *vm, const struct vmnet_peer_id *id)
{
	if (id->family == VMNET_V4)
		return inet_addr_type(vm->net, id->v4.s_addr) == RTN_LOCAL;
	return vmnet_ip6_is_own(vm->net, &id->v6);
}

/* Octets in front of what follows the header, and extension, of a message. */
static unsigned int vmnet_udp_room(const struct vmnet_sock *vs,
				   const struct dst_entry *dst,
				   const struct vmnet_ext *ext)
{
	return LL_RESERVED_SPACE(dst->dev) + dst->header_len +
	       (vs->family == VMNET_V4 ?
		sizeof(struct iphdr) : sizeof(struct ipv6hdr)) +
	       VMNET_UDP_HLEN + (ext ? VMNET_EXT_HLEN : 0);
}

/*
 * Puts the VXLAN header in front of the frame and makes ready the offloads of
 * a tunnel. They have no place for a checksum that is not IP's: that of SCTP is
 * computed here.
 */
static int vmnet_udp_encap(struct sk_buff *skb, unsigned int room, u32 vni,
			   const struct vmnet_ext *ext)
{
	int err;

	/*
	 * A head that grows while a socket owns the buffer is not added to its
	 * truesize, and whoever gets it in the end finds it too small.
	 */
	if (unlikely(skb_headroom(skb) < room || skb_header_cloned(skb)))
		skb_orphan(skb);
	err = skb_cow_head(skb, room);
	if (err)
		return err;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		err = skb_csum_hwoffload_help(skb, NETIF_F_HW_CSUM);
		if (err)
			return err;
	}
	err = udp_tunnel_handle_offloads(skb, true);
	if (err)
		return err;
	if (ext)
		vmnet_ext_build(__skb_push(skb, VMNET_HLEN + VMNET_EXT_HLEN),
				ext);
	else
		vmnet_encap_build(__skb_push(skb, VMNET_HLEN), vni);
	skb_set_inner_protocol(skb, htons(ETH_P_TEB));
	return 0;
}

/* Consumes the reference to @dst and @skb, which has its VXLAN header. */
static void vmnet_udp_xmit(struct vmnet_peer *peer, struct vmnet_sock *vs,
			   struct dst_entry *dst, struct sk_buff *skb,
			   const struct vmnet_source *source, u8 tos, __be16 sport)
{
	bool xnet = !net_eq(peer->vm->net, dev_net(peer->vm->dev));
	bool group = vmnet_udp_is_group(peer);
	__be16 dport = htons(peer->udp_port);
	struct sock *sk = vs->sock->sk;

	/* It is a packet of this host's now, as if a socket had sent it. */
	skb->dev = NULL;
	/* When it came in is not when it shall go out. */
	skb_clear_tstamp(skb);
	if (vs->family == VMNET_V4) {
		vmnet_udp_tunnel_xmit(container_of(dst, struct rtable, dst),
				      sk, skb, source->v4, peer->id.v4.s_addr,
				      tos, group ? 1 : ip4_dst_hoplimit(dst), 0,
				      sport, dport, xnet, false);
		return;
	}
	skb_scrub_packet(skb, xnet);
	/* As over IPv4, what is too large for the path is fragmented. */
	skb->ignore_df = 1;
	vmnet_udp_tunnel6_xmit(dst, sk, skb, &source->v6, &peer->id.v6, tos,
			       group ? 1 : ip6_dst_hoplimit(dst), sport, dport,
			       false);
}

/*
 * Is the packet small enough for the path? One that is not and whose sender
 * cannot be told is let through: the outer packet will be fragmented.
 * Otherwise the skb is consumed.
 */
static bool vmnet_udp_check_mtu(struct vmnet_peer *peer, struct sk_buff *skb,
				const struct dst_entry *dst,
				const struct vmnet_dest *from)
{
	unsigned int mtu = vmnet_udp_dst_mtu(peer, dst);
	struct vmnet *vm = peer->vm;

	if (unlikely(mtu != READ_ONCE(peer->mtu))) {
		WRITE_ONCE(peer->mtu, mtu);
		vmnet_mtu_schedule(vm);
	}
	/* A tag beside the frame will be part of it. */
	if (skb_vlan_tag_present(skb))
		mtu -= min_t(unsigned int, mtu, VLAN_HLEN);
	if (likely(vmnet_mtu_fits(skb, mtu)))
		return true;
	if (vmnet_mtu_answer(vm, skb, &peer->dest, from, mtu)) {
		vmnet_count_drop(peer->count);
		return false;
	}
	vmnet_count(vm, VMNET_STAT_FRAGMENTED);
	return true;
}

/*
 * Sends a frame that fits, or a super-frame. Consumes the reference to @dst and
 * @skb.
 */
static void vmnet_udp_send_one(struct vmnet_peer *peer, struct vmnet_sock *vs,
			       struct dst_entry *dst, struct sk_buff *skb,
			       const struct vmnet_source *source,
			       const struct vmnet_ext *ext)
{
	unsigned int len = skb->len;
	struct vmnet *vm = peer->vm;
	__be16 sport;
	u8 tos = 0;

	if (pskb_inet_may_pull(skb))
		tos = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb);
	sport = udp_flow_src_port(vm->net, skb, 0, 0, true);
	if (skb_vlan_tag_present(skb)) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb) {
			vmnet_count(vm, VMNET_STAT_DROP_NOMEM);
			vmnet_count_drop(peer->count);
			goto release;
		}
	}
	if (vmnet_udp_encap(skb, vmnet_udp_room(vs, dst, ext), vm->vni, ext)) {
		vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_NOMEM);
		goto release;
	}
	vmnet_count(vm, VMNET_STAT_TX_UDP);
	vmnet_count_tx(peer->count, len);
	vmnet_udp_xmit(peer, vs, dst, skb, source, tos, sport);
	return;

release:
	dst_release(dst);
}

/*
 * A super-frame has room for the headers of one tunnel, and this one's guest
 * has used it. Consumes the reference to @dst and @skb.
 */
static void vmnet_udp_send_segments(struct vmnet_peer *peer,
				    struct vmnet_sock *vs,
				    struct dst_entry *dst, struct sk_buff *skb,
				    const struct vmnet_source *source,
				    const struct vmnet_ext *ext)
{
	struct sk_buff *segs, *seg, *next;

	segs = skb_gso_segment(skb, NETIF_F_SG);
	if (IS_ERR_OR_NULL(segs)) {
		vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_NOMEM);
		goto release;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		dst_hold(dst);
		vmnet_udp_send_one(peer, vs, dst, seg, source, ext);
	}
release:
	dst_release(dst);
}

/**
 * vmnet_udp_send_ext - send a frame to a UDP peer, or to the group of the network
 * @peer: peer
 * @skb: frame or super-frame, skb->data at its Ethernet header; consumed
 * @from: where it came from
 * @ext: extension of the header, NULL = none; not for a super-frame
 *
 * Context: bottom halves off, RCU read lock held.
 */
void vmnet_udp_send_ext(struct vmnet_peer *peer, struct sk_buff *skb,
			const struct vmnet_dest *from,
			const struct vmnet_ext *ext)
{
	struct vmnet_source source;
	struct vmnet_sock *vs;
	struct dst_entry *dst;

	vs = rcu_dereference(peer->vm->sock[peer->id.family]);
	if (unlikely(!vs)) {
		vmnet_peer_drop(peer, skb, VMNET_STAT_DROP_PEER_DOWN);
		return;
	}
	dst = vmnet_udp_route(peer, &source);
	if (IS_ERR(dst)) {
		vmnet_peer_drop(peer, skb, PTR_ERR(dst) == -ELOOP ?
				VMNET_STAT_DROP_LOOP : VMNET_STAT_DROP_NO_ROUTE);
		return;
	}
	if (!vmnet_udp_check_mtu(peer, skb, dst, from))
		dst_release(dst);
	else if (unlikely(skb->encapsulation && skb_is_gso(skb)))
		vmnet_udp_send_segments(peer, vs, dst, skb, &source, ext);
	else
		vmnet_udp_send_one(peer, vs, dst, skb, &source, ext);
}

/**
 * vmnet_udp_send_hello - send a message without a frame
 * @peer: peer, or the group of the network
 * @ext: the message
 *
 * Context: bottom halves off, RCU read lock held. Return: 0 or an error.
 */
int vmnet_udp_send_hello(struct vmnet_peer *peer, const struct vmnet_ext *ext)
{
	unsigned int len = VMNET_HLEN + VMNET_EXT_HLEN;
	struct vmnet_source source;
	struct vmnet_sock *vs;
	struct dst_entry *dst;
	unsigned int room;
	struct sk_buff *skb;

	vs = rcu_dereference(peer->vm->sock[peer->id.family]);
	if (!vs)
		return -ENOTCONN;
	dst = vmnet_udp_route(peer, &source);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	room = vmnet_udp_room(vs, dst, ext);
	skb = alloc_skb(room, GFP_ATOMIC);
	if (!skb) {
		dst_release(dst);
		return -ENOMEM;
	}
	skb_reserve(skb, room);
	vmnet_ext_build(__skb_push(skb, len), ext);
	vmnet_udp_xmit(peer, vs, dst, skb, &source, IPTOS_PREC_INTERNETCONTROL,
		       htons(peer->vm->udp_port));
	return 0;
}
