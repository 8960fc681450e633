// SPDX-License-Identifier: GPL-2.0
/* Tests of how connections begin and end: rules 1, 7, 8 and 9. */

#include "rules.h"

static bool both_open(const struct pair *p)
{
	return p->end[0].pcb.state == RRDP_OPEN &&
	       p->end[1].pcb.state == RRDP_OPEN &&
	       p->end[0].opened == 1 && p->end[1].opened == 1;
}

void rrdp_test_rule1_handshake(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	pair_connect(a);
	CHECK(a->pcb.state == RRDP_SYN_SENT);
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_SYN);
	pair_step(p);
	CHECK(b->pcb.state == RRDP_SYN_RCVD && !b->opened);
	CHECK(pair_sent(b, 0)->seg.flags == (RRDP_F_SYN | RRDP_F_ACK));
	CHECK(pair_sent(b, 0)->seg.ack == a->cfg.iss);
	pair_step(p);
	CHECK(a->pcb.state == RRDP_OPEN && a->opened == 1);
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_ACK);
	CHECK(pair_sent(a, 0)->seg.ack == b->cfg.iss);
	pair_step(p);
	CHECK(both_open(p));
	CHECK(a->nlog == 2 && b->nlog == 1);
	CHECK(a->pcb.options == PAIR_OPTIONS);
	CHECK(b->pcb.options == PAIR_OPTIONS);
	CHECK(a->pcb.srtt == 2 * PAIR_DELAY);
	FINISH(p);
}

void rrdp_test_rule1_simultaneous_open(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	unsigned int lost;

	pair_connect(&p->end[0]);
	pair_connect(&p->end[1]);
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(both_open(p));
	CHECK(!pair_send(&p->end[0], 10) && !pair_send(&p->end[1], 10));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(p->end[0].rx_msg == 1 && p->end[1].rx_msg == 1);
	FINISH(p);

	/* Whichever segments of it are lost. */
	for (lost = 0; lost < 64; lost++) {
		p = pair_new(PAIR_OPTIONS);
		p->end[0].lose = lost & 7;
		p->end[1].lose = lost >> 3;
		pair_connect(&p->end[0]);
		pair_connect(&p->end[1]);
		pair_run(p, 1000 * RRDP_MSEC);
		CHECK(both_open(p));
		FINISH(p);
	}
}

/* Opens with losses and sends a message each way. */
static void open_with_loss(u64 lose0, u64 lose1)
{
	struct pair *p = pair_new(PAIR_OPTIONS);

	p->end[0].lose = lose0;
	p->end[1].lose = lose1;
	pair_connect(&p->end[0]);
	pair_run(p, 1000 * RRDP_MSEC);
	if (CHECK(both_open(p))) {
		CHECK(!pair_send(&p->end[0], 10));
		CHECK(!pair_send(&p->end[1], 10));
		pair_run(p, 10 * RRDP_MSEC);
		CHECK(p->end[0].rx_msg == 1 && p->end[1].rx_msg == 1);
	}
	FINISH(p);
}

void rrdp_test_rule1_lost_syn(void)
{
	open_with_loss(1, 0);
	open_with_loss(7, 0);
}

void rrdp_test_rule1_lost_syn_ack(void)
{
	open_with_loss(0, 1);
	open_with_loss(0, 7);
}

/* The listener asks again; or data of the other end tells it. */
void rrdp_test_rule1_lost_final_ack(void)
{
	struct pair *p;

	open_with_loss(2, 0);
	open_with_loss(6, 0);

	p = pair_new(PAIR_OPTIONS);
	p->end[0].lose = 2;
	pair_connect(&p->end[0]);
	pair_run(p, 2 * PAIR_DELAY);
	CHECK(p->end[0].pcb.state == RRDP_OPEN);
	CHECK(!pair_send(&p->end[0], 200));
	pair_run(p, 2 * PAIR_DELAY);
	CHECK(both_open(p) && p->end[1].rx_msg == 1);
	FINISH(p);
}

void rrdp_test_rule1_nobody_answers(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);

	p->end[0].lose = ~0ULL;
	pair_connect(&p->end[0]);
	pair_run(p, 10000 * RRDP_MSEC);
	CHECK(p->end[0].pcb.state == RRDP_CLOSED);
	CHECK(p->end[0].err == -ETIMEDOUT);
	CHECK(p->end[0].nlog == RRDP_SYN_TRIES);
	FINISH(p);
}

