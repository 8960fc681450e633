/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which frames of one origin were received already, by the counter that it gave
 * them.
 *
 * It knows nothing of packets or clocks: time is an argument.
 */
#ifndef _VMNET_DUP_H
#define _VMNET_DUP_H

#include <linux/bitmap.h>
#include <linux/types.h>

/*
 * Frames by which two copies of one may lie apart, a power of two. Far more than
 * are sent anew when a forwarder is replaced.
 */
#define VMNET_DUP_WINDOW	1024

/**
 * struct vmnet_dup - what was received from one origin
 * @any: something was
 * @top: newest counter
 * @last: when a frame was last found to be new
 * @seen: counters up to @top, each in the bit of its remainder
 */
struct vmnet_dup {
	bool any;
	u32 top;
	unsigned long last;
	DECLARE_BITMAP(seen, VMNET_DUP_WINDOW);
};

enum vmnet_dup_verdict {
	VMNET_DUP_NEW,
	VMNET_DUP_SEEN,		/* it was received before */
	VMNET_DUP_OLD,		/* too far behind to tell */
};

/**
 * vmnet_dup_check - is a frame new; if so it is not the next time
 * @dup: what was received; zeros at first
 * @counter: counter of the frame
 * @now: time
 * @expiry: time without new frames after which one from far behind is taken
 *	for the first of an origin that has started again
 *
 * Context: any; the caller serialises calls for the same @dup.
 */
enum vmnet_dup_verdict vmnet_dup_check(struct vmnet_dup *dup, u32 counter,
				       unsigned long now, unsigned long expiry);

#endif /* _VMNET_DUP_H */
