/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of one network namespace. Every drop has one. */
#ifndef _RRDP_STATS_H
#define _RRDP_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/*
 * RRDP_STAT(enumerator, name): the name is what "vmnetctl show-stats" prints.
 * Names starting with drop_ count segments that were thrown away.
 */
#define RRDP_STATS(RRDP_STAT) \
	RRDP_STAT(RX_SEGS,		"rx_segments") \
	RRDP_STAT(TX_SEGS,		"tx_segments") \
	RRDP_STAT(RX_MSGS,		"rx_messages") \
	RRDP_STAT(TX_MSGS,		"tx_messages") \
	RRDP_STAT(RETRANS,		"retransmitted") \
	RRDP_STAT(RTO,			"rto_expired") \
	RRDP_STAT(TLP,			"tail_probes") \
	RRDP_STAT(SPURIOUS,		"retransmitted_needlessly") \
	RRDP_STAT(DUP,			"rx_duplicates") \
	RRDP_STAT(OOO,			"rx_out_of_order") \
	RRDP_STAT(NUL,			"rx_keepalives") \
	RRDP_STAT(CONN_ACTIVE,		"connects") \
	RRDP_STAT(CONN_PASSIVE,		"accepts") \
	RRDP_STAT(CONN_RESET,		"resets") \
	RRDP_STAT(CONN_TIMEOUT,		"timeouts") \
	RRDP_STAT(TX_RST,		"tx_rst") \
	RRDP_STAT(DROP_SHORT,		"drop_too_short") \
	RRDP_STAT(DROP_VERSION,		"drop_version") \
	RRDP_STAT(DROP_HLEN,		"drop_header_length") \
	RRDP_STAT(DROP_FLAGS,		"drop_flags") \
	RRDP_STAT(DROP_LENGTH,		"drop_data_length") \
	RRDP_STAT(DROP_CSUM,		"drop_checksum") \
	RRDP_STAT(DROP_NO_NODE,		"drop_unknown_node") \
	RRDP_STAT(DROP_NO_LOCAL,	"drop_no_local_node") \
	RRDP_STAT(DROP_NO_CONN,		"drop_no_connection") \
	RRDP_STAT(DROP_STATE,		"drop_state") \
	RRDP_STAT(DROP_WINDOW,		"drop_not_acceptable") \
	RRDP_STAT(DROP_ACK,		"drop_ack_of_unsent") \
	RRDP_STAT(DROP_RST,		"drop_bad_rst") \
	RRDP_STAT(DROP_FULL,		"drop_receive_full") \
	RRDP_STAT(DROP_BACKLOG,		"drop_backlog_full") \
	RRDP_STAT(DROP_NOMEM,		"drop_no_memory") \
	RRDP_STAT(DROP_TX,		"drop_transmit")

enum rrdp_stat {
#define RRDP_STAT(id, name) RRDP_STAT_##id,
	RRDP_STATS(RRDP_STAT)
#undef RRDP_STAT
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
