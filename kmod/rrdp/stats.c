// SPDX-License-Identifier: GPL-2.0
/* Counters of one network namespace. */
#include <linux/cpumask.h>
#include <linux/string.h>

#include "stats.h"

const char * const rrdp_stat_names[RRDP_STAT_COUNT] = {
	[RRDP_STAT_RX_SEGS] = "rx_segments",
	[RRDP_STAT_TX_SEGS] = "tx_segments",
	[RRDP_STAT_RX_MSGS] = "rx_messages",
	[RRDP_STAT_TX_MSGS] = "tx_messages",
	[RRDP_STAT_RETRANS] = "retransmitted",
	[RRDP_STAT_RTO] = "rto_expired",
	[RRDP_STAT_TLP] = "tail_probes",
	[RRDP_STAT_SPURIOUS] = "retransmitted_needlessly",
	[RRDP_STAT_DUP] = "rx_duplicates",
	[RRDP_STAT_OOO] = "rx_out_of_order",
	[RRDP_STAT_NUL] = "rx_keepalives",
	[RRDP_STAT_CONN_ACTIVE] = "connects",
	[RRDP_STAT_CONN_PASSIVE] = "accepts",
	[RRDP_STAT_CONN_RESET] = "resets",
	[RRDP_STAT_CONN_TIMEOUT] = "timeouts",
	[RRDP_STAT_TX_RST] = "tx_rst",
	[RRDP_STAT_DROP_OTHERHOST] = "drop_other_host",
	[RRDP_STAT_DROP_GROUP] = "drop_not_unicast",
	[RRDP_STAT_DROP_SHORT] = "drop_too_short",
	[RRDP_STAT_DROP_VERSION] = "drop_version",
	[RRDP_STAT_DROP_HLEN] = "drop_header_length",
	[RRDP_STAT_DROP_FLAGS] = "drop_flags",
	[RRDP_STAT_DROP_LENGTH] = "drop_data_length",
	[RRDP_STAT_DROP_CSUM] = "drop_checksum",
	[RRDP_STAT_DROP_NO_NODE] = "drop_unknown_node",
	[RRDP_STAT_DROP_NO_LOCAL] = "drop_no_local_node",
	[RRDP_STAT_DROP_NO_CONN] = "drop_no_connection",
	[RRDP_STAT_DROP_STATE] = "drop_state",
	[RRDP_STAT_DROP_WINDOW] = "drop_not_acceptable",
	[RRDP_STAT_DROP_ACK] = "drop_ack_of_unsent",
	[RRDP_STAT_DROP_RST] = "drop_bad_rst",
	[RRDP_STAT_DROP_FULL] = "drop_receive_full",
	[RRDP_STAT_DROP_BACKLOG] = "drop_backlog_full",
	[RRDP_STAT_DROP_NOMEM] = "drop_no_memory",
	[RRDP_STAT_DROP_TX] = "drop_transmit",
	[RRDP_STAT_DROP_UNREAD] = "drop_unread",
	[RRDP_STAT_RX_RESOLVE] = "rx_resolve",
	[RRDP_STAT_TX_RESOLVE] = "tx_resolve",
	[RRDP_STAT_RESOLVE_LIMITED] = "resolve_rate_limited",
	[RRDP_STAT_NODES_FAILED] = "nodes_failed",
	[RRDP_STAT_NODES_REFUSED] = "nodes_refused",
	[RRDP_STAT_DROP_RESOLVE_SHORT] = "drop_resolve_too_short",
	[RRDP_STAT_DROP_RESOLVE_OP] = "drop_resolve_operation",
	[RRDP_STAT_DROP_RESOLVE_NODE] = "drop_resolve_node_zero",
	[RRDP_STAT_DROP_RESOLVE_TARGET] = "drop_resolve_target",
	[RRDP_STAT_DROP_RESOLVE_MAC] = "drop_resolve_bad_mac",
	[RRDP_STAT_DROP_RESOLVE_OWN] = "drop_resolve_own_frame",
	[RRDP_STAT_DROP_RESOLVE_OURS] = "drop_resolve_own_number",
	[RRDP_STAT_DROP_RESOLVE_UNASKED] = "drop_resolve_unasked",
	[RRDP_STAT_DROP_RESOLVE_CONFLICT] = "drop_resolve_conflict",
	[RRDP_STAT_DROP_RESOLVE_FULL] = "drop_resolve_table_full",
	[RRDP_STAT_DROP_RESOLVE_BACKLOG] = "drop_resolve_backlog",
	[RRDP_STAT_DROP_RESOLVE_RATE] = "drop_resolve_rate",
};

/**
 * rrdp_stats_read - sum the counters over all CPUs
 * @mib: counters of a namespace
 * @out: where the sums go
 *
 * Each CPU's counters are read at one moment, those of different CPUs are not.
 *
 * Context: any.
 */
void rrdp_stats_read(const struct rrdp_mib __percpu *mib,
		     u64 out[RRDP_STAT_COUNT])
{
	u64 v[RRDP_STAT_COUNT];
	unsigned int start;
	int cpu, i;

	memset(out, 0, sizeof(u64) * RRDP_STAT_COUNT);
	for_each_possible_cpu(cpu) {
		const struct rrdp_mib *m = per_cpu_ptr(mib, cpu);

		do {
			start = u64_stats_fetch_begin(&m->sync);
			for (i = 0; i < RRDP_STAT_COUNT; i++)
				v[i] = u64_stats_read(&m->v[i]);
		} while (u64_stats_fetch_retry(&m->sync, start));

		for (i = 0; i < RRDP_STAT_COUNT; i++)
			out[i] += v[i];
	}
}
