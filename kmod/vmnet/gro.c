// SPDX-License-Identifier: GPL-2.0
/* GRO of frames out of the tunnel. */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>

#include "../compat/vmnet-compat.h"
#include "device.h"
#include "forward.h"
#include "gro.h"

/**
 * struct vmnet_gro - what waits on one processor
 * @queue: frames to be merged. Under its lock, as NAPI may poll in a thread
 * @napi: merges them
 */
struct vmnet_gro {
	struct sk_buff_head queue;
	struct napi_struct napi;
};

static int vmnet_gro_poll(struct napi_struct *napi, int budget)
{
	struct vmnet_gro *gro = container_of(napi, struct vmnet_gro, napi);
	struct sk_buff *skb;
	int done = 0;

	while (done < budget) {
		skb = skb_dequeue(&gro->queue);
		if (!skb)
			break;
		if (likely(netif_running(napi->dev)))
			napi_gro_receive(napi, skb);
		else
			vmnet_drop(netdev_priv(napi->dev), skb, VMNET_STAT_DROP_DOWN);
		done++;
	}
	if (done < budget)
		napi_complete_done(napi, done);
	return done;
}

int vmnet_gro_init(struct vmnet *vm)
{
	int cpu;

	vm->gro = alloc_percpu_gfp(struct vmnet_gro, GFP_KERNEL_ACCOUNT);
	if (!vm->gro)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct vmnet_gro *gro = per_cpu_ptr(vm->gro, cpu);

		skb_queue_head_init(&gro->queue);
		/* No socket can wait for one of them. */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &gro->napi.state);
		netif_napi_add(vm->dev, &gro->napi, vmnet_gro_poll);
		napi_enable(&gro->napi);
	}
	return 0;
}

void vmnet_gro_destroy(struct vmnet *vm)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vmnet_gro *gro = per_cpu_ptr(vm->gro, cpu);

		napi_disable(&gro->napi);
		__netif_napi_del(&gro->napi);
		/* Nobody can read any more what the device has counted. */
		skb_queue_purge(&gro->queue);
	}
}

/* Does a TCP segment of @len octets, its header at @offset, carry no data? */
static bool vmnet_tcp_is_bare(const struct sk_buff *skb, unsigned int offset,
			      unsigned int len)
{
	const struct tcphdr *th;
	struct tcphdr copy;

	th = skb_header_pointer(skb, skb_network_offset(skb) + offset,
				sizeof(copy), &copy);
	return th && th->doff * 4 >= len;
}

/*
 * Would GRO do nothing with the frame but let it out again? The head of a clone is
 * the sender's, too, and not to be changed.
 */
static bool vmnet_gro_is_vain(const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6h;
	const struct iphdr *iph;
	unsigned int len;

	if (skb_is_gso(skb) || skb_cloned(skb))
		return true;
	if (skb->protocol == htons(ETH_P_IP)) {
		iph = ip_hdr(skb);
		len = iph->ihl * 4;
		return iph->protocol == IPPROTO_TCP &&
		       vmnet_tcp_is_bare(skb, len, ntohs(iph->tot_len) - len);
	}
	if (skb->protocol == htons(ETH_P_IPV6)) {
		ip6h = ipv6_hdr(skb);
		return ip6h->nexthdr == IPPROTO_TCP &&
		       vmnet_tcp_is_bare(skb, sizeof(*ip6h),
					 ntohs(ip6h->payload_len));
	}
	return false;
}

/*
 * Are frames like this merged? Datagrams are for sockets and tunnels of the host
 * itself, or for all where somebody asked for it.
 */
static bool vmnet_gro_wants(const struct vmnet *vm, const struct sk_buff *skb)
{
	if (netif_elide_gro(vm->dev))
		return false;
	if (vm->dev->features & (NETIF_F_GRO_FRAGLIST | NETIF_F_GRO_UDP_FWD))
		return true;
	if (skb->protocol == htons(ETH_P_IP))
		return ip_hdr(skb)->protocol != IPPROTO_UDP;
	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_hdr(skb)->nexthdr != IPPROTO_UDP &&
		       ipv6_hdr(skb)->nexthdr != NEXTHDR_FRAGMENT;
	return true;
}

static bool vmnet_gro_is_idle(const struct vmnet_gro *gro)
{
	if (test_bit(NAPI_STATE_SCHED, &gro->napi.state))
		return false;
	/* A poll in a thread, elsewhere, has said before that it ended what it holds. */
	smp_rmb();
	return !vmnet_napi_held(&gro->napi);
}

static void vmnet_gro_queue(struct vmnet *vm, struct vmnet_gro *gro,
			    struct sk_buff *skb)
{
	enum vmnet_stat reason = VMNET_STAT_DROP_BACKLOG;
	unsigned long flags;
	bool first;

	if (unlikely(skb_queue_len_lockless(&gro->queue) >= vmnet_max_backlog()))
		goto drop;
	reason = VMNET_STAT_DROP_NOMEM;
	if (unlikely(skb_unclone(skb, GFP_ATOMIC)))
		goto drop;
	/* Whoever polls does not end before the queue is empty. */
	spin_lock_irqsave(&gro->queue.lock, flags);
	first = skb_queue_empty(&gro->queue);
	__skb_queue_tail(&gro->queue, skb);
	spin_unlock_irqrestore(&gro->queue.lock, flags);
	if (first)
		napi_schedule(&gro->napi);
	return;

drop:
	vmnet_drop(vm, skb, reason);
}

/*
 * What the host itself may get waits in any case, so that tunnels in tunnels do not
 * use up the stack. All frames of a flow that is merged go this way: none may
 * overtake another.
 */
static bool vmnet_gro_passes(const struct vmnet *vm, const struct vmnet_gro *gro,
			     const struct sk_buff *skb)
{
	const u8 *dest = eth_hdr(skb)->h_dest;

	if (is_multicast_ether_addr(dest) || vmnet_is_own(vm, dest) ||
	    unlikely(vm->dev->flags & IFF_PROMISC))
		return false;
	return !vmnet_gro_wants(vm, skb) ||
	       (vmnet_gro_is_idle(gro) && vmnet_gro_is_vain(skb));
}

void vmnet_gro_receive(struct vmnet *vm, struct sk_buff *skb)
{
	struct vmnet_gro *gro = this_cpu_ptr(vm->gro);

	if (vmnet_gro_passes(vm, gro, skb))
		netif_receive_skb(skb);
	else
		vmnet_gro_queue(vm, gro, skb);
}
