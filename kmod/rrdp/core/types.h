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
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s16 s16;
typedef __s64 s64;

#define U64_MAX		((u64)-1)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof(*(a)))
#define min_t(t, a, b)	({ t _a = (a), _b = (b); _a < _b ? _a : _b; })
#define max_t(t, a, b)	({ t _a = (a), _b = (b); _a > _b ? _a : _b; })
#define min(a, b)	min_t(__typeof__(a), a, b)
#define max(a, b)	max_t(__typeof__(a), a, b)
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

static inline u32 rrdp_get32(const u8 *p)
{
	return (u32)rrdp_get16(p) << 16 | rrdp_get16(p + 2);
}

static inline void rrdp_put32(u8 *p, u32 v)
{
	rrdp_put16(p, (u16)(v >> 16));
	rrdp_put16(p + 2, (u16)v);
}

#endif /* _RRDP_CORE_TYPES_H */
