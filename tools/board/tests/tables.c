// SPDX-License-Identifier: GPL-2.0
/* What the rest is made of: sets, prefixes, addresses, leases, limits, the view. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lease.h"
#include "limit.h"
#include "unit.h"

#define MEMBERS	1000

static bool count(struct tree_node *n, void *arg)
{
	(void)n;
	++*(unsigned int *)arg;
	return true;
}

/* In order, from the first to the last, as many as wanted. */
static bool is_sorted(const struct tree *t, unsigned int want)
{
	const struct tree_node *n, *last = NULL;
	unsigned int found = 0, walked = 0;

	for (n = tree_from(t, "", false); n; n = tree_from(t, n->key, true)) {
		if (last && strcmp(last->key, n->key) >= 0)
			return false;
		last = n;
		found++;
	}
	tree_walk(t, "", count, &walked);
	return found == want && walked == want;
}

void test_tree(void)
{
	static struct tree_node nodes[MEMBERS];
	static char keys[MEMBERS][16];
	struct tree t = { };
	unsigned int i, walked = 0;

	for (i = 0; i < MEMBERS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%03u", i * 7919 % MEMBERS);
		nodes[i].key = keys[i];
		tree_add(&t, &nodes[i]);
	}
	ok(is_sorted(&t, MEMBERS), "a set is sorted");
	ok(tree_find(&t, "500") && !strcmp(tree_find(&t, "500")->key, "500") &&
	   !tree_find(&t, "5000"), "what is in it is found");
	tree_walk(&t, "900", count, &walked);
	ok(walked == 100, "a walk begins where it is told to");
	for (i = 0; i < MEMBERS; i += 2)
		tree_del(&t, &nodes[i]);
	ok(is_sorted(&t, MEMBERS / 2), "also with half of it");
	for (i = 1; i < MEMBERS; i += 2)
		tree_del(&t, &nodes[i]);
	ok(is_sorted(&t, 0) && !t.root, "and when it is empty");
}

static void check_prefix(const char *text, const char *first, const char *last)
{
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	struct prefix p;

	if (!ok(prefix_parse(text, &p), "prefix %s", text))
		return;
	ip_format(p.family, prefix_first(&p), a);
	ip_format(p.family, prefix_last(&p), b);
	same(a, first, "its first address");
	same(b, last, "its last");
}

static bool overlap(const char *a, const char *b)
{
	struct prefix p, q;

	return prefix_parse(a, &p) && prefix_parse(b, &q) && prefix_overlaps(&p, &q) &&
	       prefix_overlaps(&q, &p);
}

void test_prefix(void)
{
	static const char *const bad[] = {
		"", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/24", "::/129",
		"10.0.0.0/-1", "10.0.0.0/24 ", " 10.0.0.0/24", "x/1", "::1%lo/64",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/64",
	};
	struct prefix p = { .len = 77 };
	unsigned int i;

	check_prefix("10.1.2.3/24", "10.1.2.1", "10.1.2.254");
	check_prefix("10.1.2.3/31", "10.1.2.2", "10.1.2.3");
	check_prefix("10.1.2.3/32", "10.1.2.3", "10.1.2.3");
	check_prefix("10.1.2.3/30", "10.1.2.1", "10.1.2.2");
	check_prefix("0.0.0.0/0", "0.0.0.1", "255.255.255.254");
	check_prefix("fd00::5/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff");
	check_prefix("fd00::5/127", "fd00::4", "fd00::5");
	check_prefix("::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ok(!prefix_parse(bad[i], &p) && p.len == 77, "no prefix \"%s\"", bad[i]);
	ok(overlap("10.0.0.0/8", "10.1.0.0/16") && overlap("::/0", "fd00::/64") &&
	   overlap("10.1.0.0/24", "10.1.0.0/24"), "prefixes overlap");
	ok(!overlap("10.0.0.0/24", "10.0.1.0/24") && !overlap("0.0.0.0/0", "::/0"),
	   "prefixes do not");
}

static void take(struct view *v, const char *prefix, const struct prefix *p, __uint128_t ip,
		 bool taken)
{
	char digits[IP_KEYLEN], key[TXN_KEY_MAX];
	struct event e = { .key = key, .value = taken ? "" : NULL, .created = 1, .modified = 1 };

	ip_key(p->family, ip, digits);
	key_format(key, "%s%s", prefix, digits);
	view_event(v, &e);
}

