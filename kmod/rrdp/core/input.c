// SPDX-License-Identifier: GPL-2.0
/* Segments in: RFC 908, 3.4 ("event processing"), by state. */

#include "internal.h"

static void reply_rst(struct rrdp_pcb *pcb, const struct rrdp_seg *seg)
{
	struct rrdp_seg out;

	if (!rrdp_rst_reply(seg, &out))
		return;
	/* Our last ACK may have been lost with the RST that carried it. */
	if (pcb->state == RRDP_CLOSE_WAIT && pcb->drained &&
	    !(out.flags & RRDP_F_ACK)) {
		out.flags |= RRDP_F_ACK;
		out.ack = (u16)pcb->rcv_cur;
	}
	pcb->n_tx++;
	pcb->ops->count(pcb, RRDP_CORE_TX_RST);
	pcb->ops->xmit(pcb, &out, NULL);
}

static bool acks_our_syn(const struct rrdp_pcb *pcb,
			 const struct rrdp_seg *seg)
{
	return (seg->flags & RRDP_F_ACK) && seg->ack == (u16)pcb->snd_una;
}

static enum rrdp_verdict input_syn_sent(struct rrdp_pcb *pcb,
					const struct rrdp_seg *seg, u64 now)
{
	if (seg->flags & RRDP_F_RST) {
		if (!acks_our_syn(pcb, seg))
			return RRDP_DROP_RST;
		rrdp_end(pcb, RRDP_CLOSED, -ECONNREFUSED, now);
		return RRDP_DONE;
	}
	if (!(seg->flags & RRDP_F_SYN) ||
	    ((seg->flags & RRDP_F_ACK) && !acks_our_syn(pcb, seg))) {
		/* From a connection that we know nothing of any more. */
		reply_rst(pcb, seg);
		return RRDP_DROP_STATE;
	}
	if (!rrdp_negotiate(pcb, seg)) {
		reply_rst(pcb, seg);
		rrdp_end(pcb, RRDP_CLOSED, -ECONNREFUSED, now);
		return RRDP_DONE;
	}

	if (seg->flags & RRDP_F_ACK) {
		rrdp_enter_open(pcb, now);
		rrdp_send_ack(pcb);
		rrdp_pcb_push(pcb, now);
	} else {
		/* Simultaneous open: both sides have sent a SYN. */
		rrdp_set_state(pcb, RRDP_SYN_RCVD);
		rrdp_send_syn(pcb, now);
	}
	return RRDP_DONE;
}

static bool same_incarnation(const struct rrdp_pcb *pcb,
			     const struct rrdp_seg *syn)
{
	/* An end without epochs gives itself away only by its number. */
	return syn->syn.epoch == pcb->peer_epoch &&
	       (pcb->state == RRDP_OPEN || syn->seq == (u16)pcb->rcv_cur);
}

/*
 * SYN in SYN-RCVD or OPEN. A repeated one says that our answer was lost
 * (rule 7). One of another incarnation is an old copy, or makes the peer
 * tell, by RST, that it has forgotten this connection.
 */
static enum rrdp_verdict input_syn_again(struct rrdp_pcb *pcb,
					 const struct rrdp_seg *seg, u64 now)
{
	if (!same_incarnation(pcb, seg)) {
		rrdp_send_challenge(pcb);
		return RRDP_DROP_STATE;
	}
	if (pcb->state == RRDP_SYN_RCVD && !acks_our_syn(pcb, seg)) {
		u64 expiry = pcb->t_retx;

		rrdp_send_syn(pcb, now);
		/* Whoever repeats its SYN for ever does not stay for ever. */
		pcb->t_retx = expiry;
		return RRDP_DONE;
	}
	if (pcb->state == RRDP_SYN_RCVD)
		rrdp_enter_open(pcb, now);
	rrdp_send_ack(pcb);
	rrdp_pcb_push(pcb, now);
	return RRDP_DONE;
}

/* Takes @tx out of the accounts of what is under way. */
static void arrived(struct rrdp_pcb *pcb, u64 seq, struct rrdp_txseg *tx,
		    u64 now, u64 *rtt)
{
	if (tx->tries == 1)
		*rtt = now - tx->sent;
	pcb->progress = now;
	rrdp_delivered(pcb, seq, tx, now);
	if (tx->state & RRDP_TX_LOST)
		pcb->nlost--;
	else
		pcb->pipe--;
	tx->state &= ~RRDP_TX_LOST;
}

