// SPDX-License-Identifier: GPL-2.0
/* Which frames of one origin were received already. */
#include <linux/jiffies.h>

#include "dup.h"

static unsigned int vmnet_dup_bit(u32 counter)
{
	return counter % VMNET_DUP_WINDOW;
}

/* Nothing before @counter is known. */
static void vmnet_dup_restart(struct vmnet_dup *dup, u32 counter)
{
	dup->any = true;
	dup->top = counter;
	bitmap_zero(dup->seen, VMNET_DUP_WINDOW);
	__set_bit(vmnet_dup_bit(counter), dup->seen);
}

/* @counter is @ahead of all before. */
static void vmnet_dup_advance(struct vmnet_dup *dup, u32 counter, u32 ahead)
{
	u32 skipped;

	if (ahead >= VMNET_DUP_WINDOW) {
		vmnet_dup_restart(dup, counter);
		return;
	}
	for (skipped = 1; skipped < ahead; skipped++)
		__clear_bit(vmnet_dup_bit(dup->top + skipped), dup->seen);
	dup->top = counter;
	__set_bit(vmnet_dup_bit(counter), dup->seen);
}

enum vmnet_dup_verdict vmnet_dup_check(struct vmnet_dup *dup, u32 counter,
				       unsigned long now, unsigned long expiry)
{
	/* Counters wrap around: RFC 1982. */
	u32 ahead = counter - dup->top, behind = dup->top - counter;

	if (!dup->any) {
		vmnet_dup_restart(dup, counter);
	} else if ((s32)ahead > 0) {
		vmnet_dup_advance(dup, counter, ahead);
	} else if (behind < VMNET_DUP_WINDOW) {
		if (__test_and_set_bit(vmnet_dup_bit(counter), dup->seen))
			return VMNET_DUP_SEEN;
	} else if (time_after_eq(now, dup->last + expiry)) {
		vmnet_dup_restart(dup, counter);
	} else {
		return VMNET_DUP_OLD;
	}
	dup->last = now;
	return VMNET_DUP_NEW;
}
