/* SPDX-License-Identifier: GPL-2.0 */
/* Free addresses of a segment. */
#ifndef BOARD_POOL_H
#define BOARD_POOL_H

#include "prefix.h"
#include "view.h"

/* Places to begin a search; who shares one only searches longer. */
#define POOL_HINTS	1024

/**
 * struct pool - where to go on
 * @next: after the address that was picked last, by a hash of its keys. So two
 *	requests that are on their way at a time pick two addresses, and one that
 *	was returned rests while its traces in ARP tables fade.
 */
struct pool {
	__uint128_t next[POOL_HINTS];
};

/*
 * Picks an address of @p; taken are those whose ip_key() after @prefix is the key
 * of a record. Returns false if all are.
 */
bool pool_pick(struct pool *pool, const struct view *v, const char *prefix,
	       const struct prefix *p, __uint128_t *ip);

#endif /* BOARD_POOL_H */
