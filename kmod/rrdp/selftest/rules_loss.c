// SPDX-License-Identifier: GPL-2.0
/* Tests of what is sent again, and when. */

#include "rules.h"

static void without_data(struct pair *p, struct pair_frame *f)
{
	if (f->to)
		pair_drop(p, f);
	else
		pair_put(p, f, p->now + PAIR_DELAY);
}

/* What must not expire early must not be probed early either. */
void rrdp_test_probe_not_before_floor(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];

	a->cfg.rto_min = 20 * RRDP_MSEC;
	CHECK(pair_open(p));
	a->lose = 1;
	CHECK(!pair_send(a, 1));
	pair_run(p, 19 * RRDP_MSEC);
	CHECK(!a->pcb.n_retrans);
	pair_run(p, 2 * RRDP_MSEC);
	CHECK(a->stat[RRDP_CORE_TLP] == 1 && !a->stat[RRDP_CORE_RTO]);
	FINISH(p);
}

static void carry_far(struct pair *p, struct pair_frame *f)
{
	pair_put(p, f, p->now + 5 * RRDP_MSEC);
}

/* A pair on a long path, whose round trip has been measured so often. */
static struct pair *open_far(unsigned int samples)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	unsigned int i;

	p->carry = carry_far;
	pair_connect(a);
	pair_run(p, 40 * RRDP_MSEC);
	for (i = 0; i < samples; i++) {
		CHECK(!pair_send(a, 1));
		pair_run(p, 40 * RRDP_MSEC);
	}
	CHECK(a->pcb.state == RRDP_OPEN && !a->tx_held);
	return p;
}

/* Where the round trip hardly varies, twice of it is longer than the timeout. */
void rrdp_test_probe_not_after_timeout(void)
{
	struct pair *p = open_far(40);
	struct pair_end *a = &p->end[0];

	CHECK(a->pcb.rto < 2 * a->pcb.srtt);
	a->lose = 1;
	CHECK(!pair_send(a, 1));
	pair_run(p, a->pcb.rto - 1);
	CHECK(!a->pcb.n_retrans);
	pair_run(p, 1);
	CHECK(a->stat[RRDP_CORE_TLP] == 1);
	FINISH(p);
}

/* What RACK sends again has a round trip to be acknowledged in, not the rest of one. */
void rrdp_test_timeout_after_fast_resend(void)
{
	struct pair *p = open_far(40);
	struct pair_end *a = &p->end[0];
	unsigned int i;

	CHECK(a->pcb.rto < 2 * a->pcb.srtt);
	a->lose = 1;
	for (i = 0; i < 8; i++) {
		CHECK(!pair_send(a, 1));
		pair_run(p, RRDP_MSEC / 10);
	}
	pair_run(p, 40 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 48 && !a->tx_held);
	CHECK(a->pcb.n_retrans == 1 && !a->stat[RRDP_CORE_RTO]);
	FINISH(p);
}

/* The last of a flight left long after the others: its time is its own. */
void rrdp_test_probe_spares_what_has_just_left(void)
{
	struct pair *p = open_far(0);
	struct pair_end *a = &p->end[0];

	CHECK(a->pcb.rto > 25 * RRDP_MSEC);
	a->lose = 1;
	CHECK(!pair_send(a, 1));
	pair_run(p, 15 * RRDP_MSEC);
	CHECK(!pair_send(a, 1));
	pair_run(p, 40 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 2 && !a->tx_held);
	CHECK(a->pcb.n_retrans == 1 && !a->stat[RRDP_CORE_TLP]);
	FINISH(p);

	/* If it is lost as well, the timeout is not put off for it. */
	p = open_far(0);
	a = &p->end[0];
	a->lose = 3;
	CHECK(!pair_send(a, 1));
	pair_run(p, 15 * RRDP_MSEC);
	CHECK(!pair_send(a, 1));
	pair_run(p, a->pcb.rto - 15 * RRDP_MSEC - 1);
	CHECK(!a->pcb.n_retrans);
	pair_run(p, 1);
	CHECK(a->stat[RRDP_CORE_TLP] == 1);
	FINISH(p);
}

