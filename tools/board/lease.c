// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lease.h"
#include "memory.h"

static struct lease *lease_of(struct tree_node *n)
{
	return (struct lease *)n;
}

uint64_t lease_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct lease *lease_find(const struct leases *l, uint64_t id)
{
	char key[17];

	snprintf(key, sizeof(key), "%016llx", (unsigned long long)id);
	return lease_of(tree_find(&l->tree, key));
}

static void begin(struct leases *l, struct lease *lease, uint64_t now)
{
	lease->deadline = now + lease->ttl * 1000ull;
	if (lease->deadline < l->next)
		l->next = lease->deadline;
}

struct lease *lease_add(struct leases *l, uint64_t id, uint32_t ttl,
			uint64_t now)
{
	struct lease *lease = memory_new(sizeof(*lease));

	lease->id = id;
	lease->ttl = ttl;
	snprintf(lease->key, sizeof(lease->key), "%016llx", (unsigned long long)id);
	lease->node.key = lease->key;
	tree_add(&l->tree, &lease->node);
	if (!l->count++)
		l->next = UINT64_MAX;
	begin(l, lease, now);
	return lease;
}

struct lease *lease_grant(struct leases *l, uint64_t id, uint32_t ttl,
			  uint64_t now)
{
	struct lease *lease = lease_add(l, id, ttl, now);

	lease->next_fresh = l->fresh;
	l->fresh = lease;
	return lease;
}

bool lease_renew(struct leases *l, uint64_t id, uint64_t now)
{
	struct lease *lease = lease_find(l, id);

	if (!lease)
		return false;
	begin(l, lease, now);
	return true;
}

void lease_revoke(struct leases *l, uint64_t id)
{
	struct lease *lease = lease_find(l, id);

	if (!lease)
		return;
	lease->deadline = 0;
	l->next = 0;
}

/* struct search - the way through the leases to one that ended */
struct search {
	uint64_t now;
	uint64_t next;
	struct lease *found;
};

static bool has_ended(struct tree_node *n, void *arg)
{
	struct search *s = arg;
	struct lease *lease = lease_of(n);

	if (lease->deadline <= s->now)
		s->found = lease;
	else if (lease->deadline < s->next)
		s->next = lease->deadline;
	return !s->found;
}

struct lease *lease_expired(struct leases *l, uint64_t now)
{
	struct search s = { .now = now, .next = UINT64_MAX };

	if (!l->count || now < l->next)
		return NULL;
	tree_walk(&l->tree, "", has_ended, &s);
	if (!s.found)
		l->next = s.next;
	return s.found;
}

static bool delay(struct tree_node *n, void *arg)
{
	lease_of(n)->deadline += *(uint64_t *)arg;
	return true;
}

void lease_delay(struct leases *l, uint64_t ms)
{
	tree_walk(&l->tree, "", delay, &ms);
	l->next += ms;
}

void lease_settle(struct leases *l, bool durable)
{
	while (l->fresh) {
		struct lease *lease = l->fresh;

		l->fresh = lease->next_fresh;
		if (!durable)
			lease_del(l, lease);
	}
}

void lease_del(struct leases *l, struct lease *lease)
{
	tree_del(&l->tree, &lease->node);
	l->count--;
	free(lease);
}

void lease_clear(struct leases *l)
{
	while (l->tree.root)
		lease_del(l, lease_of(l->tree.root));
}
