// SPDX-License-Identifier: GPL-2.0
/* Segments out. */

#include "internal.h"

static void fill_ports(const struct rrdp_pcb *pcb, struct rrdp_seg *seg)
{
	seg->sport = pcb->cfg.local_port;
	seg->dport = pcb->cfg.peer_port;
}

/* The credit word: it promises, so what is promised is remembered. */
static unsigned int put_credit(struct rrdp_pcb *pcb, u8 *var)
{
	u32 credit = min_t(u32, pcb->rcv_room, pcb->cfg.window);
	u64 edge = pcb->rcv_cur + credit + 1;

	/* A promise is kept even if the room has become less since. */
	if (edge < pcb->rcv_edge)
		credit = (u32)(pcb->rcv_edge - pcb->rcv_cur - 1);
	else
		pcb->rcv_edge = edge;

	rrdp_put16(var, (u16)credit);
	return 1;
}

/*
 * Runs from rcv_cur to rcv_high: start/end pairs with EACKR, else single
 * numbers. The list is cut where the segment is full: what is left out is
 * only retransmitted, never lost.
 */
static unsigned int put_eacks(struct rrdp_pcb *pcb, u8 *var, unsigned int n)
{
	bool ranges = pcb->options & RRDP_OPT_EACKR;
	/* A list takes the place of data, of which the credit is no part. */
	u32 most = min_t(u32, RRDP_EACK_WORDS_MAX, n + pcb->mss / 2);
	u64 seq = pcb->rcv_cur + 1;

	while (seq <= pcb->rcv_high && n + 1 + ranges <= most) {
		if (!rrdp_ring_get(&pcb->rx, seq)) {
			seq++;
			continue;
		}
		rrdp_put16(var + 2 * n++, (u16)seq);
		if (ranges) {
			while (seq < pcb->rcv_high &&
			       rrdp_ring_get(&pcb->rx, seq + 1))
				seq++;
			rrdp_put16(var + 2 * n++, (u16)seq);
		}
		seq++;
	}
	return n;
}

/*
 * Any segment of an open connection: all of them carry an ACK. @var has room for
 * the credit, with EACK for all of the variable part.
 */
static void emit(struct rrdp_pcb *pcb, u8 flags, u64 seq,
		 struct rrdp_txseg *tx, u8 *var)
{
	struct rrdp_seg seg = {
		.flags = flags | RRDP_F_ACK,
		.len = tx ? tx->len : 0,
		.seq = (u16)seq,
		.ack = (u16)pcb->rcv_cur,
		.var = var,
	};
	unsigned int n = 0;

	fill_ports(pcb, &seg);
	if (pcb->options & RRDP_OPT_CREDIT)
		n = put_credit(pcb, var);
	if (flags & RRDP_F_EACK) {
		unsigned int credit = n;

		n = put_eacks(pcb, var, n);
		if (n == credit)
			seg.flags &= ~RRDP_F_EACK;
	}
	seg.nvar = (u8)n;

	pcb->rcv_unacked = 0;
	pcb->t_ack = RRDP_NEVER;
	pcb->n_tx++;
	pcb->ops->xmit(pcb, &seg, tx);
}

void rrdp_send_syn(struct rrdp_pcb *pcb, u64 now)
{
	struct rrdp_seg seg = {
		.flags = RRDP_F_SYN,
		.seq = (u16)pcb->snd_una,
		.syn = {
			.max_out = pcb->cfg.window,
			.max_size = pcb->cfg.max_size,
			.options = pcb->cfg.options,
			.epoch = pcb->cfg.epoch,
		},
	};
	u64 rto = min(RRDP_RTO_SYN << pcb->tries, RRDP_RTO_SYN_MAX);

	rto = max(rto, pcb->cfg.rto_min);
	fill_ports(pcb, &seg);
	if (pcb->state == RRDP_SYN_RCVD) {
		seg.flags |= RRDP_F_ACK;
		seg.ack = (u16)pcb->rcv_cur;
	}
	pcb->rack_sent = now;
	pcb->t_retx = now + rto;
	pcb->n_tx++;
	pcb->ops->xmit(pcb, &seg, NULL);
}

void rrdp_send_ack(struct rrdp_pcb *pcb)
{
	u8 credit[2];

	emit(pcb, 0, pcb->snd_nxt, NULL, credit);
}

void rrdp_send_eack(struct rrdp_pcb *pcb)
{
	u8 var[2 * RRDP_EACK_WORDS_MAX];

	emit(pcb, RRDP_F_EACK, pcb->snd_nxt, NULL, var);
}

/*
 * Answer to a SYN of another incarnation. That end knows neither our epoch
 * nor our options, so the ACK must make sense without them.
 */
void rrdp_send_challenge(struct rrdp_pcb *pcb)
{
	struct rrdp_seg seg = {
		.flags = RRDP_F_ACK,
		.plain = true,
		.seq = (u16)pcb->snd_nxt,
		.ack = (u16)pcb->rcv_cur,
	};

	fill_ports(pcb, &seg);
	pcb->n_tx++;
	pcb->ops->xmit(pcb, &seg, NULL);
}

void rrdp_send_rst(struct rrdp_pcb *pcb, u64 seq, u8 ack)
{
	struct rrdp_seg seg = {
		.flags = RRDP_F_RST | ack,
		.seq = (u16)seq,
		.ack = ack ? (u16)pcb->rcv_cur : 0,
	};

	fill_ports(pcb, &seg);
	pcb->n_tx++;
	pcb->ops->count(pcb, RRDP_CORE_TX_RST);
	pcb->ops->xmit(pcb, &seg, NULL);
}

