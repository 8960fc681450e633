/* SPDX-License-Identifier: GPL-2.0 */
/* What vmnet uses and kernels do differently. */
#ifndef _COMPAT_VMNET_H
#define _COMPAT_VMNET_H

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/version.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/hotdata.h>
#endif

/* Newer kernels want the struct sock of a tunnel, older the struct socket. */
#define vmnet_tunnel_sk(socket)						\
	__builtin_choose_expr(						\
		__builtin_types_compatible_p(				\
			typeof(udp_tunnel_sock_release),		\
			void (struct sock *)),				\
		(socket)->sk, (socket))

/* 6.16: flags for the control block of the outer packet; none are wanted. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define COMPAT_IPCB_FLAGS
#else
#define COMPAT_IPCB_FLAGS	, 0
#endif

static inline struct dst_entry *vmnet_ip6_route(struct net *net,
						struct flowi6 *fl6)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ip6_dst_lookup_flow(net, NULL, fl6, NULL);
#else
	return ERR_PTR(-EAFNOSUPPORT);
#endif
}

/* Does the route, of vmnet_ip6_route(), lead to this host itself? */
static inline bool vmnet_ip6_is_local(const struct dst_entry *dst)
{
	return container_of(dst, struct rt6_info, dst)->rt6i_flags & RTF_LOCAL;
}

static inline bool vmnet_ip6_is_own(struct net *net,
				    const struct in6_addr *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	/* With ipv6.disable=1 there is no table of addresses to look into. */
	return ipv6_mod_enabled() && ipv6_chk_addr(net, addr, NULL, 0);
#else
	return false;
#endif
}

/* Can a device be sent and receive IPv6? RCU read lock or rtnl lock held. */
static inline bool vmnet_ip6_has(const struct net_device *dev)
{
	return IS_ENABLED(CONFIG_IPV6) && __in6_dev_get(dev);
}

/* Multicast groups of a device. rtnl lock held; may sleep. */
static inline int vmnet_ip6_join(struct net_device *dev,
				 const struct in6_addr *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_dev_mc_inc(dev, addr);
#else
	return -EAFNOSUPPORT;
#endif
}

static inline void vmnet_ip6_leave(struct net_device *dev,
				   const struct in6_addr *addr)
{
#if IS_ENABLED(CONFIG_IPV6)
	ipv6_dev_mc_dec(dev, addr);
#endif
}

static inline void
vmnet_udp_tunnel_xmit(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
		      __be32 src, __be32 dst, u8 tos, u8 ttl, __be16 df,
		      __be16 sport, __be16 dport, bool xnet, bool nocheck)
{
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, sport, dport,
			    xnet, nocheck COMPAT_IPCB_FLAGS);
}

static inline void
vmnet_udp_tunnel6_xmit(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, const struct in6_addr *src,
		       const struct in6_addr *dst_addr, u8 tos, u8 ttl,
		       __be16 sport, __be16 dport, bool nocheck)
{
#if IS_ENABLED(CONFIG_IPV6)
	/* Older kernels change neither, either. */
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, (struct in6_addr *)src,
			     (struct in6_addr *)dst_addr, tos, ttl, 0,
			     sport, dport, nocheck COMPAT_IPCB_FLAGS);
#else
	dst_release(dst);
	kfree_skb(skb);
#endif
}

/* The device needs no lock of the core's to transmit. */
static inline void vmnet_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* 6.15: the arguments of newlink() come in a struct. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define COMPAT_NEWLINK(name, fn)					\
static int name(struct net *net, struct net_device *dev,		\
		struct nlattr *tb[], struct nlattr *data[],		\
		struct netlink_ext_ack *extack)				\
{									\
	return fn(net, dev, tb, data, extack);				\
}
#else
#define COMPAT_NEWLINK(name, fn)					\
static int name(struct net_device *dev,					\
		struct rtnl_newlink_params *params,			\
		struct netlink_ext_ack *extack)				\
{									\
	return fn(rtnl_newlink_link_net(params), dev, params->tb,	\
		  params->data, extack);				\
}
#endif

/* 6.13: who changes an entry says whether it has told listeners itself. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define COMPAT_FDB_NOTIFIED
#define COMPAT_FDB_SET_NOTIFIED()	do { } while (0)
#else
#define COMPAT_FDB_NOTIFIED		bool *notified,
#define COMPAT_FDB_SET_NOTIFIED()	(*notified = true)
#endif

/* Where a dump of a MAC database goes on. */
static inline unsigned long vmnet_fdb_dump_start(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	return cb->args[2];
#else
	return ((struct ndo_fdb_dump_context *)cb->ctx)->fdb_idx;
#endif
}

/* Does GRO hold frames back, as it does between polls where somebody asked for it? */
static inline bool vmnet_napi_held(const struct napi_struct *napi)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	return READ_ONCE(napi->gro_bitmask);
#else
	return READ_ONCE(napi->gro.bitmask);
#endif
}

/* Frames that may wait for a processor: net.core.netdev_max_backlog */
static inline u32 vmnet_max_backlog(void)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	return READ_ONCE(netdev_max_backlog);
#else
	return READ_ONCE(net_hotdata.max_backlog);
#endif
}

#endif /* _COMPAT_VMNET_H */
