/* SPDX-License-Identifier: GPL-2.0 */
/* 6.10: what becomes of memory lent to a buffer is told by a table of functions. */
#ifndef _COMPAT_UBUF_H
#define _COMPAT_UBUF_H

#include <linux/skbuff.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct ubuf_info_ops {
	void (*complete)(struct sk_buff *skb, struct ubuf_info *uarg,
			 bool success);
};
#endif

/* One reference, and copied only where that cannot be helped. */
static inline void compat_ubuf_init(struct ubuf_info *uarg,
				    const struct ubuf_info_ops *ops)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	uarg->callback = ops->complete;
#else
	uarg->ops = ops;
#endif
	uarg->flags = SKBFL_ZEROCOPY_FRAG | SKBFL_DONT_ORPHAN;
	refcount_set(&uarg->refcnt, 1);
}

#endif /* _COMPAT_UBUF_H */
