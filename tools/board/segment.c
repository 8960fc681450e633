// SPDX-License-Identifier: GPL-2.0
/* Segments: virtual LANs, of which no two of a domain have an address in common. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define VNI_MAX	16777215
#define DNS_MAX	3

static void segment_key(const struct ask *a, char key[TXN_KEY_MAX])
{
	key_format(key, "segment/%s/%s", a->domain, a->segment);
}

/* A prefix in the body; family 0 if there is none. */
static bool read_prefix(struct ask *a, const char *name, int family,
			struct prefix *p)
{
	const char *s;

	*p = (struct prefix){ };
	if (!ask_string(a, name, &s))
		return false;
	if (!s)
		return true;
	if (!prefix_parse(s, p) || p->family != family || !p->len)
		return problem_set(&a->problem, BAD_MEMBER,
				   "\"%s\" must be a prefix such as %s, not \"%.64s\"", name,
				   family == AF_INET ? "10.1.0.0/16" : "fd00:1::/64", s);
	p->base = prefix_network(p);
	return true;
}

/* A guest is told of both, and may be before there is somebody. */
static bool read_gateway(struct ask *a, const struct prefix *p, json_t *want)
{
	char text[INET6_ADDRSTRLEN];
	const char *s;
	__uint128_t ip;

	if (!ask_string(a, "gateway", &s))
		return false;
	if (!s)
		return true;
	if (p->family != AF_INET || !ip_parse(s, AF_INET, &ip) || ip < prefix_first(p) ||
	    ip > prefix_last(p))
		return problem_set(&a->problem, BAD_MEMBER,
				   "\"gateway\" must be an address for a guest in \"ipv4\", not \"%.64s\"",
				   s);
	ip_format(AF_INET, ip, text);
	json_object_set_new(want, "gateway", json_string(text));
	return true;
}

static bool read_dns(struct ask *a, json_t *want)
{
	char text[INET6_ADDRSTRLEN];
	json_t *out = json_array();
	const json_t *list;
	__uint128_t ip;
	size_t i;

	json_object_set_new(want, "dns", out);
	if (!ask_strings(a, "dns", DNS_MAX, &list))
		return false;
	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (!ip_parse(s, AF_INET, &ip))
			return problem_set(&a->problem, BAD_MEMBER,
					   "\"dns\" must have IPv4 addresses, not \"%.64s\"", s);
		ip_format(AF_INET, ip, text);
		json_array_append_new(out, json_string(text));
	}
	if (!json_array_size(out))
		json_object_del(want, "dns");
	return true;
}

static bool overlaps(struct ask *a, const struct prefix *p, const json_t *other,
		     const char *member)
{
	const char *s = json_text(other, member);
	struct prefix q;

	if (!p->family || !prefix_parse(s, &q) || !prefix_overlaps(p, &q))
		return false;
	problem_set(&a->problem, OVERLAP, "segment \"%s\" has %s: choose another prefix",
		    json_text(other, "name"), s);
	return true;
}

/* No other segment has part of these. */
static bool is_apart(struct ask *a, const struct prefix *v4, const struct prefix *v6)
{
	const struct record *r;
	char prefix[TXN_KEY_MAX];
	bool apart = true;

	key_format(prefix, "segment/%s/", a->domain);
	for (r = view_next(a->view, prefix, NULL); r && apart;
	     r = view_next(a->view, prefix, r->key)) {
		json_t *other = record_json(r);

		if (strcmp(json_text(other, "name"), a->segment))
			apart = !overlaps(a, v4, other, "ipv4") &&
				!overlaps(a, v6, other, "ipv6");
		json_decref(other);
	}
	return apart;
}

static bool take_vni(struct ask *a, uint64_t vni)
{
	const struct record *r;
	char key[TXN_KEY_MAX];

	key_format(key, "vni/%s/%08llu", a->domain, (unsigned long long)vni);
	r = view_find(a->view, key);
	if (r && strcmp(r->value, a->segment))
		return problem_set(&a->problem, VNI_TAKEN,
				   "segment \"%s\" has VNI %llu: choose another", r->value,
				   (unsigned long long)vni);
	txn_check(&a->txn, CHECK_MODIFIED, key, r ? r->modified : 0);
	txn_put(&a->txn, key, a->segment);
	return true;
}

/* It has none of what is called @what, also when the transaction is done. */
static bool has_none(struct ask *a, const char *kind, const char *what)
{
	char prefix[TXN_KEY_MAX];

	key_format(prefix, "%s/%s/%s/", kind, a->domain, a->segment);
	if (view_next(a->view, prefix, NULL))
		return problem_set(&a->problem, IN_USE,
				   "segment \"%s\" has %s: let them leave it first", a->segment,
				   what);
	txn_check(&a->txn, CHECK_EMPTY, prefix, 0);
	return true;
}

