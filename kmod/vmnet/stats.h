/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of a network and of a namespace. Every drop has one. */
#ifndef _VMNET_STATS_H
#define _VMNET_STATS_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/*
 * VMNET_STAT(enumerator, name): the name is what "vmnetctl show-stats" and
 * "ethtool -S" print. Names starting with drop_ count frames thrown away.
 */
#define VMNET_STATS(VMNET_STAT) \
	VMNET_STAT(RX_PORT,		"rx_port_frames") \
	VMNET_STAT(TX_PORT,		"tx_port_frames") \
	VMNET_STAT(RX_UDP,		"rx_udp_frames") \
	VMNET_STAT(TX_UDP,		"tx_udp_frames") \
	VMNET_STAT(RX_RRDP,		"rx_rrdp_frames") \
	VMNET_STAT(TX_RRDP,		"tx_rrdp_frames") \
	VMNET_STAT(RX_HOST,		"rx_host_frames") \
	VMNET_STAT(TX_HOST,		"tx_host_frames") \
	VMNET_STAT(FLOODED,		"flooded") \
	VMNET_STAT(LEARNED,		"fdb_learned") \
	VMNET_STAT(MOVED,		"fdb_moved") \
	VMNET_STAT(AGED,		"fdb_aged") \
	VMNET_STAT(FDB_FULL,		"fdb_full") \
	VMNET_STAT(FDB_PORT_FULL,	"fdb_port_full") \
	VMNET_STAT(DAMPED,		"fdb_damped") \
	VMNET_STAT(SNOOPED,		"mcast_to_listeners") \
	VMNET_STAT(REPORTS,		"mcast_reports") \
	VMNET_STAT(QUERIES,		"mcast_queries") \
	VMNET_STAT(BAD_REPORT,		"mcast_malformed") \
	VMNET_STAT(MDB_FULL,		"mdb_full") \
	VMNET_STAT(MDB_PORT_FULL,	"mdb_port_full") \
	VMNET_STAT(NEIGH_ANSWERED,	"neigh_answered") \
	VMNET_STAT(NEIGH_FULL,		"neigh_full") \
	VMNET_STAT(FRAGMENTED,		"tx_fragmented") \
	VMNET_STAT(PMTU,		"too_big_answered") \
	VMNET_STAT(TX_GROUP,		"tx_group_frames") \
	VMNET_STAT(RX_GROUP,		"rx_group_frames") \
	VMNET_STAT(TX_DEAF,		"tx_no_group_frames") \
	VMNET_STAT(TX_RELAY,		"tx_relay_frames") \
	VMNET_STAT(RX_RELAY,		"rx_relay_frames") \
	VMNET_STAT(RX_UNELECTED,	"rx_relay_unelected") \
	VMNET_STAT(TX_RELAY_AGAIN,	"tx_relay_again") \
	VMNET_STAT(TX_UNRELAYED,	"tx_no_relay_frames") \
	VMNET_STAT(SILENT,		"forwarders_silent") \
	VMNET_STAT(TX_HELLO,		"tx_hellos") \
	VMNET_STAT(RX_HELLO,		"rx_hellos") \
	VMNET_STAT(HELLO_LOST,		"hellos_not_sent") \
	VMNET_STAT(DROP_DUPLICATE,	"drop_duplicate") \
	VMNET_STAT(DROP_LATE,		"drop_late") \
	VMNET_STAT(DROP_ORIGIN,		"drop_unknown_origin") \
	VMNET_STAT(DROP_SUBNET,		"drop_wrong_subnet") \
	VMNET_STAT(DROP_SOURCE,		"drop_source_address") \
	VMNET_STAT(DROP_OWN_SOURCE,	"drop_own_source_address") \
	VMNET_STAT(DROP_RESERVED,	"drop_reserved_group") \
	VMNET_STAT(DROP_DOWN,		"drop_network_down") \
	VMNET_STAT(DROP_VLAN_IN,	"drop_vlan_ingress") \
	VMNET_STAT(DROP_VLAN_OUT,	"drop_vlan_egress") \
	VMNET_STAT(DROP_HELD,		"drop_damped_address") \
	VMNET_STAT(DROP_STORM,		"drop_storm") \
	VMNET_STAT(DROP_SAME,		"drop_same_port") \
	VMNET_STAT(DROP_SPLIT,		"drop_split_horizon") \
	VMNET_STAT(DROP_ISOLATED,	"drop_isolated") \
	VMNET_STAT(DROP_CONFINED,	"drop_confined") \
	VMNET_STAT(DROP_PORT,		"drop_port_down") \
	VMNET_STAT(DROP_TOO_BIG,	"drop_too_big") \
	VMNET_STAT(DROP_NO_ROUTE,	"drop_no_route") \
	VMNET_STAT(DROP_LOOP,		"drop_underlay_loop") \
	VMNET_STAT(DROP_PEER_DOWN,	"drop_peer_down") \
	VMNET_STAT(DROP_PEER_FULL,	"drop_peer_full") \
	VMNET_STAT(DROP_NOMEM,		"drop_no_memory") \
	VMNET_STAT(DROP_SHORT,		"drop_too_short") \
	VMNET_STAT(DROP_ECN,		"drop_ecn") \
	VMNET_STAT(DROP_STRANGER,	"drop_unknown_peer") \
	VMNET_STAT(DROP_FLAGS,		"drop_bad_flags") \
	VMNET_STAT(DROP_HDR,		"drop_bad_header") \
	VMNET_STAT(DROP_VNI,		"drop_unknown_vni") \
	VMNET_STAT(DROP_BACKLOG,	"drop_backlog_full")

