// SPDX-License-Identifier: GPL-2.0
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "exchange.h"

#define MAGIC		0x52445066u	/* no message of the flow has it: those are zeros */
#define NSEC		1000000000ull
#define PATIENCE	10		/* seconds with a silent client */
#define TRIES		25		/* of an answer that may be lost */
#define TRY_USEC	200000
#define ROUND_FIRST	1000		/* messages, before the rate is known */

enum what {
	ECHO = 1,	/* send back what follows */
	FLOW,		/* count what follows */
	READY,		/* the server's answer to both */
	END,		/* of what followed */
	REPORT,		/* the server's answer to the end of a flow */
};

/**
 * struct note - a message about the messages
 * @magic: tells it from the others
 * @what: enum what
 * @size: octets of a message of the flow
 * @count: messages
 * @ns: nanoseconds
 * @batch: of them in a call
 *
 * Big-endian on the wire.
 */
struct note {
	uint32_t magic;
	uint32_t what;
	uint64_t size;
	uint64_t count;
	uint64_t ns;
	uint64_t batch;
};

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
		     enum what what, const struct note *n)
{
	struct note wire = {
		.magic = htobe32(MAGIC),
		.what = htobe32(what),
		.size = htobe64(n->size),
		.count = htobe64(n->count),
		.ns = htobe64(n->ns),
		.batch = htobe64(n->batch),
	};

	put(t, ch, &wire, sizeof(wire));
}

/* What a message has to say, 0 if it is none of ours. */
static enum what read_note(const void *p, size_t len, struct note *n)
{
	struct note wire;

	/* A short frame is padded on its way. */
	if (len < sizeof(wire))
		return 0;
	memcpy(&wire, p, sizeof(wire));
	if (wire.magic != htobe32(MAGIC))
		return 0;
	n->size = be64toh(wire.size);
	n->count = be64toh(wire.count);
	n->ns = be64toh(wire.ns);
	n->batch = be64toh(wire.batch);
	return be32toh(wire.what);
}

/* Says @what until the server has answered with @answer. */
static void ask(const struct transport *t, const struct channel *ch,
		enum what what, enum what answer, struct note *n)
{
	struct note reply;
	int tries;

	if (t->lossy)
		set_patience(ch->fd, 0, TRY_USEC);
	for (tries = t->lossy ? TRIES : 1; tries; tries--) {
		size_t got;

		put_note(t, ch, what, n);
		/* What is late of an earlier exchange comes first. */
		while ((got = get(t, ch, sizeof(reply)))) {
			if (read_note(data, got, &reply) == answer) {
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
	size_t each = hello->size > sizeof(*hello) ? hello->size : sizeof(*hello);
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
		     struct reader *r, enum what kind, const struct note *hello,
		     size_t len)
{
	struct note n;

	for (;;) {
		const char *p;
		ssize_t got = reader_get(r, len, &p);
		enum what said;

		if (got <= 0)
			return 0;
		said = t->lossy ? read_note(p, (size_t)got, &n) : 0;
		if (said == END)
			return 0;
		if (said != kind)
			return (size_t)got;
		/* It did not hear that we are ready. */
		put_note(t, ch, READY, hello);
	}
}

static void echo(const struct transport *t, const struct channel *ch,
		 const struct note *hello)
{
	struct reader r = { .fd = ch->fd };
	size_t got;

	while ((got = follow(t, ch, &r, ECHO, hello, sizeof(data))))
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
		size_t got = follow(t, ch, &r, FLOW, hello, len);

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
	enum what what = read_note(p, len, &hello);

	/* It did not hear the report. */
	if (what == END && t->lossy)
		put_note(t, ch, REPORT, report);
	if ((what != ECHO && what != FLOW) || !hello.size ||
	    hello.size > PERF_SIZE_MAX || hello.batch > PERF_BATCH_MAX)
		return;
	put_note(t, ch, READY, &hello);
	if (what == ECHO) {
		echo(t, ch, &hello);
	} else {
		count(t, ch, &hello, report);
		put_note(t, ch, REPORT, report);
	}
}

void exchange_serve(const struct transport *t, const struct place *at, bool once)
{
	int server = t->open_server(at);
	struct note report = {};

	do {
		struct note hello;
		struct channel ch;
		size_t got;

		set_patience(server, 0, 0);
		transport_accept(t, server, &ch, &hello, sizeof(hello));
		/* A connection notices by itself that its client has gone. */
		if (t->lossy)
			set_patience(ch.fd, PATIENCE, 0);
		answer(t, &ch, &hello, sizeof(hello), &report);
		/* The next rounds of the same client. */
		while (!t->lossy && (got = get(t, &ch, sizeof(hello))))
			answer(t, &ch, data, got, &report);
		close(ch.fd);
	} while (!once);
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

	memset(data, 0, sizeof(n));
	put(t, ch, data, size);
	do {
		got = get(t, ch, size);
		/* A repeated answer to the hello is no message. */
	} while (t->lossy && read_note(data, got, &n) == READY);
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
	ask(t, &ch, ECHO, READY, &n);

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
		put_note(t, &ch, END, &n);
	close(ch.fd);
	qsort(trips->ns, trips->count, sizeof(*trips->ns), by_length);
}

static void flow_round(const struct transport *t, const struct channel *ch,
		       size_t size, unsigned int batch, uint64_t count,
		       struct flow *flow)
{
	struct note n = { .size = size, .count = count, .batch = batch };
	uint64_t left;

	ask(t, ch, FLOW, READY, &n);
	memset(data, 0, sizeof(n));
	for (left = count; batch == 1 && left; left--)
		put(t, ch, data, size);
	for (; left; left -= batch) {
		batch = left < batch ? (unsigned int)left : batch;
		put_many(t, ch, size, batch);
	}
	if (t->lossy) {
		ask(t, ch, END, REPORT, &n);
	} else {
		size_t got = get(t, ch, sizeof(n));

		if (read_note(data, got, &n) != REPORT)
			die(STATUS_REFUSED, "the connection ended before all had arrived");
	}
	flow->sent += count;
	flow->received += n.count;
	flow->ns += n.ns;
}

/* The rate is measured in rounds, each as long as those before it together. */
void exchange_flow(const struct transport *t, const struct place *at, size_t size,
		   unsigned int batch, uint64_t count, unsigned int seconds,
		   struct flow *flow)
{
	uint64_t start, round = count ?: ROUND_FIRST;
	struct channel ch = { };

	*flow = (struct flow) { };
	t->open_client(at, &ch);
	start = now();
	for (;;) {
		uint64_t spent, left;

		flow_round(t, &ch, size, batch, round, flow);
		spent = now() - start;
		if (count || spent >= seconds * NSEC)
			break;
		left = seconds * NSEC - spent;
		round = flow->sent;
		if (left < spent)
			round = round * left / spent + 1;
	}
	close(ch.fd);
}
