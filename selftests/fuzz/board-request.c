// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to a board that has a little of everything, one a line: "METHOD PATH BODY".
 * Each is answered with JSON or refused with a problem, and no two guests get one address.
 */
#include <stdarg.h>

#include "body.h"
#include "input.h"
#include "model.h"
#include "route.h"
#include "unit.h"

/* What the desk finds wrong; no TAP is written here. */
bool ok(bool good, const char *fmt, ...)
{
	(void)fmt;
	must(good, "a transaction");
	return good;
}

/* Each address of a VM is its own, and no other is taken. */
static void check_addresses(struct view *v)
{
	unsigned int had = 0, taken = 0;
	const struct record *r;

	for (r = view_next(v, "vm/", NULL); r; r = view_next(v, "vm/", r->key)) {
		json_t *o = record_json(r);

		had += *json_text(o, "ipv4") != '\0';
		had += *json_text(o, "ipv6") != '\0';
		json_decref(o);
	}
	for (r = view_next(v, "addr/", NULL); r; r = view_next(v, "addr/", r->key))
		taken++;
	must(had == taken, "addresses that are had and taken differ");
}

static void check_problem(const struct problem *p)
{
	struct buf b = { };
	json_t *o;

	must(p->code, "refused without a problem");
	problem_write(p, &b);
	o = json_loadb(b.p, b.len, 0, NULL);
	must(json_is_object(o), "a problem that is no JSON");
	json_decref(o);
	buf_free(&b);
}

static void check_answer(struct desk *d, bool good)
{
	struct buf *b = &d->ask.answer;
	json_t *o;

	must(good == !d->ask.problem.code, "refused without a problem, or not");
	if (!good) {
		check_problem(&d->ask.problem);
	} else if (b->len) {
		o = json_loadb(b->p, b->len, 0, NULL);
		must(json_is_object(o), "an answer that is no JSON");
		json_decref(o);
	}
}

static bool name_good(const char *name)
{
	return !name || name_valid(name);
}

/* NULL if there is no such route, or it is none that a desk answers. */
static ask_fn find(struct request *r, const char *method)
{
	char allow[64];
	bool good = route_find(r, method, allow, sizeof(allow));

	must(good == !r->ask.problem.code && (!good || r->route), "a path");
	if (!good) {
		check_problem(&r->ask.problem);
		return NULL;
	}
	must(name_good(r->ask.domain) && name_good(r->ask.segment) && name_good(r->ask.name),
	     "a name");
	/* What is not among the records, a desk has not. */
	if (!r->ask.domain || strstr(r->route->path, "/report") ||
	    strstr(r->route->path, "/events") ||
	    (r->route->kind != ROUTE_READ && r->route->kind != ROUTE_WRITE))
		return NULL;
	return r->route->ask;
}

static void request(struct desk *d, char *line)
{
	struct request r = { };
	struct problem problem = { };
	char *method = strtok_r(line, " ", &line), path[3 * NAME_SIZE];
	struct buf body = { };
	json_t *o;
	ask_fn ask;
	bool good;

	r.path = strtok_r(NULL, " ", &line);
	if (!method || !r.path)
		return;
	ask = find(&r, method);
	buf_puts(&body, *line ? line : "{}");
	o = body_parse(&body, &problem);
	if (!o)
		check_problem(&problem);
	buf_putc(&body, '\0');
	if (o && ask) {
		snprintf(path, sizeof(path), "%s/%s/%s", r.ask.domain,
			 r.ask.segment ? r.ask.segment : "", r.ask.name ? r.ask.name : "");
		good = desk_ask(d, ask, path, body.p);
		check_answer(d, good);
		if (good)
			desk_do(d, &d->ask.txn);
	}
	json_decref(o);
	buf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size), *rest = text, *line;
	struct desk desk;

	desk_open(&desk);
	desk_act(&desk, domain_put, "lab//", NULL);
	desk_act(&desk, segment_put, "lab/red/",
		 "{\"vni\":1,\"ipv4\":\"10.1.0.0/29\",\"ipv6\":\"fd00:1::/64\"}");
	desk_act(&desk, host_put, "lab//h1", "{\"addresses\":[\"192.0.2.1/24\"]}");
	while ((line = strtok_r(rest, "\n", &rest)))
		request(&desk, line);
	check_addresses(&desk.view);
	desk_close(&desk);
	free(text);
	return 0;
}
