// SPDX-License-Identifier: GPL-2.0
/*
 * A store in an etcd cluster. One thread asks, see etcd_batch.h. Another watches, and
 * answers each job when what it did, or why it failed, has been told.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "etcd_batch.h"
#include "etcd_snapshot.h"
#include "etcd_text.h"
#include "lease.h"
#include "memory.h"
#include "store_etcd.h"

enum {
	IDLE_MS		= 1000,		/* how often the cluster is looked at */
	OPEN_MS		= 15000,
	STALL_MS	= 4000,		/* what is done and not told by then, another tells */
	OVERDUE_MS	= 15000,
	PAUSE_MS	= 100,
	HISTORY		= 5000,		/* revisions that are read when we begin */
	HISTORY_KEPT	= 10000,	/* and that are kept for this */
	COMPACT_EVERY	= 5000,
	TOMBSTONES_MAX	= 20000,
};

/**
 * struct etcd_store - the store
 * @store: what others see
 * @listener: who is told
 * @asker: who does what @asking takes
 * @watcher: client of @watching
 * @asking: does the jobs
 * @watching: tells
 * @lock: protects all up to @stalled
 * @wake: there is a job, or the end
 * @told: @known grew, or @waiting shrank
 * @first: jobs that wait to be done
 * @last: where the next is hooked on
 * @waiting: batches that are done and wait to be told
 * @waiting_last: where the next is hooked on
 * @closing: end when there are no more jobs
 * @ending: nor any @waiting
 * @stats: see there
 * @known: revision up to which all is told
 * @stalled: the member that tells us is behind the others
 * @behind: since when it is, for @asking
 * @next_compaction: revision, for @asking
 * @begun: when the member began to tell us; for @watching, like what follows
 * @gone: etcd has forgotten what came after @known
 * @compacted: see struct store_listener
 * @tombstones: revisions at which something was deleted
 * @tombstone_count: how many
 */
struct etcd_store {
	struct store store;
	struct store_listener listener;
	struct asker asker;
	struct etcd *watcher;
	pthread_t asking;
	pthread_t watching;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t told;
	struct store_job *first;
	struct store_job **last;
	struct batch *waiting;
	struct batch **waiting_last;
	bool closing;
	bool ending;
	struct store_stats stats;
	uint64_t known;
	bool stalled;
	uint64_t behind;
	uint64_t next_compaction;
	uint64_t begun;
	bool gone;
	uint64_t compacted;
	uint64_t *tombstones;
	unsigned int tombstone_count;
};

/* ----------------------------------------------------------------- answers */

static void count_results(struct etcd_store *s, const struct batch *b, uint64_t commits)
{
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	s->stats.down = asker_is_down(&s->asker);
	s->stats.commits += commits;
	s->stats.jobs += b->count;
	for (i = 0; i < b->count; i++) {
		s->stats.conflicts += b->results[i] == -EAGAIN;
		s->stats.failures += b->results[i] && b->results[i] != -EAGAIN &&
				     b->results[i] != -ENOENT;
	}
	pthread_mutex_unlock(&s->lock);
}

/* @known: what they did has been told; if not, who failed cannot decide again. */
static void answer(struct batch *b, bool known)
{
	unsigned int i;

	for (i = 0; i < b->count; i++) {
		bool again = b->results[i] == -EAGAIN || b->results[i] == -ENOENT;

		b->jobs[i]->done(b->jobs[i], again && !known ? -EHOSTUNREACH : b->results[i],
				 b->revisions[i]);
	}
	free(b);
}

/* The first of those that wait, if it has waited long enough. */
static struct batch *take_waiting(struct etcd_store *s, bool *known)
{
	struct batch *b;

	pthread_mutex_lock(&s->lock);
	b = s->waiting;
	*known = b && b->need <= s->known;
	if (b && !*known && lease_now() - b->since < OVERDUE_MS)
		b = NULL;
	if (b) {
		s->waiting = b->next;
		if (!s->waiting)
			s->waiting_last = &s->waiting;
	}
	pthread_cond_broadcast(&s->told);
	pthread_mutex_unlock(&s->lock);
	return b;
}

static void answer_waiting(struct etcd_store *s)
{
	struct batch *b;
	bool known;

	while ((b = take_waiting(s, &known)))
		answer(b, known);
}

/* ------------------------------------------------------------------- batches */

