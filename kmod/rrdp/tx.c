// SPDX-License-Identifier: GPL-2.0
/* Messages from their sender to segments, and segments to the device. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/checksum.h>

#include "conn.h"

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

unsigned int rrdp_headroom(const struct rrdp_conn *conn)
{
	return link_headroom(conn->path.rd) + RRDP_DATA_HDR_MAX;
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

void rrdp_tx_core_xmit(struct rrdp_pcb *pcb, struct rrdp_seg *seg,
		       struct rrdp_txseg *tx)
{
	struct rrdp_conn *conn = rrdp_conn_of(pcb);
	bool has_data = tx && !(tx->flags & RRDP_F_NUL);
	struct sk_buff *skb;

	rrdp_stat_add(conn->rn->mib, RRDP_STAT_TX_SEGS, 1);
	skb = has_data ? data_skb(rrdp_tx_skb(tx))
		       : bare_skb(conn->path.rd, seg);
	if (unlikely(!skb)) {
		/* As if lost on the wire: the protocol repeats it. */
		rrdp_stat_add(conn->rn->mib, RRDP_STAT_DROP_NOMEM, 1);
		return;
	}
	push_header(skb, seg, rrdp_pcb_csum_out(pcb, seg),
		    pcb->options & RRDP_OPT_CKSUM_HDR &&
		    !(seg->flags & (RRDP_F_SYN | RRDP_F_RST)));
	rrdp_skbs_add(&conn->out, skb);
}

/* The clone lives until the NIC, or a receiver on this host, is done. */
bool rrdp_tx_core_busy(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	struct sk_buff *skb = rrdp_tx_skb(tx);

	if (tx->flags & RRDP_F_NUL)
		return false;
	if (skb->fclone == SKB_FCLONE_ORIG)
		return skb_fclone_busy(NULL, skb);
	return skb_cloned(skb);
}

/* An answer to a segment that has no connection. */
void rrdp_tx_reply(struct rrdp_dev *rd, const u8 mac[ETH_ALEN], u32 csum,
		   struct rrdp_seg *seg)
{
	struct sk_buff *skb = bare_skb(rd, seg);

	if (!skb) {
		rrdp_stat_add(rd->rn->mib, RRDP_STAT_DROP_NOMEM, 1);
		return;
	}
	push_header(skb, seg, rrdp_csum_fold(csum), false);
	rrdp_stat_add(rd->rn->mib, RRDP_STAT_TX_SEGS, 1);
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
	RRDP_TX_CB(skb)->own = true;
	return skb;
}

static void prepare(struct sk_buff *skb, bool more)
{
	struct rrdp_txseg *tx = &RRDP_TX_CB(skb)->seg;

	tx->len = skb->len;
	tx->flags = more ? RRDP_F_MORE : 0;
	/* The clone owns the header space, this buffer only the data. */
	if (!skb->nohdr)
		__skb_header_release(skb);
}

static int enqueue(struct rrdp_conn *conn, struct sk_buff *segs)
{
	unsigned int n = 0;
	struct sk_buff *skb;
	int err;

	for (skb = segs; skb; skb = skb->next)
		n++;
	err = rrdp_pcb_reserve(&conn->pcb, n);
	if (err)
		return err;

	while (segs) {
		skb = segs;
		segs = skb->next;
		skb_mark_not_on_list(skb);
		prepare(skb, segs);
		rrdp_pcb_queue(&conn->pcb, &RRDP_TX_CB(skb)->seg);
	}
	rrdp_stat_add(conn->rn->mib, RRDP_STAT_TX_MSGS, 1);
	rrdp_pcb_push(&conn->pcb, rrdp_now());
	return 0;
}

int rrdp_tx_message(struct rrdp_conn *conn, struct sk_buff *segs,
		    unsigned int queue_max)
{
	int err = 0;

	rrdp_conn_enter(conn);
	if (unlikely(conn->pcb.state != RRDP_OPEN || conn->pcb.closing))
		err = -ENOTCONN;
	else if (unlikely(rrdp_pcb_queued(&conn->pcb) >= queue_max))
		err = -EAGAIN;
	else
		err = enqueue(conn, segs);
	if (err == -EAGAIN)
		conn->want_write = true;
	rrdp_conn_leave(conn);
	return err;
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
		rrdp_skbs_add(&segs, skb);
		data += n;
		len -= n;
	}
	if (!err)
		err = rrdp_tx_message(conn, segs.head, RRDP_SEND_QUEUE);
	if (err)
		kfree_skb_list(segs.head);
	return err;
}
EXPORT_SYMBOL_GPL(rrdp_send);

/*
 * Cuts @skb into segments, page references included. All pieces are in @segs,
 * also when it fails.
 */
static int split(struct rrdp_conn *conn, struct sk_buff *skb,
		 struct rrdp_skbs *segs)
{
	unsigned int mss = rrdp_conn_mss(conn);

	rrdp_skbs_add(segs, skb);
	while (skb->len > mss) {
		unsigned int linear = skb_headlen(skb) > mss ?
				      skb_headlen(skb) - mss : 0;
		struct sk_buff *tail = rrdp_tx_alloc(conn, linear, GFP_ATOMIC);

		if (!tail)
			return -ENOMEM;
		skb_split(skb, tail, mss);
		rrdp_skbs_add(segs, tail);
		skb = tail;
	}
	return 0;
}

int rrdp_send_skb(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct rrdp_skbs segs = {};
	struct sk_buff *copy;
	int err = check_size(conn, skb->len);

	if (err)
		return err;
	/* The sender of a clone, as TCP is, still counts on the buffer. */
	if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
		return -ENOMEM;
	skb_orphan(skb);
	RRDP_TX_CB(skb)->own = false;
	if (likely(skb->len <= rrdp_conn_mss(conn))) {
		skb->next = NULL;
		return rrdp_tx_message(conn, skb, RRDP_SEND_QUEUE);
	}

	/* The caller keeps @skb whole when it is refused: cut a copy. */
	copy = pskb_copy(skb, GFP_ATOMIC);
	if (!copy)
		return -ENOMEM;
	err = skb_has_frag_list(copy) ? skb_linearize(copy) : 0;
	if (!err)
		err = split(conn, copy, &segs);
	if (!err)
		err = rrdp_tx_message(conn, segs.head, RRDP_SEND_QUEUE);
	if (err)
		kfree_skb_list(segs.head ?: copy);
	else
		consume_skb(skb);
	return err;
}
EXPORT_SYMBOL_GPL(rrdp_send_skb);