enum vmnet_stat {
#define VMNET_STAT(id, name) VMNET_STAT_##id,
	VMNET_STATS(VMNET_STAT)
#undef VMNET_STAT
	VMNET_STAT_COUNT
};

struct vmnet_mib {
	u64_stats_t v[VMNET_STAT_COUNT];
	struct u64_stats_sync syncp;
};

extern const char * const vmnet_stat_names[VMNET_STAT_COUNT];

/* Zeroed counters, or NULL; free_percpu() frees them. May sleep. */
struct vmnet_mib __percpu *vmnet_stats_alloc(void);

/* Sum over all CPUs. Any context. */
void vmnet_stats_read(const struct vmnet_mib __percpu *mib,
		      u64 out[VMNET_STAT_COUNT]);

/*
 * Frees @skb, which was counted under @why, with the nearest of the kernel's drop
 * reasons. Any context.
 */
void vmnet_free_dropped(struct sk_buff *skb, enum vmnet_stat why);

/* Both: softirq or bottom halves off. */
static inline void vmnet_stat_add(struct vmnet_mib __percpu *mib,
				  enum vmnet_stat id, u64 n)
{
	struct vmnet_mib *m = this_cpu_ptr(mib);

	u64_stats_update_begin(&m->syncp);
	u64_stats_add(&m->v[id], n);
	u64_stats_update_end(&m->syncp);
}

static inline void vmnet_stat_inc(struct vmnet_mib __percpu *mib,
				  enum vmnet_stat id)
{
	vmnet_stat_add(mib, id, 1);
}

/**
 * struct vmnet_count - frames to and from one port or peer, on one CPU
 * @rx_frames: frames taken from it
 * @rx_bytes: their octets, with the inner Ethernet header
 * @tx_frames: frames given to it
 * @tx_bytes: their octets
 * @drops: frames for it that were thrown away, for whatever reason
 * @rx_drops: frames from it that were not let in
 * @syncp: makes the values of one CPU consistent
 */
struct vmnet_count {
	u64_stats_t rx_frames;
	u64_stats_t rx_bytes;
	u64_stats_t tx_frames;
	u64_stats_t tx_bytes;
	u64_stats_t drops;
	u64_stats_t rx_drops;
	struct u64_stats_sync syncp;
};

struct vmnet_count_sum {
	u64 rx_frames;
	u64 rx_bytes;
	u64 tx_frames;
	u64 tx_bytes;
	u64 drops;
	u64 rx_drops;
};

struct vmnet_count __percpu *vmnet_count_alloc(void);
void vmnet_count_read(const struct vmnet_count __percpu *count,
		      struct vmnet_count_sum *sum);

/* All four: softirq or bottom halves off. */
void vmnet_count_rx(struct vmnet_count __percpu *count, unsigned int len);
void vmnet_count_tx(struct vmnet_count __percpu *count, unsigned int len);
void vmnet_count_drop(struct vmnet_count __percpu *count);
void vmnet_count_rx_drop(struct vmnet_count __percpu *count);

#endif /* _VMNET_STATS_H */