static void do_batch(struct etcd_store *s, struct batch *b)
{
	uint64_t before = s->asker.commits;

	batch_do(b, &s->asker);
	count_results(s, b, s->asker.commits - before);
	if (!b->need) {
		answer(b, false);
		return;
	}
	b->since = lease_now();
	pthread_mutex_lock(&s->lock);
	*s->waiting_last = b;
	s->waiting_last = &b->next;
	pthread_mutex_unlock(&s->lock);
	/* It may have been told before etcd answered. */
	answer_waiting(s);
}

/* Whether the cluster is there, and whether we are told what it knows. */
static void look(struct etcd_store *s)
{
	struct etcd_call call = { .path = "kv/range" };
	uint64_t marked, now = lease_now();
	const json_t *kvs;

	buf_putc(&call.body, '{');
	etcd_write_key(&call.body, s->asker.prefix, MARK);
	buf_putc(&call.body, '}');
	asker_ask(&s->asker, &call, 1);
	pthread_mutex_lock(&s->lock);
	s->stats.down = asker_is_down(&s->asker);
	if (!call.error) {
		kvs = json_object_get(json_array_get(call.answer, 0), "kvs");
		marked = etcd_number(json_array_get(kvs, 0), "mod_revision");
		if (marked <= s->known)
			s->behind = 0;
		else if (!s->behind)
			s->behind = now;
		s->stalled = s->behind && now - s->behind > STALL_MS;
	}
	pthread_mutex_unlock(&s->lock);
	etcd_call_free(&call);
}

/* Lets etcd forget what nobody asks for. Other boards may have been faster. */
static void compact(struct etcd_store *s)
{
	struct etcd_call call = { .path = "kv/compaction" };
	uint64_t known;

	pthread_mutex_lock(&s->lock);
	known = s->known;
	pthread_mutex_unlock(&s->lock);
	if (known < s->next_compaction)
		return;
	s->next_compaction = known + COMPACT_EVERY;
	if (known <= HISTORY_KEPT)
		return;
	buf_putc(&call.body, '{');
	etcd_write_number(&call.body, "revision", known - HISTORY_KEPT);
	buf_putc(&call.body, '}');
	asker_ask(&s->asker, &call, 1);
	etcd_call_free(&call);
}