/* SYN-SENT accepts the one that acknowledges its SYN, and no other. */
void rrdp_test_rule7_syn_ack(void)
{
	static const int wrong[] = { -1, 1, 1000, 0x8000 };
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	struct rrdp_seg seg = {
		.flags = RRDP_F_SYN | RRDP_F_ACK,
		.seq = 0x4321,
		.syn = {
			.max_out = 10, .max_size = 128,
			.options = PAIR_OPTIONS, .epoch = 7,
		},
	};
	unsigned int i;

	a->lose = 1;
	pair_connect(a);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		seg.ack = (u16)(a->cfg.iss + wrong[i]);
		a->lose = 1;
		CHECK(pair_feed(a, &seg) == RRDP_DROP_STATE);
		CHECK(a->pcb.state == RRDP_SYN_SENT && !a->opened);
		CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_RST);
		CHECK(pair_sent(a, 0)->seg.seq == (u16)(seg.ack + 1));
	}
	seg.ack = a->cfg.iss;
	CHECK(pair_feed(a, &seg) == RRDP_DONE);
	CHECK(a->pcb.state == RRDP_OPEN && a->opened == 1);
	CHECK((u16)a->pcb.rcv_cur == 0x4321 && a->pcb.snd_max == 10);
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_ACK);
	CHECK(pair_sent(a, 0)->seg.ack == 0x4321);
	FINISH(p);
}

/* Only the answer to the SYN was lost: the SYN comes again. */
void rrdp_test_rule7_repeated_syn(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct rrdp_seg syn;

	b->lose = ~0ULL;
	pair_connect(a);
	syn = pair_sent(a, 0)->seg;
	pair_run(p, RRDP_MSEC);
	CHECK(b->pcb.state == RRDP_SYN_RCVD && b->nlog == 1);
	CHECK(pair_feed(b, &syn) == RRDP_DONE);
	CHECK(b->nlog == 2);
	CHECK(pair_sent(b, 0)->seg.flags == (RRDP_F_SYN | RRDP_F_ACK));
	CHECK(pair_sent(b, 0)->seg.seq == pair_sent(b, 1)->seg.seq);
	b->lose = 0;
	pair_run(p, 1000 * RRDP_MSEC);
	CHECK(both_open(p));

	/* And late, when both are open: an ACK, nothing else. */
	CHECK(pair_feed(b, &syn) == RRDP_DONE);
	CHECK(pair_sent(b, 0)->seg.flags == RRDP_F_ACK);
	CHECK(both_open(p));
	FINISH(p);
}

/* A SYN of an earlier life must not end a connection that is being made. */
void rrdp_test_rule7_stale_syn(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct rrdp_seg syn;

	pair_connect(a);
	syn = pair_sent(a, 0)->seg;
	syn.seq -= 1000;
	syn.syn.epoch ^= 1;
	pair_step(p);
	CHECK(b->pcb.state == RRDP_SYN_RCVD);
	CHECK(pair_feed(b, &syn) == RRDP_DROP_STATE);
	pair_run(p, 1000 * RRDP_MSEC);
	CHECK(both_open(p));
	CHECK(pair_feed(b, &syn) == RRDP_DROP_STATE);
	pair_run(p, 1000 * RRDP_MSEC);
	CHECK(both_open(p));
	FINISH(p);
}

/* The peer's limits bound what is sent, not what is received. */
void rrdp_test_rule7_send_limit(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS & ~RRDP_OPT_CREDIT);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct rrdp_seg syn;

	a->cfg.max_size = 200;
	b->cfg.max_size = 100;
	a->cfg.window = 5;
	b->cfg.window = 9;
	CHECK(pair_open(p));
	CHECK(a->pcb.mss == 100 - RRDP_HDR_LEN);
	CHECK(a->pcb.snd_max == 9 && b->pcb.snd_max == 5);
	FINISH(p);

	/* Offers that are of no use are refused. */
	p = pair_new(PAIR_OPTIONS);
	pair_connect(&p->end[0]);
	syn = pair_sent(&p->end[0], 0)->seg;
	syn.syn.max_size = RRDP_HDR_LEN + 2;
	CHECK(!rrdp_pcb_accept(&p->end[1].pcb, &syn, p->now));
	syn.syn.max_size = 128;
	syn.syn.max_out = 0;
	CHECK(!rrdp_pcb_accept(&p->end[1].pcb, &syn, p->now));
	CHECK(p->end[1].pcb.state == RRDP_CLOSED);
	FINISH(p);
}