static void input_cumulative(struct rrdp_pcb *pcb, u64 ack, u64 now, u64 *rtt)
{
	u32 acked = (u32)(ack + 1 - pcb->snd_una);

	while (pcb->snd_una <= ack) {
		u64 seq = pcb->snd_una++;
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (tx->state & RRDP_TX_EACKED)
			pcb->neacked--;
		else
			arrived(pcb, seq, tx, now, rtt);
		if (tx != &pcb->nul)
			pcb->ops->acked(pcb, tx);
	}
	pcb->probe_used = false;
	pcb->window_probe = false;
	if (pcb->in_recovery && pcb->snd_una >= pcb->recover)
		pcb->in_recovery = false;
	rrdp_cwnd_grow(pcb, acked);
}

static void input_eack_run(struct rrdp_pcb *pcb, u64 first, u64 last, u64 now,
			   u64 *rtt)
{
	u64 seq = max(first, pcb->snd_una);

	for (; seq <= last && seq < pcb->snd_nxt; seq++) {
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (tx->state & RRDP_TX_EACKED)
			continue;
		arrived(pcb, seq, tx, now, rtt);
		tx->state |= RRDP_TX_EACKED;
		pcb->neacked++;
		pcb->n_eacked++;
	}
}

static void input_eack(struct rrdp_pcb *pcb, const u8 *var, unsigned int words,
		       u64 now, u64 *rtt)
{
	unsigned int step = pcb->options & RRDP_OPT_EACKR ? 2 : 1;
	unsigned int i;

	for (i = 0; i + step <= words; i += step) {
		u64 first = rrdp_expand(pcb->snd_una, rrdp_get16(var + 2 * i));
		u64 last = rrdp_expand(pcb->snd_una,
				       rrdp_get16(var + 2 * (i + step - 1)));

		input_eack_run(pcb, first, last, now, rtt);
	}
}

static void input_credit(struct rrdp_pcb *pcb, u64 ack, u16 credit, u64 now)
{
	u64 edge = ack + credit + 1;

	if (edge <= pcb->snd_edge)
		return;
	pcb->snd_edge = edge;
	/* What was sent beyond the old edge was thrown away by the receiver. */
	if (pcb->window_probe && edge > pcb->snd_una &&
	    pcb->snd_una < pcb->snd_nxt) {
		pcb->window_probe = false;
		/* It had no room for any of it until now. */
		pcb->progress = now;
		pcb->backoff = 0;
		pcb->t_retx = RRDP_NEVER;
		rrdp_mark_lost(pcb, rrdp_ring_get(&pcb->tx, pcb->snd_una),
			       RRDP_RESEND_CREDIT);
	}
}

/* Returns false if the segment acknowledges what was never sent. */
static bool input_ack(struct rrdp_pcb *pcb, const struct rrdp_seg *seg,
		      u64 now)
{
	u64 ack = rrdp_expand(pcb->snd_una - 1, seg->ack);
	unsigned int used = 0;
	u64 rtt = 0;

	if (unlikely(ack >= pcb->snd_nxt))
		return false;
	pcb->last_heard = now;
	pcb->tries = 0;

	if (ack >= pcb->snd_una) {
		input_cumulative(pcb, ack, now, &rtt);
		pcb->t_retx = RRDP_NEVER;	/* rrdp_pcb_push() starts it anew */
	}
	if (pcb->options & RRDP_OPT_CREDIT) {
		if (seg->nvar)
			input_credit(pcb, ack, rrdp_get16(seg->var), now);
		used = 1;
	}
	if (unlikely(seg->flags & RRDP_F_EACK) && seg->nvar > used)
		input_eack(pcb, seg->var + 2 * used, seg->nvar - used, now,
			   &rtt);
	if (rtt) {
		rrdp_rtt_sample(pcb, rtt);
		/* Karn: an RTO that proved too short stays backed off till then. */
		pcb->backoff = 0;
	}
	if (unlikely(pcb->neacked || rrdp_recovering(pcb)))
		rrdp_detect_loss(pcb, now);
	return true;
}

/* A keepalive that nobody answered is no loss. */
static bool data_unacked(const struct rrdp_pcb *pcb)
{
	u64 seq = pcb->snd_una;

	if (seq < pcb->snd_end && rrdp_ring_get(&pcb->tx, seq) == &pcb->nul)
		seq++;
	return seq != pcb->snd_end;
}

