/* SPDX-License-Identifier: GPL-2.0 */
/* Where references to pages of a buffer are declared: a header of its own since 6.10. */
#ifndef _COMPAT_FRAG_H
#define _COMPAT_FRAG_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#include <linux/skbuff.h>
#else
#include <linux/skbuff_ref.h>
#endif

#endif /* _COMPAT_FRAG_H */
