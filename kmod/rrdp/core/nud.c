// SPDX-License-Identifier: GPL-2.0
/* Neighbour unreachability detection, as ARP does it. */

#include "nud.h"

static void enter(struct rrdp_nud *nud, u8 state, u64 now, u64 deadline)
{
	nud->state = state;
	nud->asked = 0;
	nud->since = now;
	nud->deadline = deadline;
}

void rrdp_nud_resolve(struct rrdp_nud *nud, u64 now)
{
	*nud = (struct rrdp_nud) {};
	enter(nud, NUD_INCOMPLETE, now, now);
}

void rrdp_nud_learn(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 now)
{
	*nud = (struct rrdp_nud) {};
	enter(nud, NUD_STALE, now, now + t->stale);
}

void rrdp_nud_fix(struct rrdp_nud *nud)
{
	*nud = (struct rrdp_nud) {};
	enter(nud, NUD_PERMANENT, 0, U64_MAX);
}

void rrdp_nud_confirm(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		      u64 now)
{
	nud->confirmed = now;
	enter(nud, NUD_REACHABLE, now, now + t->reachable);
}

void rrdp_nud_see(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		  u64 now)
{
	if (nud->state == NUD_STALE)
		nud->deadline = now + t->stale;
}

void rrdp_nud_use(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		  u64 now)
{
	if (nud->state == NUD_STALE)
		enter(nud, NUD_DELAY, now, now + t->delay);
}

/* However often it is doubted, requests keep their distance. */
static u64 next_ask(const struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 now)
{
	return nud->asked_at ? max(now, nud->asked_at + t->retrans) : now;
}

void rrdp_nud_doubt(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 now)
{
	if (nud->state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY))
		enter(nud, NUD_PROBE, now, next_ask(nud, t, now));
}

bool rrdp_nud_may_ask(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		      u64 now)
{
	if (next_ask(nud, t, now) > now)
		return false;
	nud->asked_at = now;
	return true;
}

bool rrdp_nud_is_asked(const struct rrdp_nud *nud,
		       const struct rrdp_nud_times *t, u64 now)
{
	return nud->asked_at && now <= nud->asked_at + t->retrans;
}

/* Progress is as good as an answer, if it is younger than what we know. */
static void believe(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 heard)
{
	if (heard <= nud->confirmed)
		return;
	if (nud->state == NUD_REACHABLE) {
		nud->confirmed = heard;
		nud->deadline = heard + t->reachable;
	} else if (nud->state & (NUD_STALE | NUD_DELAY | NUD_PROBE) &&
		   heard > nud->since) {
		rrdp_nud_confirm(nud, t, heard);
	}
}

static enum rrdp_nud_todo ask(struct rrdp_nud *nud,
			      const struct rrdp_nud_times *t, u64 now)
{
	if (nud->asked == RRDP_NUD_TRIES) {
		enter(nud, NUD_FAILED, now, now + t->stale);
		return RRDP_NUD_FAIL;
	}
	nud->asked++;
	nud->asked_at = now;
	nud->deadline = now + t->retrans;
	return nud->state == NUD_INCOMPLETE ? RRDP_NUD_ASK_ALL
					    : RRDP_NUD_ASK_ONE;
}

enum rrdp_nud_todo rrdp_nud_timer(struct rrdp_nud *nud,
				  const struct rrdp_nud_times *t, u64 heard,
				  u64 now)
{
	believe(nud, t, heard);
	if (now < nud->deadline)
		return RRDP_NUD_NOTHING;

	switch (nud->state) {
	case NUD_REACHABLE:
		enter(nud, NUD_STALE, now, now + t->stale);
		return RRDP_NUD_NOTHING;
	case NUD_DELAY:
		enter(nud, NUD_PROBE, now, now);
		return ask(nud, t, now);
	case NUD_INCOMPLETE:
	case NUD_PROBE:
		return ask(nud, t, now);
	default:
		return RRDP_NUD_FORGET;
	}
}
