/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few names of the kernel that the protocol core uses, so that the same
 * sources build in a module and in a userspace program.
 */
#ifndef _RRDP_CORE_TYPES_H
#define _RRDP_CORE_TYPES_H

#ifdef __KERNEL__

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#else

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int64_t s64;

#define U64_MAX		UINT64_MAX
#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#endif /* __KERNEL__ */

/* Words of the wire: big endian, at any address. */
static inline u16 rrdp_get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline void rrdp_put16(u8 *p, u16 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

#endif /* _RRDP_CORE_TYPES_H */
