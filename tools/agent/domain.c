// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "address.h"
#include "domain.h"
#include "error.h"
#include "json.h"
#include "memory.h"
#include "report.h"
#include "vm.h"

enum {
	ANSWER_TIMEOUT	= 10,		/* seconds */
	WATCH_WAIT	= 25,		/* seconds of a long poll */
	WATCH_MIN	= 20,		/* milliseconds between two */
	EVENTS_MAX	= 50,		/* of the report */
	LEAVE_TRIES	= 5,
};

/* -------------------------------------------------------------------- common */

const struct http_board *domain_board(const struct domain *d)
{
	return &d->config.boards[d->board % d->config.board_count];
}

void domain_path(const struct domain *d, char path[DOMAIN_PATH_SIZE], const char *fmt, ...)
{
	int len = snprintf(path, DOMAIN_PATH_SIZE, "/v1/domains/%s", d->config.name);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path + len, DOMAIN_PATH_SIZE - len, fmt, ap);
	va_end(ap);
}

void domain_say(struct domain *d, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	complain("domain %s: %s", d->config.name, text);
	json_array_append_new(d->events, json_pack("{s:I, s:s}", "time",
						   (json_int_t)time(NULL), "text", text));
	while (json_array_size(d->events) > EVENTS_MAX)
		json_array_remove(d->events, 0);
}

uint64_t domain_patience(const struct domain *d)
{
	uint64_t ms = d->config.ttl * 1000 / 3;

	return ms < 2 * BACKOFF_FIRST ? 2 * BACKOFF_FIRST : ms;
}

static void ask_for(struct domain *d, struct question *q, const char *method,
		    const char *path, const json_t *body, unsigned int timeout)
{
	q->board = d->board;
	exchange_ask(&d->exchange, q, domain_board(d), method, path, body, timeout);
}

void domain_ask(struct domain *d, struct question *q, const char *method, const char *path,
		const json_t *body)
{
	ask_for(d, q, method, path, body, ANSWER_TIMEOUT);
}

void domain_failed(struct domain *d, const struct question *q, const char *what,
		   const struct http_answer *a)
{
	bool is_news = strcmp(d->error, a->error);

	if (!a->status)
		d->reachable_since = 0;
	else if (!d->reachable_since)
		d->reachable_since = time(NULL);
	snprintf(d->error, sizeof(d->error), "%s", a->error);
	d->error_at = time(NULL);
	if (is_news)
		domain_say(d, "%s: %s", what, a->error);
	/* Of several questions to the same board only the first leads to the next. */
	if ((!a->status || a->status >= 500) && q->board == d->board)
		d->board++;
}

static void succeeded(struct domain *d, const struct http_answer *a)
{
	if (!d->reachable_since) {
		d->reachable_since = time(NULL);
		if (*d->error)
			domain_say(d, "%s answers", domain_board(d)->url);
	}
	*d->error = '\0';
	snprintf(d->local, sizeof(d->local), "%s", a->local);
}

#define FILE_SIZE	(PATH_MAX + NAME_SIZE + 8)

static void database_file(const struct domain *d, char file[FILE_SIZE])
{
	snprintf(file, FILE_SIZE, "%s/%s.json", d->agent->setup.state, d->config.name);
}

void domain_save(struct domain *d)
{
	char file[FILE_SIZE];
	int err;

	database_file(d, file);
	err = database_save(&d->db, file);
	if (err && err != d->save_error)
		domain_say(d,
			   "cannot write %s: %s; if this host boots now while the board is down, it knows of older hosts only",
			   file, strerror(-err));
	d->save_error = err;
}

/* ---------------------------------------------------------------- Membership */

static json_t *segments_of(const struct domain *d)
{
	json_t *list = json_array(), *o;
	const char *name;
	unsigned int i;

	for (i = 0; i < d->config.network_count; i++)
		if (json_object_get(d->db.segments, d->config.networks[i].segment))
			json_array_append_new(list, json_string(d->config.networks[i].segment));
	if (d->config.network_count)
		return list;
	json_object_foreach(d->db.segments, name, o) {
		json_array_append_new(list, json_string(name));
	}
	return list;
}

