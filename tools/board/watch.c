// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lease.h"
#include "model.h"
#include "watch.h"

enum {
	WAIT_MAX	= 60,		/* seconds of a long poll */
	PING_MS		= 15000,	/* a stream says that it is there */
	AHEAD_MS	= 5000,		/* another board may know more for so long */
	STREAM_BLOCK	= 2 << 10,
};

/**
 * struct place - what a key says to others
 * @kind: of the thing that it is about
 * @whole: it is the thing itself, not where that is
 * @domain: that it is in
 * @segment: that it is in, or is; "" if it is a host
 * @name: of the thing
 */
struct place {
	const char *kind;
	bool whole;
	char domain[NAME_SIZE];
	char segment[NAME_SIZE];
	char name[NAME_SIZE];
};

/* Copies up to the next slash, and returns what follows. */
static const char *part(const char *s, char out[NAME_SIZE])
{
	size_t len = 0;

	while (s[len] && s[len] != '/' && len < NAME_LEN) {
		out[len] = s[len];
		len++;
	}
	out[len] = '\0';
	return s[len] ? s + len + 1 : s + len;
}

/* False: that is our own. A VM that comes or goes is one that changes. */
static bool read_key(const char *key, struct place *p)
{
	char kind[NAME_SIZE], host[NAME_SIZE];
	const char *rest = part(key, kind);

	p->whole = true;
	p->segment[0] = '\0';
	rest = part(rest, p->domain);
	if (!strcmp(kind, "segment")) {
		p->kind = "segment";
		part(rest, p->name);
		part(rest, p->segment);
	} else if (!strcmp(kind, "host")) {
		p->kind = "host";
		part(rest, p->name);
	} else if (!strcmp(kind, "vm") || !strcmp(kind, "on")) {
		p->kind = "vm";
		p->whole = kind[0] == 'v';
		if (!p->whole)
			rest = part(rest, host);
		rest = part(rest, p->segment);
		part(rest, p->name);
	} else {
		return false;
	}
	return true;
}

static bool is_wanted(const struct request *r, const struct place *p)
{
	return !strcmp(p->domain, r->ask.domain) &&
	       (!*r->segment || !*p->segment || !strcmp(p->segment, r->segment));
}

/* The record of an event: of where a VM is, that of the VM. */
static const struct record *subject(const struct view *v, const struct record *r,
				    const struct place *p)
{
	char key[TXN_KEY_MAX];

	if (p->whole)
		return r;
	key_format(key, "vm/%s/%s/%s", p->domain, p->segment, p->name);
	return view_find(v, key);
}

static void write_event(const struct view *v, const struct record *r,
			const struct place *p, const struct record *what, struct buf *b)
{
	buf_puts(b, "{\"revision\":");
	buf_u64(b, r->modified);
	buf_puts(b, what->value ? ",\"type\":\"put\"" : ",\"type\":\"delete\"");
	buf_puts(b, ",\"kind\":");
	buf_json_string(b, p->kind);
	if (!strcmp(p->kind, "vm")) {
		buf_puts(b, ",\"segment\":");
		buf_json_string(b, p->segment);
	}
	buf_puts(b, ",\"name\":");
	buf_json_string(b, p->name);
	if (what->value) {
		buf_puts(b, ",\"object\":");
		if (!strcmp(p->kind, "vm"))
			vm_write(v, p->domain, what, b);
		else
			answer_record(b, what);
	}
	buf_putc(b, '}');
}

/* The next change that the watcher is told of, from @r on; NULL if there is none. */
static const struct record *next_event(const struct request *q, const struct record *r,
				       struct place *p, const struct record **what)
{
	for (; r; r = view_changed_next(&q->board->view, r)) {
		if (!read_key(r->key, p) || !is_wanted(q, p))
			continue;
		/* Who begins has nothing that could be deleted, and is told of all VMs. */
		if (!q->since && (!r->value || !p->whole))
			continue;
		*what = subject(&q->board->view, r, p);
		/* The VM is gone as well, or is told of itself. */
		if (!*what || (!p->whole && (*what)->modified > q->since))
			continue;
		return r;
	}
	return NULL;
}

static bool is_gone(const struct request *r)
{
	const struct view *v = &r->board->view;

	return (r->since && r->since < v->compacted) ||
	       (r->since > v->revision && lease_now() >= r->patience);
}