static void check_pool(const char *text, unsigned int size)
{
	static struct pool pool;
	unsigned int i, twice = 0;
	struct prefix p;
	struct view v;
	__uint128_t ip, other;

	memset(&pool, 0, sizeof(pool));
	view_init(&v);
	prefix_parse(text, &p);
	for (i = 0; i < size; i++) {
		if (!pool_pick(&pool, &v, "a/", &p, &ip) || ip < prefix_first(&p) ||
		    ip > prefix_last(&p))
			break;
		take(&v, "a/", &p, ip, true);
	}
	twice = size - v.records;
	ok(i == size && !twice, "%s has %u addresses, each once", text, size);
	ok(!pool_pick(&pool, &v, "a/", &p, &ip), "and no more");
	/* Neither neighbours in the sort order nor what was returned is in the way. */
	take(&v, "b/", &p, prefix_first(&p), true);
	other = prefix_first(&p) + size / 2;
	take(&v, "a/", &p, other, false);
	ok(pool_pick(&pool, &v, "a/", &p, &ip) && ip == other, "until one is returned");
	view_clear(&v);
}

void test_pool(void)
{
	static struct pool pool;
	struct prefix p;
	struct view v;
	__uint128_t a, b;

	check_pool("10.0.0.0/24", 254);
	check_pool("10.0.0.0/30", 2);
	check_pool("10.0.0.0/32", 1);
	check_pool("fd00::/120", 255);
	check_pool("255.255.255.0/24", 254);
	check_pool("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00/120", 255);
	view_init(&v);
	prefix_parse("10.0.0.0/24", &p);
	ok(pool_pick(&pool, &v, "a/", &p, &a) && pool_pick(&pool, &v, "a/", &p, &b) && a != b,
	   "two that are picked at a time are two");
	view_clear(&v);
}

void test_lease(void)
{
	struct leases l = { };

	lease_add(&l, 1, 10, 0);
	lease_add(&l, 2, 20, 0);
	ok(!lease_expired(&l, 9999), "a lease lasts");
	ok(lease_expired(&l, 10000) == lease_find(&l, 1), "and ends");
	ok(lease_renew(&l, 1, 10000) && !lease_expired(&l, 19999), "unless it is renewed");
	lease_delay(&l, 5000);
	ok(!lease_expired(&l, 24999) && lease_expired(&l, 25000),
	   "time that nobody had does not count");
	ok(!lease_renew(&l, 3, 0), "there is no other");
	lease_grant(&l, 3, 10, 30000);
	lease_settle(&l, false);
	ok(!lease_find(&l, 3), "what does not become durable is gone");
	lease_grant(&l, 4, 10, 30000);
	lease_settle(&l, true);
	lease_settle(&l, false);
	ok(lease_find(&l, 4), "what does stays");
	lease_clear(&l);
	ok(!l.count && !lease_expired(&l, UINT64_MAX), "none are left");
}

void test_limit(void)
{
	struct tree buckets = { };
	unsigned int i;

	for (i = 0; limit_take(&buckets, "a", 1000, 10, 5) && i < 100; i++)
		;
	ok(i == 5, "a burst is allowed");
	ok(limit_take(&buckets, "b", 1000, 10, 5), "others have their own");
	ok(!limit_take(&buckets, "a", 1099, 10, 5) && limit_take(&buckets, "a", 1100, 10, 5),
	   "then so many a second");
	for (i = 0; limit_take(&buckets, "a", 1000000000, 10, 5) && i < 100; i++)
		;
	ok(i == 5, "and never more than the burst");
	limit_clear(&buckets);
}

static void put(struct view *v, const char *key, const char *value, uint64_t revision)
{
	const struct event e = {
		.key = key, .value = value, .created = revision, .modified = revision,
	};

	view_event(v, &e);
	view_committed(v, revision, v->compacted);
}

/* Keys of what changed after @since, a deleted one with '-' before it. */
static const char *changes(const struct view *v, uint64_t since)
{
	static char text[256];
	const struct record *r;
	size_t len = 0;

	*text = '\0';
	for (r = view_changed(v, since); r; r = view_changed_next(v, r))
		len += snprintf(text + len, sizeof(text) - len, "%s%s ", r->value ? "" : "-",
				r->key);
	return text;
}

void test_view(void)
{
	struct view v;

	view_init(&v);
	put(&v, "a/1", "x", 1);
	put(&v, "a/2", "x", 2);
	put(&v, "b/1", "x", 3);
	put(&v, "a/1", "y", 4);
	same(changes(&v, 0), "a/2 b/1 a/1 ", "changes come by revision, each record once");
	same(changes(&v, 3), "a/1 ", "from where one was");
	put(&v, "a/2", NULL, 5);
	same(changes(&v, 4), "-a/2 ", "deletions are told");
	ok(!view_find(&v, "a/2") && v.records == 2, "what is deleted is not there");
	ok(!strcmp(view_next(&v, "a/", NULL)->key, "a/1") && !view_next(&v, "a/", "a/1"),
	   "nor in a list");
	put(&v, "a/2", "z", 6);
	ok(view_find(&v, "a/2") && v.records == 3, "it may come again");
	put(&v, "b/1", NULL, 7);
	view_committed(&v, 8, 7);
	same(changes(&v, 4), "a/2 ", "a deletion that is compacted is forgotten");
	view_clear(&v);
}