static json_t *addresses_of(const struct domain *d)
{
	char found[SETUP_ADDRESS_SIZE];
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < d->config.address_count; i++)
		json_array_append_new(list, json_string(d->config.addresses[i]));
	if (!d->config.address_count && address_find(d->local, found))
		json_array_append_new(list, json_string(found));
	return list;
}

/* What the board is to know of this host. */
static json_t *member_body(const struct domain *d)
{
	uint32_t node = d->config.node ? d->config.node : d->forget_node ? 0 : d->node;
	json_t *body = json_pack("{s:o, s:o, s:I, s:[s]}", "addresses", addresses_of(d),
				 "segments", segments_of(d), "ttl",
				 (json_int_t)d->config.ttl, "transports", "udp");

	if (d->rrdp_ready)
		json_array_append_new(json_object_get(body, "transports"),
				      json_string("rrdp"));
	if (node)
		json_object_set_new(body, "node", json_integer(node));
	return body;
}

static void read_self(struct domain *d, const json_t *o)
{
	uint32_t node = json_integer_value(json_object_get(o, "node"));
	bool is_new = !json_equal(json_object_get(d->db.hosts, d->config.host), o);

	json_object_set(d->db.hosts, d->config.host, (json_t *)o);
	if (node == d->node && !is_new)
		return;
	if (node != d->node)
		domain_say(d, "this host has number %u", node);
	d->node = node;
	domain_save(d);
	agent_sync(d->agent, 0);
}

static void member_later(struct domain *d, const struct http_answer *a)
{
	domain_failed(d, &d->member, "cannot register", a);
	loop_after(&d->agent->loop, &d->member_timer,
		   backoff_next(&d->member_backoff, domain_patience(d), backoff_random()));
}

static void refused(struct domain *d, const struct http_answer *a)
{
	if (d->registered && !strcmp(a->code, "not_found")) {
		d->registered = false;
		domain_say(d, "the lease has ended: this host registers again");
		loop_after(&d->agent->loop, &d->member_timer,
			   backoff_random() % BACKOFF_FIRST);
		return;
	}
	if (!strcmp(a->code, "node_taken") && d->node && !d->config.node && !d->forget_node) {
		domain_say(d, "number %u is now somebody else's: this host takes another",
			   d->node);
		d->forget_node = true;
		loop_after(&d->agent->loop, &d->member_timer, 0);
		return;
	}
	member_later(d, a);
}

static void on_member(void *arg, const struct http_answer *a)
{
	struct domain *d = arg;
	bool is_new = !d->registered;

	if (*a->error) {
		/* What the board now knows is not known. */
		json_decref(d->said);
		d->said = NULL;
		refused(d, a);
		return;
	}
	succeeded(d, a);
	backoff_reset(&d->member_backoff);
	d->registered = true;
	d->forget_node = false;
	d->lease_end = loop_now() + d->config.ttl * 1000;
	read_self(d, a->json);
	if (is_new)
		domain_say(d, "host %s is registered", d->config.host);
	loop_after(&d->agent->loop, &d->member_timer,
		   backoff_jitter(d->config.ttl * 1000 / 3, backoff_random()));
	domain_renew(d);
	vm_check(d, 0);
	report_soon(d);
}

static void no_address(struct domain *d)
{
	struct http_answer none = { .status = 1 };

	snprintf(none.error, sizeof(none.error),
		 "this host has no address in the underlay: set \"address\" in %s",
		 d->agent->conf);
	member_later(d, &none);
}