bool rrdp_rst_reply(const struct rrdp_seg *in, struct rrdp_seg *out)
{
	if (in->flags & RRDP_F_RST)
		return false;

	*out = (struct rrdp_seg) {
		.flags = RRDP_F_RST,
		.sport = in->dport,
		.dport = in->sport,
	};
	if (in->flags & RRDP_F_ACK) {
		out->seq = in->ack + 1;
	} else {
		out->flags |= RRDP_F_ACK;
		out->ack = in->seq;
	}
	return true;
}

static void transmit(struct rrdp_pcb *pcb, u64 seq, struct rrdp_txseg *tx,
		     u64 now)
{
	u8 credit[2];

	tx->sent = now;
	if (tx->tries < 255)
		tx->tries++;
	emit(pcb, tx->flags, seq, tx, credit);
}

static void transmit_next(struct rrdp_pcb *pcb, u64 now)
{
	u64 seq = pcb->snd_nxt++;

	if (seq == pcb->snd_una)
		pcb->progress = now;
	pcb->pipe++;
	transmit(pcb, seq, rrdp_ring_get(&pcb->tx, seq), now);
}

/*
 * Sends @seq again, whether or not it was marked lost. Rule 10: not while
 * its last copy still waits in the NIC; the timer will come back to it. The caller
 * starts that anew if it has been stopped.
 */
void rrdp_resend(struct rrdp_pcb *pcb, u64 seq, u64 now)
{
	struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

	if (pcb->ops->busy(pcb, tx))
		return;
	if (tx->state & RRDP_TX_LOST) {
		tx->state &= ~RRDP_TX_LOST;
		pcb->nlost--;
		pcb->pipe++;
	}
	/* The timer is the oldest segment's: it gets all of its time again. */
	if (seq == pcb->snd_una)
		pcb->t_retx = RRDP_NEVER;
	pcb->n_retrans++;
	pcb->ops->count(pcb, RRDP_CORE_RETRANS);
	transmit(pcb, seq, tx, now);
}

static bool window_open(const struct rrdp_pcb *pcb)
{
	if (pcb->snd_nxt - pcb->snd_una >= pcb->snd_max)
		return false;
	return !(pcb->options & RRDP_OPT_CREDIT) ||
	       pcb->snd_nxt < pcb->snd_edge;
}

static void push_lost(struct rrdp_pcb *pcb, u64 now)
{
	u64 seq;

	for (seq = pcb->snd_una; seq < pcb->snd_nxt && pcb->nlost; seq++) {
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (pcb->pipe >= pcb->cwnd)
			return;
		if (tx->state & RRDP_TX_LOST)
			rrdp_resend(pcb, seq, now);
	}
}

void rrdp_pcb_push(struct rrdp_pcb *pcb, u64 now)
{
	if (unlikely(pcb->state != RRDP_OPEN))
		return;
	if (unlikely(pcb->nlost))
		push_lost(pcb, now);
	/* What ran was the wait for credit, if anything. */
	if (pcb->snd_una == pcb->snd_nxt && pcb->snd_nxt < pcb->snd_end &&
	    window_open(pcb))
		pcb->t_retx = RRDP_NEVER;
	while (pcb->snd_nxt < pcb->snd_end && pcb->pipe < pcb->cwnd &&
	       window_open(pcb))
		transmit_next(pcb, now);

	if (pcb->t_retx == RRDP_NEVER)
		rrdp_retx_arm(pcb, now);
	rrdp_set_deadline(pcb);
}

void rrdp_pcb_hold(struct rrdp_pcb *pcb, u64 now)
{
	/* Whatever the timer fires for, it pushes; it finds no silence and goes on. */
	pcb->t_idle = min(pcb->t_idle, now + RRDP_HOLD_MAX);
	rrdp_set_deadline(pcb);
}

/* The receiver has offered nothing for an RTO: ask with one segment. */
void rrdp_send_window_probe(struct rrdp_pcb *pcb, u64 now)
{
	pcb->window_probe = true;
	transmit_next(pcb, now);
}

/* Only when idle (rule 6); it is sequenced like data, but has no data. */
void rrdp_send_nul(struct rrdp_pcb *pcb, u64 now)
{
	pcb->nul = (struct rrdp_txseg) { .flags = RRDP_F_NUL };
	if (rrdp_pcb_queue(pcb, &pcb->nul))
		return;
	transmit_next(pcb, now);
	rrdp_retx_arm(pcb, now);
}

int rrdp_pcb_reserve(struct rrdp_pcb *pcb, u32 n)
{
	if (unlikely(rrdp_pcb_queued(pcb) + n >
		     pcb->snd_max + RRDP_QUEUE_MAX))
		return -EAGAIN;
	if (unlikely(!rrdp_ring_fit(pcb, &pcb->tx, pcb->snd_una,
				    pcb->snd_end + n - 1)))
		return -ENOMEM;
	return 0;
}

int rrdp_pcb_queue(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	int err = rrdp_pcb_reserve(pcb, 1);

	if (unlikely(err))
		return err;
	tx->sent = 0;
	tx->state = 0;
	tx->tries = 0;
	rrdp_ring_set(&pcb->tx, pcb->snd_end++, tx);
	return 0;
}
