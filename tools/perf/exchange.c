// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "exchange.h"
#include "note.h"

#define NSEC		1000000000ull
#define PATIENCE	10		/* seconds with a silent client */
#define TRIES		25		/* of an answer that may be lost */
#define TRY_USEC	200000
#define ROUND_FIRST	1000		/* messages, before the rate is known */

/**
 * struct reader - messages taken from a channel, several in a call
 * @fd: the channel's
 * @batch: most in a call
 * @have: of the last call
 * @next: of them
 * @msg: for the call
 * @iov: theirs
 * @buf: where they are
 */
struct reader {
	int fd;
	unsigned int batch;
	unsigned int have;
	unsigned int next;
	struct mmsghdr msg[PERF_BATCH_MAX];
	struct iovec iov[PERF_BATCH_MAX];
	char *buf;
};

static char data[PERF_SIZE_MAX];

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

static void set_patience(int fd, time_t sec, suseconds_t usec)
{
	struct timeval tv = { .tv_sec = sec, .tv_usec = usec };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

/* A queue that is full loses a message; that is no error where others do too. */
static void put(const struct transport *t, const struct channel *ch,
		const void *p, size_t len)
{
	ssize_t sent = sendto(ch->fd, p, len, MSG_NOSIGNAL,
			      ch->to_len ? (const struct sockaddr *)&ch->to : NULL,
			      ch->to_len);

	if (sent < 0 && !(t->lossy && (errno == ENOBUFS || errno == ECONNREFUSED)))
		die(STATUS_REFUSED, "cannot send %zu octets: %s", len,
		    strerror(errno));
}

/* @n of the same message in one call. */
static void put_many(const struct transport *t, const struct channel *ch,
		     size_t len, unsigned int n)
{
	struct iovec iov = { .iov_base = data, .iov_len = len };
	static struct mmsghdr msg[PERF_BATCH_MAX];
	unsigned int i;
	int sent;

	for (i = 0; i < n; i++)
		msg[i].msg_hdr = (struct msghdr) {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_name = ch->to_len ? (void *)&ch->to : NULL,
			.msg_namelen = ch->to_len,
		};
	while (n) {
		sent = sendmmsg(ch->fd, msg, n, MSG_NOSIGNAL);
		if (sent > 0) {
			n -= (unsigned int)sent;
		} else if (t->lossy && (errno == ENOBUFS || errno == ECONNREFUSED)) {
			n--;
		} else {
			die(STATUS_REFUSED, "cannot send %zu octets: %s", len,
			    strerror(errno));
		}
	}
}

/* One message, or of a stream @len octets. Returns 0 at the end or when late. */
static size_t get(const struct transport *t, const struct channel *ch, size_t len)
{
	ssize_t got = recv(ch->fd, data, t->stream ? len : sizeof(data),
			   t->stream ? MSG_WAITALL : 0);

	if (got < 0 && errno != EAGAIN && errno != ECONNRESET &&
	    !(t->lossy && errno == ECONNREFUSED))
		die(STATUS_REFUSED, "cannot receive: %s", strerror(errno));
	return got < 0 ? 0 : (size_t)got;
}

static void put_note(const struct transport *t, const struct channel *ch,
		     enum note_kind kind, const struct note *n)
{
	char wire[NOTE_LEN];

	note_write(wire, kind, n);
	put(t, ch, wire, sizeof(wire));
}

/* Says @kind until the server has answered with @answer. */
static void ask(const struct transport *t, const struct channel *ch,
		enum note_kind kind, enum note_kind answer, struct note *n)
{
	struct note reply;
	int tries;

	if (t->lossy)
		set_patience(ch->fd, 0, TRY_USEC);
	for (tries = t->lossy ? TRIES : 1; tries; tries--) {
		size_t got;

		put_note(t, ch, kind, n);
		/* What is late of an earlier exchange comes first. */
		while ((got = get(t, ch, NOTE_LEN))) {
			if (note_read(data, got, &reply) == answer) {
				*n = reply;
				return;
			}
		}
	}
	die(STATUS_REFUSED, "the server does not answer; is \"%s server -t %s\" running there?",
	    program_invocation_short_name, t->name);
}

/* ---- server ---- */

/* For messages that follow @hello, which has been checked. */
static void reader_init(struct reader *r, int fd, const struct note *hello)
{
	/* A note may be larger than what it is about. */
	size_t each = hello->size > NOTE_LEN ? hello->size : NOTE_LEN;
	unsigned int i;

	r->fd = fd;
	r->batch = (unsigned int)hello->batch;
	r->have = 0;
	r->next = 0;
	r->buf = NULL;
	if (r->batch <= 1)
		return;
	r->buf = calloc(r->batch, each);
	if (!r->buf)
		die(STATUS_REFUSED, "no memory for %u messages", r->batch);
	for (i = 0; i < r->batch; i++) {
		r->iov[i] = (struct iovec) { r->buf + i * each, each };
		r->msg[i].msg_hdr = (struct msghdr) {
			.msg_iov = &r->iov[i], .msg_iovlen = 1,
		};
	}
}

/* The next message, or of a stream up to @len octets, at *@p; as recv(). */
static ssize_t reader_get(struct reader *r, size_t len, const char **p)
{
	if (r->batch <= 1) {
		*p = data;
		return recv(r->fd, data, len, 0);
	}
	if (r->next == r->have) {
		int got = recvmmsg(r->fd, r->msg, r->batch, MSG_WAITFORONE, NULL);

		if (got <= 0)
			return got;
		r->have = (unsigned int)got;
		r->next = 0;
	}
	*p = r->iov[r->next].iov_base;
	return r->msg[r->next++].msg_len;
}

/*
 * Receives a message of what follows @hello, @len octets at most. Returns 0 when
 * it is over: a note says so, the client has gone, or it is silent.
 */
static size_t follow(const struct transport *t, const struct channel *ch,
		     struct reader *r, enum note_kind kind, const struct note *hello,
		     size_t len)
{
	struct note n;

	for (;;) {
		const char *p;
		ssize_t got = reader_get(r, len, &p);
		enum note_kind said;

		if (got <= 0)
			return 0;
		said = t->lossy ? note_read(p, (size_t)got, &n) : 0;
		if (said == NOTE_END)
			return 0;
		if (said != kind)
			return (size_t)got;
		/* It did not hear that we are ready. */
		put_note(t, ch, NOTE_READY, hello);
	}
}

static void echo(const struct transport *t, const struct channel *ch,
		 const struct note *hello)
{
	struct reader r = { .fd = ch->fd };
	size_t got;

	while ((got = follow(t, ch, &r, NOTE_ECHO, hello, sizeof(data))))
		put(t, ch, data, got);
}

static void count(const struct transport *t, const struct channel *ch,
		  const struct note *hello, struct note *report)
{
	uint64_t left = hello->count * hello->size;
	uint64_t octets = 0, first = 0;
	struct reader r;

	reader_init(&r, ch->fd, hello);
	*report = (struct note) { .size = hello->size };
	while (left) {
		size_t len = t->stream && left < sizeof(data) ? left : sizeof(data);
		size_t got = follow(t, ch, &r, NOTE_FLOW, hello, len);

		if (!got)
			break;
		report->ns = now();
		if (!first)
			first = report->ns;
		octets += got;
		report->count++;
		/* Who may lose some is told when it is over. */
		if (!t->lossy)
			left -= got < left ? got : left;
	}
	if (t->stream)
		report->count = octets / hello->size;
	report->ns -= first;
	free(r.buf);
}

static void answer(const struct transport *t, const struct channel *ch,
		   const void *p, size_t len, struct note *report)
{
	struct note hello;
	enum note_kind kind = note_read(p, len, &hello);

	/* It did not hear the report. */
	if (kind == NOTE_END && t->lossy)
		put_note(t, ch, NOTE_REPORT, report);
	if ((kind != NOTE_ECHO && kind != NOTE_FLOW) || !hello.size ||
	    hello.size > PERF_SIZE_MAX || hello.batch > PERF_BATCH_MAX)
		return;
	put_note(t, ch, NOTE_READY, &hello);
	if (kind == NOTE_ECHO) {
		echo(t, ch, &hello);
	} else {
		count(t, ch, &hello, report);
		put_note(t, ch, NOTE_REPORT, report);
	}
}

void exchange_serve(const struct transport *t, const struct place *at, bool once)
{
	int server = t->open_server(at);
	struct note report = {};

	for (;;) {
		char hello[NOTE_LEN];
		struct channel ch;
		size_t got;

		set_patience(server, 0, 0);
		transport_accept(t, server, &ch, hello, sizeof(hello));
		/* A connection notices by itself that its client has gone. */
		if (t->lossy)
			set_patience(ch.fd, PATIENCE, 0);
		answer(t, &ch, hello, sizeof(hello), &report);
		/* The next rounds of the same client. */
		while (!t->lossy && (got = get(t, &ch, NOTE_LEN)))
			answer(t, &ch, data, got, &report);
		close(ch.fd);
		if (once)
			break;
	}
	close(server);
}

/* ---- client ---- */

static int by_length(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* False if it did not come back. */
static bool trip(const struct transport *t, const struct channel *ch, size_t size)
{
	struct note n;
	size_t got;

	memset(data, 0, NOTE_LEN);
	put(t, ch, data, size);
	do {
		got = get(t, ch, size);
		/* A repeated answer to the hello is no message. */
	} while (t->lossy && note_read(data, got, &n) == NOTE_READY);
	return got;
}

void exchange_trips(const struct transport *t, const struct place *at,
		    size_t size, size_t count, struct trips *trips)
{
	struct note n = { .size = size, .count = count };
	struct channel ch = { };
	uint64_t start, end;
	size_t i;

	*trips = (struct trips) { .ns = calloc(count, sizeof(*trips->ns)) };
	if (!trips->ns)
		die(STATUS_REFUSED, "no memory for %zu round trips", count);
	t->open_client(at, &ch);
	ask(t, &ch, NOTE_ECHO, NOTE_READY, &n);

	start = now();
	for (i = 0; i < count; i++) {
		if (trip(t, &ch, size)) {
			end = now();
			trips->ns[trips->count++] = end - start;
		} else if (t->lossy) {
			trips->lost++;
			end = now();
		} else {
			die(STATUS_REFUSED, "the connection ended after %zu round trips", i);
		}
		start = end;
	}
	if (t->lossy)
		put_note(t, &ch, NOTE_END, &n);
	close(ch.fd);
	qsort(trips->ns, trips->count, sizeof(*trips->ns), by_length);
}

static void put_all(const struct transport *t, const struct channel *ch,
		    const struct load *load, struct sender *sender, uint64_t left)
{
	unsigned int batch = load->batch;

	if (sender) {
		sender_put(sender, left, batch);
		return;
	}
	memset(data, 0, NOTE_LEN);
	for (; batch == 1 && left; left--)
		put(t, ch, data, load->size);
	for (; left; left -= batch) {
		batch = left < batch ? (unsigned int)left : batch;
		put_many(t, ch, load->size, batch);
	}
}

static void flow_round(const struct transport *t, const struct channel *ch,
		       const struct load *load, struct sender *sender,
		       uint64_t count, struct flow *flow)
{
	struct note n = { .size = load->size, .count = count, .batch = load->batch };

	ask(t, ch, NOTE_FLOW, NOTE_READY, &n);
	put_all(t, ch, load, sender, count);
	if (t->lossy) {
		ask(t, ch, NOTE_END, NOTE_REPORT, &n);
	} else {
		size_t got = get(t, ch, NOTE_LEN);

		if (note_read(data, got, &n) != NOTE_REPORT)
			die(STATUS_REFUSED, "the connection ended before all had arrived");
	}
	flow->sent += count;
	flow->received += n.count;
	flow->ns += n.ns;
}

/* The rate is measured in rounds, each as long as those before it together. */
void exchange_flow(const struct transport *t, const struct place *at,
		   const struct load *load, struct flow *flow)
{
	uint64_t start, round = load->count ?: ROUND_FIRST;
	struct sender *sender = NULL;
	struct channel ch = { };

	*flow = (struct flow) { };
	t->open_client(at, &ch);
	if (load->zerocopy)
		sender = sender_new(ch.fd, load->zerocopy, load->size);
	start = now();
	for (;;) {
		uint64_t spent, left;

		flow_round(t, &ch, load, sender, round, flow);
		spent = now() - start;
		if (load->count || spent >= load->seconds * NSEC)
			break;
		left = load->seconds * NSEC - spent;
		round = flow->sent;
		if (left < spent)
			round = round * left / spent + 1;
	}
	if (sender)
		flow->copied = sender_end(sender);
	sender_free(sender);
	close(ch.fd);
}