/* Close waits for what was accepted; the reader gets all before the end. */
void rrdp_test_rule8_drain_with_loss(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 20; i++)
		CHECK(!pair_send(a, 250));
	a->lose = 0xa5f3;
	rrdp_pcb_close(&a->pcb, p->now);
	CHECK(a->pcb.state == RRDP_OPEN && !a->closed);
	while (!b->closed && p->now < 5000 * RRDP_MSEC) {
		pair_read(b, 3);
		pair_run(p, RRDP_MSEC);
	}
	CHECK(a->closed == 1 && !a->err);
	CHECK(b->closed == 1 && !b->err);
	CHECK(a->pcb.state == RRDP_CLOSE_WAIT);
	pair_read(b, b->rx_held);
	CHECK(b->rx_msg == 20);
	CHECK(!a->tx_held);
	pair_run(p, RRDP_QUARANTINE);
	CHECK(a->pcb.state == RRDP_CLOSED);
	FINISH(p);
}

/* The RST carries the ACK that was still to come: nothing was lost. */
void rrdp_test_rule8_rst_acknowledges(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(!pair_send(b, 10));
	pair_run(p, PAIR_DELAY);
	CHECK(a->rx_msg == 1 && b->tx_held == 1);
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, PAIR_DELAY);
	CHECK(b->closed == 1 && !b->err);
	FINISH(p);
}

/* The peer hears of the end at its next keepalive. */
void rrdp_test_rule8_lost_rst(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	a->lose = 1;
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, RRDP_DEAD_DEFAULT / 2);
	CHECK(b->closed == 1 && !b->err);
	FINISH(p);

	/* Even if that is after the quarantine. */
	p = pair_new(PAIR_OPTIONS);
	p->end[1].cfg.dead = 20 * RRDP_DEAD_DEFAULT;
	CHECK(pair_open(p));
	p->end[0].lose = 1;
	rrdp_pcb_close(&p->end[0].pcb, p->now);
	pair_run(p, 10 * RRDP_DEAD_DEFAULT);
	CHECK(p->end[0].pcb.state == RRDP_CLOSED);
	/* An end that has forgotten cannot tell how it ended. */
	CHECK(p->end[1].closed == 1 && p->end[1].err == -ECONNRESET);
	FINISH(p);
}

/* The ACK and the RST that repeated it are lost: the data had arrived. */
void rrdp_test_rule8_lost_rst_and_ack(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(!pair_send(b, 10));
	pair_run(p, PAIR_DELAY);
	CHECK(a->rx_msg == 1);
	a->lose = 1;
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->closed == 1 && !b->err);
	FINISH(p);
}

/* What cannot be delivered is an error, not a silent loss. */
void rrdp_test_rule8_close_fails(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	a->lose = ~0ULL;
	CHECK(!pair_send(a, 10));
	rrdp_pcb_close(&a->pcb, p->now);
	b->lose = ~0ULL;
	pair_run(p, 2 * RRDP_DEAD_DEFAULT);
	CHECK(a->closed == 1 && a->err == -ETIMEDOUT && !a->tx_held);
	FINISH(p);

	/* The other end closed first and never took it. */
	p = pair_new(PAIR_OPTIONS);
	a = &p->end[0];
	b = &p->end[1];
	CHECK(pair_open(p));
	a->lose = 1;
	CHECK(!pair_send(a, 10));
	rrdp_pcb_close(&b->pcb, p->now);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(a->closed == 1 && a->err == -ECONNRESET);
	FINISH(p);
}

/* An end that gives up has perhaps not read what it acknowledged. */
void rrdp_test_rule8_abort_is_no_close(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	u64 lost;

	for (lost = 0; lost < 2; lost++) {
		p = lost ? pair_new(PAIR_OPTIONS) : p;
		a = &p->end[0];
		b = &p->end[1];
		CHECK(pair_open(p));
		b->lazy = true;
		CHECK(!pair_send(a, 10));
		pair_run(p, 10 * RRDP_MSEC);
		CHECK(!a->tx_held);
		b->lose = lost;
		rrdp_pcb_abort(&b->pcb, -ECONNRESET, p->now);
		pair_run(p, RRDP_DEAD_DEFAULT / 2);
		CHECK(a->closed == 1 && a->err == -ECONNRESET);
		FINISH(p);
	}
}