/*
 * A RST with an ACK ends the connection well if nothing of ours is then
 * unacknowledged, and nothing is missing of what the peer sent: it has drained
 * before (rule 8). One without comes from an end that gave up or forgot, and may
 * have lost what it had acknowledged; the base protocol does not tell the two
 * apart. Another number than the one expected is answered: who really has no
 * connection then learns the right one.
 */
static enum rrdp_verdict input_rst(struct rrdp_pcb *pcb,
				   const struct rrdp_seg *seg, u64 now)
{
	int err = 0;

	if (seg->seq != (u16)(pcb->rcv_cur + 1)) {
		if (pcb->state == RRDP_OPEN)
			rrdp_send_ack(pcb);
		return RRDP_DROP_RST;
	}
	if (pcb->state == RRDP_SYN_RCVD) {
		err = -ECONNREFUSED;
	} else {
		if (seg->flags & RRDP_F_ACK)
			input_ack(pcb, seg, now);
		if (data_unacked(pcb) || pcb->rcv_high > pcb->rcv_cur ||
		    (!(seg->flags & RRDP_F_ACK) &&
		     (pcb->options & RRDP_OPT_XSEQ)))
			err = -ECONNRESET;
	}
	rrdp_end(pcb, RRDP_CLOSED, err, now);
	return RRDP_DONE;
}

/* A credit given is a promise; without credits only the room counts. */
static bool may_take(const struct rrdp_pcb *pcb, u64 seq, u32 n)
{
	if (pcb->options & RRDP_OPT_CREDIT)
		return seq + n <= pcb->rcv_edge;
	return n <= pcb->rcv_room;
}

bool rrdp_pcb_takes_run(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg)
{
	u32 n = 1 + seg->extra;

	/* What is expected next, with no holes behind it and room for all. */
	return pcb->state == RRDP_OPEN && pcb->rcv_high == pcb->rcv_cur &&
	       seg->seq == (u16)(pcb->rcv_cur + 1) && n <= pcb->cfg.window &&
	       may_take(pcb, pcb->rcv_cur + 1, n);
}

static void take(struct rrdp_pcb *pcb, void *data)
{
	if (data != rrdp_nothing(pcb))
		pcb->ops->deliver(pcb, data);
}

static void ack_in_order(struct rrdp_pcb *pcb, const struct rrdp_seg *seg,
			 bool filled_hole, u64 now)
{
	pcb->rcv_unacked += 1 + seg->extra;
	/* The room was that for one when it was asked for. */
	pcb->rcv_room -= min_t(u32, pcb->rcv_room, seg->extra);
	if (pcb->rcv_high > pcb->rcv_cur)
		rrdp_send_eack(pcb);
	else if (filled_hole || (seg->flags & RRDP_F_NUL) ||
		 pcb->rcv_unacked >= RRDP_ACK_EVERY ||
		 2 * pcb->rcv_unacked >= pcb->cfg.window)
		rrdp_send_ack(pcb);
	else if (pcb->t_ack == RRDP_NEVER)
		pcb->t_ack = now + RRDP_ACK_DELAY;
}

static enum rrdp_verdict input_in_order(struct rrdp_pcb *pcb,
					const struct rrdp_seg *seg, void *data,
					u64 now)
{
	bool held = pcb->rcv_high > pcb->rcv_cur;

	pcb->rcv_cur += 1 + seg->extra;
	take(pcb, data);
	while (pcb->rcv_cur < pcb->rcv_high) {
		void *next = rrdp_ring_get(&pcb->rx, pcb->rcv_cur + 1);

		if (!next)
			break;
		pcb->rcv_cur++;
		rrdp_ring_set(&pcb->rx, pcb->rcv_cur, NULL);
		take(pcb, next);
	}
	pcb->rcv_high = max(pcb->rcv_high, pcb->rcv_cur);
	ack_in_order(pcb, seg, held, now);
	return RRDP_TAKEN;
}

static enum rrdp_verdict input_out_of_order(struct rrdp_pcb *pcb, u64 seq,
					    void *data)
{
	pcb->n_ooo++;
	pcb->ops->count(pcb, RRDP_CORE_OOO);
	if (!rrdp_ring_fit(pcb, &pcb->rx, pcb->rcv_cur + 1, seq))
		return RRDP_DROP_NOMEM;

	if (!(pcb->options & RRDP_OPT_SEQUENCED)) {
		take(pcb, data);
		data = rrdp_nothing(pcb);
	}
	rrdp_ring_set(&pcb->rx, seq, data);
	pcb->rcv_high = max(pcb->rcv_high, seq);
	rrdp_send_eack(pcb);
	return RRDP_TAKEN;
}

