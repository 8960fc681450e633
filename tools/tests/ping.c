// SPDX-License-Identifier: GPL-2.0
/* What rrdp-ping counts and how it says so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"
#include "pending.h"
#include "report.h"
#include "tally.h"
#include "tap.h"
#include "unit.h"

static void notes(void)
{
	struct note n = { .size = 1, .count = 1ull << 40, .ns = UINT64_MAX, .batch = 3 };
	unsigned char wire[NOTE_LEN + 8] = { };
	struct note got = { };

	note_write(wire, NOTE_FLOW, &n);
	ok(!memcmp(wire, "RDPf\0\0\0\2\0\0\0\0\0\0\0\1", 16), "a note is big endian");
	ok(note_read(wire, NOTE_LEN, &got) == NOTE_FLOW &&
	   !memcmp(&got, &n, sizeof(n)), "a note is read as written");
	ok(note_read(wire, sizeof(wire), &got) == NOTE_FLOW, "also with padding");
	ok(note_read(wire, NOTE_LEN - 1, &got) == NOTE_NONE, "no note is cut short");
	wire[0] ^= 1;
	ok(note_read(wire, NOTE_LEN, &got) == NOTE_NONE, "no note has another magic number");
}

static void tallies(void)
{
	struct tally t = { .sent = 8 };
	uint64_t ns;

	ok(tally_status(&t, 0, false) == 1, "nothing came back: status 1");
	ok(tally_deviation(&t) == 0 && tally_loss(&t) == 100, "nothing came back");
	for (ns = 2; ns <= 8; ns += 2)
		tally_add(&t, 1000000000 + ns);
	ok(t.min == 1000000002 && t.max == 1000000008, "shortest and longest");
	ok(t.mean == 1000000005, "mean");
	/* the squares of the distances are 9, 1, 1, 9 */
	ok(tally_deviation(&t) > 2.236 && tally_deviation(&t) < 2.2361,
	   "small differences of large numbers");
	ok(tally_loss(&t) == 50, "half of them lost");
	ok(tally_status(&t, 8, false) == 0, "status with a count alone");
	ok(tally_status(&t, 0, true) == 0, "status with a deadline alone");
	ok(tally_status(&t, 4, true) == 0 && tally_status(&t, 5, true) == 1,
	   "status with both");
}

static void queues(void)
{
	static struct pending p;
	uint64_t seq, sent, i;
	bool in_order = true;

	ok(!pending_take(&p, &seq, &sent) && pending_oldest(&p) == UINT64_MAX &&
	   !pending_make_late(&p, UINT64_MAX, &seq), "nothing is on its way");
	pending_add(&p, 7, 100);
	pending_add(&p, 8, 200);
	ok(pending_oldest(&p) == 100, "the oldest");
	ok(!pending_make_late(&p, 99, &seq), "it is not late yet");
	ok(pending_make_late(&p, 100, &seq) && seq == 7 && p.late == 1, "it is late");
	ok(!pending_make_late(&p, 199, &seq) && pending_oldest(&p) == 200,
	   "only once, and not the next one");
	ok(pending_take(&p, &seq, &sent) && seq == 7 && sent == 100 && !p.late,
	   "it comes back all the same");
	ok(pending_take(&p, &seq, &sent) && seq == 8 && sent == 200 && !p.count,
	   "the next one");

	/* beyond the end of the ring, and after a gap in the numbers */
	for (i = 0; i < PENDING_MAX; i++)
		pending_add(&p, 1000 + i, i);
	for (i = 0; i < PENDING_MAX; i++)
		in_order &= pending_take(&p, &seq, &sent) && seq == 1000 + i && sent == i;
	ok(in_order && !p.count, "a full queue");
}

/* What @say writes is @want. */
static void says(const char *want, struct report *r,
		 void (*say)(const struct report *r), const char *what)
{
	size_t len;
	char *text;

	r->out = open_memstream(&text, &len);
	if (!r->out)
		return;
	say(r);
	fclose(r->out);
	same(text, want, what);
	free(text);
}

static const struct tally some = {
	.sent = 3, .received = 2, .errors = 1, .min = 1000000, .max = 3000000,
	.mean = 2000000, .squares = 2e12,
};

static const struct tally none = { .sent = 2 };

static void say_reply(const struct report *r)
{
	report_reply(r, 3, 1234567);
}

static void say_trouble(const struct report *r)
{
	report_trouble(r, 4, "a \"b\"");
}

static void say_some(const struct report *r)
{
	report_end(r, &some, 2500000000);
}

static void say_none(const struct report *r)
{
	report_end(r, &none, 0);
}

#define OBJECT "{\"node\":2,\"port\":80,"
#define SOME "\"transmitted\":3,\"received\":2,\"errors\":1,\"loss_percent\":33.3333,"
#define SOME_TIME "\"time_ns\":2500000000,"
#define SOME_TRIPS \
	"\"rtt_ns\":{\"min\":1000000,\"avg\":2000000,\"max\":3000000,\"mdev\":1000000}}\n"
#define NONE "\"transmitted\":2,\"received\":0,\"errors\":0,\"loss_percent\":100,\"time_ns\":0}\n"

static void reports(void)
{
	struct report r = { .node = 2, .port = 80, .size = 56 };

	says("PING node 2 port 80: 56 bytes of data\n", &r, report_begin, "begin");
	says("56 bytes from node 2: seq=3 time=1.235 ms\n", &r, say_reply, "reply");
	says("node 2: seq=4 a \"b\"\n", &r, say_trouble, "trouble");
	says("\n--- node 2 ping statistics ---\n"
	     "3 packets transmitted, 2 received, +1 errors, 33.3333% packet loss, time 2500ms\n"
	     "rtt min/avg/max/mdev = 1.000/2.000/3.000/1.000 ms\n", &r, say_some, "summary");
	says("\n--- node 2 ping statistics ---\n"
	     "2 packets transmitted, 0 received, 100% packet loss, time 0ms\n",
	     &r, say_none, "summary of nothing");

	r.json = true;
	says("", &r, report_begin, "no begin in JSON");
	says("{\"node\":2,\"port\":80,\"bytes\":56,\"seq\":3,\"time_ns\":1234567}\n",
	     &r, say_reply, "reply in JSON");
	says("{\"node\":2,\"port\":80,\"seq\":4,\"error\":\"a \\\"b\\\"\"}\n",
	     &r, say_trouble, "trouble in JSON");
	says(OBJECT SOME SOME_TIME SOME_TRIPS, &r, say_some, "summary in JSON");
	says(OBJECT NONE, &r, say_none, "summary of nothing in JSON");

	r.quiet = true;
	says("", &r, say_reply, "no reply if quiet");
	says("", &r, say_trouble, "no trouble if quiet");
}

void test_ping(void)
{
	notes();
	tallies();
	queues();
	reports();
}
