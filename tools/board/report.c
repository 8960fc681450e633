// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory.h"
#include "report.h"

enum {
	/* A thousand hosts, with what else is known of them, are to fit in 64 MiB. */
	OCTETS_MAX	= 12 << 20,
	TEXT_MAX	= 255,
};

/**
 * struct report - what a host said
 * @node: among all, by @key
 * @recent: among all, by @received
 * @received: seconds since 1970
 * @octets: of memory, as counted
 * @has_fdb: its MAC databases are still there
 * @summary: JSON members: versions, and how much there is
 * @text: JSON
 * @key: "DOMAIN/HOST"
 */
struct report {
	struct tree_node node;
	struct list recent;
	int64_t received;
	size_t octets;
	bool has_fdb;
	char *summary;
	char *text;
	char key[];
};

/* ------------------------------------------------------------------- checks */

enum kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_NAME,	/* of a host, or its number */
	KIND_OBJECT,
	KIND_LIST,	/* of objects */
};

/**
 * struct member - what an object may have
 * @name: of the member; NULL ends the list
 * @kind: of its value
 * @max: of a list, how long it may be
 * @members: of the object, or of those in the list
 */
struct member {
	const char *name;
	enum kind kind;
	size_t max;
	const struct member *members;
};

static const struct member version_members[] = {
	{ "kernel" }, { "rrdp" }, { "vmnet" }, { "agent" }, { }
};

static const struct member subnet_members[] = {
	{ "subnet", KIND_NUMBER }, { "forwarder", KIND_NAME }, { "reason" }, { "mode" }, { }
};

static const struct member peer_members[] = {
	{ "node", KIND_NAME }, { "transport" }, { "state" },
	{ "tx_frames", KIND_NUMBER }, { "rx_frames", KIND_NUMBER }, { }
};

static const struct member port_members[] = {
	{ "name" }, { "mac" }, { "rx_frames", KIND_NUMBER }, { "tx_frames", KIND_NUMBER },
	{ }
};

static const struct member fdb_members[] = {
	{ "mac" }, { "vlan", KIND_NUMBER }, { "via", KIND_NAME }, { }
};

static const struct member event_members[] = {
	{ "time", KIND_NUMBER }, { "text" }, { }
};

static const struct member net_members[] = {
	{ "segment" }, { "vni", KIND_NUMBER }, { "device" },
	{ "subnets", KIND_LIST, 4096, subnet_members },
	{ "peers", KIND_LIST, 4096, peer_members },
	{ "ports", KIND_LIST, 4096, port_members },
	{ "fdb", KIND_LIST, 1000, fdb_members },
	{ "fdb_total", KIND_NUMBER }, { }
};

static const struct member report_members[] = {
	{ "versions", KIND_OBJECT, 0, version_members },
	{ "nets", KIND_LIST, 4096, net_members },
	{ "events", KIND_LIST, 1000, event_members }, { }
};

static bool check_object(struct problem *p, const json_t *o, const struct member *m);

static bool refuse(struct problem *p, const struct member *m, const char *what)
{
	return problem_set(p, BAD_MEMBER, "\"%s\" must be %s", m->name, what);
}

static bool is_text(const json_t *v)
{
	return json_is_string(v) && json_string_length(v) <= TEXT_MAX;
}

static bool is_count(const json_t *v)
{
	return json_is_integer(v) && json_integer_value(v) >= 0;
}

static bool check_list(struct problem *p, const json_t *list, const struct member *m)
{
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > m->max)
		return problem_set(p, BAD_MEMBER, "\"%s\" must be an array of at most %zu objects",
				   m->name, m->max);
	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (!json_is_object(o))
			return refuse(p, m, "an array of objects");
		if (!check_object(p, o, m->members))
			return false;
	}
	return true;
}

static bool check_value(struct problem *p, const json_t *v, const struct member *m)
{
	switch (m->kind) {
	case KIND_TEXT:
		return is_text(v) || refuse(p, m, "a string of at most 255 octets");
	case KIND_NUMBER:
		return is_count(v) || refuse(p, m, "a number from 0 on");
	case KIND_NAME:
		return is_text(v) || is_count(v) || json_is_null(v) ||
		       refuse(p, m, "a name, a number, or null");
	case KIND_OBJECT:
		return json_is_object(v) ? check_object(p, v, m->members) :
					   refuse(p, m, "an object");
	case KIND_LIST:
		return check_list(p, v, m);
	}
	return false;
}

static bool check_object(struct problem *p, const json_t *o, const struct member *m)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)o, key, value) {
		const struct member *known = m;

		while (known->name && strcmp(known->name, key))
			known++;
		if (!known->name)
			return problem_set(p, BAD_MEMBER,
					   "there is no member \"%.64s\" in this", key);
		if (!check_value(p, value, known))
			return false;
	}
	return true;
}

bool report_check(struct ask *a)
{
	if (!a->body)
		return problem_set(&a->problem, BAD_JSON, "the body must be a report");
	return check_object(&a->problem, a->body, report_members);
}

/* -------------------------------------------------------------------- memory */

static struct report *report_of(const struct reports *r, struct list *link)
{
	return list_entry(link, &r->recent, struct report, recent);
}

static struct report *find(const struct reports *r, const char *key)
{
	return (struct report *)tree_find(&r->tree, key);
}

static void forget(struct reports *r, struct report *old)
{
	tree_del(&r->tree, &old->node);
	list_del(&old->recent);
	r->octets -= old->octets;
	free(old->summary);
	free(old->text);
	free(old);
}

void reports_init(struct reports *r)
{
	*r = (struct reports){ };
	list_init(&r->recent);
}

void reports_clear(struct reports *r)
{
	struct report *old;

	while ((old = report_of(r, r->recent.next)))
		forget(r, old);
}

