// SPDX-License-Identifier: GPL-2.0
/* Life of a connection: states of RFC 908, 3.2, timers, close. */

#include "internal.h"

void rrdp_pcb_init(struct rrdp_pcb *pcb, const struct rrdp_core_ops *ops,
		   const struct rrdp_config *cfg)
{
	*pcb = (struct rrdp_pcb) {
		.ops = ops,
		.cfg = *cfg,
		.state = RRDP_CLOSED,
		.csum_nodes = rrdp_csum_u32(cfg->local_node) +
			      rrdp_csum_u32(cfg->peer_node),
		.deadline = RRDP_NEVER,
		/* The upper bits start at one, so that nothing lies below 0. */
		.snd_una = 1ULL << 16 | cfg->iss,
		.snd_max = 1,
		.cwnd = RRDP_CWND_INIT,
		.ssthresh = RRDP_WINDOW_MAX,
		.rto = max_t(u64, RRDP_RTO_SYN, cfg->rto_min),
		.min_rtt = RRDP_NEVER,
		.rcv_room = cfg->window,
		.t_retx = RRDP_NEVER,
		.t_reorder = RRDP_NEVER,
		.t_ack = RRDP_NEVER,
		.t_idle = RRDP_NEVER,
	};
	pcb->snd_nxt = pcb->snd_una + 1;
	pcb->snd_end = pcb->snd_nxt;
	rrdp_ring_init(&pcb->tx);
	rrdp_ring_init(&pcb->rx);
}

void rrdp_pcb_destroy(struct rrdp_pcb *pcb)
{
	rrdp_ring_destroy(pcb, &pcb->tx);
	rrdp_ring_destroy(pcb, &pcb->rx);
}

void rrdp_set_deadline(struct rrdp_pcb *pcb)
{
	pcb->deadline = min(min(pcb->t_retx, pcb->t_reorder),
			    min(pcb->t_ack, pcb->t_idle));
}

void rrdp_pcb_connect(struct rrdp_pcb *pcb, u64 now)
{
	rrdp_set_state(pcb, RRDP_SYN_SENT);
	pcb->last_heard = now;
	rrdp_send_syn(pcb, now);
	rrdp_set_deadline(pcb);
}

/*
 * What is in force is what both ends offer. The peer's limits bound what we
 * send (rule 7). False if a segment could carry next to nothing.
 */
bool rrdp_negotiate(struct rrdp_pcb *pcb, const struct rrdp_seg *syn)
{
	u32 size = min(pcb->cfg.max_size, syn->syn.max_size);
	u32 hlen = RRDP_HDR_LEN;

	pcb->options = pcb->cfg.options & syn->syn.options;
	/* A message in parts needs its order; XSEQ needs an epoch to use. */
	if (!(pcb->options & RRDP_OPT_SEQUENCED))
		pcb->options &= ~RRDP_OPT_MORE;
	if (!syn->syn.epoch)
		pcb->options &= ~RRDP_OPT_XSEQ;
	if (pcb->options & RRDP_OPT_CREDIT)
		hlen += 2;
	if (!syn->syn.max_out || size < hlen + RRDP_MSS_MIN)
		return false;

	pcb->mss = size - hlen;
	pcb->snd_max = min_t(u32, syn->syn.max_out, RRDP_WINDOW_MAX);
	pcb->cwnd = min_t(u32, RRDP_CWND_INIT, pcb->snd_max);
	pcb->snd_edge = pcb->snd_nxt + min_t(u32, pcb->snd_max,
					     RRDP_CREDIT_INIT);
	pcb->peer_epoch = syn->syn.epoch;
	pcb->csum_epochs = pcb->options & RRDP_OPT_XSEQ ?
			   rrdp_csum_u32(pcb->cfg.epoch) +
			   rrdp_csum_u32(syn->syn.epoch) : 0;

	pcb->rcv_cur = 1ULL << 16 | syn->seq;
	pcb->rcv_high = pcb->rcv_cur;
	pcb->rcv_edge = pcb->rcv_cur + 1 + min_t(u32, pcb->cfg.window,
						 RRDP_CREDIT_INIT);
	return true;
}

