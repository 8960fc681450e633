// SPDX-License-Identifier: GPL-2.0
/* Hosts: who is there, as long as they renew. */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "vm.h"

enum {
	ADDRESSES_MAX	= 8,
	SEGMENTS_MAX	= 4096,
	TTL_DEFAULT	= 30,
	TTL_MAX		= 3600,
};

static void host_key(const struct ask *a, char key[TXN_KEY_MAX])
{
	key_format(key, "host/%s/%s", a->domain, a->name);
}

static void node_key(const struct ask *a, uint64_t node, char key[TXN_KEY_MAX])
{
	key_format(key, "node/%s/%08llx", a->domain, (unsigned long long)node);
}

static void member_key(const struct ask *a, const char *segment,
		       char key[TXN_KEY_MAX])
{
	key_format(key, "member/%s/%s/%s", a->domain, segment, a->name);
}

static bool has_string(const json_t *list, const char *s)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), s))
			return true;
	return false;
}

static uint64_t number_in(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

/* Addresses in the underlay, each with the length of its mask. */
static bool read_addresses(struct ask *a, json_t *want, struct prefix *first)
{
	json_t *out = json_array();
	const json_t *list;
	size_t i;

	json_object_set_new(want, "addresses", out);
	if (!ask_strings(a, "addresses", ADDRESSES_MAX, &list))
		return false;
	if (!json_array_size(list))
		return problem_set(&a->problem, BAD_MEMBER,
				   "\"addresses\" must have at least one, such as 192.0.2.1/24");
	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		char text[PREFIX_STRLEN];
		struct prefix p;

		if (!prefix_parse(s, &p) || !p.base || !p.len)
			return problem_set(&a->problem, BAD_MEMBER,
					   "\"addresses\" must be like 192.0.2.1/24, not \"%.64s\"",
					   s);
		if (!i)
			*first = p;
		prefix_format(&p, text);
		json_array_append_new(out, json_string(text));
	}
	return true;
}

static bool read_transports(struct ask *a, json_t *want)
{
	json_t *out = json_array();
	const json_t *list;
	size_t i;

	json_object_set_new(want, "transports", out);
	if (!ask_strings(a, "transports", 2, &list))
		return false;
	if (!json_array_size(list))
		json_array_append_new(out, json_string("udp"));
	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if ((strcmp(s, "udp") && strcmp(s, "rrdp")) || has_string(out, s))
			return problem_set(&a->problem, BAD_MEMBER,
					   "\"transports\" must be \"udp\" or \"rrdp\" or both");
		json_array_append_new(out, json_string(s));
	}
	return true;
}

/*
 * A number for the subnet, the same on all its hosts: the network part of an IPv4
 * address is one, that of an IPv6 address is mixed to 32 bits.
 */
static uint32_t subnet_of(const struct prefix *p)
{
	__uint128_t net = prefix_network(p);
	uint32_t hash = 2166136261u;
	int i;

	if (p->family == AF_INET)
		return net ? net : 1;
	for (i = 120; i >= 0; i -= 8)
		hash = (hash ^ (uint8_t)(net >> i)) * 16777619u;
	return hash ? hash : 1;
}

static bool read_segments(struct ask *a, json_t *want)
{
	json_t *out = json_array();
	const json_t *list;
	size_t i;

	json_object_set_new(want, "segments", out);
	if (!ask_strings(a, "segments", SEGMENTS_MAX, &list))
		return false;
	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		const struct record *r = ask_segment(a, s);

		if (!r)
			return false;
		if (has_string(out, s))
			return problem_set(&a->problem, BAD_MEMBER,
					   "\"segments\" has \"%s\" twice", s);
		txn_check(&a->txn, CHECK_CREATED, r->key, r->created);
		json_array_append_new(out, json_string(s));
	}
	return true;
}

/* The number it asks for, the one it has, or a free one. */
static bool read_node(struct ask *a, const json_t *old, json_t *want)
{
	static const struct prefix all = { .family = AF_INET };
	uint64_t node = number_in(old, "node");
	const struct record *r;
	char key[TXN_KEY_MAX];
	__uint128_t pick;

	if (!ask_number(a, "node", 1, UINT32_MAX, &node))
		return false;
	if (!node) {
		key_format(key, "node/%s/", a->domain);
		if (!pool_pick(a->pool, a->view, key, &all, &pick))
			return problem_set(&a->problem, NODE_TAKEN, "all node numbers are taken");
		node = pick;
	}
	node_key(a, node, key);
	r = view_find(a->view, key);
	if (r && strcmp(r->value, a->name))
		return problem_set(&a->problem, NODE_TAKEN,
				   "host \"%s\" has node number %llu: give this one another",
				   r->value, (unsigned long long)node);
	txn_check(&a->txn, CHECK_MODIFIED, key, r ? r->modified : 0);
	json_object_set_new(want, "node", json_integer(node));
	return true;
}

static bool read_host(struct ask *a, const json_t *old, json_t *want)
{
	static const char *const members[] = {
		"node", "addresses", "transports", "subnet", "ttl", "segments", NULL
	};
	uint64_t ttl = TTL_DEFAULT, subnet;
	struct prefix first;

	if (!ask_members(a, members) || !read_node(a, old, want) ||
	    !read_addresses(a, want, &first) || !read_transports(a, want))
		return false;
	subnet = subnet_of(&first);
	if (!ask_number(a, "subnet", 1, UINT32_MAX, &subnet) ||
	    !ask_number(a, "ttl", 1, TTL_MAX, &ttl) || !read_segments(a, want))
		return false;
	json_object_set_new(want, "subnet", json_integer(subnet));
	json_object_set_new(want, "ttl", json_integer(ttl));
	return true;
}

