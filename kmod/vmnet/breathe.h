/* SPDX-License-Identifier: GPL-2.0 */
/* Walks through large tables under their lock. */
#ifndef _VMNET_BREATHE_H
#define _VMNET_BREATHE_H

#include <linux/sched.h>
#include <linux/xarray.h>

/*
 * Lets those who wait for the lock of @ids have it now and then, as @n entries have
 * been seen: a million must not keep receivers waiting. Process context, the lock is
 * held.
 */
static inline void vmnet_breathe(struct xarray *ids, unsigned int n)
	__must_hold(&ids->xa_lock)
{
	if (n % 1024)
		return;
	xa_unlock_bh(ids);
	cond_resched();
	xa_lock_bh(ids);
}

#endif /* _VMNET_BREATHE_H */
