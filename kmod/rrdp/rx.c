// SPDX-License-Identifier: GPL-2.0
/* Segments from a device to their connection, and messages put together. */
#include <linux/etherdevice.h>
#include <net/checksum.h>

#include "conn.h"
#include "drop.h"
#include "resolve.h"
#include "trace.h"

/* ---- messages ---- */

/*
 * Adds a segment to the message under way. The head's frag_list belongs to
 * us alone: rrdp_rcv() has unshared every segment that says MORE.
 */
static void append_part(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct sk_buff *head = conn->part;

	skb->next = NULL;
	if (!head) {
		/* rrdp_rcv() has seen to it that it has no list yet. */
		conn->part = skb;
		conn->part_tail = NULL;
		WRITE_ONCE(conn->part_truesize, skb->truesize);
		return;
	}
	if (conn->part_tail)
		conn->part_tail->next = skb;
	else
		skb_shinfo(head)->frag_list = skb;
	conn->part_tail = skb;
	head->len += skb->len;
	head->data_len += skb->len;
	head->truesize += skb->truesize;
	WRITE_ONCE(conn->part_truesize, head->truesize);
}

/* In octets, or in buffers that hold next to nothing. */
static bool too_long(const struct rrdp_conn *conn)
{
	return conn->part && (conn->part->len > RRDP_MSG_MAX ||
			      conn->part->truesize > RRDP_PARTS_MAX);
}

void rrdp_rx_core_deliver(struct rrdp_pcb *pcb, void *data)
{
	struct rrdp_conn *conn = rrdp_conn_of(pcb);
	struct sk_buff *skb = data;
	bool more = RRDP_RX_CB(skb)->more;

	if (unlikely(more || conn->part)) {
		append_part(conn, skb);
		/* One that is too long stays, and conn_input() finds it. */
		if (more || too_long(conn))
			return;
		skb = conn->part;
		conn->part = NULL;
		WRITE_ONCE(conn->part_truesize, 0);
	}
	rrdp_stat_add(conn->rn->mib, RRDP_STAT_RX_MSGS, 1);
	rrdp_skbs_add(&conn->rx, skb);
}

/* ---- segments ---- */

/*
 * One's complement sum over the whole segment as the words stand in memory,
 * or, of a sender that left the sum to its device, what it put in the field.
 */
static u32 segment_sum(struct sk_buff *skb, u16 options,
		       const struct rrdp_seg *seg, unsigned int hlen)
{
	__wsum sum;

	if (options & RRDP_OPT_CKSUM_HDR)
		sum = csum_partial(skb->data, hlen, 0);
	else if (skb->ip_summed == CHECKSUM_COMPLETE)
		sum = skb->csum;
	else if (likely(hlen + seg->len <= skb_headlen(skb)))
		sum = csum_partial(skb->data, hlen + seg->len, 0);
	else
		sum = skb_checksum(skb, 0, hlen + seg->len, 0);
	return ntohs((__force __be16)~csum_fold(sum));
}

/* True if nobody computed the sum yet: the segment has not left this host. */
static bool sum_left_out(const struct sk_buff *skb)
{
	return skb->ip_summed == CHECKSUM_PARTIAL &&
	       skb->csum_offset == RRDP_CSUM_OFF;
}

static bool sum_right(const struct sk_buff *skb, const struct rrdp_seg *seg,
		      u32 sum, u16 pseudo)
{
	if (sum_left_out(skb))
		return seg->csum == pseudo;
	return rrdp_csum_fold(sum + pseudo) == 0xffff;
}

static enum rrdp_stat verdict_stat(enum rrdp_verdict verdict)
{
	switch (verdict) {
	case RRDP_DROP_WINDOW:
		return RRDP_STAT_DROP_WINDOW;
	case RRDP_DROP_RST:
		return RRDP_STAT_DROP_RST;
	case RRDP_DROP_FULL:
		return RRDP_STAT_DROP_FULL;
	case RRDP_DROP_NOMEM:
		return RRDP_STAT_DROP_NOMEM;
	case RRDP_DROP_LENGTH:
		return RRDP_STAT_DROP_LENGTH;
	case RRDP_DROP_ACK:
		return RRDP_STAT_DROP_ACK;
	default:
		return RRDP_STAT_DROP_STATE;
	}
}

/* What cannot be taken at once is taken as if it had come in segments. */
static void one_by_one(struct rrdp_dev *rd, struct sk_buff *train)
{
	struct sk_buff *skb = rrdp_train_split(train);

	if (unlikely(!skb)) {
		rrdp_drop(rd->rn, train, RRDP_STAT_DROP_NOMEM);
		return;
	}
	consume_skb(train);
	while (skb) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		rrdp_rcv(rd, skb);
		skb = next;
	}
}

static bool may_reply(struct rrdp_net *rn)
{
	return rrdp_rate_allows(&rn->replies, RRDP_REPLY_RATE);
}

