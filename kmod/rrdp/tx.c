// SPDX-License-Identifier: GPL-2.0
/* Messages from their sender to segments, and segments to the device. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/checksum.h>

#include "conn.h"
#include "drop.h"
#include "trace.h"

static unsigned int link_headroom(const struct rrdp_dev *rd)
{
	struct net_device *dev;
	unsigned int room = ETH_HLEN;

	rcu_read_lock();
	dev = rrdp_dev_netdev(rd);
	if (dev)
		room = LL_RESERVED_SPACE(dev);
	rcu_read_unlock();
	return room;
}

unsigned int rrdp_tx_headroom(const struct rrdp_dev *rd)
{
	return link_headroom(rd) + RRDP_DATA_HDR_MAX;
}

unsigned int rrdp_headroom(const struct rrdp_conn *conn)
{
	return conn->headroom;
}
EXPORT_SYMBOL_GPL(rrdp_headroom);

/* ---- segments ---- */

/* Builds the header in front of @skb's data, with its checksum. */
static void push_header(struct sk_buff *skb, struct rrdp_seg *seg, u16 pseudo,
			bool header_only)
{
	unsigned int hlen = rrdp_wire_hlen(seg);
	unsigned int covered = header_only ? hlen : hlen + skb->len;
	u8 *p = skb_push(skb, hlen);
	__wsum start = (__force __wsum)htons(pseudo);
	__sum16 sum;

	seg->csum = 0;
	rrdp_wire_build(p, seg);
	if (likely(covered <= skb_headlen(skb)))
		sum = csum_fold(csum_partial(p, covered, start));
	else
		sum = csum_fold(skb_checksum(skb, 0, covered, start));
	memcpy(p + RRDP_CSUM_OFF, &sum, sizeof(sum));
	skb->ip_summed = CHECKSUM_NONE;
}

/* A segment without data. */
static struct sk_buff *bare_skb(const struct rrdp_dev *rd,
				const struct rrdp_seg *seg)
{
	unsigned int room = link_headroom(rd) + rrdp_wire_hlen(seg);
	struct sk_buff *skb = alloc_skb(room, GFP_ATOMIC);

	if (skb)
		skb_reserve(skb, room);
	return skb;
}

/*
 * What goes out is a clone, which costs no allocation for buffers of ours;
 * its header is written in front of the data that both share. If someone
 * still reads the last copy's header, the head must be copied.
 */
static struct sk_buff *data_skb(struct sk_buff *skb)
{
	if (unlikely(skb_cloned(skb)))
		return pskb_copy(skb, GFP_ATOMIC);
	return skb_clone(skb, GFP_ATOMIC);
}

/* A copy of @n segments of a buffer that holds several. */
static struct sk_buff *parts_skb(struct rrdp_conn *conn,
				 struct rrdp_parts *parts, unsigned int first,
				 unsigned int n)
{
	struct sk_buff *skb = rrdp_parts_slice(parts, first, n,
					       rrdp_headroom(conn));

	return skb ? data_skb(skb) : NULL;
}

static struct sk_buff *segment_skb(struct rrdp_conn *conn,
				   const struct rrdp_seg *seg,
				   struct rrdp_txseg *tx)
{
	struct rrdp_parts *parts;

	if (!tx || tx->flags & RRDP_F_NUL)
		return bare_skb(conn->path.rd, seg);
	parts = rrdp_parts_of(tx);
	if (unlikely(parts))
		return parts_skb(conn, parts, tx->part - 1, 1);
	return data_skb(rrdp_tx_skb(tx));
}

static bool header_only(const struct rrdp_conn *conn, const struct rrdp_seg *seg)
{
	return conn->pcb.options & RRDP_OPT_CKSUM_HDR &&
	       !(seg->flags & (RRDP_F_SYN | RRDP_F_RST));
}

void rrdp_tx_train(struct rrdp_conn *conn)
{
	struct rrdp_train *train = &conn->train;
	struct rrdp_parts *parts = train->parts;
	u16 pseudo = rrdp_pcb_csum_out(&conn->pcb, &train->seg);
	bool only = header_only(conn, &train->seg);
	struct sk_buff *skb;

	skb = parts_skb(conn, parts, train->first, train->n);
	if (likely(skb)) {
		/* Of several, none but the last has the length of its data. */
		push_header(skb, &train->seg, pseudo, only || train->n > 1);
		if (train->n > 1)
			rrdp_train_mark(skb, train, pseudo, only);
		rrdp_skbs_add(&conn->out, skb);
	} else {
		rrdp_drop(conn->rn, NULL, RRDP_STAT_DROP_NOMEM);
	}
	train->parts = NULL;
}