/* What others find by its number and by its segments; all of it if @bind. */
static void write_index(struct ask *a, const json_t *old, const json_t *want, bool bind)
{
	const json_t *before = json_object_get(old, "segments");
	const json_t *now = json_object_get(want, "segments");
	uint64_t had = number_in(old, "node"), has = number_in(want, "node");
	char key[TXN_KEY_MAX];
	size_t i;

	if (had && had != has) {
		node_key(a, had, key);
		txn_delete(&a->txn, key);
	}
	if (bind || had != has) {
		node_key(a, has, key);
		txn_put_leased(&a->txn, key, a->name);
	}
	for (i = 0; i < json_array_size(before); i++) {
		const char *s = json_string_value(json_array_get(before, i));

		member_key(a, s, key);
		if (!has_string(now, s))
			txn_delete(&a->txn, key);
	}
	for (i = 0; i < json_array_size(now); i++) {
		const char *s = json_string_value(json_array_get(now, i));

		member_key(a, s, key);
		if (bind || !has_string(before, s))
			txn_put_leased(&a->txn, key, "");
	}
}

/* Its VMs go on with the new lease. */
static void bind_vms(struct ask *a)
{
	const struct record *r;
	char prefix[TXN_KEY_MAX];

	key_format(prefix, "on/%s/%s/", a->domain, a->name);
	for (r = view_next(a->view, prefix, NULL); r;
	     r = view_next(a->view, prefix, r->key))
		txn_put_leased(&a->txn, r->key, r->value);
}

static void write_host(struct ask *a, const struct record *r, const json_t *old,
		       json_t *want)
{
	/* A lease keeps its TTL. */
	bool bind = !r || number_in(old, "ttl") != number_in(want, "ttl");
	char key[TXN_KEY_MAX];

	host_key(a, key);
	a->created = !r;
	txn_check(&a->txn, CHECK_MODIFIED, key, r ? r->modified : 0);
	if (bind)
		a->txn.ttl = number_in(want, "ttl");
	else
		a->txn.lease = r->lease;
	if (bind && r)
		a->txn.revoke = r->lease;
	write_index(a, old, want, bind);
	if (bind)
		bind_vms(a);
	ask_put(a, key, want, true);
}

bool host_put(struct ask *a)
{
	const struct record *domain = ask_domain(a), *r;
	json_t *old = NULL, *want;
	char key[TXN_KEY_MAX];
	bool good;

	if (!domain || !ask_owns(a, a->name))
		return false;
	host_key(a, key);
	r = view_find(a->view, key);
	if (r)
		old = record_json(r);
	txn_check(&a->txn, CHECK_CREATED, domain->key, domain->created);
	want = json_pack("{ss}", "name", a->name);
	good = read_host(a, old, want);
	if (!good) {
		json_decref(want);
	} else if (old && json_equal(old, want)) {
		/* That it is still there is no news. */
		json_decref(want);
		txn_clear(&a->txn);
		a->renew = r->lease;
		answer_record(&a->answer, r);
	} else {
		write_host(a, r, old, want);
	}
	json_decref(old);
	return good;
}

bool host_get(struct ask *a)
{
	char key[TXN_KEY_MAX];

	host_key(a, key);
	return ask_show(a, key, "host");
}

bool host_list(struct ask *a)
{
	char prefix[TXN_KEY_MAX];

	if (!ask_domain(a))
		return false;
	key_format(prefix, "host/%s/", a->domain);
	return ask_list(a, prefix, NULL, NULL);
}

static const struct record *find_host(struct ask *a)
{
	const struct record *r;
	char key[TXN_KEY_MAX];

	if (!ask_owns(a, a->name))
		return NULL;
	host_key(a, key);
	r = view_find(a->view, key);
	if (!r)
		problem_set(&a->problem, NOT_FOUND,
			    "there is no host \"%s\" (any more): it has to register", a->name);
	return r;
}

bool host_renew(struct ask *a)
{
	const struct record *r = find_host(a);

	if (!r)
		return false;
	a->renew = r->lease;
	answer_record(&a->answer, r);
	return true;
}

bool host_delete(struct ask *a)
{
	const struct record *r = find_host(a), *on;
	char prefix[TXN_KEY_MAX], key[TXN_KEY_MAX];
	const json_t *segments;
	json_t *old;
	size_t i;

	if (!r)
		return false;
	txn_check(&a->txn, CHECK_MODIFIED, r->key, r->modified);
	old = record_json(r);
	node_key(a, number_in(old, "node"), key);
	txn_delete(&a->txn, key);
	segments = json_object_get(old, "segments");
	for (i = 0; i < json_array_size(segments); i++) {
		member_key(a, json_string_value(json_array_get(segments, i)), key);
		txn_delete(&a->txn, key);
	}
	json_decref(old);
	key_format(prefix, "on/%s/%s/", a->domain, a->name);
	for (on = view_next(a->view, prefix, NULL); on;
	     on = view_next(a->view, prefix, on->key))
		vm_release(a, on->key + strlen(prefix));
	txn_delete(&a->txn, r->key);
	a->txn.revoke = r->lease;
	return true;
}
