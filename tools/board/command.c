// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "error.h"
#include "store.h"
#include "table.h"
#include "token.h"

#define DAY		(24 * 3600)
#define DAYS_MAX	36500

/**
 * struct desk - the store, from another program than the board
 * @job: what is asked
 * @store: the store
 * @view: what is in it
 * @lock: of what follows, and of @view
 * @done: @answered is set
 * @answered: there is a @result
 * @result: of the job
 */
struct desk {
	struct store_job job;
	struct store *store;
	struct view view;
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool answered;
	int result;
};

static void event(void *arg, const struct event *e)
{
	struct desk *d = arg;

	pthread_mutex_lock(&d->lock);
	view_event(&d->view, e);
	pthread_mutex_unlock(&d->lock);
}

static void committed(void *arg, uint64_t revision, uint64_t compacted)
{
	struct desk *d = arg;

	pthread_mutex_lock(&d->lock);
	view_committed(&d->view, revision, compacted);
	pthread_mutex_unlock(&d->lock);
}

static void open_desk(struct desk *d, const struct config *c)
{
	const struct store_listener listener = {
		.event = event,
		.committed = committed,
		.arg = d,
	};
	char why[PATH_MAX + 256];

	*d = (struct desk){ };
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->done, NULL);
	view_init(&d->view);
	d->store = store_open(c, false, &listener, why, sizeof(why));
	if (!d->store)
		die(STATUS_REFUSED, "%s", why);
}

static void close_desk(struct desk *d)
{
	store_close(d->store);
	view_clear(&d->view);
}

static void done(struct store_job *job, int result, uint64_t revision)
{
	struct desk *d = (struct desk *)job;

	(void)revision;
	pthread_mutex_lock(&d->lock);
	d->result = result;
	d->answered = true;
	pthread_cond_signal(&d->done);
	pthread_mutex_unlock(&d->lock);
}

/* Does the transaction of the job; dies when it cannot. */
static void transact(struct desk *d)
{
	d->job.done = done;
	store_submit(d->store, &d->job);
	pthread_mutex_lock(&d->lock);
	while (!d->answered)
		pthread_cond_wait(&d->done, &d->lock);
	pthread_mutex_unlock(&d->lock);
	txn_clear(&d->job.txn);
	if (d->result == -EAGAIN)
		die(STATUS_REFUSED, "somebody else changed it just now: try again");
	if (d->result)
		die(STATUS_REFUSED, "cannot write the store: %s", strerror(-d->result));
}

static void take_name(struct args *a, const struct keyword *kw, char name[NAME_SIZE])
{
	if (!kw->given)
		return;
	if (!name_valid(kw->text))
		usage_error(a,
			    "\"%s\" is no name: 1 to %d letters, digits and, inside, \"-\", \"_\", \".\"",
			    kw->text, NAME_LEN);
	snprintf(name, NAME_SIZE, "%s", kw->text);
}

static void read_token(struct args *a, struct token *t)
{
	struct keyword kw[] = {
		{ .name = "domain", .value = "DOMAIN" },
		{ .name = "host", .value = "HOST" },
		{ .name = "days", .value = "N", .max = DAYS_MAX },
	};
	const char *role = args_take(a, "\"read\", \"host\" or \"admin\"");

	t->caller.role = role_parse(role);
	if (t->caller.role == ROLE_NONE)
		usage_error(a, "expected \"read\", \"host\" or \"admin\", not \"%s\"", role);
	args_keywords(a, kw, ARRAY_SIZE(kw));
	take_name(a, &kw[0], t->caller.domain);
	take_name(a, &kw[1], t->caller.host);
	if (t->caller.role == ROLE_HOST && (!kw[0].given || !kw[1].given))
		usage_error(a, "a token for a host needs \"domain\" and \"host\"");
	if (t->caller.role != ROLE_HOST && kw[1].given)
		usage_error(a, "only tokens of role \"host\" have a \"host\"");
	if (kw[2].given)
		t->expires = time(NULL) + (int64_t)kw[2].number * DAY;
}

