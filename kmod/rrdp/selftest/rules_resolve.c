// SPDX-License-Identifier: GPL-2.0
/* Tests of resolve.c and nud.c. */

#include "rules.h"
#include "../core/nud.h"
#include "../core/resolve.h"

static enum rrdp_resolve_error try(u16 op, u32 sender, u32 target)
{
	struct rrdp_resolve in, out = { op, sender, target };
	u8 bytes[RRDP_RESOLVE_LEN];
	enum rrdp_resolve_error err;

	rrdp_resolve_build(bytes, &out);
	err = rrdp_resolve_parse(&in, bytes, sizeof(bytes));
	CHECK(in.op == op && in.sender == sender && in.target == target);
	return err;
}

void rrdp_test_resolve_frames(void)
{
	static const u8 wire[] = { 0, 2, 0x01, 0x02, 0x03, 0x04, 0xf1, 0xf2,
				   0xf3, 0xf4, 0xee, 0xee };
	struct rrdp_resolve r;
	u8 bytes[RRDP_RESOLVE_LEN];
	size_t len;

	CHECK(!rrdp_resolve_parse(&r, wire, sizeof(wire)));
	CHECK(r.op == RRDP_RESOLVE_REPLY && r.sender == 0x01020304 &&
	      r.target == 0xf1f2f3f4);
	rrdp_resolve_build(bytes, &r);
	CHECK(!memcmp(bytes, wire, sizeof(bytes)));
	for (len = 0; len < sizeof(bytes); len++)
		CHECK(rrdp_resolve_parse(&r, wire, len) == RRDP_RESOLVE_SHORT);

	CHECK(!try(RRDP_RESOLVE_REQUEST, 1, 2));
	CHECK(!try(RRDP_RESOLVE_REPLY, 0xffffffff, 1));
	CHECK(!try(RRDP_RESOLVE_ANNOUNCE, 7, 7));
	CHECK(try(0, 1, 2) == RRDP_RESOLVE_BAD_OP);
	CHECK(try(4, 1, 2) == RRDP_RESOLVE_BAD_OP);
	CHECK(try(0xffff, 1, 2) == RRDP_RESOLVE_BAD_OP);
	CHECK(try(RRDP_RESOLVE_REQUEST, 0, 2) == RRDP_RESOLVE_NO_NODE);
	CHECK(try(RRDP_RESOLVE_REPLY, 1, 0) == RRDP_RESOLVE_NO_NODE);
	CHECK(try(RRDP_RESOLVE_ANNOUNCE, 0, 0) == RRDP_RESOLVE_NO_NODE);
	CHECK(try(RRDP_RESOLVE_REQUEST, 5, 5) == RRDP_RESOLVE_TARGET);
	CHECK(try(RRDP_RESOLVE_REPLY, 5, 5) == RRDP_RESOLVE_TARGET);
	CHECK(try(RRDP_RESOLVE_ANNOUNCE, 5, 6) == RRDP_RESOLVE_TARGET);
}

/* ---- ageing ---- */

#define SEC	(1000 * RRDP_MSEC)
#define START	(100 * SEC)

static const struct rrdp_nud_times times = {
	.reachable = 30 * SEC,
	.delay = 5 * SEC,
	.retrans = SEC,
	.stale = 60 * SEC,
};

/* At its deadline @nud does @todo and is in @state, and just before nothing. */
static bool due(struct rrdp_nud *nud, u64 deadline, enum rrdp_nud_todo todo,
		u8 state)
{
	u8 before = nud->state;

	return CHECK(nud->deadline == deadline) &&
	       CHECK(!rrdp_nud_timer(nud, &times, 0, deadline - 1)) &&
	       CHECK(nud->state == before) &&
	       CHECK(rrdp_nud_timer(nud, &times, 0, deadline) == todo) &&
	       CHECK(nud->state == state);
}

static void reachable(struct rrdp_nud *nud)
{
	rrdp_nud_resolve(nud, START);
	rrdp_nud_timer(nud, &times, 0, START);
	rrdp_nud_confirm(nud, &times, START);
}

void rrdp_test_nud_resolve(void)
{
	struct rrdp_nud nud;
	unsigned int i;

	rrdp_nud_resolve(&nud, START);
	CHECK(nud.state == NUD_INCOMPLETE && !rrdp_nud_usable(nud.state));
	for (i = 0; i < RRDP_NUD_TRIES; i++)
		due(&nud, START + i * SEC, RRDP_NUD_ASK_ALL, NUD_INCOMPLETE);
	due(&nud, START + i * SEC, RRDP_NUD_FAIL, NUD_FAILED);
	CHECK(!rrdp_nud_usable(nud.state) && rrdp_nud_yields(&nud));
	due(&nud, START + i * SEC + times.stale, RRDP_NUD_FORGET, NUD_FAILED);
}

