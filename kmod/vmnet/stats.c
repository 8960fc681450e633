// SPDX-License-Identifier: GPL-2.0
/* Counters of a network, of a namespace, of a port and of a peer. */
#include <linux/cpumask.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "compat_dropreason.h"
#include "stats.h"

const char * const vmnet_stat_names[VMNET_STAT_COUNT] = {
#define VMNET_STAT(id, name) [VMNET_STAT_##id] = name,
	VMNET_STATS(VMNET_STAT)
#undef VMNET_STAT
};

/* 0 where none of them is near. */
static const u16 core_reasons[VMNET_STAT_COUNT] = {
	[VMNET_STAT_DROP_SOURCE] = COMPAT_DROP_INVALID_SOURCE,
	[VMNET_STAT_DROP_OWN_SOURCE] = COMPAT_DROP_LOCAL_MAC,
	[VMNET_STAT_DROP_DOWN] = SKB_DROP_REASON_DEV_READY,
	[VMNET_STAT_DROP_VLAN_OUT] = COMPAT_DROP_NO_TX_TARGET,
	[VMNET_STAT_DROP_SAME] = COMPAT_DROP_NO_TX_TARGET,
	[VMNET_STAT_DROP_SPLIT] = COMPAT_DROP_NO_TX_TARGET,
	[VMNET_STAT_DROP_ISOLATED] = COMPAT_DROP_NO_TX_TARGET,
	[VMNET_STAT_DROP_CONFINED] = COMPAT_DROP_NO_TX_TARGET,
	[VMNET_STAT_DROP_PORT] = SKB_DROP_REASON_DEV_READY,
	[VMNET_STAT_DROP_TOO_BIG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[VMNET_STAT_DROP_NO_ROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[VMNET_STAT_DROP_PEER_FULL] = SKB_DROP_REASON_FULL_RING,
	[VMNET_STAT_DROP_NOMEM] = SKB_DROP_REASON_NOMEM,
	[VMNET_STAT_DROP_SHORT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[VMNET_STAT_DROP_ECN] = COMPAT_DROP_TUNNEL_ECN,
	[VMNET_STAT_DROP_FLAGS] = COMPAT_DROP_VXLAN_HDR,
	[VMNET_STAT_DROP_HDR] = COMPAT_DROP_VXLAN_HDR,
	[VMNET_STAT_DROP_VNI] = COMPAT_DROP_VXLAN_VNI,
};

void vmnet_free_dropped(struct sk_buff *skb, enum vmnet_stat why)
{
	kfree_skb_reason(skb, core_reasons[why] ?:
			      SKB_DROP_REASON_NOT_SPECIFIED);
}

struct vmnet_mib __percpu *vmnet_stats_alloc(void)
{
	return __netdev_alloc_pcpu_stats(struct vmnet_mib, GFP_KERNEL_ACCOUNT);
}

void vmnet_stats_read(const struct vmnet_mib __percpu *mib,
		      u64 out[VMNET_STAT_COUNT])
{
	u64 v[VMNET_STAT_COUNT];
	unsigned int start;
	int cpu, i;

	memset(out, 0, sizeof(u64) * VMNET_STAT_COUNT);
	for_each_possible_cpu(cpu) {
		const struct vmnet_mib *m = per_cpu_ptr(mib, cpu);

		do {
			start = u64_stats_fetch_begin(&m->syncp);
			for (i = 0; i < VMNET_STAT_COUNT; i++)
				v[i] = u64_stats_read(&m->v[i]);
		} while (u64_stats_fetch_retry(&m->syncp, start));

		for (i = 0; i < VMNET_STAT_COUNT; i++)
			out[i] += v[i];
	}
}

struct vmnet_count __percpu *vmnet_count_alloc(void)
{
	return __netdev_alloc_pcpu_stats(struct vmnet_count, GFP_KERNEL_ACCOUNT);
}

void vmnet_count_read(const struct vmnet_count __percpu *count,
		      struct vmnet_count_sum *sum)
{
	struct vmnet_count_sum one;
	unsigned int start;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct vmnet_count *c = per_cpu_ptr(count, cpu);

		do {
			start = u64_stats_fetch_begin(&c->syncp);
			one.rx_frames = u64_stats_read(&c->rx_frames);
			one.rx_bytes = u64_stats_read(&c->rx_bytes);
			one.tx_frames = u64_stats_read(&c->tx_frames);
			one.tx_bytes = u64_stats_read(&c->tx_bytes);
			one.drops = u64_stats_read(&c->drops);
			one.rx_drops = u64_stats_read(&c->rx_drops);
		} while (u64_stats_fetch_retry(&c->syncp, start));

		sum->rx_frames += one.rx_frames;
		sum->rx_bytes += one.rx_bytes;
		sum->tx_frames += one.tx_frames;
		sum->tx_bytes += one.tx_bytes;
		sum->drops += one.drops;
		sum->rx_drops += one.rx_drops;
	}
}

void vmnet_count_rx(struct vmnet_count __percpu *count, unsigned int len)
{
	struct vmnet_count *c = this_cpu_ptr(count);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->rx_frames);
	u64_stats_add(&c->rx_bytes, len);
	u64_stats_update_end(&c->syncp);
}

void vmnet_count_tx(struct vmnet_count __percpu *count, unsigned int len)
{
	struct vmnet_count *c = this_cpu_ptr(count);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->tx_frames);
	u64_stats_add(&c->tx_bytes, len);
	u64_stats_update_end(&c->syncp);
}

void vmnet_count_drop(struct vmnet_count __percpu *count)
{
	struct vmnet_count *c = this_cpu_ptr(count);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->drops);
	u64_stats_update_end(&c->syncp);
}

void vmnet_count_rx_drop(struct vmnet_count __percpu *count)
{
	struct vmnet_count *c = this_cpu_ptr(count);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->rx_drops);
	u64_stats_update_end(&c->syncp);
}
