/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MAC addresses that move to and fro.
 *
 * A guest moves once and again. An address that moves all the time is one that
 * two have, or whose frames come back through a loop that a guest has made.
 * Each such move would be a lie, so that the address is held where it was
 * before, and frames from it that come from elsewhere are dropped: of those is
 * a loop made. The numbers are those of RFC 7432, section 15.1.
 *
 * Time is an argument.
 */
#ifndef _VMNET_MOVE_H
#define _VMNET_MOVE_H

#include <linux/jiffies.h>
#include <linux/types.h>

#define VMNET_MOVES_MAX		5		/* that are believed ... */
#define VMNET_MOVES_WINDOW	(180 * HZ)	/* ... in this time */
#define VMNET_MOVES_HOLD	(30 * HZ)	/* how long it is held */

struct vmnet_dest;

/**
 * struct vmnet_moves - moves of one address
 * @home: where it was before the first of them; NULL when that has gone
 * @since: jiffies of the first
 * @until: jiffies at which it is held no longer
 * @count: how many there were
 * @held: it is held until @until
 */
struct vmnet_moves {
	struct vmnet_dest *home;
	unsigned long since;
	unsigned long until;
	u8 count;
	bool held;
};

enum vmnet_move {
	VMNET_MOVE_OK,
	VMNET_MOVE_DAMP,	/* this one was too many: held from now on */
	VMNET_MOVE_HELD,
};

/* Is the address held? Any context. */
static inline bool vmnet_moves_held(const struct vmnet_moves *m,
				    unsigned long now)
{
	return READ_ONCE(m->held) && time_before(now, READ_ONCE(m->until));
}

/**
 * vmnet_moves_next - the address is about to move
 * @m: its moves so far
 * @from: where it is
 * @now: jiffies
 *
 * Context: the caller lets nobody else change @m.
 */
static inline enum vmnet_move vmnet_moves_next(struct vmnet_moves *m,
					       struct vmnet_dest *from,
					       unsigned long now)
{
	if (vmnet_moves_held(m, now))
		return VMNET_MOVE_HELD;
	if (m->held || !m->count ||
	    time_after_eq(now, m->since + VMNET_MOVES_WINDOW)) {
		WRITE_ONCE(m->held, false);
		m->count = 0;
		m->since = now;
		m->home = from;
	}
	if (m->count < VMNET_MOVES_MAX) {
		m->count++;
		return VMNET_MOVE_OK;
	}
	WRITE_ONCE(m->until, now + VMNET_MOVES_HOLD);
	WRITE_ONCE(m->held, true);
	return VMNET_MOVE_DAMP;
}

#endif /* _VMNET_MOVE_H */
