// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "metrics.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	char text[256];

	snprintf(text, sizeof(text), "# HELP vmnet_board_%s %s\n# TYPE vmnet_board_%s %s\n",
		 name, help, name, type);
	buf_puts(out, text);
}

static void value(struct buf *out, const char *name, const char *label, uint64_t v)
{
	char text[256];

	snprintf(text, sizeof(text), "vmnet_board_%s%s %llu\n", name, label,
		 (unsigned long long)v);
	buf_puts(out, text);
}

static void one(struct buf *out, const char *name, const char *type, const char *help,
		uint64_t v)
{
	head(out, name, type, help);
	value(out, name, "", v);
}

static void write_requests(struct counters *c, struct buf *out)
{
	char label[64];
	int i;

	head(out, "requests_total", "counter", "Requests, by hundreds of the status");
	for (i = 2; i < 6; i++) {
		snprintf(label, sizeof(label), "{status=\"%dxx\"}", i);
		value(out, "requests_total", label, c->requests[i]);
	}
	head(out, "problems_total", "counter", "Requests that were refused, by code");
	for (i = 1; i < PROBLEM_CODES; i++) {
		snprintf(label, sizeof(label), "{code=\"%s\"}", problem_name(i));
		value(out, "problems_total", label, c->problems[i]);
	}
}

static void write_store(struct board *b, struct buf *out)
{
	struct store_stats s;

	store_stats(b->store, &s);
	one(out, "store_commits_total", "counter", "Times that changes were made durable",
	    s.commits);
	one(out, "store_jobs_total", "counter", "Changes and renewals", s.jobs);
	one(out, "store_conflicts_total", "counter", "Changes that others overtook",
	    s.conflicts);
	one(out, "store_failures_total", "counter", "Changes that could not be made durable",
	    s.failures);
	one(out, "store_up", "gauge", "Whether changes can be made durable", !s.down);
}

void metrics_write(struct board *b, struct buf *out)
{
	struct counters *c = &b->counters;

	write_requests(c, out);
	one(out, "retries_total", "counter", "Changes that were decided again", c->retries);
	one(out, "leases_expired_total", "counter", "Leases that ended", c->expired);
	one(out, "slow_total", "counter", "Connections closed as nothing came in time",
	    c->slow);
	one(out, "connections", "gauge", "Open connections", c->connections);
	pthread_mutex_lock(&b->lock);
	/* Until then the store is there. */
	if (!b->stopping)
		write_store(b, out);
	one(out, "revision", "gauge", "Last revision", b->view.revision);
	one(out, "compacted", "gauge", "Revision up to which deletions are forgotten",
	    b->view.compacted);
	one(out, "records", "gauge", "Records", b->view.records);
	one(out, "watchers", "gauge", "Requests that wait for a change", b->watching);
	one(out, "watches", "gauge", "Requests that watch", b->watches);
	pthread_mutex_unlock(&b->lock);
}
