// SPDX-License-Identifier: GPL-2.0
/*
 * A store in one file. One thread does all jobs: those that wait are done in one
 * transaction of the database, and answered when that is on the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "lease.h"
#include "memory.h"
#include "sqlite_db.h"
#include "store.h"

enum {
	BATCH_MAX	= 1024,		/* jobs that become durable at a time */
	IDLE_MS		= 200,		/* how often time and other writers are looked at */
	STALL_MS	= 1000,		/* a delay after which nobody is blamed for silence */
	TOMBSTONES_MAX	= 20000,
};

/**
 * struct expiry - a lease that ended
 * @txn: deletes its records
 * @id: of the lease
 * @ttl: of the lease
 */
struct expiry {
	struct txn txn;
	uint64_t id;
	uint32_t ttl;
};

/**
 * struct sqlite_store - the store
 * @store: what others see
 * @db: the database
 * @lock_fd: locked by the keeper, else -1
 * @listener: who is told
 * @thread: does the jobs
 * @lock: protects @first, @last, @closing, @stats
 * @wake: there is a job, or the end
 * @first: jobs that wait
 * @last: where the next is hooked on
 * @closing: end when there are no more jobs
 * @stats: see there
 * @leases: of the records
 * @revision: of the last transaction
 * @compacted: see struct store_listener
 * @tombstones: records that are deleted and not forgotten
 * @durable: what these three were before this batch
 * @data_version: changes when another program has written
 * @seen: when leases were last looked at
 * @events: of the transactions of this batch; their texts are those of the jobs
 * @event_count: how many
 * @expiry: the leases that ended in this batch, @expiry_count of them
 * @ended: leases whose records were deleted in this batch
 */
struct sqlite_store {
	struct store store;
	struct db db;
	int lock_fd;
	struct store_listener listener;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct store_job *first;
	struct store_job **last;
	bool closing;
	struct store_stats stats;
	struct leases leases;
	uint64_t revision;
	uint64_t compacted;
	int64_t tombstones;
	struct {
		uint64_t revision;
		uint64_t compacted;
		int64_t tombstones;
	} durable;
	int64_t data_version;
	uint64_t seen;
	struct event *events;
	unsigned int event_count;
	struct expiry *expiry;
	unsigned int expiry_count;
	unsigned int ended;
};

static int error_of(int err)
{
	switch (err) {
	case SQLITE_DONE:
	case SQLITE_OK:
	case SQLITE_ROW:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	default:
		return -EIO;
	}
}

/* ------------------------------------------------------- what others wrote */

static void remember(struct sqlite_store *s)
{
	s->durable.revision = s->revision;
	s->durable.compacted = s->compacted;
	s->durable.tombstones = s->tombstones;
}

static int read_state(struct sqlite_store *s)
{
	int err = db_step(&s->db, DB_GET_STATE, NULL, 0, NULL);

	if (err != SQLITE_ROW)
		return -EIO;
	s->revision = db_int(&s->db, DB_GET_STATE, 0);
	s->compacted = db_int(&s->db, DB_GET_STATE, 1);
	db_next(&s->db, DB_GET_STATE);
	if (db_step(&s->db, DB_TOMBSTONES, NULL, 0, NULL) != SQLITE_ROW)
		return -EIO;
	s->tombstones = db_int(&s->db, DB_TOMBSTONES, 0);
	db_next(&s->db, DB_TOMBSTONES);
	return 0;
}

/* Tells the listener of all after revision @since. In a transaction. */
static int catch_up(struct sqlite_store *s, uint64_t since)
{
	const int64_t after = since;
	int err = read_state(s);

	if (err)
		return err;
	err = db_step(&s->db, DB_SINCE, NULL, 1, &after);
	while (err == SQLITE_ROW) {
		struct event e = db_event(&s->db, DB_SINCE);

		s->listener.event(s->listener.arg, &e);
		err = db_next(&s->db, DB_SINCE);
	}
	s->listener.committed(s->listener.arg, s->revision, s->compacted);
	return error_of(err);
}

