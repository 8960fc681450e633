// SPDX-License-Identifier: GPL-2.0
/* Tests of what the core tells of a connection: states (rule 1), reasons, numbers. */

#include "rules.h"

static bool told(const struct pair_end *e, unsigned int n, const u8 *states)
{
	return e->nstates == n && !memcmp(e->states, states, n);
}

/* pair.c looks that each change is possible, and that none goes untold. */
void rrdp_test_rule1_states(void)
{
	static const u8 active[] = {
		RRDP_SYN_SENT, RRDP_OPEN, RRDP_CLOSE_WAIT, RRDP_CLOSED,
	};
	static const u8 passive[] = { RRDP_SYN_RCVD, RRDP_OPEN, RRDP_CLOSED };
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(told(a, 2, active) && told(b, 2, passive));
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(told(a, 3, active) && told(b, 3, passive));
	pair_run(p, RRDP_QUARANTINE);
	CHECK(told(a, 4, active));
	FINISH(p);

	/* The quarantine may also be ended for it. */
	p = pair_new(PAIR_OPTIONS);
	a = &p->end[0];
	CHECK(pair_open(p));
	rrdp_pcb_close(&a->pcb, p->now);
	rrdp_pcb_end_quarantine(&a->pcb);
	CHECK(told(a, 4, active) && a->pcb.deadline == RRDP_NEVER);
	FINISH(p);
}

/* One segment was sent again, for this reason. */
static bool once(const struct pair_end *e, enum rrdp_resend_reason reason)
{
	return e->resent[reason] == 1 && e->pcb.n_retrans == 1;
}

static struct pair *open_and_measure(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);

	CHECK(pair_open(p));
	CHECK(!pair_send(&p->end[0], 1));
	pair_run(p, 10 * RRDP_MSEC);
	return p;
}

void rrdp_test_report_reasons(void)
{
	struct pair *p = open_and_measure();
	struct pair_end *a = &p->end[0];
	unsigned int i;

	a->lose = 1;
	CHECK(!pair_send(a, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(once(a, RRDP_RESEND_TLP));
	FINISH(p);

	p = open_and_measure();
	a = &p->end[0];
	a->lose = 1;
	for (i = 0; i < 5; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(once(a, RRDP_RESEND_LOSS));
	CHECK(a->pcb.n_eacked == 4 && p->end[1].pcb.n_ooo == 4);
	CHECK(!a->pcb.n_spurious);
	FINISH(p);

	/* The probe is lost as well, then the timer expires. */
	p = open_and_measure();
	a = &p->end[0];
	a->lose = 3;
	CHECK(!pair_send(a, 1));
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(a->resent[RRDP_RESEND_TLP] == 1);
	CHECK(a->resent[RRDP_RESEND_RTO] == 1);
	CHECK(a->pcb.n_retrans == 2);
	FINISH(p);
}

/* An answer to the first copy comes right after the second has left. */
static void acks_late(struct pair *p, struct pair_frame *f)
{
	pair_put(p, f, f->to ? p->now + PAIR_DELAY :
			       p->now + RRDP_RTO_MIN - RRDP_ACK_DELAY -
			       PAIR_DELAY + PAIR_DELAY / 2);
}

void rrdp_test_report_spurious(void)
{
	struct pair *p = open_and_measure();
	struct pair_end *a = &p->end[0];

	p->carry = acks_late;
	CHECK(!pair_send(a, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(once(a, RRDP_RESEND_TLP) && a->pcb.n_spurious == 1);
	CHECK(a->stat[RRDP_CORE_SPURIOUS] == 1);
	FINISH(p);
}

/* What a full receiver threw away is asked for when there is room again. */
void rrdp_test_report_credit(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 65; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, 100 * RRDP_MSEC);
	CHECK(a->pcb.window_probe && a->pcb.n_retrans);
	CHECK(a->resent[RRDP_RESEND_RTO] && !a->resent[RRDP_RESEND_CREDIT]);
	pair_read(b, 64);
	pair_run(p, 3 * PAIR_DELAY);
	CHECK(a->resent[RRDP_RESEND_CREDIT] == 1);
	pair_read(b, 64);
	CHECK(b->rx_msg == 65);
	FINISH(p);
}