/* Why the core does not get a segment, %RRDP_STAT_COUNT if it does. Under the lock. */
static enum rrdp_stat keep_out(const struct rrdp_conn *conn,
			       const struct rrdp_seg *seg,
			       const struct sk_buff *skb, u32 sum)
{
	if (unlikely(conn->gone))
		return RRDP_STAT_DROP_NO_CONN;
	if (unlikely(!sum_right(skb, seg, sum,
				rrdp_pcb_csum_in(&conn->pcb, seg))))
		return RRDP_STAT_DROP_CSUM;
	/* Its answer is a RST, as to strangers. */
	if (unlikely(conn->pcb.state == RRDP_CLOSE_WAIT) && !may_reply(conn->rn))
		return RRDP_STAT_DROP_STATE;
	return RRDP_STAT_COUNT;
}

static void conn_input(struct rrdp_conn *conn, const struct rrdp_seg *seg,
		       struct sk_buff *skb, unsigned int hlen)
{
	struct rrdp_net *rn = conn->rn;
	enum rrdp_verdict verdict;
	enum rrdp_stat why;
	u32 sum = sum_left_out(skb) ? 0 :
		  segment_sum(skb, READ_ONCE(conn->pcb.options), seg, hlen);

	rrdp_conn_enter_bh(conn);
	why = keep_out(conn, seg, skb, sum);
	if (unlikely(why != RRDP_STAT_COUNT)) {
		rrdp_conn_leave_bh(conn);
		rrdp_drop(rn, skb, why);
		return;
	}
	conn->pcb.rcv_room = conn->room ? conn->room(conn)
					: conn->pcb.cfg.window;
	if (unlikely(seg->extra)) {
		if (!rrdp_pcb_takes_run(&conn->pcb, seg)) {
			rrdp_conn_leave_bh(conn);
			one_by_one(conn->path.rd, skb);
			return;
		}
		rrdp_stat_add(rn->mib, RRDP_STAT_RX_SEGS, 1 + seg->extra);
		skb_gso_reset(skb);
	}

	if (trace_rrdp_rx_segment_enabled())
		trace_rrdp_rx_segment(rn, conn->pcb.cfg.peer_node, seg);
	__skb_pull(skb, hlen);
	skb->ip_summed = CHECKSUM_NONE;
	RRDP_RX_CB(skb)->more = seg->flags & RRDP_F_MORE;
	verdict = rrdp_pcb_input(&conn->pcb, seg, skb, rrdp_now());
	if (unlikely(too_long(conn)))
		rrdp_pcb_abort(&conn->pcb, -ECONNRESET, rrdp_now());
	rrdp_conn_leave_bh(conn);

	if (verdict == RRDP_TAKEN)
		return;
	if (verdict == RRDP_DONE || verdict == RRDP_DROP_DUP)
		consume_skb(skb);
	else
		rrdp_drop(rn, skb, verdict_stat(verdict));
}

/* A segment for no connection: a caller, or one that we have forgotten. */
static void stranger(struct rrdp_dev *rd, const struct rrdp_seg *seg,
		     struct sk_buff *skb, unsigned int hlen)
{
	u32 local = READ_ONCE(rd->rn->local_node);
	const u8 *mac = eth_hdr(skb)->h_source;
	u32 node = rrdp_node_by_mac(rd, mac);
	enum rrdp_stat why = RRDP_STAT_DROP_NO_CONN;
	struct rrdp_net *rn = rd->rn;
	struct rrdp_listener *l;
	struct rrdp_seg rst;
	u32 nodes;

	if (!local || !node) {
		/* It may know us: then it says who it is, and tries again. */
		if (local && may_reply(rn))
			rrdp_resolve_introduce(rd, mac);
		rrdp_drop(rn, skb, local ? RRDP_STAT_DROP_NO_NODE
					 : RRDP_STAT_DROP_NO_LOCAL);
		return;
	}
	nodes = rrdp_csum_u32(local) + rrdp_csum_u32(node);
	/* Only these are sure to be summed without a connection's secrets. */
	if ((seg->flags & (RRDP_F_SYN | RRDP_F_RST)) &&
	    !sum_right(skb, seg, segment_sum(skb, 0, seg, hlen),
		       rrdp_csum_fold(nodes))) {
		rrdp_drop(rn, skb, RRDP_STAT_DROP_CSUM);
		return;
	}

	trace_rrdp_rx_segment(rn, node, seg);
	l = rrdp_listener_find(rn, seg->dport);
	/* Pairs with the release that makes a listener ready. */
	if (l && smp_load_acquire(&l->ops) &&
	    (seg->flags & (RRDP_F_SYN | RRDP_F_ACK)) == RRDP_F_SYN) {
		why = rrdp_conn_passive(l, rd, mac, node, seg);
		if (why == RRDP_STAT_COUNT) {
			consume_skb(skb);
			return;
		}
	}
	/*
	 * Who offers nothing of use is told, as by a closed port; who finds no room
	 * may find some when it asks again.
	 */
	if (why != RRDP_STAT_DROP_BACKLOG && why != RRDP_STAT_DROP_NOMEM &&
	    rrdp_rst_reply(seg, &rst) && may_reply(rn)) {
		rrdp_stat_add(rn->mib, RRDP_STAT_TX_RST, 1);
		rrdp_tx_reply(rd, mac, node, nodes, &rst);
	}
	rrdp_drop(rn, skb, why);
}

