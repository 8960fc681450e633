// SPDX-License-Identifier: GPL-2.0
/* The store in a file: what each kind of store has to do. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store.h"
#include "unit.h"

/**
 * struct client - a user of a store
 * @store: the store
 * @lock: of all below
 * @answer: something below changed
 * @view: the records
 * @expired: leases that ended
 * @left: jobs that are not answered
 */
struct client {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t answer;
	struct view view;
	unsigned int expired;
	unsigned int left;
};

/**
 * struct task - a job of a client
 * @job: for the store
 * @client: whose it is
 * @result: of it
 * @revision: of it
 */
struct task {
	struct store_job job;
	struct client *client;
	int result;
	uint64_t revision;
};

static char path[64];

static void event(void *arg, const struct event *e)
{
	struct client *c = arg;

	pthread_mutex_lock(&c->lock);
	view_event(&c->view, e);
	pthread_mutex_unlock(&c->lock);
}

static void committed(void *arg, uint64_t revision, uint64_t compacted)
{
	struct client *c = arg;

	pthread_mutex_lock(&c->lock);
	view_committed(&c->view, revision, compacted);
	pthread_cond_broadcast(&c->answer);
	pthread_mutex_unlock(&c->lock);
}

static void expired(void *arg, unsigned int leases)
{
	struct client *c = arg;

	pthread_mutex_lock(&c->lock);
	c->expired += leases;
	pthread_cond_broadcast(&c->answer);
	pthread_mutex_unlock(&c->lock);
}

static void client_open(struct client *c, bool keeper)
{
	const struct store_listener listener = {
		.event = event, .committed = committed, .expired = expired, .arg = c,
	};
	char why[256] = "";

	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->answer, NULL);
	view_init(&c->view);
	c->store = store_sqlite_open(path, keeper, &listener, why, sizeof(why));
	if (!c->store) {
		ok(false, "the store opens: %s", why);
		exit(1);
	}
}

static void client_close(struct client *c)
{
	store_close(c->store);
	view_clear(&c->view);
}

static void done(struct store_job *job, int result, uint64_t revision)
{
	struct task *t = (struct task *)job;
	struct client *c = t->client;

	pthread_mutex_lock(&c->lock);
	t->result = result;
	t->revision = revision;
	c->left--;
	pthread_cond_broadcast(&c->answer);
	pthread_mutex_unlock(&c->lock);
}

static void submit(struct client *c, struct task *t)
{
	t->client = c;
	t->job.done = done;
	pthread_mutex_lock(&c->lock);
	c->left++;
	pthread_mutex_unlock(&c->lock);
	store_submit(c->store, &t->job);
}

static void wait_all(struct client *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->left)
		pthread_cond_wait(&c->answer, &c->lock);
	pthread_mutex_unlock(&c->lock);
}

/* Does a task and empties it. */
static int act(struct client *c, struct task *t)
{
	submit(c, t);
	wait_all(c);
	txn_clear(&t->job.txn);
	t->job.renew = 0;
	return t->result;
}

static int put(struct client *c, const char *key, const char *value)
{
	struct task t = { };

	txn_put(&t.job.txn, key, value);
	return act(c, &t);
}

static bool has(struct client *c, const char *key, const char *value)
{
	const struct record *r;
	bool is;

	pthread_mutex_lock(&c->lock);
	r = view_find(&c->view, key);
	is = value ? r && !strcmp(r->value, value) : !r;
	pthread_mutex_unlock(&c->lock);
	return is;
}

static void check_transactions(struct client *c)
{
	struct task t = { };

	ok(!put(c, "a/1", "x") && has(c, "a/1", "x"), "what is put is there");
	txn_absent(&t.job.txn, "a/1");
	txn_put(&t.job.txn, "a/2", "x");
	ok(act(c, &t) == -EAGAIN && has(c, "a/2", NULL), "not if something else was awaited");
	txn_check(&t.job.txn, CHECK_MODIFIED, "a/1", 1);
	txn_put(&t.job.txn, "a/1", "y");
	ok(!act(c, &t) && t.revision == 2, "the revision is");
	txn_check(&t.job.txn, CHECK_CREATED, "a/1", 1);
	txn_check(&t.job.txn, CHECK_MODIFIED, "a/1", 1);
	txn_delete(&t.job.txn, "a/1");
	ok(act(c, &t) == -EAGAIN && has(c, "a/1", "y"), "the old one is not");
	txn_check(&t.job.txn, CHECK_EMPTY, "a/", 0);
	txn_put(&t.job.txn, "b", "x");
	ok(act(c, &t) == -EAGAIN, "something begins so");
	txn_check(&t.job.txn, CHECK_EMPTY, "a/2", 0);
	txn_delete(&t.job.txn, "a/1");
	txn_delete(&t.job.txn, "none");
	ok(!act(c, &t) && has(c, "a/1", NULL), "what is deleted is not there");
	txn_check(&t.job.txn, CHECK_EMPTY, "a/", 0);
	txn_absent(&t.job.txn, "a/1");
	ok(!act(c, &t) && t.revision == 3, "nor for checks, which change nothing");
}

