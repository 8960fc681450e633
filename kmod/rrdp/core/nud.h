/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Neighbour unreachability detection: what is believed of the address of
 * another host. States, tries and their order are those of ARP in Linux
 * (linux/neighbour.h, net/core/neighbour.c; RFC 4861, 7.3.2).
 *
 * Pure: events and time go in, a state and what is to be done come out. The
 * caller serialises all calls for one &struct rrdp_nud. Times are nanoseconds
 * of one monotonic clock.
 */
#ifndef _RRDP_CORE_NUD_H
#define _RRDP_CORE_NUD_H

#include <linux/neighbour.h>

#include "types.h"

/* Requests without an answer, to all or to one, before a host has failed. */
#define RRDP_NUD_TRIES	3

/* What has an address, and one that is worth a try. */
#define RRDP_NUD_USABLE	(NUD_PERMANENT | NUD_REACHABLE | NUD_STALE | \
			 NUD_DELAY | NUD_PROBE)

/**
 * struct rrdp_nud_times - how long
 * @reachable: a confirmation holds
 * @delay: use waits for a confirmation before the host is asked
 * @retrans: between two requests
 * @stale: an entry that nobody uses is kept, or one that has failed
 */
struct rrdp_nud_times {
	u64 reachable;
	u64 delay;
	u64 retrans;
	u64 stale;
};

/**
 * struct rrdp_nud - state of one host
 * @state: NUD_*
 * @asked: requests since it answered
 * @asked_at: when the last one left, 0 if none did
 * @since: when it got into @state
 * @confirmed: when it was last known to hear us and to be heard, 0 if never
 * @deadline: when rrdp_nud_timer() has something to do
 */
struct rrdp_nud {
	u8 state;
	u8 asked;
	u64 asked_at;
	u64 since;
	u64 confirmed;
	u64 deadline;
};

/* What rrdp_nud_timer() wants to be done. */
enum rrdp_nud_todo {
	RRDP_NUD_NOTHING,
	RRDP_NUD_ASK_ALL,	/* send a request to every host */
	RRDP_NUD_ASK_ONE,	/* send a request to its address */
	RRDP_NUD_FAIL,		/* it has just failed: tell who waits */
	RRDP_NUD_FORGET,	/* the entry is of no use any more */
};

/* How an entry begins: nothing is known, and rrdp_nud_timer() will ask; */
void rrdp_nud_resolve(struct rrdp_nud *nud, u64 now);
/* it has said itself where it is; */
void rrdp_nud_learn(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 now);
/* or it was told by a user, and never ages. */
void rrdp_nud_fix(struct rrdp_nud *nud);

/* It answered: it has heard us, and we it. */
void rrdp_nud_confirm(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		      u64 now);

/* It said again where it is, unasked, which proves nothing. */
void rrdp_nud_see(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		  u64 now);

/* Something is about to be sent to it. */
void rrdp_nud_use(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		  u64 now);

/* There is reason to ask it now rather than later. */
void rrdp_nud_doubt(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		    u64 now);

/* May a request be sent that rrdp_nud_timer() did not want? Counts as one. */
bool rrdp_nud_may_ask(struct rrdp_nud *nud, const struct rrdp_nud_times *t,
		      u64 now);

/* Was a request sent so recently that this may be the answer? */
bool rrdp_nud_is_asked(const struct rrdp_nud *nud,
		       const struct rrdp_nud_times *t, u64 now);

/**
 * rrdp_nud_timer() - time has passed
 * @nud: host
 * @t: times
 * @heard: when a connection last made progress with it, 0 if none did
 * @now: the time
 *
 * May be called at any time, and must be at @nud->deadline.
 *
 * Return: what is to be done. After %RRDP_NUD_FAIL and %RRDP_NUD_FORGET the
 * entry's address may be given to another host.
 */
enum rrdp_nud_todo rrdp_nud_timer(struct rrdp_nud *nud,
				  const struct rrdp_nud_times *t, u64 heard,
				  u64 now);

static inline bool rrdp_nud_usable(u8 state)
{
	return state & RRDP_NUD_USABLE;
}

/* Another address may take its place without more ado. */
static inline bool rrdp_nud_yields(const struct rrdp_nud *nud)
{
	return nud->state & (NUD_INCOMPLETE | NUD_STALE | NUD_FAILED);
}

#endif /* _RRDP_CORE_NUD_H */