/*
 * A SYN with an epoch ends the quarantine of its port pair: the epoch, not
 * the time, keeps old segments out of the new connection.
 */
static bool ends_quarantine(const struct rrdp_conn *conn,
			    const struct rrdp_seg *seg, struct sk_buff *skb,
			    unsigned int hlen)
{
	return READ_ONCE(conn->pcb.state) == RRDP_CLOSE_WAIT &&
	       (seg->flags & (RRDP_F_SYN | RRDP_F_ACK)) == RRDP_F_SYN &&
	       seg->syn.epoch && seg->syn.epoch != conn->pcb.peer_epoch &&
	       sum_right(skb, seg, segment_sum(skb, 0, seg, hlen),
			 rrdp_pcb_csum_in(&conn->pcb, seg));
}

static enum rrdp_stat parse(struct sk_buff *skb, struct rrdp_seg *seg)
{
	static const u8 map[] = {
		[RRDP_WIRE_SHORT]	= RRDP_STAT_DROP_SHORT,
		[RRDP_WIRE_VERSION]	= RRDP_STAT_DROP_VERSION,
		[RRDP_WIRE_HLEN]	= RRDP_STAT_DROP_HLEN,
		[RRDP_WIRE_FLAGS]	= RRDP_STAT_DROP_FLAGS,
		[RRDP_WIRE_LENGTH]	= RRDP_STAT_DROP_LENGTH,
	};
	unsigned int want = RRDP_HDR_LEN;
	enum rrdp_wire_error err;

	if (unlikely(!pskb_may_pull(skb, want)))
		return RRDP_STAT_DROP_SHORT;
	/* Impossible lengths are left to the parser. */
	want = max(want, rrdp_wire_hlen_peek(skb->data));
	if (want <= skb->len && unlikely(!pskb_may_pull(skb, want)))
		return RRDP_STAT_DROP_NOMEM;

	err = rrdp_wire_parse(seg, skb->data, skb_headlen(skb), skb->len);
	return err ? map[err] : RRDP_STAT_COUNT;
}

/* Its length is that of the frame; and its buffer is ours to mark as no train. */
static enum rrdp_stat check_train(struct sk_buff *skb, struct rrdp_seg *seg,
				  unsigned int hlen)
{
	if (!rrdp_train_parse(skb, seg, hlen))
		return RRDP_STAT_DROP_LENGTH;
	return skb_unclone(skb, GFP_ATOMIC) ? RRDP_STAT_DROP_NOMEM
					    : RRDP_STAT_COUNT;
}

/* What others will be appended to is ours alone, and has no list of its own. */
static int own_list(struct sk_buff *skb)
{
	if (skb_has_frag_list(skb))
		return skb_linearize(skb);
	return skb_unclone(skb, GFP_ATOMIC);
}

void rrdp_rcv(struct rrdp_dev *rd, struct sk_buff *skb)
{
	struct rrdp_net *rn = rd->rn;
	enum rrdp_stat reason;
	struct rrdp_conn *conn;
	struct rrdp_key key;
	struct rrdp_seg seg;
	unsigned int hlen;

	/* The segments of a train count as they are taken. */
	if (likely(!skb_is_gso(skb)))
		rrdp_stat_add(rn->mib, RRDP_STAT_RX_SEGS, 1);
	reason = parse(skb, &seg);
	if (unlikely(reason != RRDP_STAT_COUNT)) {
		rrdp_drop(rn, skb, reason);
		return;
	}
	hlen = RRDP_HDR_LEN + 2 * seg.nvar;
	if (skb_is_gso(skb))
		reason = check_train(skb, &seg, hlen);
	else if (pskb_trim_rcsum(skb, hlen + seg.len))
		reason = RRDP_STAT_DROP_NOMEM;
	if ((seg.flags & RRDP_F_MORE) && own_list(skb))
		reason = RRDP_STAT_DROP_NOMEM;
	if (unlikely(reason != RRDP_STAT_COUNT)) {
		rrdp_drop(rn, skb, reason);
		return;
	}
	seg.var = skb->data + RRDP_HDR_LEN;

	ether_addr_copy(key.mac, eth_hdr(skb)->h_source);
	key.local_port = seg.dport;
	key.peer_port = seg.sport;
	key.zero = 0;
	conn = rrdp_conn_lookup(rn, &key);
	if (conn && unlikely(conn->path.rd != rd)) {
		/* The address of a peer, or our own, on another wire. */
		rrdp_drop(rn, skb, RRDP_STAT_DROP_NO_CONN);
		return;
	}
	if (conn && unlikely(ends_quarantine(conn, &seg, skb, hlen))) {
		rrdp_conn_end_quarantine(conn);
		conn = NULL;
	}
	if (likely(conn))
		conn_input(conn, &seg, skb, hlen);
	else
		stranger(rd, &seg, skb, hlen);
}
