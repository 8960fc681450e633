// SPDX-License-Identifier: GPL-2.0
/*
 * Round-trip time (RFC 6298), loss detection by time (RFC 8985), the
 * retransmission timer with its tail-loss probe, and the congestion window.
 */

#include "internal.h"

/*
 * How long a segment may be overtaken: a quarter of the least round trip, and
 * more, up to a whole one, on a path that made us send in vain (RFC 8985, 6.2).
 */
static u64 reorder_window(const struct rrdp_pcb *pcb)
{
	u64 quarter = pcb->min_rtt / 4;

	if (!pcb->reorder)
		return quarter;
	return min(quarter * (1 + pcb->reorder), max(pcb->srtt, quarter));
}

void rrdp_rtt_sample(struct rrdp_pcb *pcb, u64 rtt)
{
	rtt = max_t(u64, rtt, 1);
	pcb->min_rtt = min(pcb->min_rtt, rtt);

	if (!pcb->srtt) {
		pcb->srtt = rtt;
		pcb->rttvar = rtt / 2;
	} else {
		u64 err = rtt > pcb->srtt ? rtt - pcb->srtt : pcb->srtt - rtt;

		pcb->rttvar = (3 * pcb->rttvar + err) / 4;
		pcb->srtt = (7 * pcb->srtt + rtt) / 8;
	}
	/* However steady the path is, what was overtaken is found out before. */
	pcb->rto = pcb->srtt + RRDP_ACK_DELAY +
		   max(4 * pcb->rttvar, reorder_window(pcb));
	pcb->rto = max(pcb->rto, pcb->cfg.rto_min);
	pcb->rto = min_t(u64, pcb->rto, RRDP_RTO_LIMIT);
}

/*
 * A segment believed lost was only late. If that is true of all of this
 * recovery, there was no reason for it.
 */
static void only_late(struct rrdp_pcb *pcb)
{
	pcb->reorder_age = 0;
	if (pcb->reorder < 255)
		pcb->reorder++;
	if (!pcb->in_recovery || !pcb->undo_marks || --pcb->undo_marks)
		return;
	pcb->in_recovery = false;
	pcb->cwnd = max(pcb->cwnd, pcb->undo_cwnd);
	pcb->ssthresh = max(pcb->ssthresh, pcb->undo_cwnd);
}

/*
 * @seq has arrived, by ACK or by EACK. An answer faster than any round trip
 * is one to an earlier copy: the retransmission was needless, and says
 * nothing about the time that segments take.
 */
void rrdp_delivered(struct rrdp_pcb *pcb, u64 seq, struct rrdp_txseg *tx,
		    u64 now)
{
	u64 rtt = now - tx->sent;

	if (tx->tries > 1 && rtt < pcb->min_rtt) {
		pcb->n_spurious++;
		pcb->ops->count(pcb, RRDP_CORE_SPURIOUS);
		only_late(pcb);
		return;
	}
	if ((tx->state & RRDP_TX_LOST) && pcb->in_recovery)
		only_late(pcb);
	if (tx->sent > pcb->rack_sent ||
	    (tx->sent == pcb->rack_sent && seq > pcb->rack_seq)) {
		pcb->rack_sent = tx->sent;
		pcb->rack_seq = seq;
		pcb->rack_rtt = rtt;
	}
}

void rrdp_cwnd_grow(struct rrdp_pcb *pcb, u32 acked)
{
	/* A window that was not filled has proved nothing. */
	if (pcb->in_recovery || pcb->pipe + acked < pcb->cwnd)
		return;
	/* Nor does one whose segments wait in a queue: more only wait longer. */
	if (pcb->srtt > 4 * pcb->min_rtt + RRDP_QUEUE_DELAY)
		return;

	if (pcb->cwnd < pcb->ssthresh) {
		/* An ACK of a whole flight must not release another at once. */
		pcb->cwnd += min_t(u32, acked, 2 * RRDP_ACK_EVERY);
	} else {
		pcb->cwnd_count += acked;
		if (pcb->cwnd_count < pcb->cwnd)
			return;
		pcb->cwnd_count -= pcb->cwnd;
		pcb->cwnd++;
	}
	pcb->cwnd = min(pcb->cwnd, pcb->snd_max);
}

