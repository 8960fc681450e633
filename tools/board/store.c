// SPDX-License-Identifier: GPL-2.0
#include "store.h"

void store_submit(struct store *s, struct store_job *job)
{
	s->ops->submit(s, job);
}

void store_stats(struct store *s, struct store_stats *stats)
{
	s->ops->stats(s, stats);
}

void store_close(struct store *s)
{
	s->ops->close(s);
}