/* Sent for the first time, it may go in one buffer with its neighbours. */
static bool add_to_train(struct rrdp_conn *conn, const struct rrdp_seg *seg,
			 struct rrdp_txseg *tx)
{
	struct rrdp_parts *parts = tx ? rrdp_parts_of(tx) : NULL;

	if (parts && tx->tries == 1) {
		if (rrdp_train_add(&conn->train, seg, parts, tx))
			return true;
		rrdp_tx_train(conn);
		return rrdp_train_add(&conn->train, seg, parts, tx);
	}
	if (conn->train.parts)
		rrdp_tx_train(conn);
	return false;
}

static void trace_segment(const struct rrdp_conn *conn,
			  const struct rrdp_seg *seg,
			  const struct rrdp_txseg *tx)
{
	u32 node = conn->pcb.cfg.peer_node;

	trace_rrdp_tx_segment(conn->rn, node, seg);
	if (tx && tx->tries > 1)
		trace_rrdp_retransmit(conn->rn, node, seg, tx);
}

void rrdp_tx_core_xmit(struct rrdp_pcb *pcb, struct rrdp_seg *seg,
		       struct rrdp_txseg *tx)
{
	struct rrdp_conn *conn = rrdp_conn_of(pcb);
	struct sk_buff *skb;

	rrdp_stat_add(conn->rn->mib, RRDP_STAT_TX_SEGS, 1);
	if (trace_rrdp_tx_segment_enabled() || trace_rrdp_retransmit_enabled())
		trace_segment(conn, seg, tx);
	if (add_to_train(conn, seg, tx))
		return;
	skb = segment_skb(conn, seg, tx);
	if (unlikely(!skb)) {
		/* As if lost on the wire: the protocol repeats it. */
		rrdp_drop(conn->rn, NULL, RRDP_STAT_DROP_NOMEM);
		return;
	}
	push_header(skb, seg, rrdp_pcb_csum_out(pcb, seg),
		    header_only(conn, seg));
	rrdp_skbs_add(&conn->out, skb);
}

/* The clone lives until the NIC, or a receiver on this host, is done. */
bool rrdp_tx_core_busy(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	struct rrdp_parts *parts = rrdp_parts_of(tx);
	struct sk_buff *skb;

	if (tx->flags & RRDP_F_NUL)
		return false;
	skb = parts ? rrdp_parts_sent(parts, tx) : rrdp_tx_skb(tx);
	/* A slice of several parts may keep the companion of an fclone. */
	if (!parts && skb->fclone == SKB_FCLONE_ORIG)
		return skb_fclone_busy(NULL, skb);
	return skb_cloned(skb);
}

/* An answer to a segment that has no connection. */
void rrdp_tx_reply(struct rrdp_dev *rd, const u8 mac[ETH_ALEN], u32 node,
		   u32 csum, struct rrdp_seg *seg)
{
	struct sk_buff *skb = bare_skb(rd, seg);

	if (!skb) {
		rrdp_drop(rd->rn, NULL, RRDP_STAT_DROP_NOMEM);
		return;
	}
	push_header(skb, seg, rrdp_csum_fold(csum), false);
	rrdp_stat_add(rd->rn->mib, RRDP_STAT_TX_SEGS, 1);
	trace_rrdp_tx_segment(rd->rn, node, seg);
	rrdp_dev_xmit(rd, mac, skb);
}

/* ---- messages ---- */

struct sk_buff *rrdp_tx_alloc(struct rrdp_conn *conn, unsigned int len,
			      gfp_t gfp)
{
	unsigned int room = rrdp_headroom(conn);
	struct sk_buff *skb = rrdp_spare_get(&conn->spares, room + len);

	if (!skb)
		skb = alloc_skb_fclone(room + len, gfp);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, room);
	RRDP_TX_CB(skb)->parts = NULL;
	RRDP_TX_CB(skb)->own = true;
	return skb;
}