/* Rule 3: what may not be taken is answered with an ACK and dropped. */
static enum rrdp_verdict refuse(struct rrdp_pcb *pcb, enum rrdp_verdict why)
{
	if (why == RRDP_DROP_DUP)
		pcb->ops->count(pcb, RRDP_CORE_DUP);
	rrdp_send_eack(pcb);
	return why;
}

static enum rrdp_verdict input_data(struct rrdp_pcb *pcb,
				    const struct rrdp_seg *seg, void *data,
				    u64 now)
{
	u64 seq = rrdp_expand(pcb->rcv_cur + 1, seg->seq);

	if (seg->flags & RRDP_F_NUL) {
		pcb->ops->count(pcb, RRDP_CORE_NUL);
		data = rrdp_nothing(pcb);
	}
	if (seq <= pcb->rcv_cur ||
	    (seq <= pcb->rcv_high && rrdp_ring_get(&pcb->rx, seq)))
		return refuse(pcb, RRDP_DROP_DUP);
	if (seq > pcb->rcv_cur + 2 * pcb->cfg.window)
		return refuse(pcb, RRDP_DROP_WINDOW);
	if (!(seg->flags & RRDP_F_NUL) && !may_take(pcb, seq, 1))
		return refuse(pcb, RRDP_DROP_FULL);

	if (likely(seq == pcb->rcv_cur + 1))
		return input_in_order(pcb, seg, data, now);
	return input_out_of_order(pcb, seq, data);
}

/* What the peer was told in our SYN, and parts only if they were agreed on. */
static bool length_allowed(const struct rrdp_pcb *pcb,
			   const struct rrdp_seg *seg)
{
	if (((seg->flags & RRDP_F_MORE) || seg->extra) &&
	    !(pcb->options & RRDP_OPT_MORE))
		return false;
	return RRDP_HDR_LEN + 2u * seg->nvar + seg->len <= pcb->cfg.max_size;
}

static enum rrdp_verdict input_open(struct rrdp_pcb *pcb,
				    const struct rrdp_seg *seg, void *data,
				    u64 now)
{
	bool sequenced = seg->len || (seg->flags & RRDP_F_NUL);
	enum rrdp_verdict verdict = RRDP_DONE;

	if (unlikely(!length_allowed(pcb, seg)))
		return RRDP_DROP_LENGTH;
	if (unlikely(!input_ack(pcb, seg, now))) {
		/* Not a bare ACK: two ends that disagree would never stop. */
		if (sequenced)
			rrdp_send_ack(pcb);
		return RRDP_DROP_ACK;
	}
	if (sequenced)
		verdict = input_data(pcb, seg, data, now);
	if (unlikely(pcb->closing && pcb->snd_una == pcb->snd_end))
		rrdp_finish_close(pcb, now);
	else
		rrdp_pcb_push(pcb, now);
	/* The core keeps no buffer of a NUL. */
	return seg->flags & RRDP_F_NUL && verdict == RRDP_TAKEN ? RRDP_DONE
								 : verdict;
}

static enum rrdp_verdict input_synchronised(struct rrdp_pcb *pcb,
					    const struct rrdp_seg *seg,
					    void *data, u64 now)
{
	if (unlikely(seg->flags & RRDP_F_RST))
		return input_rst(pcb, seg, now);
	if (unlikely(seg->flags & RRDP_F_SYN))
		return input_syn_again(pcb, seg, now);

	if (unlikely(pcb->state == RRDP_SYN_RCVD)) {
		if (!acks_our_syn(pcb, seg)) {
			reply_rst(pcb, seg);
			return RRDP_DROP_STATE;
		}
		rrdp_enter_open(pcb, now);
	}
	return input_open(pcb, seg, data, now);
}

enum rrdp_verdict rrdp_pcb_input(struct rrdp_pcb *pcb,
				 const struct rrdp_seg *seg, void *data,
				 u64 now)
{
	enum rrdp_verdict verdict;

	pcb->n_rx += 1 + seg->extra;
	switch (pcb->state) {
	case RRDP_SYN_SENT:
		verdict = input_syn_sent(pcb, seg, now);
		break;
	case RRDP_SYN_RCVD:
	case RRDP_OPEN:
		verdict = input_synchronised(pcb, seg, data, now);
		break;
	case RRDP_CLOSE_WAIT:
		reply_rst(pcb, seg);
		return RRDP_DROP_STATE;
	default:
		return RRDP_DROP_STATE;
	}
	rrdp_set_deadline(pcb);
	return verdict;
}
