/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints (/sys/kernel/tracing/events/rrdp): what leaves and what comes, what
 * is sent again and why, how connections begin and end, what is thrown away.
 * They cost a jump that is not taken while nobody looks: whoever has to gather
 * arguments asks trace_rrdp_*_enabled() first.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rrdp

#if !defined(_RRDP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _RRDP_TRACE_H

#include <linux/tracepoint.h>

#include "compat_trace.h"
#include "conn.h"

TRACE_DEFINE_ENUM(RRDP_CLOSED);
TRACE_DEFINE_ENUM(RRDP_SYN_SENT);
TRACE_DEFINE_ENUM(RRDP_SYN_RCVD);
TRACE_DEFINE_ENUM(RRDP_OPEN);
TRACE_DEFINE_ENUM(RRDP_CLOSE_WAIT);

TRACE_DEFINE_ENUM(RRDP_RESEND_RTO);
TRACE_DEFINE_ENUM(RRDP_RESEND_TLP);
TRACE_DEFINE_ENUM(RRDP_RESEND_LOSS);
TRACE_DEFINE_ENUM(RRDP_RESEND_CREDIT);

#define rrdp_trace_state(state)						\
	__print_symbolic(state,						\
			 { RRDP_CLOSED,		"closed" },		\
			 { RRDP_SYN_SENT,	"syn-sent" },		\
			 { RRDP_SYN_RCVD,	"syn-rcvd" },		\
			 { RRDP_OPEN,		"open" },		\
			 { RRDP_CLOSE_WAIT,	"close-wait" })

#define rrdp_trace_reason(reason)					\
	__print_symbolic(reason,					\
			 { RRDP_RESEND_RTO,	"rto" },		\
			 { RRDP_RESEND_TLP,	"tlp" },		\
			 { RRDP_RESEND_LOSS,	"loss" },		\
			 { RRDP_RESEND_CREDIT,	"credit" })

#define rrdp_trace_flags(flags)						\
	__print_flags(flags, "|",					\
		      { RRDP_F_SYN,	"SYN" },			\
		      { RRDP_F_ACK,	"ACK" },			\
		      { RRDP_F_EACK,	"EACK" },			\
		      { RRDP_F_RST,	"RST" },			\
		      { RRDP_F_NUL,	"NUL" },			\
		      { RRDP_F_MORE,	"MORE" })

/*
 * @node is the other host. @segs counts what came in one buffer, and @len is the
 * data of the first of them.
 */
DECLARE_EVENT_CLASS(rrdp_segment,
	TP_PROTO(const struct rrdp_net *rn, u32 node,
		 const struct rrdp_seg *seg),
	TP_ARGS(rn, node, seg),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, node)
		__field(u16, sport)
		__field(u16, dport)
		__field(u16, seq)
		__field(u16, ack)
		__field(u16, len)
		__field(u8, flags)
		__field(u8, segs)
	),
	TP_fast_assign(
		__entry->netns = rn->net->ns.inum;
		__entry->node = node;
		__entry->sport = seg->sport;
		__entry->dport = seg->dport;
		__entry->seq = seg->seq;
		__entry->ack = seg->ack;
		__entry->len = seg->len;
		__entry->flags = seg->flags;
		__entry->segs = 1 + seg->extra;
	),
	TP_printk("netns=%u node=%u sport=%u dport=%u flags=%s seq=%u ack=%u len=%u segs=%u",
		  __entry->netns, __entry->node, __entry->sport, __entry->dport,
		  rrdp_trace_flags(__entry->flags), __entry->seq, __entry->ack,
		  __entry->len, __entry->segs)
);

/* Sent, also for the first time together with others in one buffer. */
DEFINE_EVENT(rrdp_segment, rrdp_tx_segment,
	TP_PROTO(const struct rrdp_net *rn, u32 node,
		 const struct rrdp_seg *seg),
	TP_ARGS(rn, node, seg)
);

/* Received, with a right checksum: whatever the protocol makes of it. */
DEFINE_EVENT(rrdp_segment, rrdp_rx_segment,
	TP_PROTO(const struct rrdp_net *rn, u32 node,
		 const struct rrdp_seg *seg),
	TP_ARGS(rn, node, seg)
);

/* Besides rrdp_tx_segment: once for each that the counter "retransmitted" counts. */
TRACE_EVENT(rrdp_retransmit,
	TP_PROTO(const struct rrdp_net *rn, u32 node,
		 const struct rrdp_seg *seg, const struct rrdp_txseg *tx),
	TP_ARGS(rn, node, seg, tx),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, node)
		__field(u16, sport)
		__field(u16, dport)
		__field(u16, seq)
		__field(u16, len)
		__field(u8, flags)
		__field(u8, tries)
		__field(u8, reason)
	),
	TP_fast_assign(
		__entry->netns = rn->net->ns.inum;
		__entry->node = node;
		__entry->sport = seg->sport;
		__entry->dport = seg->dport;
		__entry->seq = seg->seq;
		__entry->len = seg->len;
		__entry->flags = seg->flags;
		__entry->tries = tx->tries;
		__entry->reason = tx->reason;
	),
	TP_printk("netns=%u node=%u sport=%u dport=%u flags=%s seq=%u len=%u tries=%u reason=%s",
		  __entry->netns, __entry->node, __entry->sport, __entry->dport,
		  rrdp_trace_flags(__entry->flags), __entry->seq, __entry->len,
		  __entry->tries, rrdp_trace_reason(__entry->reason))
);

TRACE_EVENT(rrdp_state,
	TP_PROTO(const struct rrdp_conn *conn, u8 old),
	TP_ARGS(conn, old),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, node)
		__field(u16, local_port)
		__field(u16, peer_port)
		__field(u8, old)
		__field(u8, new)
	),
	TP_fast_assign(
		__entry->netns = conn->rn->net->ns.inum;
		__entry->node = conn->pcb.cfg.peer_node;
		__entry->local_port = conn->pcb.cfg.local_port;
		__entry->peer_port = conn->pcb.cfg.peer_port;
		__entry->old = old;
		__entry->new = conn->pcb.state;
	),
	TP_printk("netns=%u node=%u local_port=%u peer_port=%u old=%s new=%s",
		  __entry->netns, __entry->node, __entry->local_port,
		  __entry->peer_port, rrdp_trace_state(__entry->old),
		  rrdp_trace_state(__entry->new))
);

/* By the name of its counter. @skb may be NULL. */
TRACE_EVENT(rrdp_drop,
	TP_PROTO(const struct rrdp_net *rn, const struct sk_buff *skb,
		 enum rrdp_stat why),
	TP_ARGS(rn, skb, why),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, len)
		__field(const void *, skbaddr)
		__string(reason, rrdp_stat_names[why])
	),
	TP_fast_assign(
		__entry->netns = rn->net->ns.inum;
		__entry->len = skb ? skb->len : 0;
		__entry->skbaddr = skb;
		compat_assign_str(reason, rrdp_stat_names[why]);
	),
	TP_printk("netns=%u skbaddr=%p len=%u reason=%s", __entry->netns,
		  __entry->skbaddr, __entry->len, __get_str(reason))
);

#endif /* _RRDP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