/* Another board has told the watcher what this does not know yet. */
static bool is_ahead(const struct request *r)
{
	return r->since > r->board->view.revision;
}

static bool set_gone(struct request *r)
{
	return problem_set(&r->ask.problem, REVISION_GONE,
			   "read all again: watch since 0, and forget what is not told");
}

/* Adds events; the revision is then known. Returns how many. */
static unsigned int write_events(struct request *r, struct buf *b)
{
	const struct view *v = &r->board->view;
	const struct record *rec = view_changed(v, r->since), *what;
	unsigned int count = 0;
	struct place p;

	for (rec = next_event(r, rec, &p, &what); rec;
	     rec = next_event(r, view_changed_next(v, rec), &p, &what)) {
		if (count++)
			buf_putc(b, ',');
		write_event(v, rec, &p, what, b);
	}
	r->since = v->revision;
	return count;
}

/* The same as lines of server-sent events. */
static unsigned int write_stream(struct request *r, struct buf *b)
{
	const struct view *v = &r->board->view;
	const struct record *rec = view_changed(v, r->since), *what;
	unsigned int count = 0;
	struct place p;

	for (rec = next_event(r, rec, &p, &what); rec;
	     rec = next_event(r, view_changed_next(v, rec), &p, &what)) {
		buf_puts(b, "event: ");
		buf_puts(b, what->value ? "put" : "delete");
		buf_puts(b, "\ndata: ");
		write_event(v, rec, &p, what, b);
		buf_puts(b, "\n\n");
		count++;
	}
	r->since = v->revision;
	/* Only now all of the revision is known: from here a client may go on. */
	buf_puts(b, "id: ");
	buf_u64(b, r->since);
	buf_puts(b, "\nevent: sync\ndata: {\"revision\":");
	buf_u64(b, r->since);
	buf_puts(b, "}\n\n");
	return count;
}

static bool has_news(struct request *r)
{
	const struct record *what;
	struct place p;
	bool news;

	news = next_event(r, view_changed(&r->board->view, r->since), &p, &what);
	if (!news)
		r->since = r->board->view.revision;
	return news;
}

static void wait_for_change(struct request *r)
{
	r->waiting = true;
	list_add_tail(&r->board->watchers, &r->link);
	r->board->watching++;
	MHD_suspend_connection(r->conn);
}

static void wake(struct request *r)
{
	watch_end(r);
	MHD_resume_connection(r->conn);
}

void watch_end(struct request *r)
{
	if (!r->waiting)
		return;
	r->waiting = false;
	list_del(&r->link);
	r->board->watching--;
}

bool watch_begin(struct request *r)
{
	const char *accept, *last, *segment = request_argument(r, "segment");
	uint64_t wait = 0;

	accept = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "Accept");
	last = MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, "Last-Event-ID");
	r->stream = accept && strstr(accept, "text/event-stream");
	if (!ask_domain(&r->ask) ||
	    !request_number(r, "since", INT64_MAX, &r->since) ||
	    !request_number(r, "wait", WAIT_MAX, &wait))
		return false;
	if (segment && !ask_segment(&r->ask, segment))
		return false;
	if (r->stream && last && !parse_number(last, INT64_MAX, &r->since))
		return problem_set(&r->ask.problem, BAD_REQUEST,
				   "\"Last-Event-ID\" is no revision");
	snprintf(r->segment, sizeof(r->segment), "%s", segment ? segment : "");
	if (r->board->config.etcd.count)
		r->patience = lease_now() + AHEAD_MS;
	if (is_gone(r))
		return set_gone(r);
	if (r->board->watches >= r->board->config.watchers)
		return problem_set(&r->ask.problem, TOO_MANY_WATCHERS,
				   "ask again later, or let \"watchers\" be higher");
	r->board->watches++;
	r->counted = true;
	r->deadline = lease_now() + (r->stream ? 0 : wait * 1000);
	return true;
}

