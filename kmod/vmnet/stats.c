// SPDX-License-Identifier: GPL-2.0
/* Counters of a network, of a namespace, of a port and of a peer. */
#include <linux/cpumask.h>
#include <linux/netdevice.h>
#include <linux/string.h>

#include "stats.h"

const char * const vmnet_stat_names[VMNET_STAT_COUNT] = {
#define VMNET_STAT(id, name) [VMNET_STAT_##id] = name,
	VMNET_STATS(VMNET_STAT)
#undef VMNET_STAT
};

struct vmnet_mib __percpu *vmnet_stats_alloc(void)
{
	return netdev_alloc_pcpu_stats(struct vmnet_mib);
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
	return netdev_alloc_pcpu_stats(struct vmnet_count);
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
		} while (u64_stats_fetch_retry(&c->syncp, start));

		sum->rx_frames += one.rx_frames;
		sum->rx_bytes += one.rx_bytes;
		sum->tx_frames += one.tx_frames;
		sum->tx_bytes += one.tx_bytes;
		sum->drops += one.drops;
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
