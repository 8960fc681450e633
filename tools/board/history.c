// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "history.h"
#include "memory.h"

enum {
	DOMAIN_MAX	= 256,		/* that are kept of a domain */
	ALL_MAX		= 4096,		/* and of all */
};

/**
 * struct happening - one thing that happened
 * @link: in its domain
 * @all: among those of all domains
 * @domain: where it happened
 * @time: seconds since 1970, of the last time
 * @count: times that it happened
 * @type: what
 * @kind: of the thing that it happened to
 * @segment: of that, "" if it is a host
 * @name: of that
 * @text: more about it, "" if there is no more
 */
struct happening {
	struct list link;
	struct list all;
	struct past *domain;
	int64_t time;
	unsigned int count;
	const char *type;
	const char *kind;
	char segment[NAME_SIZE];
	char name[NAME_SIZE];
	char text[];
};

/**
 * struct past - what happened in a domain
 * @node: in the history, by @name
 * @list: of it, the oldest first
 * @count: how much
 * @name: of the domain
 */
struct past {
	struct tree_node node;
	struct list list;
	unsigned int count;
	char name[NAME_SIZE];
};

static struct past *find_past(const struct history *h, const char *domain)
{
	return (struct past *)tree_find(&h->domains, domain);
}

static struct past *need_past(struct history *h, const char *domain)
{
	struct past *p = find_past(h, domain);