void rrdp_mark_lost(struct rrdp_pcb *pcb, struct rrdp_txseg *tx,
		    enum rrdp_resend_reason why)
{
	if (tx->state & (RRDP_TX_LOST | RRDP_TX_EACKED))
		return;
	tx->reason = why;
	tx->state |= RRDP_TX_LOST;
	pcb->nlost++;
	pcb->pipe--;
}

/* Halves the window, once for all losses of one flight. */
static void enter_recovery(struct rrdp_pcb *pcb)
{
	if (rrdp_recovering(pcb))
		return;
	if (pcb->reorder && ++pcb->reorder_age > RRDP_REORDER_AGE)
		pcb->reorder /= 2;
	pcb->in_recovery = true;
	pcb->recover = pcb->snd_nxt;
	pcb->undo_cwnd = pcb->cwnd;
	pcb->undo_marks = 0;
	pcb->ssthresh = max_t(u32, pcb->cwnd / 2, RRDP_CWND_MIN);
	pcb->cwnd = pcb->ssthresh;
	pcb->cwnd_count = 0;
}

static bool sent_after_rack(const struct rrdp_pcb *pcb, u64 seq,
			    const struct rrdp_txseg *tx)
{
	return tx->sent > pcb->rack_sent ||
	       (tx->sent == pcb->rack_sent && seq >= pcb->rack_seq);
}

/*
 * What was sent before something that has arrived, and is overdue by more
 * than it may be overtaken, is lost.
 */
void rrdp_detect_loss(struct rrdp_pcb *pcb, u64 now)
{
	u64 patience = pcb->rack_rtt + reorder_window(pcb);
	u64 seq;

	pcb->t_reorder = RRDP_NEVER;
	if (!pcb->neacked && !rrdp_recovering(pcb))
		return;

	for (seq = pcb->snd_una; seq < pcb->snd_nxt; seq++) {
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (tx->state & (RRDP_TX_EACKED | RRDP_TX_LOST))
			continue;
		if (sent_after_rack(pcb, seq, tx)) {
			/* First transmissions are in order of time. */
			if (tx->tries == 1)
				break;
			continue;
		}
		if (tx->sent + patience <= now) {
			enter_recovery(pcb);
			rrdp_mark_lost(pcb, tx, RRDP_RESEND_LOSS);
			pcb->undo_marks++;
		} else {
			pcb->t_reorder = min(pcb->t_reorder,
					     tx->sent + patience);
		}
	}
}

/* One probe for each flight that shows no sign of loss yet. */
static bool probe_next(const struct rrdp_pcb *pcb)
{
	return !pcb->probe_used && !rrdp_recovering(pcb) && !pcb->neacked &&
	       !pcb->backoff && pcb->srtt;
}

static const struct rrdp_txseg *latest(const struct rrdp_pcb *pcb)
{
	return rrdp_ring_get(&pcb->tx, pcb->snd_nxt - 1);
}

/*
 * When the last segment is sent again as a probe: twice the round trip after the
 * peer last took something, or after it left (RFC 8985, 7.2). What keeps a
 * timeout from being too early keeps the probe as well, and it is not later
 * than the timeout that it is to spare.
 */
static u64 probe_due(const struct rrdp_pcb *pcb)
{
	u64 wait = max(2 * pcb->srtt, pcb->cfg.rto_min);
	u64 from = max(pcb->progress, latest(pcb)->sent);

	return min(from + wait, pcb->progress + pcb->rto);
}

/* Starts the timer anew: something was acknowledged, or sent when idle. */
void rrdp_retx_arm(struct rrdp_pcb *pcb, u64 now)
{
	/* Back-off has a bound; a path that is slower than it has not. */
	u64 most = max_t(u64, RRDP_RTO_MAX, pcb->rto);
	u64 wait;

	if (pcb->snd_una == pcb->snd_nxt) {
		/* Only a closed credit keeps anything from being sent. */
		pcb->t_retx = RRDP_NEVER;
		if (pcb->snd_nxt == pcb->snd_end)
			return;
		wait = pcb->rto << pcb->backoff;
	} else if (probe_next(pcb)) {
		wait = max(probe_due(pcb), now) - now;
	} else {
		wait = pcb->rto << pcb->backoff;
	}
	pcb->t_retx = now + min_t(u64, wait, most);
	/* The last wait ends when the patience with the peer does. */
	if (now < pcb->last_heard + pcb->cfg.dead)
		pcb->t_retx = min(pcb->t_retx,
				  pcb->last_heard + pcb->cfg.dead);
}

