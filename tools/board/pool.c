// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "pool.h"

/**
 * struct gap - the search for a gap in a sorted list
 * @prefix: of the keys
 * @want: free, unless the next key is it
 * @last: no address after this
 * @full: there was no gap
 */
struct gap {
	const char *prefix;
	__uint128_t want;
	__uint128_t last;
	bool full;
};

static bool is_taken(struct tree_node *n, void *arg)
{
	const struct record *r = (const struct record *)n;
	size_t len = strlen(((struct gap *)arg)->prefix);
	struct gap *g = arg;
	__uint128_t ip;

	if (strncmp(r->key, g->prefix, len))
		return false;
	if (!r->value)
		return true;
	if (!ip_from_key(r->key + len, &ip) || ip != g->want)
		return false;
	if (g->want == g->last)
		g->full = true;
	else
		g->want++;
	return !g->full;
}

/* A gap from @first to @last. */
static bool find_gap(const struct view *v, const char *prefix, int family,
		     __uint128_t first, __uint128_t last, __uint128_t *ip)
{
	struct gap g = { .prefix = prefix, .want = first, .last = last };
	char digits[IP_KEYLEN], key[TXN_KEY_MAX];

	ip_key(family, first, digits);
	key_format(key, "%s%s", prefix, digits);
	tree_walk(&v->tree, key, is_taken, &g);
	*ip = g.want;
	return !g.full;
}

static __uint128_t *hint(struct pool *pool, const char *prefix)
{
	uint32_t hash = 2166136261u;

	for (; *prefix; prefix++)
		hash = (hash ^ (unsigned char)*prefix) * 16777619u;
	return &pool->next[hash % POOL_HINTS];
}

bool pool_pick(struct pool *pool, const struct view *v, const char *prefix,
	       const struct prefix *p, __uint128_t *ip)
{
	__uint128_t first = prefix_first(p), last = prefix_last(p);
	__uint128_t *next = hint(pool, prefix);

	if (*next < first || *next > last)
		*next = first;
	if (!find_gap(v, prefix, p->family, *next, last, ip) &&
	    (*next == first || !find_gap(v, prefix, p->family, first, *next - 1, ip)))
		return false;
	*next = *ip + 1;
	return true;
}
