// SPDX-License-Identifier: GPL-2.0
#include "pending.h"

void pending_add(struct pending *p, uint64_t seq, uint64_t now)
{
	if (!p->count)
		p->seq = seq;
	p->sent[seq % PENDING_MAX] = now;
	p->count++;
}

bool pending_take(struct pending *p, uint64_t *seq, uint64_t *sent)
{
	if (!p->count)
		return false;
	*seq = p->seq++;
	*sent = p->sent[*seq % PENDING_MAX];
	p->count--;
	p->late -= p->late > 0;
	return true;
}

uint64_t pending_oldest(const struct pending *p)
{
	if (p->late == p->count)
		return UINT64_MAX;
	return p->sent[(p->seq + p->late) % PENDING_MAX];
}

bool pending_make_late(struct pending *p, uint64_t then, uint64_t *seq)
{
	if (p->late == p->count || pending_oldest(p) > then)
		return false;
	*seq = p->seq + p->late++;
	return true;
}
