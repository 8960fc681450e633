/* SPDX-License-Identifier: GPL-2.0 */
/* The sum of RFC 1071, of which checksums are the complement. */
#ifndef _NET_INETSUM_H
#define _NET_INETSUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static inline uint32_t sum(const uint8_t *p, size_t len)
{
	uint32_t total = 0;
	size_t i;

	for (i = 0; i < len; i++)
		total += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return folded(total);
}

#endif /* _NET_INETSUM_H */
