/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers of acknowledged segments, kept for the next messages of the connection.
 *
 * A kernel that clears what it allocates spends more on a buffer for a small
 * message than RRDP does on sending it.
 */
#ifndef _RRDP_SPARE_H
#define _RRDP_SPARE_H

#include <linux/skbuff.h>

enum {
	RRDP_SPARES	= 4,
};

/**
 * struct rrdp_spares - a few buffers, without a lock
 * @slot: each a buffer or NULL; whoever exchanges it has it
 * @used: one was taken since the last rrdp_spares_age()
 */
struct rrdp_spares {
	struct sk_buff *slot[RRDP_SPARES];
	bool used;
};

/*
 * An empty buffer with room for @size octets in its head, or NULL; otherwise as
 * from alloc_skb_fclone(). Any context.
 */
struct sk_buff *rrdp_spare_get(struct rrdp_spares *spares, unsigned int size);

/*
 * Keeps @skb, or frees it. It is from alloc_skb_fclone() or rrdp_spare_get(), and
 * only octets were put into it. Any context but hard interrupts.
 */
void rrdp_spare_put(struct rrdp_spares *spares, struct sk_buff *skb);

/* Frees all of a connection that has sent nothing since the last call. */
void rrdp_spares_age(struct rrdp_spares *spares);

/* Frees all. */
void rrdp_spares_free(struct rrdp_spares *spares);

#endif /* _RRDP_SPARE_H */