static int64_t data_version(struct sqlite_store *s)
{
	int64_t v = -1;

	if (db_step(&s->db, DB_DATA_VERSION, NULL, 0, NULL) == SQLITE_ROW)
		v = db_int(&s->db, DB_DATA_VERSION, 0);
	sqlite3_reset(s->db.stmt[DB_DATA_VERSION]);
	return v;
}

/* Begins a transaction that knows all that others wrote. */
static int begin(struct sqlite_store *s)
{
	int64_t version;
	int err;

	err = error_of(db_run(&s->db, DB_BEGIN, NULL, 0, NULL));
	if (err)
		return err;
	version = data_version(s);
	if (version == s->data_version)
		return 0;
	err = catch_up(s, s->revision);
	if (err)
		return err;
	remember(s);
	s->data_version = version;
	return 0;
}

/* ------------------------------------------------------------ transactions */

/* What there is of a record; both 0 if there is none. Returns 0 or -errno. */
static int look_up(struct sqlite_store *s, const char *key, struct event *e,
		   bool *tombstone)
{
	int err = db_step(&s->db, DB_GET, key, 0, NULL);

	*e = (struct event){ };
	*tombstone = false;
	if (err == SQLITE_ROW && db_int(&s->db, DB_GET, 0)) {
		e->created = db_int(&s->db, DB_GET, 1);
		e->modified = db_int(&s->db, DB_GET, 2);
	} else if (err == SQLITE_ROW) {
		*tombstone = true;
	}
	sqlite3_reset(s->db.stmt[DB_GET]);
	return error_of(err);
}

static int check(struct sqlite_store *s, const struct check *c)
{
	struct event e;
	bool tombstone;
	int err;

	if (c->kind == CHECK_EMPTY) {
		err = db_step(&s->db, DB_PREFIX, c->key, 0, NULL);
		sqlite3_reset(s->db.stmt[DB_PREFIX]);
		return err == SQLITE_ROW ? -EAGAIN : error_of(err);
	}
	err = look_up(s, c->key, &e, &tombstone);
	if (err)
		return err;
	return c->revision == (c->kind == CHECK_CREATED ? e.created : e.modified) ?
	       0 : -EAGAIN;
}

static int write_record(struct sqlite_store *s, const struct write *w,
			uint64_t lease, uint64_t revision, bool *changed)
{
	bool tombstone;
	struct event e;
	int err;

	err = look_up(s, w->key, &e, &tombstone);
	if (err)
		return err;
	if (!w->value && !e.created)
		return 0;
	e.key = w->key;
	e.value = w->value;
	e.modified = revision;
	if (!e.created)
		e.created = revision;
	if (w->value && w->leased)
		e.lease = lease;
	err = error_of(db_put(&s->db, &e));
	if (err)
		return err;
	s->tombstones += !w->value - tombstone;
	s->events = memory_grow(s->events, s->event_count, sizeof(*s->events));
	s->events[s->event_count++] = e;
	*changed = true;
	return 0;
}

static int grant(struct sqlite_store *s, uint32_t ttl, uint64_t *id)
{
	int64_t row[2];

	/* Not at the end of another that had this number, so by chance. */
	do {
		if (getrandom(id, sizeof(*id), 0) != sizeof(*id))
			return -EIO;
		*id &= INT64_MAX;
	} while (!*id || lease_find(&s->leases, *id));
	row[0] = *id;
	row[1] = ttl;
	lease_grant(&s->leases, *id, ttl, lease_now());
	return error_of(db_run(&s->db, DB_ADD_LEASE, NULL, 2, row));
}