/* The floor of the timeout; from the handshake follow 800 microseconds. */
void rrdp_test_timeout_floor(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];

	CHECK(pair_open(p));
	CHECK(a->pcb.rto == RRDP_RTO_MIN);
	FINISH(p);

	p = pair_new(PAIR_OPTIONS);
	a = &p->end[0];
	a->cfg.rto_min = 100 * RRDP_USEC;
	CHECK(pair_open(p));
	CHECK(a->pcb.rto == 800 * RRDP_USEC);
	/* Then the probe before it is early as well. */
	a->lose = 1;
	CHECK(!pair_send(a, 1));
	pair_run(p, 250 * RRDP_USEC);
	CHECK(a->stat[RRDP_CORE_TLP] == 1);
	FINISH(p);

	/* It holds for the SYN, for what is measured, and before that. */
	p = pair_new(PAIR_OPTIONS);
	a = &p->end[0];
	a->cfg.rto_min = 200 * RRDP_MSEC;
	a->lose = 1;
	pair_connect(a);
	pair_run(p, 190 * RRDP_MSEC);
	CHECK(a->nlog == 1 && a->pcb.rto == 200 * RRDP_MSEC);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(a->pcb.state == RRDP_OPEN);
	CHECK(!pair_send(a, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(a->pcb.srtt && a->pcb.rto == 200 * RRDP_MSEC);
	a->lose = 3;
	CHECK(!pair_send(a, 1));
	pair_run(p, 390 * RRDP_MSEC);
	CHECK(a->stat[RRDP_CORE_TLP] == 1 && !a->stat[RRDP_CORE_RTO]);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(a->stat[RRDP_CORE_RTO] == 1 && !a->tx_held);
	FINISH(p);
}

/* A whole flight is lost: it is not sent again two by two. */
void rrdp_test_timeout_recovers_fast(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;
	u64 start;

	b->cfg.window = 512;
	CHECK(pair_open(p));
	for (i = 0; i < 2000; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, RRDP_MSEC / 2);
	CHECK(a->pcb.pipe > 100);
	p->carry = without_data;
	pair_run(p, 2 * RRDP_MSEC);
	p->carry = NULL;
	start = p->now;
	while (a->tx_held && p->now < start + 1000 * RRDP_MSEC)
		pair_run(p, RRDP_MSEC);
	CHECK(b->rx_msg == 2000);
	CHECK(p->now - start < 8 * RRDP_MSEC);
	FINISH(p);
}

static void late_now_and_then(struct pair *p, struct pair_frame *f)
{
	u32 late = f->to && p->end[0].nlog % 50 == 0;

	pair_put(p, f, p->now + (4 + 3 * late) * PAIR_DELAY / 4);
}

/* A path that reorders is not taken for one that loses, again and again. */
void rrdp_test_reordering_is_learned(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	unsigned int i;

	p->end[1].cfg.window = 512;
	CHECK(pair_open(p));
	p->carry = late_now_and_then;
	for (i = 0; i < 2000; i++) {
		CHECK(!pair_send(a, 1));
		pair_run(p, 5 * RRDP_USEC);
	}
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 2000);
	CHECK(p->end[1].stat[RRDP_CORE_OOO] > 100);
	CHECK(a->stat[RRDP_CORE_SPURIOUS] == a->stat[RRDP_CORE_RETRANS]);
	CHECK(a->stat[RRDP_CORE_RETRANS] <= 5);
	FINISH(p);
}

/* A wire that carries one frame at a time and queues the rest. */
struct narrow {
	u64 free_at;
	u64 each;
};

static void carry_narrow(struct pair *p, struct pair_frame *f)
{
	struct narrow *wire = p->priv;

	if (!f->to) {
		pair_put(p, f, p->now + PAIR_DELAY);
		return;
	}
	wire->free_at = max(wire->free_at, p->now) + wire->each;
	pair_put(p, f, wire->free_at);
}

static void over_narrow(unsigned int messages, u64 each, u64 retrans)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct narrow wire = { .each = each };
	unsigned int i;

	a->cfg.dead = 20000 * RRDP_MSEC;
	b->cfg.dead = 20000 * RRDP_MSEC;
	b->cfg.window = 512;
	CHECK(pair_open(p));
	p->priv = &wire;
	p->carry = carry_narrow;
	for (i = 0; i < messages; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, (messages + 2 * retrans) * each);
	CHECK(b->rx_msg == messages);
	CHECK(a->pcb.n_retrans <= retrans);
	/* Nor does the queue grow to the size of the window. */
	CHECK(a->pcb.cwnd < 64);
	p->carry = NULL;
	FINISH(p);
}

/*
 * What waits in a queue is not lost, however long it waits; only while the
 * first of it are measured may it seem so.
 */
void rrdp_test_slow_wire_loses_nothing(void)
{
	over_narrow(2000, 5 * RRDP_MSEC, 80);
	over_narrow(200, 40 * RRDP_MSEC, 80);
}
