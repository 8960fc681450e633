/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many frames a port may flood.
 *
 * A token bucket, kept as the time at which it would be full again: one number,
 * which a compare and exchange changes, so that it needs no lock. Time is an
 * argument.
 */
#ifndef _VMNET_STORM_H
#define _VMNET_STORM_H

#include <linux/atomic.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>
#include <linux/types.h>

#define VMNET_STORM_MAX		10000000	/* frames per second */
#define VMNET_STORM_BURST_MIN	10		/* frames */

/**
 * struct vmnet_storm - limit of one port
 * @rate: frames per second, 0 = no limit
 * @interval: nanoseconds that a frame takes
 * @burst: nanoseconds by which the bucket may be ahead: a tenth of a second, or
 *	VMNET_STORM_BURST_MIN frames if that is more
 * @full: nanoseconds; when the bucket is full again
 */
struct vmnet_storm {
	u32 rate;
	u32 interval;
	s64 burst;
	atomic64_t full;
};

/* Sets the limit; one writer at a time. */
static inline void vmnet_storm_set(struct vmnet_storm *s, u32 rate)
{
	u32 interval = rate ? NSEC_PER_SEC / rate : 0;

	WRITE_ONCE(s->rate, rate);
	WRITE_ONCE(s->burst, max_t(s64, NSEC_PER_SEC / 10,
				   (s64)interval * VMNET_STORM_BURST_MIN));
	WRITE_ONCE(s->interval, interval);
}

/**
 * vmnet_storm_pass - may these frames be flooded
 * @s: limit
 * @frames: how many; a super-frame is several
 * @now: nanoseconds
 *
 * Context: any; takes no lock.
 */
static inline bool vmnet_storm_pass(struct vmnet_storm *s, unsigned int frames,
				    s64 now)
{
	s64 burst = READ_ONCE(s->burst);
	/* A super-frame that no bucket holds empties a full one. */
	s64 take = min((s64)READ_ONCE(s->interval) * frames, burst);
	s64 full, next;

	if (!take)
		return true;
	full = atomic64_read(&s->full);
	do {
		next = max(full, now) + take;
		if (next - now > burst)
			return false;
	} while (!atomic64_try_cmpxchg(&s->full, &full, next));
	return true;
}

#endif /* _VMNET_STORM_H */
