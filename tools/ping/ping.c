// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "note.h"
#include "ping.h"
#include "stop.h"

static char data[NOTE_SIZE_MAX];

/* What message @seq holds from octet @i on. */
static char octet(uint64_t seq, size_t i)
{
	return (char)(seq + i);
}

static void fill(uint64_t seq, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = octet(seq, i);
}

static bool is_intact(uint64_t seq, size_t size)
{
	size_t i;

	for (i = 0; i < size && data[i] == octet(seq, i); i++)
		;
	return i == size;
}

/* Message @seq will not come back. */
static void trouble(struct ping *p, uint64_t seq, int err)
{
	p->tally.errors++;
	report_trouble(&p->report, seq, link_advice(-err));
}

/* All that is on its way, or waits to be, is lost with the connection. */
static void lose_link(struct ping *p, int err)
{
	uint64_t seq, sent;

	link_stop(&p->link);
	/* No interval is no reason to try again at once. */
	if (!p->interval)
		p->due = stop_now() + 1000000000;
	while (pending_take(&p->pending, &seq, &sent))
		trouble(p, seq, err);
	if (p->waits)
		trouble(p, p->tally.sent, err);
	p->waits = false;
}

/* A link that is up takes the last message. */
static void send_last(struct ping *p)
{
	uint64_t seq = p->tally.sent;
	int err;

	p->waits = false;
	fill(seq, p->link.size);
	pending_add(&p->pending, seq, stop_now());
	err = link_send(&p->link, data);
	if (err)
		lose_link(p, err);
}

/* The next message leaves. Returns 0, or -errno if the first one cannot. */
static int begin(struct ping *p, uint64_t now)
{
	int err;

	p->tally.sent++;
	p->due += p->interval;
	if (p->due < now)
		p->due = now + p->interval;
	p->waits = true;
	p->since = now;
	if (p->link.state == LINK_UP) {
		send_last(p);
		return 0;
	}
	err = link_start(&p->link);
	if (err && p->tally.sent == 1 && !link_is_far(-err))
		return err;
	if (err)
		lose_link(p, err);
	return 0;
}

static void take_reply(struct ping *p, size_t len)
{
	uint64_t seq, sent, now = stop_now();

	if (!pending_take(&p->pending, &seq, &sent)) {
		lose_link(p, -EPROTO);
		return;
	}
	if (len != p->link.size || !is_intact(seq, len)) {
		p->tally.errors++;
		report_trouble(&p->report, seq, "came back altered");
		return;
	}
	tally_add(&p->tally, now - sent);
	report_reply(&p->report, seq, now - sent);
}

/* What poll() has seen of the link. Returns 0 or -EMSGSIZE. */
static int continue_link(struct ping *p)
{
	ssize_t got = link_continue(&p->link, data);

	if (got == -EMSGSIZE)
		return (int)got;
	if (got < 0)
		lose_link(p, (int)got);
	else if (got)
		take_reply(p, (size_t)got);
	else if (p->waits && p->link.state == LINK_UP)
		send_last(p);
	return 0;
}

static void tell_late(struct ping *p, uint64_t now)
{
	uint64_t seq;

	if (now < p->timeout)
		return;
	if (p->waits && p->since <= now - p->timeout)
		lose_link(p, -ETIMEDOUT);
	while (pending_make_late(&p->pending, now - p->timeout, &seq))
		report_trouble(&p->report, seq, "no answer yet");
}

/* Those that are not late yet. */
static unsigned int on_their_way(const struct ping *p)
{
	return p->pending.count - p->pending.late + p->waits;
}

/* With a deadline, @count is how many have to come back. */
static bool all_sent(const struct ping *p)
{
	return p->count && !p->deadline && p->tally.sent >= p->count;
}

static bool may_begin(const struct ping *p)
{
	return !p->waits && p->pending.count < PENDING_MAX && !all_sent(p) &&
	       (p->interval || !on_their_way(p));
}

static bool is_over(const struct ping *p, uint64_t now)
{
	if (stop_asked() || (p->deadline && now - p->start >= p->deadline))
		return true;
	if (p->count && p->deadline)
		return p->tally.received >= p->count;
	return all_sent(p) && !on_their_way(p);
}

static void earlier(uint64_t *at, uint64_t other)
{
	if (other < *at)
		*at = other;
}

/* When there is something to do even if nothing comes. */
static uint64_t next_event(const struct ping *p)
{
	uint64_t at = STOP_NEVER, oldest = pending_oldest(&p->pending);

	if (p->deadline)
		earlier(&at, p->start + p->deadline);
	if (may_begin(p))
		earlier(&at, p->due);
	if (p->waits)
		earlier(&at, p->since + p->timeout);
	if (oldest != UINT64_MAX)
		earlier(&at, oldest + p->timeout);
	return at;
}

/* Waits for what comes, or for when something is due. */
static int wait(struct ping *p)
{
	struct pollfd fd = { .fd = p->link.fd, .events = link_events(&p->link) };
	int err = 0;

	stop_poll(&fd, 1, next_event(p));
	if (fd.revents)
		err = continue_link(p);
	tell_late(p, stop_now());
	return err;
}

int ping_run(struct ping *p)
{
	uint64_t now = stop_now();
	int err = 0;

	p->start = now;
	p->due = now;
	report_begin(&p->report);
	while (!err && !is_over(p, now)) {
		err = may_begin(p) && p->due <= now ? begin(p, now) : wait(p);
		now = stop_now();
	}
	if (!err)
		report_end(&p->report, &p->tally, now - p->start);
	link_stop(&p->link);
	return err;
}