/* Small segments arrive, the large one never does: the sender learns of it. */
void rrdp_test_rule11_data_never_arrives(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	u64 end;

	CHECK(pair_open(p));
	CHECK(!pair_send(a, 100));
	end = p->now + 2 * RRDP_STALL_FACTOR * RRDP_DEAD_DEFAULT;
	/* All that a sends is lost; b's keepalives go on. */
	while (!a->closed && p->now < end) {
		a->lose = ~0ULL;
		b->pcb.last_heard = p->now;
		b->pcb.tries = 0;
		pair_feed(a, &(struct rrdp_seg) {
			.flags = RRDP_F_ACK,
			.seq = (u16)b->pcb.snd_nxt,
			.ack = (u16)b->pcb.rcv_cur,
		});
		pair_run(p, RRDP_DEAD_DEFAULT / 4);
	}
	CHECK(a->closed == 1 && a->err == -ETIMEDOUT);
	FINISH(p);
}

/* A timer that waited for the lock has an older time than what it finds. */
void rrdp_test_rule11_timer_is_late(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];

	CHECK(pair_open(p));
	CHECK(!pair_send(a, 100));
	a->pcb.progress = p->now + 1;
	a->pcb.last_heard = p->now + 1;
	a->pcb.tries = RRDP_TRIES_MIN;
	a->pcb.t_retx = p->now;
	rrdp_pcb_timer(&a->pcb, p->now);
	CHECK(!a->closed);
	pair_run(p, 100 * RRDP_MSEC);
	CHECK(!a->closed && !a->tx_held);
	FINISH(p);
}

/* Who takes next to nothing in a segment would get thousands for a message. */
void rrdp_test_rule7_useless_size(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);

	p->end[1].cfg.max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN - 1;
	CHECK(!pair_open(p));
	CHECK(p->end[0].closed == 1 && p->end[0].err == -ECONNREFUSED);
	FINISH(p);
}

/* Nor can one be used that answers so: it is told, and so is the user. */
void rrdp_test_rule7_useless_answer(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	struct rrdp_seg seg = {
		.flags = RRDP_F_SYN | RRDP_F_ACK,
		.syn = {
			.max_out = 10, .max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN - 1,
			.options = PAIR_OPTIONS,
		},
	};

	a->lose = 3;
	pair_connect(a);
	seg.ack = a->cfg.iss;
	CHECK(pair_feed(a, &seg) == RRDP_DONE);
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_RST);
	CHECK(a->closed == 1 && a->err == -ECONNREFUSED);
	FINISH(p);
}

/* SYN-RCVD opens with what acknowledges its SYN, and with nothing else. */
void rrdp_test_rule7_no_ack_of_syn(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg = { .flags = RRDP_F_ACK };

	p->end[0].lose = 2;
	pair_connect(&p->end[0]);
	pair_step(p);
	CHECK(b->pcb.state == RRDP_SYN_RCVD);
	seg.seq = (u16)(b->pcb.rcv_cur + 1);
	seg.ack = (u16)(b->pcb.snd_una + 1);
	b->lose = 2;
	CHECK(pair_feed(b, &seg) == RRDP_DROP_STATE);
	CHECK(pair_sent(b, 0)->seg.flags == RRDP_F_RST);
	CHECK(b->pcb.state == RRDP_SYN_RCVD && !b->opened);
	pair_run(p, 1000 * RRDP_MSEC);
	CHECK(both_open(p));
	FINISH(p);
}

/* What was not open yet has nothing to drain. */
void rrdp_test_rule8_close_before_open(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	pair_connect(a);
	pair_step(p);
	CHECK(a->pcb.state == RRDP_SYN_SENT && b->pcb.state == RRDP_SYN_RCVD);
	rrdp_pcb_close(&b->pcb, p->now);
	CHECK(b->closed == 1 && !b->err);
	CHECK(pair_sent(b, 0)->seg.flags == (RRDP_F_RST | RRDP_F_ACK));
	rrdp_pcb_close(&a->pcb, p->now);
	CHECK(a->closed == 1 && !a->err && a->nlog == 1);
	pair_run(p, 1000 * RRDP_MSEC);
	FINISH(p);
}