void rrdp_test_nud_ages(void)
{
	struct rrdp_nud nud;
	u64 t = START;
	unsigned int i;

	reachable(&nud);
	CHECK(rrdp_nud_usable(nud.state) && !rrdp_nud_yields(&nud));
	due(&nud, t += times.reachable, RRDP_NUD_NOTHING, NUD_STALE);
	CHECK(rrdp_nud_usable(nud.state) && rrdp_nud_yields(&nud));

	/* Who says again where it is stays, but is not believed more. */
	rrdp_nud_see(&nud, &times, t += SEC);
	CHECK(nud.state == NUD_STALE);
	rrdp_nud_use(&nud, &times, t);
	CHECK(nud.state == NUD_DELAY && !rrdp_nud_yields(&nud));
	due(&nud, t += times.delay, RRDP_NUD_ASK_ONE, NUD_PROBE);
	for (i = 1; i < RRDP_NUD_TRIES; i++)
		due(&nud, t += times.retrans, RRDP_NUD_ASK_ONE, NUD_PROBE);
	due(&nud, t += times.retrans, RRDP_NUD_FAIL, NUD_FAILED);
}

void rrdp_test_nud_is_confirmed(void)
{
	struct rrdp_nud nud;
	u64 t;

	/* By progress while it is reachable ... */
	reachable(&nud);
	t = START + 20 * SEC;
	CHECK(!rrdp_nud_timer(&nud, &times, t, START + 40 * SEC));
	CHECK(nud.state == NUD_REACHABLE);
	CHECK(nud.deadline == t + times.reachable);
	/* ... which older progress does not undo, */
	rrdp_nud_timer(&nud, &times, t - SEC, START + 40 * SEC);
	CHECK(nud.deadline == t + times.reachable);

	/* when it is stale, but not by what was before, */
	t += times.reachable;
	rrdp_nud_timer(&nud, &times, 0, t);
	CHECK(nud.state == NUD_STALE);
	rrdp_nud_timer(&nud, &times, t - SEC, t + SEC);
	CHECK(nud.state == NUD_STALE);
	rrdp_nud_timer(&nud, &times, t + SEC, t + 2 * SEC);
	CHECK(nud.state == NUD_REACHABLE);
	CHECK(nud.deadline == t + SEC + times.reachable);

	/* after use, */
	t += SEC + times.reachable;
	rrdp_nud_timer(&nud, &times, 0, t);
	rrdp_nud_use(&nud, &times, t);
	CHECK(!rrdp_nud_timer(&nud, &times, t + SEC, t + times.delay));
	CHECK(nud.state == NUD_REACHABLE);

	/* and by an answer, after which all tries are there again. */
	rrdp_nud_doubt(&nud, &times, t += 10 * SEC);
	rrdp_nud_timer(&nud, &times, 0, t);
	rrdp_nud_timer(&nud, &times, 0, t + SEC);
	rrdp_nud_confirm(&nud, &times, t + SEC);
	CHECK(nud.state == NUD_REACHABLE && !nud.asked);
	rrdp_nud_doubt(&nud, &times, t + 3 * SEC);
	due(&nud, t + 3 * SEC, RRDP_NUD_ASK_ONE, NUD_PROBE);
}

/* However it is provoked, it is asked once in the time. */
void rrdp_test_nud_asks_at_leisure(void)
{
	unsigned int i, asked = 0, ms;
	struct rrdp_nud nud;

	reachable(&nud);
	for (ms = 1; ms <= 10000; ms++) {
		u64 now = START + ms * RRDP_MSEC;

		rrdp_nud_doubt(&nud, &times, now);
		if (rrdp_nud_timer(&nud, &times, 0, now) == RRDP_NUD_ASK_ONE) {
			asked++;
			rrdp_nud_confirm(&nud, &times, now);
		}
	}
	CHECK(asked == 10);

	rrdp_nud_fix(&nud);
	CHECK(!rrdp_nud_is_asked(&nud, &times, START));
	for (i = asked = 0; i < 10000; i++)
		asked += rrdp_nud_may_ask(&nud, &times, START + i * RRDP_MSEC);
	CHECK(asked == 10);
	/* An answer comes within that time. */
	CHECK(rrdp_nud_is_asked(&nud, &times, START + 10 * SEC));
	CHECK(!rrdp_nud_is_asked(&nud, &times, START + 10 * SEC + 1));
}

void rrdp_test_nud_permanent(void)
{
	struct rrdp_nud nud;

	rrdp_nud_fix(&nud);
	CHECK(rrdp_nud_usable(nud.state) && !rrdp_nud_yields(&nud));
	rrdp_nud_use(&nud, &times, START);
	rrdp_nud_see(&nud, &times, START);
	rrdp_nud_doubt(&nud, &times, START);
	CHECK(!rrdp_nud_timer(&nud, &times, START + 1, U64_MAX - 1));
	CHECK(nud.state == NUD_PERMANENT);
}

/* Learned of it by its own request: it may be used, and is forgotten unused. */
void rrdp_test_nud_learned(void)
{
	struct rrdp_nud nud;

	rrdp_nud_learn(&nud, &times, START);
	CHECK(rrdp_nud_usable(nud.state) && !nud.confirmed);
	rrdp_nud_see(&nud, &times, START + SEC);
	due(&nud, START + SEC + times.stale, RRDP_NUD_FORGET, NUD_STALE);
}