static int add(const struct config *c, struct args *a)
{
	char text[TOKEN_SIZE], key[TXN_KEY_MAX];
	struct token t = { };
	struct desk d;
	json_t *value;
	char *s;

	read_token(a, &t);
	open_desk(&d, c);
	if (!token_make(&t, text, &value))
		die(STATUS_REFUSED, "there are no random numbers");
	key_format(key, "token/%s", t.id);
	s = json_dumps(value, JSON_COMPACT);
	json_decref(value);
	txn_absent(&d.job.txn, key);
	txn_put(&d.job.txn, key, s);
	free(s);
	transact(&d);
	close_desk(&d);
	puts(text);
	return STATUS_OK;
}

enum token_cell {
	CELL_ID,
	CELL_ROLE,
	CELL_DOMAIN,
	CELL_HOST,
	CELL_EXPIRES,
};

static void show_row(struct table *t, const struct token *token)
{
	struct tm tm;
	char when[32] = "never";
	time_t expires = token->expires;

	if (expires && gmtime_r(&expires, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	table_string(t, CELL_ID, token->id);
	table_string(t, CELL_ROLE, role_name(token->caller.role));
	table_string(t, CELL_DOMAIN, *token->caller.domain ? token->caller.domain : "all");
	table_string(t, CELL_HOST, token->caller.host);
	table_string(t, CELL_EXPIRES, when);
	table_row(t);
}

static int show(const struct config *c, struct args *a)
{
	static const struct column columns[] = {
		{ CELL_ID,	COL_BOTH, TOKEN_ID_LEN, "id", "ID" },
		{ CELL_ROLE,	COL_BOTH, 5, "role", "ROLE" },
		{ CELL_DOMAIN,	COL_BOTH, 15, "domain", "DOMAIN" },
		{ CELL_HOST,	COL_BOTH, 15, "host", "HOST" },
		{ CELL_EXPIRES,	COL_BOTH, 20, "expires", "EXPIRES" },
	};
	const struct record *r;
	struct buf out = { };
	struct token token;
	struct table t;
	struct desk d;

	args_end(a);
	open_desk(&d, c);
	store_close(d.store);
	table_begin(&t, &out, TABLE_TEXT, columns, ARRAY_SIZE(columns));
	for (r = view_next(&d.view, "token/", NULL); r;
	     r = view_next(&d.view, "token/", r->key)) {
		token_read(r, &token);
		show_row(&t, &token);
	}
	table_end(&t);
	view_clear(&d.view);
	fwrite(out.p, 1, out.len, stdout);
	buf_free(&out);
	return STATUS_OK;
}

static int del(const struct config *c, struct args *a)
{
	const char *id = args_take(a, "ID");
	const struct record *r = NULL;
	char key[TXN_KEY_MAX];
	struct desk d;

	args_end(a);
	open_desk(&d, c);
	if (name_valid(id)) {
		key_format(key, "token/%s", id);
		pthread_mutex_lock(&d.lock);
		r = view_find(&d.view, key);
		if (r)
			txn_check(&d.job.txn, CHECK_MODIFIED, key, r->modified);
		pthread_mutex_unlock(&d.lock);
	}
	if (!r)
		die(STATUS_REFUSED,
		    "there is no token \"%s\"; \"vmnet-board token show\" lists them", id);
	txn_delete(&d.job.txn, key);
	transact(&d);
	close_desk(&d);
	return STATUS_OK;
}

int command_token(const struct config *c, struct args *a)
{
	if (args_accept(a, "add"))
		return add(c, a);
	if (args_accept(a, "show"))
		return show(c, a);
	if (args_accept(a, "del"))
		return del(c, a);
	usage_error(a, "expected \"add\", \"show\" or \"del\"");
}
