// SPDX-License-Identifier: GPL-2.0
#include "spare.h"

/*
 * Only what came from alloc_skb_fclone() and holds nothing but octets in its
 * head. Whatever was sent of it was a clone, and has gone: the rest of the buffer
 * is as it was made, unless it went as a train.
 */
static bool worth_keeping(const struct sk_buff *skb)
{
	return skb->fclone == SKB_FCLONE_ORIG && !skb->head_frag &&
	       !skb->pfmemalloc && !skb_shared(skb) && !skb_cloned(skb) &&
	       !skb_is_nonlinear(skb) && !skb_is_gso(skb);
}

static void make_empty(struct sk_buff *skb)
{
	skb->next = NULL;
	skb->len = 0;
	skb->nohdr = 0;
	skb->cloned = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->data = skb->head;
	skb_reset_tail_pointer(skb);
	atomic_set(&skb_shinfo(skb)->dataref, 1);
}

struct sk_buff *rrdp_spare_get(struct rrdp_spares *spares, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < RRDP_SPARES; i++) {
		struct sk_buff *skb;

		if (!READ_ONCE(spares->slot[i]))
			continue;
		skb = xchg(&spares->slot[i], NULL);
		if (!skb)
			continue;
		if (skb_end_offset(skb) >= size) {
			WRITE_ONCE(spares->used, true);
			return skb;
		}
		/* Messages have become larger. */
		consume_skb(skb);
	}
	return NULL;
}

void rrdp_spare_put(struct rrdp_spares *spares, struct sk_buff *skb)
{
	unsigned int i;

	if (unlikely(!worth_keeping(skb))) {
		consume_skb(skb);
		return;
	}
	skb_orphan(skb);
	make_empty(skb);
	for (i = 0; i < RRDP_SPARES; i++)
		if (!READ_ONCE(spares->slot[i]) &&
		    !cmpxchg(&spares->slot[i], NULL, skb))
			return;
	consume_skb(skb);
}

void rrdp_spares_free(struct rrdp_spares *spares)
{
	unsigned int i;

	for (i = 0; i < RRDP_SPARES; i++) {
		struct sk_buff *skb = xchg(&spares->slot[i], NULL);

		/* NULL is fine. */
		consume_skb(skb);
	}
}

void rrdp_spares_age(struct rrdp_spares *spares)
{
	if (!READ_ONCE(spares->used))
		rrdp_spares_free(spares);
	WRITE_ONCE(spares->used, false);
}
