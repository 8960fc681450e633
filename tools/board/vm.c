// SPDX-License-Identifier: GPL-2.0
/* VMs: each a NIC of a guest in a segment, with the addresses that it keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "parse.h"
#include "vm.h"

#define MAC_STRLEN	18

/**
 * struct family - an address family, as records name it
 * @af: AF_INET or AF_INET6
 * @member: in the value of a VM, and of a segment
 * @digit: in keys
 */
static const struct family {
	int af;
	const char *member;
	char digit;
} families[] = {
	{ AF_INET, "ipv4", '4' },
	{ AF_INET6, "ipv6", '6' },
};

static void vm_key(const struct ask *a, char key[TXN_KEY_MAX])
{
	key_format(key, "vm/%s/%s/%s", a->domain, a->segment, a->name);
}

static void mac_key(const struct ask *a, const char *mac, char key[TXN_KEY_MAX])
{
	key_format(key, "mac/%s/%s", a->domain, mac);
}

/* What the keys of addresses of the segment begin with. */
static void addr_prefix(const char *domain, const char *segment,
			const struct family *f, char key[TXN_KEY_MAX])
{
	key_format(key, "addr/%s/%s/%c/", domain, segment, f->digit);
}

static void addr_key(const char *domain, const char *segment,
		     const struct family *f, __uint128_t ip, char key[TXN_KEY_MAX])
{
	char prefix[TXN_KEY_MAX], digits[IP_KEYLEN];

	addr_prefix(domain, segment, f, prefix);
	ip_key(f->af, ip, digits);
	key_format(key, "%s%s", prefix, digits);
}

/* Where VM @o of segment @segment is, if it is there. */
static const struct record *find_on(const struct view *v, const char *domain,
				    const json_t *o, char key[TXN_KEY_MAX])
{
	const char *host = json_text(o, "host");

	if (!*host)
		return NULL;
	key_format(key, "on/%s/%s/%s/%s", domain, host, json_text(o, "segment"),
		   json_text(o, "name"));
	return view_find(v, key);
}

/* ------------------------------------------------------------- addresses */

static void free_address(struct ask *a, const json_t *old, const struct family *f)
{
	char key[TXN_KEY_MAX];
	__uint128_t ip;

	if (!ip_parse(json_text(old, f->member), f->af, &ip))
		return;
	addr_key(a->domain, json_text(old, "segment"), f, ip, key);
	txn_delete(&a->txn, key);
}

/* A free one, but for the gateway's, which is for who asks for it. */
static bool pick_address(struct ask *a, const char *gateway, const struct family *f,
			 const struct prefix *p, __uint128_t *ip)
{
	char prefix[TXN_KEY_MAX];
	__uint128_t kept;

	addr_prefix(a->domain, a->segment, f, prefix);
	if (!pool_pick(a->pool, a->view, prefix, p, ip))
		return false;
	if (!ip_parse(gateway, f->af, &kept) || *ip != kept)
		return true;
	/* The next, unless there is no other. */
	return pool_pick(a->pool, a->view, prefix, p, ip) && *ip != kept;
}

/* The address asked for, the one it has, or a free one. */
static bool find_address(struct ask *a, const json_t *segment, const json_t *old,
			 const struct family *f, const struct prefix *p, __uint128_t *ip)
{
	char text[PREFIX_STRLEN];
	const char *s;

	if (!ask_string(a, f->member, &s))
		return false;
	prefix_format(p, text);
	if (s && (!ip_parse(s, f->af, ip) || *ip < prefix_first(p) || *ip > prefix_last(p)))
		return problem_set(&a->problem, BAD_MEMBER,
				   "\"%s\" must be an address for a guest in %s, not \"%.64s\"",
				   f->member, text, s);
	if (s || ip_parse(json_text(old, f->member), f->af, ip))
		return true;
	if (!pick_address(a, json_text(segment, "gateway"), f, p, ip))
		return problem_set(&a->problem, SEGMENT_FULL,
				   "all addresses of %s are taken: delete VMs that are gone", text);
	return true;
}