	if (p)
		return p;
	p = memory_new(sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", domain);
	p->node.key = p->name;
	list_init(&p->list);
	tree_add(&h->domains, &p->node);
	return p;
}

static struct happening *entry(const struct past *p, struct list *link)
{
	return list_entry(link, &p->list, struct happening, link);
}

static void forget(struct history *h, struct happening *x)
{
	list_del(&x->link);
	list_del(&x->all);
	x->domain->count--;
	h->count--;
	free(x);
}

static void forget_domain(struct history *h, const char *domain)
{
	struct past *p = find_past(h, domain);
	struct happening *x;

	if (!p)
		return;
	while ((x = entry(p, p->list.next)))
		forget(h, x);
	tree_del(&h->domains, &p->node);
	free(p);
}

void history_init(struct history *h)
{
	*h = (struct history){ };
	list_init(&h->all);
}

void history_clear(struct history *h)
{
	while (h->domains.root)
		forget_domain(h, h->domains.root->key);
}

static bool is_same(const struct happening *x, const struct happening *y,
		    const char *text)
{
	return !strcmp(x->type, y->type) && !strcmp(x->kind, y->kind) &&
	       !strcmp(x->segment, y->segment) && !strcmp(x->name, y->name) &&
	       !strcmp(x->text, text);
}

/* Who is refused again and again does not push out what else happened. */
static void add(struct history *h, const char *domain, const struct happening *what,
		const char *text)
{
	struct past *p = need_past(h, domain);
	struct happening *x = entry(p, p->list.prev);
	size_t len = strlen(text) + 1;

	if (x && is_same(x, what, text)) {
		x->time = time(NULL);
		x->count++;
		return;
	}
	if (p->count == DOMAIN_MAX)
		forget(h, entry(p, p->list.next));
	if (h->count == ALL_MAX)
		forget(h, list_entry(h->all.next, &h->all, struct happening, all));
	x = memory_new(sizeof(*x) + len);
	*x = *what;
	memcpy(x->text, text, len);
	x->domain = p;
	x->time = time(NULL);
	x->count = 1;
	list_add_tail(&p->list, &x->link);
	list_add_tail(&h->all, &x->all);
	p->count++;
	h->count++;
}

/*
 * Leases end in the order of keys, so a host whose number outlives it was not heard
 * of; who leaves gives that back first.
 */
static bool has_expired(const struct view *v, const char *domain,
			const struct record *host)
{
	json_t *o = record_json(host);
	char key[TXN_KEY_MAX];

	key_format(key, "node/%s/%08llx", domain,
		   (unsigned long long)json_integer_value(json_object_get(o, "node")));
	json_decref(o);
	return view_find(v, key);
}

static const char *type_of(const struct view *v, const struct event *e,
			   const char *kind, const char *domain)
{
	const struct record *old = view_find(v, e->key);
	bool is_host = !strcmp(kind, "host");

	if (e->value)
		return old ? NULL : is_host ? "joined" : "added";
	if (!old)
		return NULL;
	if (!is_host)
		return "removed";
	return has_expired(v, domain, old) ? "expired" : "left";
}

/* Copies up to the next slash, and returns what follows. */
static const char *part(const char *s, char out[NAME_SIZE])
{
	size_t len = strcspn(s, "/");

	snprintf(out, NAME_SIZE, "%.*s", (int)len, s);
	return s[len] ? s + len + 1 : s + len;
}

/* Where a VM is, or which addresses a segment has. */
static void describe(const struct event *e, const char *kind, char *text, size_t size)
{
	const struct record fake = { .value = (char *)e->value };
	json_t *o = record_json(&fake);

	if (!strcmp(kind, "vm"))
		snprintf(text, size, "%s %s %s", json_text(o, "mac"),
			 *json_text(o, "ipv4") ? json_text(o, "ipv4") : json_text(o, "ipv6"),
			 json_text(o, "host"));
	else if (!strcmp(kind, "host"))
		snprintf(text, size, "node %lld",
			 json_integer_value(json_object_get(o, "node")));
	json_decref(o);
}

void history_event(struct history *h, const struct view *v, const struct event *e)
{
	char domain[NAME_SIZE], kind[NAME_SIZE], text[256] = "";
	struct happening what = { };
	const char *rest = part(e->key, kind);

	rest = part(rest, domain);
	if (!strcmp(kind, "domain") && !e->value)
		forget_domain(h, domain);
	if (!strcmp(kind, "host"))
		what.kind = "host";
	else if (!strcmp(kind, "vm"))
		what.kind = "vm";
	else if (!strcmp(kind, "segment"))
		what.kind = "segment";
	else
		return;
	if (!strcmp(kind, "vm"))
		rest = part(rest, what.segment);
	part(rest, what.name);
	what.type = type_of(v, e, what.kind, domain);
	if (!what.type)
		return;
	if (e->value)
		describe(e, what.kind, text, sizeof(text));
	add(h, domain, &what, text);
}

void history_problem(struct history *h, const struct ask *a)
{
	struct happening what = { .type = "problem" };
	char key[TXN_KEY_MAX], text[sizeof(a->problem.detail) + 64];

	if (!a->domain || !name_valid(a->domain))
		return;
	key_format(key, "domain/%s", a->domain);
	if (!view_find(a->view, key))
		return;
	what.kind = !a->segment ? "host" : a->name ? "vm" : "segment";
	if (a->segment && a->name)
		snprintf(what.segment, NAME_SIZE, "%s", a->segment);
	snprintf(what.name, NAME_SIZE, "%s",
		 a->name ? a->name : a->segment ? a->segment : a->domain);
	if (!a->segment && !a->name)
		what.kind = "domain";
	snprintf(text, sizeof(text), "%s: %s", problem_name(a->problem.code),
		 a->problem.detail);
	add(h, a->domain, &what, text);
}

static void write_happening(const struct happening *x, struct buf *b)
{
	buf_puts(b, "{\"time\":");
	buf_u64(b, x->time);
	buf_puts(b, ",\"count\":");
	buf_u64(b, x->count);
	buf_puts(b, ",\"type\":");
	buf_json_string(b, x->type);
	buf_puts(b, ",\"kind\":");
	buf_json_string(b, x->kind);
	if (*x->segment) {
		buf_puts(b, ",\"segment\":");
		buf_json_string(b, x->segment);
	}
	buf_puts(b, ",\"name\":");
	buf_json_string(b, x->name);
	buf_puts(b, ",\"text\":");
	buf_json_string(b, x->text);
	buf_putc(b, '}');
}

bool history_list(struct ask *a)
{
	const struct past *p;
	struct happening *x;

	if (!ask_domain(a))
		return false;
	p = find_past(a->history, a->domain);
	buf_puts(&a->answer, "{\"items\":[");
	for (x = p ? entry(p, p->list.prev) : NULL; x; x = entry(p, x->link.prev)) {
		write_happening(x, &a->answer);
		if (x->link.prev != &p->list)
			buf_putc(&a->answer, ',');
	}
	buf_puts(&a->answer, "]}");
	return true;
}
