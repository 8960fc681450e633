// SPDX-License-Identifier: GPL-2.0
/* Pointers by sequence number: small while little is outstanding. */

#include "internal.h"

void rrdp_ring_init(struct rrdp_ring *r)
{
	memset(r->few, 0, sizeof(r->few));
	r->slot = r->few;
	r->mask = RRDP_RING_INLINE - 1;
}

/*
 * Makes room for @first..@last at once. What is stored lies in that range.
 * Returns false if there is no memory; nothing is changed then.
 */
bool rrdp_ring_fit(struct rrdp_pcb *pcb, struct rrdp_ring *r, u64 first,
		   u64 last)
{
	u32 size = r->mask + 1;
	void **slot;
	u64 seq;

	if (likely(last - first <= r->mask))
		return true;

	while (last - first >= size)
		size *= 2;
	slot = pcb->ops->alloc(size);
	if (!slot)
		return false;

	for (seq = first; seq - first <= r->mask; seq++)
		slot[seq & (size - 1)] = rrdp_ring_get(r, seq);
	rrdp_ring_destroy(pcb, r);
	r->slot = slot;
	r->mask = size - 1;
	return true;
}

void rrdp_ring_destroy(struct rrdp_pcb *pcb, struct rrdp_ring *r)
{
	if (r->slot != r->few)
		pcb->ops->free(r->slot);
	rrdp_ring_init(r);
}