/* A receiver that is full for ever keeps a closed connection, but not for ever. */
void rrdp_test_rule8_drain_ends(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 100; i++)
		CHECK(!pair_send(a, 50));
	pair_run(p, 2 * RRDP_DRAIN_MAX);
	CHECK(!a->closed);
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, RRDP_DRAIN_MAX / 2);
	CHECK(!a->closed);
	for (i = 0; i < 10 && !a->closed; i++)
		pair_run(p, RRDP_DRAIN_MAX / 8);
	CHECK(a->closed == 1 && a->err == -ETIMEDOUT && !a->tx_held);
	FINISH(p);
}

/* Both close; the data that carries the last ACK is data as well. */
void rrdp_test_rule8_last_data_with_last_ack(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(!pair_send(a, 10));
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, PAIR_DELAY);
	CHECK(b->rx_msg == 1);
	CHECK(!pair_send(b, 10));
	rrdp_pcb_close(&b->pcb, p->now);
	pair_run(p, 100 * RRDP_MSEC);
	CHECK(a->rx_msg == 1);
	CHECK(a->closed == 1 && !a->err);
	CHECK(b->closed == 1 && !b->err);
	FINISH(p);
}

static struct rrdp_seg rst_for(const struct pair_end *e, int off)
{
	return (struct rrdp_seg) {
		.flags = RRDP_F_RST,
		.seq = (u16)(e->pcb.rcv_cur + 1 + off),
	};
}

void rrdp_test_rule9_rst_number(void)
{
	static const int wrong[] = { -1, 1, 2, -100, 100, 0x8000, 0x7fff };
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg rst;
	unsigned int i;

	CHECK(pair_open(p));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		rst = rst_for(b, wrong[i]);
		CHECK(pair_feed(b, &rst) == RRDP_DROP_RST);
		CHECK(b->pcb.state == RRDP_OPEN);
	}
	pair_run(p, RRDP_MSEC);
	CHECK(both_open(p));
	rst = rst_for(b, 0);
	CHECK(pair_feed(b, &rst) == RRDP_DONE);
	CHECK(b->pcb.state == RRDP_CLOSED && b->err == -ECONNRESET);
	FINISH(p);
}

void rrdp_test_rule9_rst_in_each_state(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct rrdp_seg rst = { .flags = RRDP_F_RST | RRDP_F_ACK };

	/* CLOSED: not even counted as a segment to answer. */
	CHECK(pair_feed(a, &rst) == RRDP_DROP_STATE);
	CHECK(!rrdp_rst_reply(&rst, &rst));

	/* SYN-SENT: only if it acknowledges our SYN. */
	pair_connect(a);
	rst.ack = a->cfg.iss + 1;
	CHECK(pair_feed(a, &rst) == RRDP_DROP_RST);
	rst.ack = a->cfg.iss;
	rst.flags = RRDP_F_RST;
	CHECK(pair_feed(a, &rst) == RRDP_DROP_RST);
	CHECK(a->pcb.state == RRDP_SYN_SENT);

	/* SYN-RCVD: refused. */
	pair_step(p);
	CHECK(b->pcb.state == RRDP_SYN_RCVD);
	rst = rst_for(b, 1);
	CHECK(pair_feed(b, &rst) == RRDP_DROP_RST);
	CHECK(b->pcb.state == RRDP_SYN_RCVD);
	rst = rst_for(b, 0);
	CHECK(pair_feed(b, &rst) == RRDP_DONE);
	CHECK(b->pcb.state == RRDP_CLOSED && b->err == -ECONNREFUSED);

	/* CLOSE-WAIT: no answer. */
	CHECK(pair_open(p));
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, RRDP_MSEC);
	CHECK(a->pcb.state == RRDP_CLOSE_WAIT);
	a->nlog = 0;
	rst = rst_for(a, 0);
	CHECK(pair_feed(a, &rst) == RRDP_DROP_STATE);
	CHECK(!a->nlog && a->pcb.state == RRDP_CLOSE_WAIT);
	FINISH(p);
}