static void leases(struct client *c)
{
	uint64_t lease, other;
	struct task t = { };

	txn_put_leased(&t.job.txn, "l/1", "x");
	txn_put(&t.job.txn, "l/2", "x");
	t.job.txn.ttl = 1;
	ok(!act(c, &t), "a lease is granted");
	lease = view_find(&c->view, "l/1")->lease;
	t.job.renew = lease;
	ok(lease && !act(c, &t), "and renewed");
	txn_put_leased(&t.job.txn, "l/3", "x");
	t.job.txn.ttl = 3600;
	act(c, &t);
	other = view_find(&c->view, "l/3")->lease;
	pthread_mutex_lock(&c->lock);
	while (!c->expired)
		pthread_cond_wait(&c->answer, &c->lock);
	pthread_mutex_unlock(&c->lock);
	ok(has(c, "l/1", NULL) && has(c, "l/2", "x") && has(c, "l/3", "x"),
	   "with it ends what is bound to it");
	t.job.renew = lease;
	ok(act(c, &t) == -ENOENT, "it cannot be renewed then");
	t.job.txn.lease = lease;
	txn_put_leased(&t.job.txn, "l/4", "x");
	ok(act(c, &t) == -EAGAIN && has(c, "l/4", NULL), "nor used");
	t.job.renew = other;
	ok(!act(c, &t), "others go on");
	txn_put(&t.job.txn, "l/5", "x");
	t.job.txn.revoke = other;
	ok(!act(c, &t) && has(c, "l/5", "x") && has(c, "l/3", NULL),
	   "one that is revoked ends at once");
	t.job.renew = other;
	ok(act(c, &t) == -ENOENT, "and is no more");
}

static void check_batches(struct client *c)
{
	enum { TASKS = 2000 };
	struct task *t = calloc(TASKS, sizeof(*t));
	struct store_stats before, after;
	unsigned int i, good = 0;
	char key[TXN_KEY_MAX];

	store_stats(c->store, &before);
	for (i = 0; i < TASKS; i++) {
		key_format(key, "m/%04u", i / 2);
		txn_absent(&t[i].job.txn, key);
		txn_put(&t[i].job.txn, key, "x");
		submit(c, &t[i]);
	}
	wait_all(c);
	for (i = 0; i < TASKS; i++) {
		good += t[i].result == (i % 2 ? -EAGAIN : 0);
		txn_clear(&t[i].job.txn);
	}
	store_stats(c->store, &after);
	ok(good == TASKS, "of two that want the same one gets it");
	ok(after.commits - before.commits < TASKS / 4, "many become durable together");
	free(t);
}

static void reopen(struct client *c)
{
	uint64_t revision = c->view.revision;
	struct client other;

	client_close(c);
	client_open(c, true);
	ok(c->view.revision == revision && has(c, "m/0999", "x") && has(c, "a/1", NULL),
	   "all is there when it is opened again");
	ok(view_changed(&c->view, 2) && !view_changed(&c->view, 2)->value,
	   "also what was deleted");
	client_open(&other, false);
	ok(has(&other, "m/0999", "x"), "another program sees it");
	ok(!put(&other, "other", "x"), "and writes");
	client_close(&other);
	pthread_mutex_lock(&c->lock);
	while (!view_find(&c->view, "other"))
		pthread_cond_wait(&c->answer, &c->lock);
	pthread_mutex_unlock(&c->lock);
	ok(!put(c, "other", "y"), "which the first is told of");
}

static void keepers(void)
{
	const struct store_listener none = { };
	char why[256];

	ok(!store_sqlite_open(path, true, &none, why, sizeof(why)) &&
	   strstr(why, "another vmnet-board"), "there is one keeper");
}

static void compaction(struct client *c)
{
	enum { TASKS = 21000, PART = 500 };
	struct task *t = calloc(PART, sizeof(*t));
	char key[TXN_KEY_MAX];
	unsigned int i, j;

	for (i = 0; i < TASKS / PART; i++) {
		for (j = 0; j < PART; j++) {
			key_format(key, "t/%u/%u", i, j);
			txn_put(&t[j].job.txn, key, "");
			submit(c, &t[j]);
		}
		wait_all(c);
		for (j = 0; j < PART; j++) {
			free(t[j].job.txn.writes[0].value);
			t[j].job.txn.writes[0].value = NULL;
			submit(c, &t[j]);
		}
		wait_all(c);
		for (j = 0; j < PART; j++)
			txn_clear(&t[j].job.txn);
	}
	ok(c->view.compacted > 0 && c->view.compacted < c->view.revision,
	   "what was deleted long ago is forgotten");
	ok(view_changed(&c->view, 0) && has(c, "m/0999", "x"), "and nothing else");
	free(t);
}

void test_store(void)
{
	char dir[] = "/tmp/board-unit-XXXXXX";
	struct client c;
	char command[128];

	if (!mkdtemp(dir)) {
		ok(false, "there is a directory");
		return;
	}
	snprintf(path, sizeof(path), "%s/board.db", dir);
	client_open(&c, true);
	check_transactions(&c);
	leases(&c);
	check_batches(&c);
	reopen(&c);
	keepers();
	compaction(&c);
	client_close(&c);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ok(!system(command), "and all is removed");
}