static bool take_address(struct ask *a, const json_t *segment, const json_t *old,
			 json_t *want, const struct family *f)
{
	char key[TXN_KEY_MAX], text[INET6_ADDRSTRLEN];
	const struct record *r;
	struct prefix p;
	__uint128_t ip;

	if (!prefix_parse(json_text(segment, f->member), &p)) {
		if (!json_string_value(json_object_get(a->body, f->member)))
			return true;
		return problem_set(&a->problem, BAD_MEMBER,
				   "segment \"%s\" has no prefix for \"%s\"", a->segment,
				   f->member);
	}
	if (!find_address(a, segment, old, f, &p, &ip))
		return false;
	ip_format(f->af, ip, text);
	json_object_set_new(want, f->member, json_string(text));
	if (!strcmp(text, json_text(old, f->member)))
		return true;
	addr_key(a->domain, a->segment, f, ip, key);
	r = view_find(a->view, key);
	if (r)
		return problem_set(&a->problem, ADDRESS_TAKEN,
				   "VM \"%s\" has %s: choose another address", r->value, text);
	txn_absent(&a->txn, key);
	txn_put(&a->txn, key, a->name);
	free_address(a, old, f);
	return true;
}

/* A local unicast address that depends on the names, and on @salt. */
static void make_mac(const struct ask *a, unsigned int salt, char mac[MAC_STRLEN])
{
	uint64_t hash = 14695981039346656037ull;
	char key[TXN_KEY_MAX];
	const char *c;

	key_format(key, "%s/%s/%s/%u", a->domain, a->segment, a->name, salt);
	for (c = key; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211ull;
	hash ^= hash >> 32;
	snprintf(mac, MAC_STRLEN, "02:%02x:%02x:%02x:%02x:%02x", (uint8_t)(hash >> 32),
		 (uint8_t)(hash >> 24), (uint8_t)(hash >> 16), (uint8_t)(hash >> 8),
		 (uint8_t)hash);
}

static bool find_mac(struct ask *a, const json_t *old, char mac[MAC_STRLEN])
{
	unsigned int salt = 0;
	char key[TXN_KEY_MAX];
	uint8_t octets[6];
	const char *s;

	if (!ask_string(a, "mac", &s))
		return false;
	if (!s && *json_text(old, "mac")) {
		snprintf(mac, MAC_STRLEN, "%s", json_text(old, "mac"));
		return true;
	}
	if (s) {
		static const uint8_t zero[6];

		if (!parse_mac(s, octets) || octets[0] & 1 || !memcmp(octets, zero, 6))
			return problem_set(&a->problem, BAD_MEMBER,
					   "\"mac\" must be a unicast address such as 52:54:00:12:34:56, not \"%.32s\"",
					   s);
		snprintf(mac, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", octets[0],
			 octets[1], octets[2], octets[3], octets[4], octets[5]);
		return true;
	}
	do {
		make_mac(a, salt++, mac);
		mac_key(a, mac, key);
	} while (view_find(a->view, key));
	return true;
}

static void free_mac(struct ask *a, const json_t *old)
{
	char key[TXN_KEY_MAX];

	mac_key(a, json_text(old, "mac"), key);
	txn_delete(&a->txn, key);
}

static bool take_mac(struct ask *a, const json_t *old, json_t *want)
{
	char mac[MAC_STRLEN], key[TXN_KEY_MAX], owner[TXN_KEY_MAX];
	const struct record *r;

	if (!find_mac(a, old, mac))
		return false;
	json_object_set_new(want, "mac", json_string(mac));
	if (!strcmp(mac, json_text(old, "mac")))
		return true;
	mac_key(a, mac, key);
	r = view_find(a->view, key);
	if (r)
		return problem_set(&a->problem, MAC_TAKEN,
				   "VM \"%s\" has %s: choose another MAC address", r->value, mac);
	key_format(owner, "%s/%s", a->segment, a->name);
	txn_absent(&a->txn, key);
	txn_put(&a->txn, key, owner);
	if (old)
		free_mac(a, old);
	return true;
}

/* ------------------------------------------------------------------ hosts */

/**
 * struct place - where a VM is to be
 * @host: "" is nowhere
 * @claim: its host is there, and has it
 * @on: it is so already
 * @was: where it was until now, if that is known to be so; NULL if not
 */
struct place {
	const char *host;
	bool claim;
	bool on;
	const struct record *was;
};

static bool read_place(struct ask *a, const json_t *old, struct place *p)
{
	const json_t *given = json_object_get(a->body, "host");
	bool is_host = a->caller->role == ROLE_HOST;
	const char *owner = json_text(old, "host"), *s;
	char key[TXN_KEY_MAX];

	if (!ask_string(a, "host", &s))
		return false;
	p->host = s ? s : given ? "" : is_host ? a->caller->host : owner;
	p->claim = *p->host && (given || is_host);
	p->was = find_on(a->view, a->domain, old, key);
	p->on = p->was && !strcmp(owner, p->host);
	if (!is_host)
		return true;
	/* A host has what nobody has, and gives away what it has. */
	if (!ask_owns(a, p->claim ? p->host : owner))
		return false;
	if (p->was && strcmp(owner, a->caller->host))
		return problem_set(&a->problem, VM_ELSEWHERE,
				   "host \"%s\" has VM \"%s\": it has to give it away first",
				   owner, a->name);
	return true;
}

/* Keeps true what was true about the places until the transaction is done. */
static bool write_place(struct ask *a, const json_t *old, const struct place *p)
{
	char key[TXN_KEY_MAX];
	const struct record *r;

	if (p->was && !p->on)
		txn_delete(&a->txn, p->was->key);
	/* Nobody else may have begun to have it. */
	if (!p->was && *json_text(old, "host")) {
		find_on(a->view, a->domain, old, key);
		txn_absent(&a->txn, key);
	}
	if (!p->claim)
		return true;
	if (name_valid(p->host))
		key_format(key, "host/%s/%s", a->domain, p->host);
	r = name_valid(p->host) ? view_find(a->view, key) : NULL;
	if (!r)
		return problem_set(&a->problem, HOST_UNKNOWN,
				   "host \"%.63s\" has to register first", p->host);
	txn_check(&a->txn, CHECK_MODIFIED, key, r->modified);
	if (p->on)
		return true;
	a->txn.lease = r->lease;
	key_format(key, "on/%s/%s/%s/%s", a->domain, p->host, a->segment, a->name);
	txn_put_leased(&a->txn, key, "");
	return true;
}

/* ---------------------------------------------------------------- requests */

/* Adds "live" to the object that @b ends with. */
static void write_live(struct buf *b, bool live)
{
	b->len--;
	buf_puts(b, live ? ",\"live\":true}" : ",\"live\":false}");
}

static void write_vm(struct ask *a, const struct record *r, const json_t *old,
		     json_t *want, const struct place *p)
{
	char key[TXN_KEY_MAX];

	if (r && json_equal(old, want) && (!p->claim || p->on)) {
		json_decref(want);
		txn_clear(&a->txn);
		vm_write(a->view, a->domain, r, &a->answer);
		return;
	}
	vm_key(a, key);
	a->created = !r;
	txn_check(&a->txn, CHECK_MODIFIED, key, r ? r->modified : 0);
	ask_put(a, key, want, false);
	write_live(&a->answer, p->claim || p->on);
}

bool vm_put(struct ask *a)
{
	static const char *const members[] = { "host", "mac", "ipv4", "ipv6", NULL };
	const struct record *segment = ask_segment(a, a->segment), *r;
	json_t *old = NULL, *want = NULL, *parent;
	char key[TXN_KEY_MAX];
	struct place place;
	unsigned int i;
	bool good;

	if (!segment || !ask_members(a, members))
		return false;
	vm_key(a, key);
	r = view_find(a->view, key);
	if (r)
		old = record_json(r);
	parent = record_json(segment);
	txn_check(&a->txn, CHECK_CREATED, segment->key, segment->created);
	good = read_place(a, old, &place) && write_place(a, old, &place);
	if (good) {
		want = json_pack("{ss ss}", "name", a->name, "segment", a->segment);
		if (*place.host)
			json_object_set_new(want, "host", json_string(place.host));
		good = take_mac(a, old, want);
	}
	for (i = 0; i < ARRAY_SIZE(families) && good; i++)
		good = take_address(a, parent, old, want, &families[i]);
	if (good)
		write_vm(a, r, old, want, &place);
	else
		json_decref(want);
	json_decref(parent);
	json_decref(old);
	return good;
}

void vm_write(const struct view *v, const char *domain, const struct record *r,
	      struct buf *b)
{
	char key[TXN_KEY_MAX];
	json_t *o = record_json(r);
	bool live = find_on(v, domain, o, key);

	json_decref(o);
	answer_record(b, r);
	write_live(b, live);
}

bool vm_get(struct ask *a)
{
	const struct record *r;
	char key[TXN_KEY_MAX];

	vm_key(a, key);
	r = view_find(a->view, key);
	if (!r)
		return problem_set(&a->problem, NOT_FOUND,
				   "there is no VM \"%s\" in segment \"%s\"", a->name,
				   a->segment);
	vm_write(a->view, a->domain, r, &a->answer);
	return true;
}

static void write_item(struct ask *a, const struct record *r)
{
	vm_write(a->view, a->domain, r, &a->answer);
}

static bool on_host(struct ask *a, const struct record *r)
{
	json_t *o;
	bool is;

	if (!a->host)
		return true;
	o = record_json(r);
	is = !strcmp(json_text(o, "host"), a->host);
	json_decref(o);
	return is;
}

bool vm_list(struct ask *a)
{
	char prefix[TXN_KEY_MAX];

	if (a->segment ? !ask_segment(a, a->segment) : !ask_domain(a))
		return false;
	if (a->segment)
		key_format(prefix, "vm/%s/%s/", a->domain, a->segment);
	else
		key_format(prefix, "vm/%s/", a->domain);
	return ask_list(a, prefix, write_item, on_host);
}

void vm_release(struct ask *a, const char *path)
{
	const struct record *r, *on;
	char key[TXN_KEY_MAX];
	unsigned int i;
	json_t *old;

	key_format(key, "vm/%s/%s", a->domain, path);
	r = view_find(a->view, key);
	if (!r)
		return;
	old = record_json(r);
	txn_check(&a->txn, CHECK_MODIFIED, key, r->modified);
	txn_delete(&a->txn, key);
	free_mac(a, old);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		free_address(a, old, &families[i]);
	on = find_on(a->view, a->domain, old, key);
	if (on)
		txn_delete(&a->txn, key);
	json_decref(old);
}

bool vm_delete(struct ask *a)
{
	char key[TXN_KEY_MAX], path[TXN_KEY_MAX];
	const struct record *r;
	json_t *old;
	bool good;

	vm_key(a, key);
	r = view_find(a->view, key);
	if (!r)
		return problem_set(&a->problem, NOT_FOUND,
				   "there is no VM \"%s\" in segment \"%s\"", a->name,
				   a->segment);
	old = record_json(r);
	good = ask_owns(a, json_text(old, "host"));
	json_decref(old);
	if (!good)
		return false;
	key_format(path, "%s/%s", a->segment, a->name);
	vm_release(a, path);
	return true;
}