/* What a host answers that has no such connection. */
void rrdp_test_rule9_closed(void)
{
	struct rrdp_seg out, in = { .sport = 7, .dport = 9, .seq = 100,
				    .ack = 200, .flags = RRDP_F_SYN };
	struct pair *p = pair_new(PAIR_OPTIONS);

	CHECK(rrdp_rst_reply(&in, &out));
	CHECK(out.flags == (RRDP_F_RST | RRDP_F_ACK));
	CHECK(out.seq == 0 && out.ack == 100);
	CHECK(out.sport == 9 && out.dport == 7 && !out.len && !out.nvar);
	in.flags = RRDP_F_ACK;
	CHECK(rrdp_rst_reply(&in, &out));
	CHECK(out.flags == RRDP_F_RST && out.seq == 201);
	in.flags = RRDP_F_NUL | RRDP_F_ACK;
	CHECK(rrdp_rst_reply(&in, &out));
	CHECK(out.flags == RRDP_F_RST && out.seq == 201);

	p->end[1].listening = false;
	pair_connect(&p->end[0]);
	pair_run(p, RRDP_MSEC);
	CHECK(p->end[0].pcb.state == RRDP_CLOSED);
	CHECK(p->end[0].err == -ECONNREFUSED);
	FINISH(p);
}

/* The number of an abort's RST is a guess; the peer must learn of it yet. */
void rrdp_test_rule9_abort_with_data_in_flight(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(!pair_send(a, 10) && !pair_send(a, 10));
	rrdp_pcb_abort(&a->pcb, -ECONNRESET, p->now);
	CHECK(a->closed == 1 && a->err == -ECONNRESET && !a->tx_held);
	pair_run(p, 5 * RRDP_MSEC);
	CHECK(b->closed == 1);
	FINISH(p);
}

/* A restarted host finds the other end OPEN: challenge, RST, SYN again. */
void rrdp_test_peer_restarted(void)
{
	static const u16 options[] = { PAIR_OPTIONS, 0 };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct pair *p = pair_new(options[i]);
		struct pair_end *a = &p->end[0], *b = &p->end[1];

		CHECK(pair_open(p));
		CHECK(!pair_send(a, 10));
		pair_run(p, 10 * RRDP_MSEC);
		a->lose = 1;	/* the RST of the one that dies */
		pair_reset(a);
		a->cfg.epoch++;
		a->cfg.iss = 0x4444;
		a->rx_msg = 0;
		a->msg_sent = 0;
		pair_connect(a);
		pair_run(p, 300 * RRDP_MSEC);
		CHECK(both_open(p));
		b->rx_msg = 0;
		CHECK(!pair_send(a, 10));
		pair_run(p, 10 * RRDP_MSEC);
		CHECK(b->rx_msg == 1);
		FINISH(p);
	}
}

/* The other end no longer knows of the connection. */
void rrdp_test_peer_vanished(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	b->lose = 1;
	pair_reset(b);
	CHECK(!pair_send(a, 10));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(a->closed == 1 && a->err == -ECONNRESET);
	CHECK(b->rst_sent >= 1);
	FINISH(p);
}

/* With something to send: reported within the configured second. */
void rrdp_test_peer_died(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	u64 heard;

	CHECK(pair_open(p));
	heard = a->pcb.last_heard;
	a->lose = ~0ULL;
	b->lose = ~0ULL;
	CHECK(!pair_send(a, 10));
	while (!a->closed && p->now < heard + 5 * RRDP_DEAD_DEFAULT)
		pair_run(p, RRDP_MSEC);
	CHECK(a->err == -ETIMEDOUT);
	CHECK(p->now >= heard + RRDP_DEAD_DEFAULT);
	CHECK(p->now <= heard + RRDP_DEAD_DEFAULT + 2 * RRDP_MSEC);
	FINISH(p);
}

/* The same with nothing to send, for several times; and no false alarm. */
void rrdp_test_peer_idle_died(void)
{
	static const u64 dead[] = { RRDP_DEAD_DEFAULT, 100 * RRDP_MSEC,
				    10 * RRDP_DEAD_DEFAULT };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct pair *p = pair_new(PAIR_OPTIONS);
		struct pair_end *a = &p->end[0];
		u64 heard;

		a->cfg.dead = dead[i];
		CHECK(pair_open(p));
		pair_run(p, 5 * dead[i]);
		CHECK(both_open(p));
		heard = a->pcb.last_heard;
		a->lose = ~0ULL;
		p->end[1].lose = ~0ULL;
		while (!a->closed && p->now < heard + 5 * dead[i])
			pair_run(p, RRDP_MSEC);
		CHECK(a->err == -ETIMEDOUT);
		CHECK(p->now <= heard + dead[i] + 2 * RRDP_MSEC);
		FINISH(p);
	}
}