bool watch_poll(struct request *r)
{
	struct buf *b = &r->ask.answer;
	uint64_t since = r->since;

	if (is_gone(r)) {
		set_gone(r);
		return true;
	}
	if (is_ahead(r) && !r->board->stopping) {
		/* It is looked at again at the next tick. */
		r->deadline = 0;
		wait_for_change(r);
		return false;
	}
	/* Who begins is told all, even if that is nothing. */
	if (since && !has_news(r) && lease_now() < r->deadline && !r->board->stopping) {
		wait_for_change(r);
		return false;
	}
	buf_puts(b, "{\"events\":[");
	write_events(r, b);
	buf_puts(b, "],\"revision\":");
	buf_u64(b, r->since);
	buf_putc(b, '}');
	return true;
}

/* ------------------------------------------------------------------ streams */

/* Finds something to send. Returns false if the stream waits, or ends. */
static bool fill(struct request *r, bool *end)
{
	uint64_t now = lease_now();

	*end = false;
	r->out.len = 0;
	r->sent = 0;
	if (is_gone(r)) {
		if (r->gone) {
			*end = true;
			return false;
		}
		r->gone = true;
		buf_puts(&r->out, "event: gone\ndata: {}\n\n");
		return true;
	}
	if (r->board->stopping) {
		*end = true;
		return false;
	}
	if (is_ahead(r)) {
		wait_for_change(r);
		return false;
	}
	if (!r->deadline || has_news(r)) {
		write_stream(r, &r->out);
		r->deadline = now + PING_MS;
		return true;
	}
	if (now >= r->deadline) {
		buf_puts(&r->out, ": here\n\n");
		r->deadline = now + PING_MS;
		return true;
	}
	/* Most wait, and need none. */
	buf_free(&r->out);
	wait_for_change(r);
	return false;
}

static ssize_t read_stream(void *arg, uint64_t pos, char *to, size_t max)
{
	struct request *r = arg;
	bool end = false, more = r->sent < r->out.len;
	size_t n;

	(void)pos;
	if (!more) {
		pthread_mutex_lock(&r->board->lock);
		more = fill(r, &end);
		pthread_mutex_unlock(&r->board->lock);
	}
	if (!more)
		return end ? MHD_CONTENT_READER_END_OF_STREAM : 0;
	n = r->out.len - r->sent;
	if (n > max)
		n = max;
	memcpy(to, r->out.p + r->sent, n);
	r->sent += n;
	return n;
}

enum MHD_Result watch_stream(struct request *r)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	r->deadline = 0;
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
						     read_stream, r, NULL);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	r->board->counters.requests[2]++;
	result = MHD_queue_response(r->conn, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

/* ------------------------------------------------------------------ changes */

void watch_touch(struct board *b, const char *key)
{
	unsigned int i, count = b->touched_count;
	struct place p;

	if (count > TOUCHED_MAX || !read_key(key, &p))
		return;
	for (i = 0; i < count; i++)
		if (!strcmp(b->touched[i].domain, p.domain) &&
		    !strcmp(b->touched[i].segment, p.segment))
			return;
	if (count < TOUCHED_MAX) {
		memcpy(b->touched[count].domain, p.domain, NAME_SIZE);
		memcpy(b->touched[count].segment, p.segment, NAME_SIZE);
	}
	b->touched_count++;
}

static bool is_touched(const struct board *b, const struct request *r)
{
	unsigned int i;

	if (b->touched_count > TOUCHED_MAX)
		return true;
	for (i = 0; i < b->touched_count; i++)
		if (!strcmp(b->touched[i].domain, r->ask.domain) &&
		    (!*r->segment || !*b->touched[i].segment ||
		     !strcmp(b->touched[i].segment, r->segment)))
			return true;
	return false;
}

static struct request *watcher_of(const struct board *b, struct list *link)
{
	return list_entry(link, &b->watchers, struct request, link);
}

void watch_wake(struct board *b)
{
	struct request *r, *next;

	for (r = b->touched_count ? watcher_of(b, b->watchers.next) : NULL; r; r = next) {
		next = watcher_of(b, r->link.next);
		if (is_touched(b, r))
			wake(r);
	}
	b->touched_count = 0;
}

void watch_tick(struct board *b, uint64_t now, bool all)
{
	struct request *r, *next;

	for (r = watcher_of(b, b->watchers.next); r; r = next) {
		next = watcher_of(b, r->link.next);
		if (all || now >= r->deadline)
			wake(r);
	}
}
