/* SPDX-License-Identifier: GPL-2.0 */
/* 6.16: memory of devices can be sent as well, which needs one more argument. */
#ifndef _COMPAT_ZEROCOPY_H
#define _COMPAT_ZEROCOPY_H

#include <linux/skbuff.h>
#include <linux/version.h>

static inline struct ubuf_info *compat_zerocopy_alloc(struct sock *sk,
						      size_t size)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
	return msg_zerocopy_realloc(sk, size, NULL);
#else
	return msg_zerocopy_realloc(sk, size, NULL, false);
#endif
}

#endif /* _COMPAT_ZEROCOPY_H */