unsigned int rrdp_tx_buffer_max(const struct rrdp_conn *conn, size_t len)
{
	unsigned int mss = rrdp_conn_mss(conn), most = 0;
	struct net_device *dev;

	if (len <= mss)
		return mss;
	rcu_read_lock();
	dev = rrdp_dev_netdev(conn->path.rd);
	if (dev)
		most = min(READ_ONCE(dev->gso_max_size), GSO_LEGACY_MAX_SIZE);
	rcu_read_unlock();
	most = (most - min(most, rrdp_headroom(conn))) / mss;
	return mss * clamp(most, 1U, (unsigned int)RRDP_PARTS);
}

int rrdp_tx_prepare(struct rrdp_conn *conn, struct sk_buff *skb, gfp_t gfp)
{
	struct rrdp_tx_cb *cb = RRDP_TX_CB(skb);

	cb->parts = NULL;
	cb->seg.part = 0;
	cb->seg.len = skb->len;
	if (skb->len > rrdp_conn_mss(conn)) {
		cb->parts = rrdp_parts_new(skb, rrdp_conn_mss(conn), gfp);
		if (!cb->parts)
			return -ENOMEM;
	}
	return 0;
}

void rrdp_tx_free(struct sk_buff *segs)
{
	struct sk_buff *skb;

	for (skb = segs; skb; skb = skb->next)
		kfree(RRDP_TX_CB(skb)->parts);
	kfree_skb_list(segs);
}

static unsigned int count_parts(const struct sk_buff *skb)
{
	unsigned int n = 0;

	for (; skb; skb = skb->next) {
		const struct rrdp_parts *parts = RRDP_TX_CB(skb)->parts;

		n += parts ? parts->n : 1;
	}
	return n;
}

/* There is room for them. */
static void queue_parts(struct rrdp_conn *conn, struct sk_buff *skb, bool more)
{
	struct rrdp_parts *parts = RRDP_TX_CB(skb)->parts;
	struct rrdp_txseg *tx = &RRDP_TX_CB(skb)->seg;
	unsigned int i, n = parts ? parts->n : 1;

	/* The clone owns the header space, this buffer only the data. */
	if (!skb->nohdr)
		__skb_header_release(skb);
	for (i = 0; i < n; i++) {
		if (parts)
			tx = &parts->part[i].seg;
		tx->flags = more || i + 1 < n ? RRDP_F_MORE : 0;
		rrdp_pcb_queue(&conn->pcb, tx);
	}
}

static int enqueue(struct rrdp_conn *conn, struct sk_buff *segs, bool more)
{
	struct sk_buff *skb;
	int err;

	err = rrdp_pcb_reserve(&conn->pcb, count_parts(segs));
	if (err)
		return err;

	while (segs) {
		skb = segs;
		segs = skb->next;
		skb_mark_not_on_list(skb);
		queue_parts(conn, skb, segs);
	}
	rrdp_stat_add(conn->rn->mib, RRDP_STAT_TX_MSGS, 1);
	if (more)
		rrdp_pcb_hold(&conn->pcb, rrdp_now());
	else
		rrdp_pcb_push(&conn->pcb, rrdp_now());
	return 0;
}

int rrdp_tx_message(struct rrdp_conn *conn, struct sk_buff *segs,
		    unsigned int queue_max, bool more)
{
	int err = 0;

	rrdp_conn_enter(conn);
	if (unlikely(conn->pcb.state != RRDP_OPEN || conn->pcb.closing ||
		     conn->close_later))
		err = -ENOTCONN;
	else if (unlikely(rrdp_pcb_queued(&conn->pcb) >= queue_max))
		err = -EAGAIN;
	else
		err = enqueue(conn, segs, more);
	if (err == -EAGAIN)
		WRITE_ONCE(conn->want_write, true);
	rrdp_conn_leave(conn);
	return err;
}

void rrdp_tx_push(struct rrdp_conn *conn)
{
	rrdp_conn_enter(conn);
	rrdp_pcb_push(&conn->pcb, rrdp_now());
	rrdp_conn_leave(conn);
}

unsigned int rrdp_conn_mss(const struct rrdp_conn *conn)
{
	return READ_ONCE(conn->pcb.mss);
}
EXPORT_SYMBOL_GPL(rrdp_conn_mss);

unsigned int rrdp_conn_msg_max(const struct rrdp_conn *conn)
{
	return READ_ONCE(conn->pcb.options) & RRDP_OPT_MORE ?
	       RRDP_MSG_MAX : rrdp_conn_mss(conn);
}
EXPORT_SYMBOL_GPL(rrdp_conn_msg_max);