static void on_member_timer(void *arg)
{
	struct domain *d = arg;
	char path[DOMAIN_PATH_SIZE];
	json_t *body;

	/* What segments there are is known by the first watch. */
	if (d->member.exchange || d->leaving || !d->db.revision)
		return;
	body = member_body(d);
	if (d->registered && json_equal(body, d->said)) {
		json_decref(body);
		domain_path(d, path, "/hosts/%s/renew", d->config.host);
		domain_ask(d, &d->member, "POST", path, NULL);
		return;
	}
	if (!json_array_size(json_object_get(body, "addresses"))) {
		json_decref(body);
		no_address(d);
		return;
	}
	json_decref(d->said);
	d->said = body;
	domain_path(d, path, "/hosts/%s", d->config.host);
	domain_ask(d, &d->member, "PUT", path, body);
}

void domain_renew(struct domain *d)
{
	json_t *body;

	if (d->leaving || d->member.exchange)
		return;
	body = member_body(d);
	if (!d->registered || !json_equal(body, d->said))
		loop_within(&d->agent->loop, &d->member_timer, 0);
	json_decref(body);
}

/* ---------------------------------------------------------------- node query */

static void watch_again(struct domain *d, uint64_t ms)
{
	loop_after(&d->agent->loop, &d->watch_timer, ms);
}

static void expire(void *arg)
{
	struct domain *d = arg;
	uint64_t now = loop_now(), next;

	/* While the board does not answer nobody can come back. */
	if (!d->watching) {
		loop_after(&d->agent->loop, &d->expire_timer, domain_patience(d));
		return;
	}
	if (database_expire(&d->db, now, &next)) {
		domain_save(d);
		agent_sync(d->agent, 0);
	}
	if (next)
		loop_after(&d->agent->loop, &d->expire_timer, next - now + 1);
}

static void watched(struct domain *d, const struct http_answer *a)
{
	bool changed, anew = !d->db.revision;

	if (!database_take(&d->db, a->json, loop_now(), &changed)) {
		struct http_answer bad = { };

		snprintf(bad.error, sizeof(bad.error),
			 "%s answers a watch with what is none", domain_board(d)->url);
		domain_failed(d, &d->watch, "cannot watch", &bad);
		watch_again(d, backoff_next(&d->watch_backoff, domain_patience(d),
					    backoff_random()));
		return;
	}
	succeeded(d, a);
	backoff_reset(&d->watch_backoff);
	d->watching = true;
	if (anew)
		expire(d);
	if (changed || anew) {
		domain_save(d);
		agent_sync(d->agent, 0);
		vm_check(d, 0);
	}
	domain_renew(d);
	/* A board without any revision tells all each time. */
	watch_again(d, d->db.revision ? WATCH_MIN : domain_patience(d));
}

static void on_watch(void *arg, const struct http_answer *a)
{
	struct domain *d = arg;

	if (!*a->error) {
		watched(d, a);
	} else if (!strcmp(a->code, "revision_gone") && d->db.revision) {
		domain_say(d, "changes were missed: all is read again");
		d->db.revision = 0;
		watch_again(d, 0);
	} else {
		d->watching = false;
		domain_failed(d, &d->watch, "cannot watch", a);
		watch_again(d, backoff_next(&d->watch_backoff, domain_patience(d),
					    backoff_random()));
	}
}

static void on_watch_timer(void *arg)
{
	struct domain *d = arg;
	char path[DOMAIN_PATH_SIZE];

	if (d->watch.exchange || d->leaving)
		return;
	domain_path(d, path, "/watch?since=%llu&wait=%d",
		    (unsigned long long)d->db.revision, WATCH_WAIT);
	ask_for(d, &d->watch, "GET", path, NULL, WATCH_WAIT + ANSWER_TIMEOUT);
}

/* ------------------------------------------------------------------- leaving */

static void finish_leave(void *arg)
{
	struct domain *d = arg, **p = &d->agent->domains;
	char file[FILE_SIZE];

	database_file(d, file);
	unlink(file);
	while (*p != d)
		p = &(*p)->next;
	*p = d->next;
	domain_close(d);
}