bool rrdp_pcb_accept(struct rrdp_pcb *pcb, const struct rrdp_seg *seg, u64 now)
{
	if (!rrdp_negotiate(pcb, seg))
		return false;
	rrdp_set_state(pcb, RRDP_SYN_RCVD);
	pcb->last_heard = now;
	rrdp_send_syn(pcb, now);
	rrdp_set_deadline(pcb);
	return true;
}

/* Silence after which an idle end asks whether the other lives. */
static u64 quiet_time(const struct rrdp_pcb *pcb)
{
	return max_t(u64, pcb->cfg.dead / 4, RRDP_RTO_MIN);
}

/* Our SYN was acknowledged. */
void rrdp_enter_open(struct rrdp_pcb *pcb, u64 now)
{
	if (!pcb->tries)
		rrdp_rtt_sample(pcb, now - pcb->rack_sent);
	pcb->rack_sent = 0;
	pcb->tries = 0;
	pcb->snd_una = pcb->snd_nxt;
	pcb->last_heard = now;
	pcb->progress = now;
	pcb->t_retx = RRDP_NEVER;
	pcb->t_idle = now + quiet_time(pcb);
	rrdp_set_state(pcb, RRDP_OPEN);
	pcb->ops->opened(pcb);
}

/*
 * Leaves every state for CLOSED, or for CLOSE-WAIT where late segments of
 * the peer are answered until the port pair may be used again.
 */
void rrdp_end(struct rrdp_pcb *pcb, u8 state, int err, u64 now)
{
	u64 seq = pcb->snd_una;

	/* Before OPEN that number is the SYN's, which has no buffer. */
	if (pcb->state != RRDP_OPEN)
		seq++;
	rrdp_set_state(pcb, state);
	for (; seq < pcb->snd_end; seq++) {
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (tx != &pcb->nul)
			pcb->ops->acked(pcb, tx);
	}
	pcb->snd_una = pcb->snd_end;
	pcb->snd_nxt = pcb->snd_end;

	for (seq = pcb->rcv_cur + 1; seq <= pcb->rcv_high; seq++) {
		void *data = rrdp_ring_get(&pcb->rx, seq);

		if (data && data != rrdp_nothing(pcb))
			pcb->ops->discard(pcb, data);
		rrdp_ring_set(&pcb->rx, seq, NULL);
	}
	pcb->rcv_high = pcb->rcv_cur;

	pcb->t_retx = RRDP_NEVER;
	pcb->t_reorder = RRDP_NEVER;
	pcb->t_ack = RRDP_NEVER;
	pcb->t_idle = state == RRDP_CLOSE_WAIT ? now + RRDP_QUARANTINE
					       : RRDP_NEVER;
	rrdp_set_deadline(pcb);
	pcb->ops->closed(pcb, err);
}

void rrdp_finish_close(struct rrdp_pcb *pcb, u64 now)
{
	pcb->drained = true;
	rrdp_send_rst(pcb, pcb->snd_nxt, RRDP_F_ACK);
	rrdp_end(pcb, RRDP_CLOSE_WAIT, 0, now);
}

void rrdp_pcb_close(struct rrdp_pcb *pcb, u64 now)
{
	pcb->closing = true;
	/* The patience with a full receiver begins here. */
	pcb->progress = now;
	switch (pcb->state) {
	case RRDP_SYN_SENT:
		rrdp_end(pcb, RRDP_CLOSED, 0, now);
		break;
	case RRDP_SYN_RCVD:
		rrdp_pcb_abort(pcb, 0, now);
		break;
	case RRDP_OPEN:
		if (pcb->snd_una == pcb->snd_end)
			rrdp_finish_close(pcb, now);
		break;
	}
}