static int check_size(const struct rrdp_conn *conn, size_t len)
{
	if (READ_ONCE(conn->pcb.state) != RRDP_OPEN)
		return -ENOTCONN;
	if (!len)
		return -EINVAL;
	return len > rrdp_conn_msg_max(conn) ? -EMSGSIZE : 0;
}

int rrdp_send(struct rrdp_conn *conn, const void *data, size_t len, gfp_t gfp)
{
	struct rrdp_skbs segs = {};
	int err = check_size(conn, len);

	while (!err && len) {
		unsigned int n = min_t(size_t, len, rrdp_conn_mss(conn));
		struct sk_buff *skb = rrdp_tx_alloc(conn, n, gfp);

		if (!skb) {
			err = -ENOMEM;
			break;
		}
		skb_put_data(skb, data, n);
		rrdp_tx_prepare(conn, skb, gfp);
		rrdp_skbs_add(&segs, skb);
		data += n;
		len -= n;
	}
	if (!err)
		err = rrdp_tx_message(conn, segs.head, RRDP_SEND_QUEUE, false);
	if (err)
		kfree_skb_list(segs.head);
	return err;
}
EXPORT_SYMBOL_GPL(rrdp_send);

/*
 * Cuts @skb into buffers of @most octets, page references included. All pieces are
 * in @segs, also when it fails.
 */
static int split(struct rrdp_conn *conn, struct sk_buff *skb, unsigned int most,
		 struct rrdp_skbs *segs)
{
	rrdp_skbs_add(segs, skb);
	while (skb->len > most) {
		unsigned int linear = skb_headlen(skb) > most ?
				      skb_headlen(skb) - most : 0;
		struct sk_buff *tail = rrdp_tx_alloc(conn, linear, GFP_ATOMIC);

		if (!tail)
			return -ENOMEM;
		skb_split(skb, tail, most);
		rrdp_skbs_add(segs, tail);
		skb = tail;
	}
	for (skb = segs->head; skb; skb = skb->next)
		if (rrdp_tx_prepare(conn, skb, GFP_ATOMIC))
			return -ENOMEM;
	return 0;
}

/* The caller keeps @skb whole when it is refused: a copy is cut. */
static int send_in_pieces(struct rrdp_conn *conn, const struct sk_buff *skb,
			  unsigned int most)
{
	struct sk_buff *copy = pskb_copy((struct sk_buff *)skb, GFP_ATOMIC);
	struct rrdp_skbs segs = {};
	int err;

	if (!copy)
		return -ENOMEM;
	err = split(conn, copy, most, &segs);
	if (!err)
		err = rrdp_tx_message(conn, segs.head, RRDP_SEND_QUEUE, false);
	if (err)
		rrdp_tx_free(segs.head);
	return err;
}

static int send_whole(struct rrdp_conn *conn, struct sk_buff *skb)
{
	int err = rrdp_tx_prepare(conn, skb, GFP_ATOMIC);

	if (err)
		return err;
	skb->next = NULL;
	err = rrdp_tx_message(conn, skb, RRDP_SEND_QUEUE, false);
	if (unlikely(err)) {
		kfree(RRDP_TX_CB(skb)->parts);
		RRDP_TX_CB(skb)->parts = NULL;
	}
	return err;
}

int rrdp_send_skb(struct rrdp_conn *conn, struct sk_buff *skb)
{
	int err = check_size(conn, skb->len);
	unsigned int most;

	if (err)
		return err;
	/* The sender of a clone, as TCP is, still counts on the buffer. */
	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
		return -ENOMEM;
	most = rrdp_tx_buffer_max(conn, skb->len);
	if (unlikely(skb->len > rrdp_conn_mss(conn) && skb_has_frag_list(skb) &&
		     skb_linearize(skb)))
		return -ENOMEM;
	skb_orphan(skb);
	RRDP_TX_CB(skb)->own = false;
	RRDP_TX_CB(skb)->parts = NULL;
	if (likely(skb->len <= most))
		return send_whole(conn, skb);
	err = send_in_pieces(conn, skb, most);
	if (!err)
		consume_skb(skb);
	return err;
}
EXPORT_SYMBOL_GPL(rrdp_send_skb);