void reports_forget(struct reports *r, const char *key)
{
	struct report *old = NULL;

	if (!strncmp(key, "host/", strlen("host/")))
		old = find(r, key + strlen("host/"));
	if (old)
		forget(r, old);
}

/* --------------------------------------------------------------------- parts */

static char *summary_of(const json_t *report)
{
	const json_t *nets = json_object_get(report, "nets"), *net;
	json_t *versions = json_object_get(report, "versions"), *o;
	json_int_t macs = 0, ports = 0;
	char *text;
	size_t i;

	json_array_foreach(nets, i, net) {
		macs += json_integer_value(json_object_get(net, "fdb_total"));
		ports += json_array_size(json_object_get(net, "ports"));
	}
	o = json_pack("{s:O*, s:i, s:I, s:I}", "versions", versions, "nets",
		      (int)json_array_size(nets), "ports", ports, "macs", macs);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

static size_t octets_of(const struct report *x)
{
	return sizeof(*x) + strlen(x->key) + strlen(x->summary) + strlen(x->text);
}

/* MAC databases are what a report can do without: their sizes are told, too. */
static void drop_fdb(struct reports *r, struct report *x)
{
	json_t *o = json_loads(x->text, 0, NULL);
	const json_t *nets = json_object_get(o, "nets");
	size_t i;

	for (i = 0; i < json_array_size(nets); i++)
		json_object_del(json_array_get(nets, i), "fdb");
	free(x->text);
	x->text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	x->has_fdb = false;
	r->octets -= x->octets;
	x->octets = octets_of(x);
	r->octets += x->octets;
}

static void make_room(struct reports *r)
{
	struct report *x = report_of(r, r->recent.next);

	for (; x && r->octets > OCTETS_MAX; x = report_of(r, x->recent.next))
		if (x->has_fdb)
			drop_fdb(r, x);
	while (r->octets > OCTETS_MAX)
		forget(r, report_of(r, r->recent.next));
}

static struct report *new_report(const char *key, const json_t *body)
{
	size_t len = strlen(key) + 1;
	struct report *new = memory_new(sizeof(*new) + len);

	memcpy(new->key, key, len);
	new->node.key = new->key;
	new->received = time(NULL);
	new->summary = summary_of(body);
	new->text = json_dumps(body, JSON_COMPACT);
	new->has_fdb = true;
	new->octets = octets_of(new);
	return new;
}

static void keep(struct reports *r, struct report *new)
{
	struct report *old = find(r, new->key);

	if (old)
		forget(r, old);
	tree_add(&r->tree, &new->node);
	list_add_tail(&r->recent, &new->recent);
	r->octets += new->octets;
	make_room(r);
}

/* ---------------------------------------------------------------- requests */

/* The key of the report; a problem if there is no such host. */
static bool host_report(struct ask *a, char key[TXN_KEY_MAX])
{
	key_format(key, "host/%s/%s", a->domain, a->name);
	if (!view_find(a->view, key))
		return problem_set(&a->problem, NOT_FOUND,
				   "there is no host \"%s\" (any more): it has to register",
				   a->name);
	key_format(key, "%s/%s", a->domain, a->name);
	return true;
}

bool report_put(struct ask *a)
{
	struct report *new;
	char key[TXN_KEY_MAX];

	if (!ask_owns(a, a->name) || !host_report(a, key))
		return false;
	new = new_report(key, a->body);
	keep(a->reports, new);
	buf_puts(&a->answer, "{\"received\":");
	buf_u64(&a->answer, new->received);
	buf_putc(&a->answer, '}');
	return true;
}

bool report_get(struct ask *a)
{
	const struct report *x;
	char key[TXN_KEY_MAX];

	if (!host_report(a, key))
		return false;
	x = find(a->reports, key);
	if (!x)
		return problem_set(&a->problem, NOT_FOUND,
				   "host \"%s\" has not reported yet", a->name);
	buf_puts(&a->answer, "{\"received\":");
	buf_u64(&a->answer, x->received);
	buf_puts(&a->answer, ",\"report\":");
	buf_puts(&a->answer, x->text);
	buf_putc(&a->answer, '}');
	return true;
}

static void write_summary(const struct report *x, const char *name, struct buf *b)
{
	buf_puts(b, "{\"name\":");
	buf_json_string(b, name);
	buf_puts(b, ",\"received\":");
	buf_u64(b, x->received);
	buf_putc(b, ',');
	buf_puts(b, x->summary + 1);
}

bool report_list(struct ask *a)
{
	char prefix[TXN_KEY_MAX], key[TXN_KEY_MAX];
	const char *name, *last = NULL;
	const struct report *x;
	unsigned int count = 0;
	size_t len;

	if (!ask_domain(a))
		return false;
	if (a->after && strlen(a->after) > NAME_LEN)
		return problem_set(&a->problem, BAD_REQUEST, "\"after\" is no name");
	key_format(prefix, "%s/", a->domain);
	key_format(key, "%s%s", prefix, a->after ? a->after : "");
	len = strlen(prefix);
	buf_puts(&a->answer, "{\"items\":[");
	for (x = (struct report *)tree_from(&a->reports->tree, key, true);
	     x && !strncmp(x->key, prefix, len) && count < a->limit;
	     x = (struct report *)tree_from(&a->reports->tree, x->key, true)) {
		name = x->key + len;
		if (count++)
			buf_putc(&a->answer, ',');
		write_summary(x, name, &a->answer);
		last = name;
	}
	buf_putc(&a->answer, ']');
	if (x && last && !strncmp(x->key, prefix, len)) {
		buf_puts(&a->answer, ",\"next\":");
		buf_json_string(&a->answer, last);
	}
	buf_putc(&a->answer, '}');
	return true;
}
