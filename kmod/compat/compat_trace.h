/* SPDX-License-Identifier: GPL-2.0 */
/* Strings of a tracepoint: since 6.10 __string() remembers what to copy. */
#ifndef _COMPAT_TRACE_H
#define _COMPAT_TRACE_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define compat_assign_str(dst, src)	__assign_str(dst, src)
#else
#define compat_assign_str(dst, src)	__assign_str(dst)
#endif

#endif /* _COMPAT_TRACE_H */