/* Does a transaction as a whole, or returns -EAGAIN before it does anything. */
static int transact(struct sqlite_store *s, const struct txn *t)
{
	uint64_t lease = t->lease, revision = s->revision + 1;
	bool changed = false;
	unsigned int i;
	int err;

	for (i = 0; i < t->check_count; i++) {
		err = check(s, &t->checks[i]);
		if (err)
			return err;
	}
	/* What is bound to a lease that has ended would never end. */
	if (lease && !lease_renew(&s->leases, lease, lease_now()))
		return -EAGAIN;
	if (!lease && t->ttl) {
		err = grant(s, t->ttl, &lease);
		if (err)
			return err;
	}
	for (i = 0; i < t->write_count; i++) {
		err = write_record(s, &t->writes[i], lease, revision, &changed);
		if (err)
			return err;
	}
	s->revision += changed;
	/* It is found to have ended before this is durable. */
	if (t->revoke)
		lease_revoke(&s->leases, t->revoke);
	return 0;
}

/* Takes the lease, and what is bound to it. */
static int expire(struct sqlite_store *s, struct lease *lease)
{
	const int64_t id = lease->id;
	struct expiry *x;
	int err;

	s->expiry = memory_grow(s->expiry, s->expiry_count, sizeof(*s->expiry));
	x = &s->expiry[s->expiry_count++];
	*x = (struct expiry){ .id = lease->id, .ttl = lease->ttl };
	lease_del(&s->leases, lease);
	err = db_step(&s->db, DB_OF_LEASE, NULL, 1, &id);
	while (err == SQLITE_ROW) {
		txn_delete(&x->txn, db_event(&s->db, DB_OF_LEASE).key);
		err = db_next(&s->db, DB_OF_LEASE);
	}
	if (err == SQLITE_DONE)
		err = db_run(&s->db, DB_DEL_LEASE, NULL, 1, &id);
	if (error_of(err))
		return error_of(err);
	s->ended += x->txn.write_count > 0;
	return transact(s, &x->txn);
}

/* Forgets the older half of what was deleted. */
static int compact(struct sqlite_store *s)
{
	const int64_t keep = TOMBSTONES_MAX / 2;
	int64_t last;
	int err;

	if (s->tombstones <= TOMBSTONES_MAX)
		return 0;
	err = db_step(&s->db, DB_OLD_TOMBSTONE, NULL, 1, &keep);
	if (err != SQLITE_ROW)
		return error_of(err);
	last = db_int(&s->db, DB_OLD_TOMBSTONE, 0);
	sqlite3_reset(s->db.stmt[DB_OLD_TOMBSTONE]);
	err = error_of(db_run(&s->db, DB_COMPACT, NULL, 1, &last));
	if (err)
		return err;
	s->tombstones -= sqlite3_changes(s->db.sql);
	s->compacted = last;
	return 0;
}

static int commit(struct sqlite_store *s)
{
	int64_t state[2];
	int err = compact(s);

	if (err)
		return err;
	state[0] = s->revision;
	state[1] = s->compacted;
	err = error_of(db_run(&s->db, DB_SET_STATE, NULL, 2, state));
	if (err)
		return err;
	return error_of(db_run(&s->db, DB_COMMIT, NULL, 0, NULL));
}

/* ------------------------------------------------------------------ batches */

/**
 * struct batch - jobs that are done together
 * @jobs: the jobs
 * @results: for their done()
 * @revisions: for their done()
 * @count: how many
 */
struct batch {
	struct store_job *jobs[BATCH_MAX];
	int results[BATCH_MAX];
	uint64_t revisions[BATCH_MAX];
	unsigned int count;
};

static bool is_renewal(const struct store_job *job)
{
	return job->renew;
}

