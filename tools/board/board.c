// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "error.h"
#include "lease.h"
#include "limit.h"
#include "server.h"
#include "watch.h"

enum {
	TICK_MS		= 100,
	FILES_SPARE	= 64,	/* descriptors that are no connections */
	LARGE		= 64 << 10,
	ARENAS		= 2,
};

/* Nobody sees half a transaction: the lock is held until it is told. */
static void hold(struct board *b)
{
	if (b->telling)
		return;
	pthread_mutex_lock(&b->lock);
	b->telling = true;
}

static void told_event(void *arg, const struct event *e)
{
	struct board *b = arg;

	hold(b);
	if (b->remembers)
		history_event(&b->history, &b->view, e);
	if (!e->value)
		reports_forget(&b->reports, e->key);
	view_event(&b->view, e);
	watch_touch(b, e->key);
}

static void told_committed(void *arg, uint64_t revision, uint64_t compacted)
{
	struct board *b = arg;

	hold(b);
	view_committed(&b->view, revision, compacted);
	watch_wake(b);
	b->telling = false;
	pthread_mutex_unlock(&b->lock);
}

static void told_expired(void *arg, unsigned int leases)
{
	struct board *b = arg;

	b->counters.expired += leases;
}

static const char *told_next(void *arg, const char *after)
{
	struct board *b = arg;
	const struct record *r;

	hold(b);
	r = view_next(&b->view, "", after);
	return r ? r->key : NULL;
}

static void init(struct board *b, const struct config *c)
{
	b->config = *c;
	pthread_mutex_init(&b->lock, NULL);
	pthread_mutex_init(&b->connections_lock, NULL);
	list_init(&b->watchers);
	list_init(&b->connections);
	view_init(&b->view);
	reports_init(&b->reports);
	history_init(&b->history);
}

static void open_store(struct board *b)
{
	const struct store_listener listener = {
		.event = told_event,
		.committed = told_committed,
		.expired = told_expired,
		.next = told_next,
		.arg = b,
	};
	char why[PATH_MAX + 256];

	b->store = store_open(&b->config, true, &listener, why, sizeof(why));
	if (!b->store)
		die(STATUS_REFUSED, "%s", why);
	pthread_mutex_lock(&b->lock);
	b->remembers = true;
	pthread_mutex_unlock(&b->lock);
}

/* What is large and soon over, as answers to who begins, does not stay ours. */
static void limit_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE);
	mallopt(M_ARENA_MAX, ARENAS);
}

/* As many descriptors as connections are wanted. */
static void raise_limits(const struct config *c)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = c->connections + FILES_SPARE;
	if (limit.rlim_max < limit.rlim_cur) {
		complain("the limit of open files, %llu, is below \"connections\"",
			 (unsigned long long)limit.rlim_max);
		limit.rlim_cur = limit.rlim_max;
	}
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* By a name that others know, if it listens on all addresses. */
static void say_portal(const struct config *c, unsigned int port)
{
	const struct endpoint *ep = &c->listen;
	char name[HOST_NAME_MAX + 1] = "localhost", text[ENDPOINT_STRLEN];
	struct endpoint at = *ep;
	bool any;

	any = ep->family == AF_INET ? !ep->v4.s_addr : IN6_IS_ADDR_UNSPECIFIED(&ep->v6);
	if (any) {
		gethostname(name, sizeof(name) - 1);
		printf("portal https://%s:%u/\n", name, port);
		return;
	}
	at.port = port;
	format_endpoint(&at, text);
	printf("portal %s://%s/\n", c->insecure ? "http" : "https", text);
}

static void say_ready(const struct config *c, const struct identity *id,
		      unsigned int port)
{
	struct endpoint ep = c->listen;
	char text[ENDPOINT_STRLEN];

	ep.port = port;
	format_endpoint(&ep, text);
	say_portal(c, port);
	if (!c->insecure)
		printf("fingerprint %s\n", id->fingerprint);
	printf("listening on %s://%s\n", c->insecure ? "http" : "https", text);
	fflush(stdout);
}

/* Looks at the clock until one of @ends comes. */
static void serve(struct board *b, const sigset_t *ends)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };

	while (sigtimedwait(ends, NULL, &tick) < 0) {
		uint64_t now = lease_now();

		pthread_mutex_lock(&b->lock);
		watch_tick(b, now, false);
		pthread_mutex_unlock(&b->lock);
		server_tick(b, now);
	}
}

static void stop(struct board *b)
{
	pthread_mutex_lock(&b->lock);
	b->stopping = true;
	watch_tick(b, 0, true);
	pthread_mutex_unlock(&b->lock);
	/* What was asked is answered; nothing is asked any more. */
	store_close(b->store);
	server_stop(b);
	view_clear(&b->view);
	reports_clear(&b->reports);
	history_clear(&b->history);
	limit_clear(&b->buckets);
}

int board_run(const struct config *c)
{
	struct identity id = { };
	static struct board board;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	/* The threads inherit this. */
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow is one that cannot be written. */
	signal(SIGXFSZ, SIG_IGN);

	limit_memory();
	init(&board, c);
	raise_limits(c);
	open_store(&board);
	if (!c->insecure)
		identity_load(&id, c);
	say_ready(c, &id, server_start(&board, &id));
	serve(&board, &ends);
	stop(&board);
	identity_free(&id);
	return STATUS_OK;
}