static void tail_probe(struct rrdp_pcb *pcb, u64 now)
{
	u64 last = pcb->snd_nxt - 1;
	struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, last);

	pcb->probe_used = true;
	pcb->ops->count(pcb, RRDP_CORE_TLP);
	tx->reason = RRDP_RESEND_TLP;
	rrdp_resend(pcb, last, now);
}

static bool peer_is_dead(const struct rrdp_pcb *pcb, u64 now)
{
	return pcb->tries >= RRDP_TRIES_MIN &&
	       now >= pcb->last_heard + pcb->cfg.dead;
}

static const struct rrdp_txseg *oldest(const struct rrdp_pcb *pcb)
{
	return rrdp_ring_get(&pcb->tx, pcb->snd_una);
}

/*
 * The peer lives, but takes nothing: what is sent is too large for some switch,
 * or the receiver is full. That may last, but not once the user has gone.
 */
static bool stalled(const struct rrdp_pcb *pcb, u64 now)
{
	u64 patience = RRDP_STALL_FACTOR * pcb->cfg.dead;

	/* Of a path that is slow, that time may be no more than a few tries. */
	if (pcb->snd_una < pcb->snd_nxt && oldest(pcb)->tries < RRDP_TRIES_MIN)
		return false;
	if (pcb->window_probe || pcb->snd_una == pcb->snd_nxt ||
	    !(pcb->options & RRDP_OPT_CREDIT)) {
		if (!pcb->closing)
			return false;
		patience = RRDP_DRAIN_MAX;
	}
	return now >= pcb->progress + patience;
}

static void timed_out(struct rrdp_pcb *pcb, u64 now)
{
	u64 seq;

	pcb->ops->count(pcb, RRDP_CORE_RTO);
	if (pcb->tries < 255)
		pcb->tries++;
	if (pcb->rto << pcb->backoff < RRDP_RTO_MAX)
		pcb->backoff++;

	/* A receiver without room says nothing about the network. */
	if (!pcb->window_probe) {
		enter_recovery(pcb);
		/* Slow start from here, unlike after a loss that was seen. */
		pcb->in_recovery = false;
		pcb->recover = pcb->snd_nxt;
		pcb->cwnd = RRDP_CWND_MIN;
	}
	for (seq = pcb->snd_una; seq < pcb->snd_nxt; seq++)
		rrdp_mark_lost(pcb, rrdp_ring_get(&pcb->tx, seq),
			       RRDP_RESEND_RTO);
	rrdp_resend(pcb, pcb->snd_una, now);
}

static void syn_expired(struct rrdp_pcb *pcb, u64 now)
{
	if (++pcb->tries >= RRDP_SYN_TRIES)
		rrdp_end(pcb, RRDP_CLOSED, -ETIMEDOUT, now);
	else
		rrdp_send_syn(pcb, now);
}

void rrdp_retx_expired(struct rrdp_pcb *pcb, u64 now)
{
	if (pcb->state != RRDP_OPEN) {
		syn_expired(pcb, now);
		return;
	}
	if ((pcb->snd_una < pcb->snd_nxt && peer_is_dead(pcb, now)) ||
	    stalled(pcb, now)) {
		rrdp_end(pcb, RRDP_CLOSED, -ETIMEDOUT, now);
		return;
	}

	if (pcb->snd_una == pcb->snd_nxt)
		rrdp_send_window_probe(pcb, now);
	else if (!probe_next(pcb))
		timed_out(pcb, now);
	else if (probe_due(pcb) <= now)
		tail_probe(pcb, now);
	rrdp_retx_arm(pcb, now);
}
