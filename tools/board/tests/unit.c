// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

void desk_open(struct desk *d)
{
	memset(d, 0, sizeof(*d));
	view_init(&d->view);
	d->caller.role = ROLE_ADMIN;
}

static void forget_ask(struct desk *d)
{
	txn_clear(&d->ask.txn);
	buf_free(&d->ask.answer);
	json_decref(d->json);
	d->json = NULL;
}

void desk_close(struct desk *d)
{
	forget_ask(d);
	view_clear(&d->view);
}

bool desk_ask(struct desk *d, ask_fn fn, const char *path, const char *body)
{
	static char parts[3][NAME_SIZE];
	struct ask *a = &d->ask;

	forget_ask(d);
	memset(parts, 0, sizeof(parts));
	if (sscanf(path, "%63[^/]/%63[^/]/%63s", parts[0], parts[1], parts[2]) < 1)
		ok(false, "a path has a domain");
	/* "lab//h1" has no segment. */
	if (!*parts[1] && strstr(path, "//"))
		snprintf(parts[2], NAME_SIZE, "%s", strstr(path, "//") + 2);
	d->json = json_loads(body ? body : "{}", 0, NULL);
	*a = (struct ask){
		.view = &d->view,
		.pool = &d->pool,
		.caller = &d->caller,
		.domain = parts[0],
		.segment = *parts[1] ? parts[1] : NULL,
		.name = *parts[2] ? parts[2] : NULL,
		.body = d->json,
		.limit = 1000,
	};
	return fn(a);
}

static bool holds(const struct view *v, const struct check *c)
{
	const struct record *r = view_find(v, c->key);

	switch (c->kind) {
	case CHECK_EMPTY:
		return !view_next(v, c->key, NULL);
	case CHECK_CREATED:
		return c->revision == (r ? r->created : 0);
	case CHECK_MODIFIED:
		return c->revision == (r ? r->modified : 0);
	}
	return false;
}

static void write_record(struct desk *d, const struct write *w, uint64_t lease)
{
	const struct record *r = view_find(&d->view, w->key);
	struct event e = {
		.key = w->key,
		.value = w->value,
		.created = r ? r->created : d->view.revision + 1,
		.modified = d->view.revision + 1,
		.lease = w->value && w->leased ? lease : 0,
	};

	if (w->value || r)
		view_event(&d->view, &e);
}

/* An etcd would not write a key twice in a transaction. */
static bool writes_once(const struct txn *t)
{
	unsigned int i, j;

	for (i = 0; i < t->write_count; i++)
		for (j = 0; j < i; j++)
			if (!strcmp(t->writes[i].key, t->writes[j].key))
				return false;
	return true;
}

bool desk_do(struct desk *d, const struct txn *t)
{
	uint64_t lease = t->lease;
	unsigned int i;

	if (!writes_once(t))
		ok(false, "a transaction writes %s twice", t->writes[0].key);
	for (i = 0; i < t->check_count; i++)
		if (!holds(&d->view, &t->checks[i]))
			return false;
	if (!lease && t->ttl)
		lease = ++d->lease;
	for (i = 0; i < t->write_count; i++)
		write_record(d, &t->writes[i], lease);
	view_committed(&d->view, d->view.revision + 1, d->view.compacted);
	if (t->revoke)
		desk_expire(d, t->revoke);
	return true;
}

const char *desk_act(struct desk *d, ask_fn fn, const char *path, const char *body)
{
	if (!desk_ask(d, fn, path, body))
		return problem_name(d->ask.problem.code);
	return desk_do(d, &d->ask.txn) ? "" : "overtaken";
}

const char *desk_member(struct desk *d, const char *name)
{
	static char text[256];
	const json_t *value;
	json_t *o;

	o = json_loadb(d->ask.answer.p, d->ask.answer.len, 0, NULL);
	value = json_object_get(o, name);
	if (json_is_integer(value))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(text, sizeof(text), "%s", json_is_true(value) ? "true" : "false");
	else
		snprintf(text, sizeof(text), "%s",
			 json_is_string(value) ? json_string_value(value) : "none");
	json_decref(o);
	return text;
}

void desk_expire(struct desk *d, uint64_t lease)
{
	const struct record *r;
	struct txn t = { };

	for (r = view_next(&d->view, "", NULL); r; r = view_next(&d->view, "", r->key))
		if (r->lease == lease)
			txn_delete(&t, r->key);
	desk_do(d, &t);
	txn_clear(&t);
}