/* Does all that writes. Returns 0, or -errno and nothing was done. */
static int write_batch(struct sqlite_store *s, struct batch *b, uint64_t now)
{
	struct lease *lease;
	unsigned int i;
	int err;

	err = begin(s);
	if (err)
		return err;
	remember(s);
	for (i = 0; i < b->count; i++) {
		if (is_renewal(b->jobs[i]))
			continue;
		err = transact(s, &b->jobs[i]->txn);
		if (err && err != -EAGAIN)
			return err;
		b->results[i] = err;
		b->revisions[i] = s->revision;
	}
	while ((lease = lease_expired(&s->leases, now))) {
		err = expire(s, lease);
		if (err)
			return err;
	}
	return commit(s);
}

static bool must_write(struct sqlite_store *s, const struct batch *b, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < b->count; i++)
		if (!is_renewal(b->jobs[i]))
			return true;
	return lease_expired(&s->leases, now) || data_version(s) != s->data_version;
}

/* Nothing of the batch was done: memory must say what the database does. */
static void roll_back(struct sqlite_store *s, struct batch *b, int err)
{
	unsigned int i;

	/* It may have been rolled back by the error itself. */
	db_run(&s->db, DB_ROLLBACK, NULL, 0, NULL);
	lease_settle(&s->leases, false);
	s->revision = s->durable.revision;
	s->compacted = s->durable.compacted;
	s->tombstones = s->durable.tombstones;
	for (i = 0; i < s->expiry_count; i++)
		lease_add(&s->leases, s->expiry[i].id, s->expiry[i].ttl, lease_now());
	s->event_count = 0;
	s->ended = 0;
	for (i = 0; i < b->count; i++)
		if (!is_renewal(b->jobs[i]))
			b->results[i] = err;
}

static void tell(struct sqlite_store *s)
{
	unsigned int i;

	for (i = 0; i < s->event_count; i++)
		s->listener.event(s->listener.arg, &s->events[i]);
	s->listener.committed(s->listener.arg, s->revision, s->compacted);
	if (s->ended)
		s->listener.expired(s->listener.arg, s->ended);
	s->event_count = 0;
	s->ended = 0;
}

static void count_batch(struct sqlite_store *s, const struct batch *b, bool commit)
{
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	s->stats.jobs += b->count;
	s->stats.commits += commit;
	for (i = 0; i < b->count; i++) {
		s->stats.conflicts += b->results[i] == -EAGAIN;
		s->stats.failures += b->results[i] == -EIO || b->results[i] == -ENOSPC;
	}
	pthread_mutex_unlock(&s->lock);
}

static void do_batch(struct sqlite_store *s, struct batch *b)
{
	uint64_t now = lease_now();
	unsigned int i;
	bool write;
	int err;

	/* Neither we nor those whose leases these are could do anything then. */
	if (s->seen && now - s->seen > STALL_MS + IDLE_MS)
		lease_delay(&s->leases, now - s->seen);
	s->seen = now;
	/* Who asked in time is heard before anybody is found to be late. */
	for (i = 0; i < b->count; i++)
		if (is_renewal(b->jobs[i]))
			b->results[i] = lease_renew(&s->leases, b->jobs[i]->renew, now) ?
					0 : -ENOENT;
	write = must_write(s, b, now);
	if (write) {
		err = write_batch(s, b, now);
		if (err)
			roll_back(s, b, err);
		else
			lease_settle(&s->leases, true);
		tell(s);
	}
	count_batch(s, b, write);
	for (i = 0; i < b->count; i++)
		b->jobs[i]->done(b->jobs[i], b->results[i], b->revisions[i]);
	while (s->expiry_count)
		txn_clear(&s->expiry[--s->expiry_count].txn);
	free(s->expiry);
	s->expiry = NULL;
}

/* Waits for jobs, for a while, and takes them. False: that was all. */
static bool take_batch(struct sqlite_store *s, struct batch *b)
{
	struct timespec until;
	bool more;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += IDLE_MS * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	b->count = 0;
	pthread_mutex_lock(&s->lock);
	while (!s->first && !s->closing &&
	       !pthread_cond_timedwait(&s->wake, &s->lock, &until))
		;
	while (s->first && b->count < BATCH_MAX) {
		struct store_job *job = s->first;

		s->first = job->next;
		b->revisions[b->count] = 0;
		b->results[b->count] = 0;
		b->jobs[b->count++] = job;
	}
	if (!s->first)
		s->last = &s->first;
	more = b->count || !s->closing;
	pthread_mutex_unlock(&s->lock);
	return more;
}

