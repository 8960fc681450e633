/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of one network namespace. Every drop has one. */
#ifndef _RRDP_STATS_H
#define _RRDP_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/*
 * What is counted; stats.c has the names that users see. RRDP_STAT_DROP_* count
 * segments that were thrown away.
 */
enum rrdp_stat {
	RRDP_STAT_RX_SEGS,
	RRDP_STAT_TX_SEGS,
	RRDP_STAT_RX_MSGS,
	RRDP_STAT_TX_MSGS,
	RRDP_STAT_RETRANS,
	RRDP_STAT_RTO,
	RRDP_STAT_TLP,
	RRDP_STAT_SPURIOUS,
	RRDP_STAT_DUP,
	RRDP_STAT_OOO,
	RRDP_STAT_NUL,
	RRDP_STAT_CONN_ACTIVE,
	RRDP_STAT_CONN_PASSIVE,
	RRDP_STAT_CONN_RESET,
	RRDP_STAT_CONN_TIMEOUT,
	RRDP_STAT_TX_RST,
	RRDP_STAT_DROP_OTHERHOST,
	RRDP_STAT_DROP_GROUP,
	RRDP_STAT_DROP_SHORT,
	RRDP_STAT_DROP_VERSION,
	RRDP_STAT_DROP_HLEN,
	RRDP_STAT_DROP_FLAGS,
	RRDP_STAT_DROP_LENGTH,
	RRDP_STAT_DROP_CSUM,
	RRDP_STAT_DROP_NO_NODE,
	RRDP_STAT_DROP_NO_LOCAL,
	RRDP_STAT_DROP_NO_CONN,
	RRDP_STAT_DROP_STATE,
	RRDP_STAT_DROP_WINDOW,
	RRDP_STAT_DROP_ACK,
	RRDP_STAT_DROP_RST,
	RRDP_STAT_DROP_FULL,
	RRDP_STAT_DROP_BACKLOG,
	RRDP_STAT_DROP_NOMEM,
	RRDP_STAT_DROP_TX,
	RRDP_STAT_DROP_UNREAD,

	/* Of node resolution; these drops are frames of it. */
	RRDP_STAT_RX_RESOLVE,
	RRDP_STAT_TX_RESOLVE,
	RRDP_STAT_RESOLVE_LIMITED,
	RRDP_STAT_NODES_FAILED,
	RRDP_STAT_NODES_REFUSED,
	RRDP_STAT_DROP_RESOLVE_SHORT,
	RRDP_STAT_DROP_RESOLVE_OP,
	RRDP_STAT_DROP_RESOLVE_NODE,
	RRDP_STAT_DROP_RESOLVE_TARGET,
	RRDP_STAT_DROP_RESOLVE_MAC,
	RRDP_STAT_DROP_RESOLVE_OWN,
	RRDP_STAT_DROP_RESOLVE_OURS,
	RRDP_STAT_DROP_RESOLVE_UNASKED,
	RRDP_STAT_DROP_RESOLVE_CONFLICT,
	RRDP_STAT_DROP_RESOLVE_FULL,
	RRDP_STAT_DROP_RESOLVE_BACKLOG,
	RRDP_STAT_DROP_RESOLVE_RATE,

	RRDP_STAT_COUNT
};

struct rrdp_mib {
	u64_stats_t v[RRDP_STAT_COUNT];
	struct u64_stats_sync sync;
};

extern const char * const rrdp_stat_names[RRDP_STAT_COUNT];

/* Sum over all CPUs. Any context. */
void rrdp_stats_read(const struct rrdp_mib __percpu *mib,
		     u64 out[RRDP_STAT_COUNT]);

/* Softirq or bottom halves off. */
static inline void rrdp_stat_add(struct rrdp_mib __percpu *mib,
				 enum rrdp_stat id, u64 n)
{
	struct rrdp_mib *m = this_cpu_ptr(mib);

	u64_stats_update_begin(&m->sync);
	u64_stats_add(&m->v[id], n);
	u64_stats_update_end(&m->sync);
}

#endif /* _RRDP_STATS_H */