/*
 * Without ACK a RST tells the peer that what it sent may be lost.
 * The peer honours a RST at the number it expects, which we know only of the
 * last ACK; what it sends later is answered from CLOSE-WAIT with the right one.
 */
void rrdp_pcb_abort(struct rrdp_pcb *pcb, int err, u64 now)
{
	switch (pcb->state) {
	case RRDP_SYN_SENT:
		rrdp_end(pcb, RRDP_CLOSED, err, now);
		break;
	case RRDP_SYN_RCVD:
		rrdp_send_rst(pcb, pcb->snd_nxt, RRDP_F_ACK);
		rrdp_end(pcb, RRDP_CLOSED, err, now);
		break;
	case RRDP_OPEN:
		rrdp_send_rst(pcb, pcb->snd_una, 0);
		rrdp_end(pcb, RRDP_CLOSE_WAIT, err, now);
		break;
	}
}

void rrdp_pcb_room(struct rrdp_pcb *pcb, u32 room)
{
	u64 known = pcb->rcv_edge - pcb->rcv_cur - 1;

	pcb->rcv_room = room;
	if (pcb->state != RRDP_OPEN || !(pcb->options & RRDP_OPT_CREDIT))
		return;
	room = min_t(u32, room, pcb->cfg.window);
	/* Worth a segment of its own once the peer is about to run dry. */
	if (known <= pcb->cfg.window / 4 && room > 2 * known) {
		rrdp_send_ack(pcb);
		rrdp_set_deadline(pcb);
	}
}

void rrdp_pcb_end_quarantine(struct rrdp_pcb *pcb)
{
	pcb->t_idle = RRDP_NEVER;
	rrdp_set_deadline(pcb);
	rrdp_set_state(pcb, RRDP_CLOSED);
}

static void idle_expired(struct rrdp_pcb *pcb, u64 now)
{
	u64 quiet = quiet_time(pcb);

	if (pcb->state == RRDP_CLOSE_WAIT) {
		rrdp_pcb_end_quarantine(pcb);
		return;
	}
	if (pcb->last_heard + quiet > now) {
		pcb->t_idle = pcb->last_heard + quiet;
		return;
	}
	pcb->t_idle = now + quiet;
	if (pcb->snd_una == pcb->snd_end)
		rrdp_send_nul(pcb, now);
}

void rrdp_pcb_timer(struct rrdp_pcb *pcb, u64 now)
{
	if (pcb->t_ack <= now)
		rrdp_send_ack(pcb);
	if (pcb->t_reorder <= now)
		rrdp_detect_loss(pcb, now);
	if (pcb->t_retx <= now)
		rrdp_retx_expired(pcb, now);
	if (pcb->t_idle <= now)
		idle_expired(pcb, now);
	rrdp_pcb_push(pcb, now);
	rrdp_set_deadline(pcb);
}

/*
 * A copy of a segment that is late by a whole wrap looks right in its 16 bits
 * but was summed with other upper bits. The acknowledgment number takes part
 * as well: the sequence number of an end that only receives never moves.
 */
static u16 pseudo_sum(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg,
		      u64 seq_ref, u64 ack_ref)
{
	u64 sum = pcb->csum_nodes;

	/* The upper 48 bits of both numbers, as three words each. */
	if ((pcb->options & RRDP_OPT_XSEQ) && !seg->plain &&
	    !(seg->flags & (RRDP_F_SYN | RRDP_F_RST)))
		sum += pcb->csum_epochs +
		       (rrdp_expand(seq_ref, seg->seq) >> 16) +
		       (rrdp_expand(ack_ref, seg->ack) >> 16);
	return rrdp_csum_fold64(sum);
}

u16 rrdp_pcb_csum_in(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg)
{
	return pseudo_sum(pcb, seg, pcb->rcv_cur + 1, pcb->snd_una - 1);
}

u16 rrdp_pcb_csum_out(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg)
{
	return pseudo_sum(pcb, seg, pcb->snd_una, pcb->rcv_cur);
}