/* Waits for jobs, for a while, and takes them. NULL: that was all. */
static struct batch *take_batch(struct etcd_store *s)
{
	struct batch *b = memory_new(sizeof(*b));
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_MS / 1000;
	pthread_mutex_lock(&s->lock);
	while (!s->first && !s->closing &&
	       !pthread_cond_timedwait(&s->wake, &s->lock, &until))
		;
	while (s->first && b->count < BATCH_MAX) {
		b->jobs[b->count++] = s->first;
		s->first = s->first->next;
	}
	if (!s->first)
		s->last = &s->first;
	if (!b->count && s->closing) {
		free(b);
		b = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	return b;
}

static void *do_jobs(void *arg)
{
	struct etcd_store *s = arg;
	struct batch *b;

	while ((b = take_batch(s))) {
		if (b->count) {
			do_batch(s, b);
			compact(s);
		} else {
			free(b);
			look(s);
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------ watching */

/* Only so many deletions are remembered. */
static void bury(struct etcd_store *s, uint64_t revision)
{
	const unsigned int half = TOMBSTONES_MAX / 2;

	if (s->tombstone_count == TOMBSTONES_MAX) {
		s->compacted = s->tombstones[half - 1];
		memmove(s->tombstones, s->tombstones + half, half * sizeof(*s->tombstones));
		s->tombstone_count = half;
	}
	s->tombstones[s->tombstone_count++] = revision;
}

static void tell(struct etcd_store *s, const struct etcd_record *r)
{
	const struct event e = {
		.key = r->key,
		.value = r->value,
		.created = r->created,
		.modified = r->modified,
		.lease = r->lease,
	};

	s->listener.event(s->listener.arg, &e);
	if (!r->value)
		bury(s, r->modified);
}

static void tell_end(struct etcd_store *s, uint64_t revision)
{
	s->listener.committed(s->listener.arg, revision, s->compacted);
	pthread_mutex_lock(&s->lock);
	s->known = revision;
	pthread_mutex_unlock(&s->lock);
	answer_waiting(s);
}

/**
 * struct round - events that came together
 * @revision: of the last
 * @marked: it has the mark
 * @deleted: something was deleted in it
 * @expired: revisions in which something was deleted, without mark
 */
struct round {
	uint64_t revision;
	bool marked;
	bool deleted;
	unsigned int expired;
};

static void end_revision(struct round *r)
{
	r->expired += r->deleted && !r->marked;
	r->marked = false;
	r->deleted = false;
}

static void tell_event(struct etcd_store *s, const json_t *event, struct round *round)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	bool deleted = type && !strcmp(type, "DELETE");
	struct etcd_record r;

	if (!etcd_read_record(json_object_get(event, "kv"), deleted, s->asker.prefix, &r))
		return;
	if (r.modified != round->revision)
		end_revision(round);
	round->revision = r.modified;
	round->deleted |= deleted;
	if (strcmp(r.key, MARK))
		tell(s, &r);
	else
		round->marked = true;
	etcd_record_free(&r);
}

static bool take_result(void *arg, const json_t *result)
{
	const json_t *events = json_object_get(result, "events");
	struct etcd_store *s = arg;
	struct round round = { };
	size_t i;

	if (json_is_true(json_object_get(result, "canceled"))) {
		s->gone = etcd_number(result, "compact_revision");
		return false;
	}
	for (i = 0; i < json_array_size(events); i++)
		tell_event(s, json_array_get(events, i), &round);
	end_revision(&round);
	if (!round.revision)
		return true;
	if (round.expired && s->listener.expired)
		s->listener.expired(s->listener.arg, round.expired);
	tell_end(s, round.revision);
	return true;
}

static bool go_on(void *arg)
{
	struct etcd_store *s = arg;
	uint64_t late = lease_now() - STALL_MS;
	bool good;

	answer_waiting(s);
	pthread_mutex_lock(&s->lock);
	good = !s->ending &&
	       !(s->begun < late && (s->stalled || (s->waiting && s->waiting->since < late)));
	pthread_mutex_unlock(&s->lock);
	return good;
}

static bool is_ending(struct etcd_store *s)
{
	bool ending;

	pthread_mutex_lock(&s->lock);
	ending = s->ending;
	pthread_mutex_unlock(&s->lock);
	return ending;
}

/* What is not there any more was deleted some time before. */
static void tell_deleted(struct etcd_store *s, const struct snapshot *all)
{
	char after[TXN_KEY_MAX] = "";
	const char *key;

	while ((key = s->listener.next(s->listener.arg, after))) {
		snprintf(after, sizeof(after), "%s", key);
		if (!snapshot_has(all, after))
			tell(s, &(struct etcd_record){ .key = after, .modified = all->revision });
	}
}

/* Tells of what changed since @known, from all that there is. */
static bool tell_all(struct etcd_store *s, struct etcd *e, uint64_t revision)
{
	struct snapshot all;
	unsigned int i;

	if (!snapshot_read(&all, e, s->asker.prefix, revision))
		return false;
	for (i = 0; i < all.count; i++)
		if (all.records[i].modified > s->known && strcmp(all.records[i].key, MARK))
			tell(s, &all.records[i]);
	if (s->listener.next)
		tell_deleted(s, &all);
	tell_end(s, all.revision);
	snapshot_free(&all);
	return true;
}

static void *watch(void *arg)
{
	struct etcd_store *s = arg;
	const struct etcd_reader reader = { .result = take_result, .tick = go_on, .arg = s };
	struct buf body = { };

	while (!is_ending(s)) {
		if (s->gone)
			s->gone = !tell_all(s, s->watcher, 0);
		body.len = 0;
		buf_puts(&body, "{\"create_request\":{");
		etcd_write_key(&body, s->asker.prefix, "");
		buf_putc(&body, ',');
		etcd_write_end(&body, s->asker.prefix, "");
		buf_putc(&body, ',');
		etcd_write_number(&body, "start_revision", s->known + 1);
		buf_puts(&body, "}}");
		s->begun = lease_now();
		if (!s->gone)
			etcd_stream(s->watcher, "watch", &body, &reader);
		answer_waiting(s);
		usleep(PAUSE_MS * 1000);
	}
	buf_free(&body);
	return NULL;
}

/* ------------------------------------------------------------------ the store */

static void submit(struct store *store, struct store_job *job)
{
	struct etcd_store *s = (struct etcd_store *)store;

	job->next = NULL;
	pthread_mutex_lock(&s->lock);
	*s->last = job;
	s->last = &job->next;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

static void stats(struct store *store, struct store_stats *stats)
{
	struct etcd_store *s = (struct etcd_store *)store;

	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}

static void destroy(struct etcd_store *s)
{
	etcd_free(s->asker.client);
	etcd_free(s->watcher);
	pthread_cond_destroy(&s->wake);
	pthread_cond_destroy(&s->told);
	pthread_mutex_destroy(&s->lock);
	free(s->tombstones);
	free(s->asker.prefix);
	free(s);
}

/* Who watches also answers, so it ends last. */
static void close_store(struct store *store)
{
	struct etcd_store *s = (struct etcd_store *)store;

	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->asking, NULL);
	pthread_mutex_lock(&s->lock);
	while (s->waiting)
		pthread_cond_wait(&s->told, &s->lock);
	s->ending = true;
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->watching, NULL);
	destroy(s);
}

static const struct store_ops ops = {
	.submit = submit,
	.stats = stats,
	.close = close_store,
};

/* Makes a mark, whose revision is returned; 0 after it wrote to @why. */
static uint64_t knock(struct etcd_store *s, char *why, size_t size)
{
	struct etcd_call call = { .path = "kv/txn" };
	uint64_t revision = 0;

	buf_puts(&call.body, "{\"success\":[");
	asker_write_mark(&s->asker, &call.body);
	buf_puts(&call.body, "]}");
	if (etcd_ask(s->asker.client, &call, 1, lease_now() + OPEN_MS))
		revision = etcd_revision(json_array_get(call.answer, 0));
	if (!revision)
		snprintf(why, size,
			 "cannot use etcd: %s; is \"store\" right, and has it a leader?",
			 call.said);
	etcd_call_free(&call);
	return revision;
}

/*
 * Tells all that there is, if it can as of some time ago, so that what is deleted since
 * then is known, too.
 */
static bool load(struct etcd_store *s, uint64_t revision, char *why, size_t size)
{
	uint64_t from = revision > HISTORY ? revision - HISTORY : 1;

	s->compacted = from;
	if (tell_all(s, s->asker.client, from))
		return true;
	s->compacted = revision;
	if (tell_all(s, s->asker.client, revision))
		return true;
	snprintf(why, size, "cannot read what is in etcd: try again");
	return false;
}

/* Returns whether all up to @revision was told in time. */
static bool wait_until(struct etcd_store *s, uint64_t revision)
{
	struct timespec until;
	bool known;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += OPEN_MS / 1000;
	pthread_mutex_lock(&s->lock);
	while (s->known < revision &&
	       !pthread_cond_timedwait(&s->told, &s->lock, &until))
		;
	known = s->known >= revision;
	pthread_mutex_unlock(&s->lock);
	return known;
}

static struct etcd_store *make(const struct etcd_address *a,
			       const struct etcd_secrets *secrets,
			       const struct store_listener *listener)
{
	struct etcd_store *s = memory_new(sizeof(*s));
	pthread_condattr_t attr;

	s->store.ops = &ops;
	s->listener = *listener;
	s->last = &s->first;
	s->waiting_last = &s->waiting;
	s->asker.prefix = memory_string(a->prefix);
	s->tombstones = memory_new(TOMBSTONES_MAX * sizeof(*s->tombstones));
	s->asker.client = etcd_new(a, secrets);
	s->watcher = etcd_new(a, secrets);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_cond_init(&s->told, &attr);
	pthread_condattr_destroy(&attr);
	return s;
}

struct store *store_etcd_open(const struct etcd_address *a,
			      const struct etcd_secrets *secrets,
			      const struct store_listener *listener,
			      char *why, size_t size)
{
	struct etcd_store *s = make(a, secrets, listener);
	uint64_t revision = knock(s, why, size);

	if (!revision || !load(s, revision, why, size)) {
		destroy(s);
		return NULL;
	}
	if (pthread_create(&s->watching, NULL, watch, s) ||
	    pthread_create(&s->asking, NULL, do_jobs, s)) {
		/* A thread that runs may use it: the program is to end now. */
		snprintf(why, size, "cannot start a thread: %s", strerror(errno));
		return NULL;
	}
	if (wait_until(s, revision))
		return &s->store;
	snprintf(why, size, "etcd does not tell what is in it: try again");
	close_store(&s->store);
	return NULL;
}