static bool is_unused(struct ask *a)
{
	return has_none(a, "vm", "VMs") && has_none(a, "member", "hosts");
}

/* Returns the VNI of what was there, unless it is @keep. */
static void free_vni(struct ask *a, const json_t *old, uint64_t keep)
{
	uint64_t vni = json_integer_value(json_object_get(old, "vni"));
	char key[TXN_KEY_MAX];

	if (vni == keep)
		return;
	key_format(key, "vni/%s/%08llu", a->domain, (unsigned long long)vni);
	txn_delete(&a->txn, key);
}

/* What its hosts and VMs were made for. */
static bool is_same_network(const json_t *was, const json_t *want)
{
	return json_equal(json_object_get(was, "vni"), json_object_get(want, "vni")) &&
	       !strcmp(json_text(was, "ipv4"), json_text(want, "ipv4")) &&
	       !strcmp(json_text(was, "ipv6"), json_text(want, "ipv6"));
}

/* Writes what the segment is to be, unless it is that. */
static bool write_segment(struct ask *a, json_t *want, uint64_t vni)
{
	const struct record *old, *guard;
	char key[TXN_KEY_MAX], guard_key[TXN_KEY_MAX];

	segment_key(a, key);
	old = view_find(a->view, key);
	a->created = !old;
	if (old) {
		json_t *was = record_json(old);
		bool same = json_equal(was, want);

		if (!same && !is_same_network(was, want) && is_unused(a))
			free_vni(a, was, vni);
		json_decref(was);
		if (same) {
			json_decref(want);
			answer_record(&a->answer, old);
			return true;
		}
	}
	if (a->problem.code || !take_vni(a, vni)) {
		json_decref(want);
		return false;
	}
	key_format(guard_key, "guard/%s", a->domain);
	guard = view_find(a->view, guard_key);
	txn_check(&a->txn, CHECK_MODIFIED, guard_key, guard ? guard->modified : 0);
	txn_put(&a->txn, guard_key, "");
	txn_check(&a->txn, CHECK_MODIFIED, key, old ? old->modified : 0);
	ask_put(a, key, want, false);
	return true;
}

bool segment_put(struct ask *a)
{
	static const char *const members[] = {
		"vni", "ipv4", "ipv6", "gateway", "dns", NULL
	};
	const struct record *domain = ask_domain(a);
	struct prefix v4, v6;
	char text[PREFIX_STRLEN];
	uint64_t vni = 0;
	json_t *want;

	if (!domain || !ask_members(a, members) || !ask_number(a, "vni", 1, VNI_MAX, &vni) ||
	    !read_prefix(a, "ipv4", AF_INET, &v4) || !read_prefix(a, "ipv6", AF_INET6, &v6))
		return false;
	if (!vni)
		return problem_set(&a->problem, BAD_MEMBER, "\"vni\" is missing");
	if (!is_apart(a, &v4, &v6))
		return false;
	want = json_pack("{ss sI}", "name", a->segment, "vni", (json_int_t)vni);
	if (v4.family) {
		prefix_format(&v4, text);
		json_object_set_new(want, "ipv4", json_string(text));
	}
	if (v6.family) {
		prefix_format(&v6, text);
		json_object_set_new(want, "ipv6", json_string(text));
	}
	if (!read_gateway(a, &v4, want) || !read_dns(a, want)) {
		json_decref(want);
		return false;
	}
	txn_check(&a->txn, CHECK_CREATED, domain->key, domain->created);
	return write_segment(a, want, vni);
}

bool segment_get(struct ask *a)
{
	char key[TXN_KEY_MAX];

	segment_key(a, key);
	return ask_show(a, key, "segment");
}

bool segment_list(struct ask *a)
{
	char prefix[TXN_KEY_MAX];

	if (!ask_domain(a))
		return false;
	key_format(prefix, "segment/%s/", a->domain);
	return ask_list(a, prefix, NULL, NULL);
}

/* Hosts are no reason to keep it: they leave when they are told that it is gone. */
bool segment_delete(struct ask *a)
{
	const struct record *r = ask_segment(a, a->segment);
	json_t *was;

	if (!r || !has_none(a, "vm", "VMs"))
		return false;
	txn_check(&a->txn, CHECK_MODIFIED, r->key, r->modified);
	was = record_json(r);
	free_vni(a, was, 0);
	json_decref(was);
	txn_delete(&a->txn, r->key);
	return true;
}