static void on_leave(void *arg, const struct http_answer *a)
{
	struct domain *d = arg;

	/* What is gone, or may not be deleted, need not be asked for again. */
	if (!*a->error || (a->status / 100 == 4 && a->status != 429)) {
		if (*a->error && a->status != 404)
			domain_say(d, "cannot leave: %s", a->error);
		domain_say(d, "host %s has left", d->config.host);
	} else if (++d->left == LEAVE_TRIES) {
		domain_say(d, "left, but the board was not told: it will find out");
	} else {
		domain_failed(d, &d->member, "cannot leave", a);
		loop_after(&d->agent->loop, &d->member_timer,
			   backoff_next(&d->member_backoff, domain_patience(d),
					backoff_random()));
		return;
	}
	/* Not from within its own exchange. */
	d->member_timer.fn = finish_leave;
	loop_after(&d->agent->loop, &d->member_timer, 0);
}

static void on_leave_timer(void *arg)
{
	struct domain *d = arg;
	char path[DOMAIN_PATH_SIZE];

	domain_path(d, path, "/hosts/%s", d->config.host);
	domain_ask(d, &d->member, "DELETE", path, NULL);
}

static void cancel_all(struct domain *d)
{
	struct loop *l = &d->agent->loop;

	exchange_cancel(&d->member);
	exchange_cancel(&d->watch);
	exchange_cancel(&d->vm);
	exchange_cancel(&d->report);
	loop_cancel(l, &d->member_timer);
	loop_cancel(l, &d->watch_timer);
	loop_cancel(l, &d->vm_timer);
	loop_cancel(l, &d->expire_timer);
	loop_cancel(l, &d->report_timer);
}

void domain_leave(struct domain *d)
{
	cancel_all(d);
	d->leaving = true;
	d->member.fn = on_leave;
	d->member_timer.fn = on_leave_timer;
	backoff_reset(&d->member_backoff);
	loop_after(&d->agent->loop, &d->member_timer, 0);
	agent_sync(d->agent, 0);
}

/* --------------------------------------------------------------------- begin */

static void load(struct domain *d)
{
	char file[FILE_SIZE];
	int err;

	database_file(d, file);
	database_open(&d->db);
	err = database_load(&d->db, file);
	if (err && err != -ENOENT)
		domain_say(d, "%s %s: what the board says is waited for", file,
			   err == -EINVAL ? "is no database of this version" : strerror(-err));
	d->node = json_integer_value(json_object_get(json_object_get(d->db.hosts,
								     d->config.host),
						     "node"));
}

struct domain *domain_open(struct agent *a, const struct setup_domain *config)
{
	struct domain *d = memory_new(sizeof(*d));

	*d = (struct domain){
		.agent = a,
		.config = *config,
		.member = { .fn = on_member, .arg = d },
		.member_timer = { .fn = on_member_timer, .arg = d },
		.watch = { .fn = on_watch, .arg = d },
		.watch_timer = { .fn = on_watch_timer, .arg = d },
		.expire_timer = { .fn = expire, .arg = d },
		.differs = json_array(),
		.events = json_array(),
	};
	d->config.networks = memory_new((config->network_count + 1) *
					sizeof(*config->networks));
	if (config->network_count)
		memcpy(d->config.networks, config->networks,
		       config->network_count * sizeof(*config->networks));
	exchange_open(&d->exchange, &a->loop);
	vm_open(d);
	report_open(d);
	load(d);
	/* Hosts that boot together do not ask together. */
	watch_again(d, backoff_random() % BACKOFF_FIRST);
	return d;
}

void domain_close(struct domain *d)
{
	cancel_all(d);
	exchange_close(&d->exchange);
	database_close(&d->db);
	vm_close(d);
	report_close(d);
	json_decref(d->said);
	json_decref(d->differs);
	json_decref(d->events);
	free(d->config.networks);
	free(d);
}