static void *work(void *arg)
{
	struct sqlite_store *s = arg;
	struct batch *b = memory_new(sizeof(*b));

	while (take_batch(s, b))
		do_batch(s, b);
	free(b);
	return NULL;
}

/* --------------------------------------------------------------- the store */

static void submit(struct store *store, struct store_job *job)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	job->next = NULL;
	pthread_mutex_lock(&s->lock);
	*s->last = job;
	s->last = &job->next;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
}

static void stats(struct store *store, struct store_stats *stats)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	pthread_mutex_lock(&s->lock);
	*stats = s->stats;
	pthread_mutex_unlock(&s->lock);
}

static void destroy(struct sqlite_store *s)
{
	lease_clear(&s->leases);
	db_close(&s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	free(s->events);
	free(s);
}

static void close_store(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	pthread_mutex_lock(&s->lock);
	s->closing = true;
	pthread_cond_signal(&s->wake);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	destroy(s);
}

/* Leases are what the database says, with all their time before them. */
static int load_leases(struct sqlite_store *s)
{
	uint64_t now = lease_now();
	int err;

	err = db_step(&s->db, DB_LEASES, NULL, 0, NULL);
	while (err == SQLITE_ROW) {
		lease_add(&s->leases, db_int(&s->db, DB_LEASES, 0),
			  db_int(&s->db, DB_LEASES, 1), now);
		err = db_next(&s->db, DB_LEASES);
	}
	return error_of(err);
}

static int load(struct sqlite_store *s, bool keeper)
{
	int err = error_of(db_run(&s->db, DB_BEGIN, NULL, 0, NULL));

	if (err)
		return err;
	s->data_version = data_version(s);
	err = catch_up(s, 0);
	remember(s);
	if (!err && keeper)
		err = load_leases(s);
	db_run(&s->db, DB_ROLLBACK, NULL, 0, NULL);
	return err;
}

/* The system unlocks it, however the program ends. */
static bool lock_file(struct sqlite_store *s, const char *path, char *why, size_t size)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%s.lock", path) >= (int)sizeof(name)) {
		snprintf(why, size, "the name of the database is too long");
		return false;
	}
	s->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0) {
		snprintf(why, size, "cannot write %s: %s; is its directory there and writable?",
			 name, strerror(errno));
		return false;
	}
	if (!flock(s->lock_fd, LOCK_EX | LOCK_NB))
		return true;
	snprintf(why, size, "another vmnet-board uses %s: stop it first", path);
	return false;
}

static const struct store_ops ops = {
	.submit = submit,
	.stats = stats,
	.close = close_store,
};

struct store *store_sqlite_open(const char *path, bool keeper,
				const struct store_listener *listener,
				char *why, size_t size)
{
	struct sqlite_store *s = memory_new(sizeof(*s));
	pthread_condattr_t attr;

	s->store.ops = &ops;
	s->listener = *listener;
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->wake, &attr);
	pthread_condattr_destroy(&attr);
	s->lock_fd = -1;
	if ((keeper && !lock_file(s, path, why, size)) ||
	    !db_open(&s->db, path, why, size))
		goto err;
	if (load(s, keeper)) {
		snprintf(why, size, "cannot read the database %s: %s", path,
			 sqlite3_errmsg(s->db.sql));
		goto err;
	}
	if (pthread_create(&s->thread, NULL, work, s)) {
		snprintf(why, size, "cannot start a thread: %s", strerror(errno));
		goto err;
	}
	return &s->store;
err:
	destroy(s);
	return NULL;
}
