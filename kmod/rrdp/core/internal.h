/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the core call of each other. */
#ifndef _RRDP_CORE_INTERNAL_H
#define _RRDP_CORE_INTERNAL_H

#include "pcb.h"

#ifdef __KERNEL__
#include <uapi/linux/rrdp.h>
#else
#include <linux/rrdp.h>
#endif

/* The 64-bit number nearest to @ref whose low 16 bits are @wire. */
static inline u64 rrdp_expand(u64 ref, u16 wire)
{
	return ref + (u64)(s64)(s16)(wire - (u16)ref);
}

/*
 * Mark in the receive ring for a number that has arrived but has nothing to
 * deliver: a NUL, or data that was passed on at once because sequenced delivery
 * is not in force.
 */
static inline void *rrdp_nothing(struct rrdp_pcb *pcb)
{
	return &pcb->rx;
}

static inline void rrdp_set_state(struct rrdp_pcb *pcb, u8 state)
{
	u8 old = pcb->state;

	pcb->state = state;
	if (old != state)
		pcb->ops->state(pcb, old);
}

/* Losses of the flight that ended at @recover are still being mended. */
static inline bool rrdp_recovering(const struct rrdp_pcb *pcb)
{
	return pcb->snd_una < pcb->recover;
}

/* pcb.c */
bool rrdp_negotiate(struct rrdp_pcb *pcb, const struct rrdp_seg *syn);
void rrdp_enter_open(struct rrdp_pcb *pcb, u64 now);
void rrdp_end(struct rrdp_pcb *pcb, u8 state, int err, u64 now);
void rrdp_finish_close(struct rrdp_pcb *pcb, u64 now);
void rrdp_set_deadline(struct rrdp_pcb *pcb);

/* ring.c */
static inline void *rrdp_ring_get(const struct rrdp_ring *r, u64 seq)
{
	return r->slot[seq & r->mask];
}

static inline void rrdp_ring_set(struct rrdp_ring *r, u64 seq, void *p)
{
	r->slot[seq & r->mask] = p;
}

void rrdp_ring_init(struct rrdp_ring *r);
bool rrdp_ring_fit(struct rrdp_pcb *pcb, struct rrdp_ring *r, u64 first,
		   u64 last);
void rrdp_ring_destroy(struct rrdp_pcb *pcb, struct rrdp_ring *r);

/* output.c */
void rrdp_send_syn(struct rrdp_pcb *pcb, u64 now);
void rrdp_send_ack(struct rrdp_pcb *pcb);
void rrdp_send_challenge(struct rrdp_pcb *pcb);
void rrdp_send_eack(struct rrdp_pcb *pcb);
void rrdp_send_rst(struct rrdp_pcb *pcb, u64 seq, u8 ack);
void rrdp_send_nul(struct rrdp_pcb *pcb, u64 now);
void rrdp_send_window_probe(struct rrdp_pcb *pcb, u64 now);
void rrdp_resend(struct rrdp_pcb *pcb, u64 seq, u64 now);

/* recovery.c */
void rrdp_rtt_sample(struct rrdp_pcb *pcb, u64 rtt);
void rrdp_delivered(struct rrdp_pcb *pcb, u64 seq, struct rrdp_txseg *tx,
		    u64 now);
void rrdp_cwnd_grow(struct rrdp_pcb *pcb, u32 acked);
void rrdp_detect_loss(struct rrdp_pcb *pcb, u64 now);
void rrdp_mark_lost(struct rrdp_pcb *pcb, struct rrdp_txseg *tx,
		    enum rrdp_resend_reason why);
void rrdp_retx_arm(struct rrdp_pcb *pcb, u64 now);
void rrdp_retx_expired(struct rrdp_pcb *pcb, u64 now);

#endif /* _RRDP_CORE_INTERNAL_H */
