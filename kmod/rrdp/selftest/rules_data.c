// SPDX-License-Identifier: GPL-2.0
/* Tests of how data goes over: rules 2 to 6, 10, 11, options, credit. */

#include "rules.h"

#define NO_CREDIT	(PAIR_OPTIONS & ~RRDP_OPT_CREDIT)

static struct rrdp_seg data_for(const struct pair_end *e, int off)
{
	return (struct rrdp_seg) {
		.flags = RRDP_F_ACK,
		.len = 4,
		.seq = (u16)(e->pcb.rcv_cur + 1 + off),
		.ack = (u16)(e->pcb.snd_nxt - 1),
	};
}

void rrdp_test_rule2_sequence_numbers(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	u64 nxt;

	CHECK(pair_open(p));
	CHECK((u16)a->pcb.snd_nxt == (u16)(a->cfg.iss + 1));
	nxt = a->pcb.snd_nxt;
	CHECK(!pair_send(a, 1) && !pair_send(a, 1));
	CHECK(pair_sent(a, 1)->seg.seq == (u16)nxt);
	CHECK(pair_sent(a, 0)->seg.seq == (u16)(nxt + 1));
	pair_run(p, 10 * RRDP_MSEC);

	/* ACK and EACK take none; a NUL does. */
	b->nlog = 0;
	CHECK(!pair_send(b, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_ACK);
	CHECK(pair_sent(a, 0)->seg.seq == (u16)(nxt + 2));
	CHECK(a->pcb.snd_nxt == nxt + 2);
	rrdp_send_nul(&a->pcb, p->now);
	CHECK(pair_sent(a, 0)->seg.seq == (u16)(nxt + 2));
	CHECK(a->pcb.snd_nxt == nxt + 3);
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(a->pcb.snd_una == nxt + 3);
	rrdp_pcb_close(&a->pcb, p->now);
	CHECK(pair_sent(a, 0)->seg.flags == (RRDP_F_RST | RRDP_F_ACK));
	CHECK(pair_sent(a, 0)->seg.seq == (u16)(nxt + 3));
	FINISH(p);
}

/* RCV.CUR < SEQ <= RCV.CUR + 2 * RCV.MAX, across the wrap as well. */
void rrdp_test_rule3_acceptable(void)
{
	struct pair *p = pair_new(NO_CREDIT);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;
	int two = 2 * b->cfg.window;

	CHECK(pair_open(p));
	CHECK((u16)b->pcb.rcv_cur > 0xff00);

	seg = data_for(b, -1);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_DUP);
	seg = data_for(b, two);
	b->nlog = 0;
	CHECK(pair_feed(b, &seg) == RRDP_DROP_WINDOW);
	CHECK(b->nlog == 1 && pair_sent(b, 0)->seg.flags == RRDP_F_ACK);
	seg = data_for(b, -32768);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_DUP);
	seg = data_for(b, 32767);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_WINDOW);

	seg = data_for(b, two - 1);
	CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_DUP);
	seg = data_for(b, 0);
	CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
	CHECK(b->rx_live == 1);
	FINISH(p);
}

/* Segments in one buffer are taken together, or one by one. */
void rrdp_test_rule3_run_of_segments(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;
	u64 cur;

	CHECK(pair_open(p));
	cur = b->pcb.rcv_cur;
	seg = data_for(b, 1);
	seg.extra = 1;
	CHECK(!rrdp_pcb_takes_run(&b->pcb, &seg));
	seg = data_for(b, 0);
	seg.extra = (u8)(b->pcb.rcv_edge - cur - 1);
	CHECK(!rrdp_pcb_takes_run(&b->pcb, &seg));

	/* As many as were offered; they are acknowledged at once. */
	seg.extra--;
	CHECK(rrdp_pcb_takes_run(&b->pcb, &seg));
	b->nlog = 0;
	CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
	CHECK(b->pcb.rcv_cur == cur + 1 + seg.extra);
	CHECK(b->nlog == 1);
	CHECK(pair_sent(b, 0)->seg.ack == (u16)(cur + 1 + seg.extra));

	/* With a hole in front of what has arrived, each finds its own place. */
	seg = data_for(b, 2);
	CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
	seg = data_for(b, 0);
	seg.extra = 2;
	CHECK(!rrdp_pcb_takes_run(&b->pcb, &seg));
	FINISH(p);
}

void rrdp_test_rule3_ack_of_refused(void)
{
	struct pair *p = pair_new(NO_CREDIT);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;

	CHECK(pair_open(p));
	CHECK(!pair_send(b, 1));
	seg = data_for(b, -1);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_DUP);
	CHECK(!b->tx_held);

	/* What acknowledges the future is not believed at all. */
	seg = data_for(b, 0);
	seg.ack++;
	CHECK(pair_feed(b, &seg) == RRDP_DROP_ACK);
	CHECK(b->pcb.snd_una == b->pcb.snd_nxt);
	FINISH(p);
}

void rrdp_test_rule4_window(void)
{
	struct pair *p = pair_new(NO_CREDIT);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	b->cfg.window = 7;
	CHECK(pair_open(p));
	for (i = 0; i < 20; i++)
		CHECK(!pair_send(a, 1));
	CHECK(a->pcb.snd_nxt - a->pcb.snd_una == 7);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->rx_msg == 20 && !b->verdict[RRDP_DROP_WINDOW]);
	FINISH(p);

	/* However much the peer offers. */
	p = pair_new(NO_CREDIT);
	p->end[1].cfg.window = 0xffff;
	CHECK(pair_open(p));
	CHECK(p->end[0].pcb.snd_max == RRDP_WINDOW_MAX);
	for (i = 0; i < RRDP_WINDOW_MAX + RRDP_QUEUE_MAX; i++)
		if (pair_queue(&p->end[0], i, 0, 1, false))
			break;
	CHECK(i == RRDP_WINDOW_MAX + RRDP_QUEUE_MAX);
	CHECK(pair_queue(&p->end[0], i, 0, 1, false) == -EAGAIN);
	FINISH(p);
}

void rrdp_test_rule4_eacked_hold_the_edge(void)
{
	struct pair *p = pair_new(NO_CREDIT);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	b->cfg.window = 8;
	CHECK(pair_open(p));
	a->lose = 1;
	for (i = 0; i < 16; i++)
		CHECK(!pair_send(a, 1));
	CHECK(a->nlog == 2 + 8);
	pair_run(p, 2 * PAIR_DELAY);
	CHECK(a->pcb.neacked == 7);
	CHECK(a->pcb.snd_nxt - a->pcb.snd_una == 8);
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->rx_msg == 16);
	FINISH(p);
}

/* It may carry data, and both are processed. */
void rrdp_test_rule5_eack_with_data(void)
{
	struct pair *p = pair_new(NO_CREDIT);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;
	u8 var[4];

	CHECK(pair_open(p));
	CHECK(!pair_send(b, 1) && !pair_send(b, 1));
	seg = data_for(b, 0);
	seg.flags |= RRDP_F_EACK;
	rrdp_put16(var, seg.ack);
	rrdp_put16(var + 2, seg.ack);
	seg.ack -= 2;
	seg.var = var;
	seg.nvar = 2;
	CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
	CHECK(b->pcb.neacked == 1 && b->pcb.snd_nxt - b->pcb.snd_una == 2);
	CHECK((u16)b->pcb.rcv_cur == seg.seq);
	FINISH(p);
}

/* Segments 1 and 3 of five are lost: what the EACK of the last says. */
static void eack_says(u16 options, unsigned int words, const u16 *offset)
{
	struct pair *p = pair_new(options);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	const struct pair_log *log;
	unsigned int i;
	u16 first;

	CHECK(pair_open(p));
	first = (u16)a->pcb.snd_nxt;
	a->lose = 0x05;
	for (i = 0; i < 6; i++)
		CHECK(!pair_send(a, 1));
	b->nlog = 0;
	pair_run(p, PAIR_DELAY);
	CHECK(b->nlog == 4);
	log = pair_sent(b, 0);
	CHECK(log->seg.flags == (RRDP_F_ACK | RRDP_F_EACK));
	CHECK(log->seg.ack == (u16)(first - 1));
	if (CHECK(log->seg.nvar == words))
		for (i = 0; i < words; i++)
			CHECK(rrdp_get16(log->var + 2 * i) ==
			      (u16)(first + offset[i]));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(b->rx_msg == 6);
	CHECK(a->stat[RRDP_CORE_RETRANS] == 2);
	CHECK(!a->stat[RRDP_CORE_RTO]);
	FINISH(p);
}

void rrdp_test_rule5_eack_singles(void)
{
	static const u16 numbers[] = { 1, 3, 4, 5 };

	eack_says(NO_CREDIT & ~RRDP_OPT_EACKR, 4, numbers);
}

void rrdp_test_rule5_eack_ranges(void)
{
	static const u16 pairs[] = { 1, 1, 3, 5 };

	eack_says(NO_CREDIT, 4, pairs);
}

/* A peer may ignore EACKs: only the ACK of such a segment is left. */
static void without_eacks(struct pair *p, struct pair_frame *f)
{
	u8 *csum = f->bytes + RRDP_CSUM_OFF;

	if (f->bytes[0] & RRDP_F_EACK) {
		f->bytes[0] &= ~RRDP_F_EACK;
		rrdp_put16(csum, rrdp_csum_fold(rrdp_get16(csum) +
						(RRDP_F_EACK << 8)));
	}
	pair_put(p, f, p->now + PAIR_DELAY);
}

void rrdp_test_rule5_eack_ignored(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	unsigned int i;

	CHECK(pair_open(p));
	p->carry = without_eacks;
	a->lose = 0x0111;
	for (i = 0; i < 30; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, 200 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 30 && !a->tx_held);
	FINISH(p);
}

/* More holes than a small link's segment has room for. */
void rrdp_test_rule5_eack_fits_the_link(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	unsigned int i;

	p->end[0].cfg.max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN;
	p->end[1].cfg.max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN;
	CHECK(pair_open(p));
	p->end[0].lose = 0x5555555555555555ULL;
	for (i = 0; i < 40; i++)
		CHECK(!pair_send(&p->end[0], 1));
	pair_run(p, 50 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 40);
	FINISH(p);
}

void rrdp_test_rule6_nul_when_idle(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	for (i = 0; i < 100; i++) {
		CHECK(!pair_send(a, 1));
		pair_run(p, 20 * RRDP_MSEC);
	}
	CHECK(!a->stat[RRDP_CORE_NUL] && !b->stat[RRDP_CORE_NUL]);
	pair_run(p, 2000 * RRDP_MSEC);
	CHECK(a->stat[RRDP_CORE_NUL] + b->stat[RRDP_CORE_NUL] >= 6);
	CHECK(a->stat[RRDP_CORE_NUL] + b->stat[RRDP_CORE_NUL] <= 16);
	CHECK(b->rx_msg == 100 && !a->rx_msg);
	CHECK(a->pcb.snd_una == a->pcb.snd_nxt);
	CHECK(!a->stat[RRDP_CORE_RETRANS]);
	FINISH(p);
}

void rrdp_test_rule6_nul_skips_nothing(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	u64 nxt;

	CHECK(pair_open(p));
	/* No NUL while data is unacknowledged. */
	a->lose = 0xff;
	CHECK(!pair_send(a, 1));
	pair_run(p, 400 * RRDP_MSEC);
	CHECK(!b->stat[RRDP_CORE_NUL] && b->rx_msg == 1);

	/* A NUL that is lost is sent again, and data waits for it. */
	nxt = a->pcb.snd_nxt;
	a->lose = 1;
	rrdp_send_nul(&a->pcb, p->now);
	CHECK(!pair_send(a, 1));
	pair_run(p, PAIR_DELAY);
	CHECK(b->rx_msg == 1 && (u16)b->pcb.rcv_cur == (u16)(nxt - 1));
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->rx_msg == 2 && b->stat[RRDP_CORE_NUL] == 1);

	/* A NUL out of order waits for what is before it. */
	a->lose = 1;
	CHECK(!pair_send(a, 1));
	a->pcb.snd_nxt = a->pcb.snd_end;
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->rx_msg == 3);
	FINISH(p);
}

/* Never a second clone while the first still sits in the NIC. */
void rrdp_test_rule10_busy_nic(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	u32 sent;

	CHECK(pair_open(p));
	a->lose = 1;
	a->nic_busy = true;
	CHECK(!pair_send(a, 1));
	sent = a->nlog;
	pair_run(p, 100 * RRDP_MSEC);
	CHECK(a->nlog == sent && !a->stat[RRDP_CORE_RETRANS]);
	a->nic_busy = false;
	pair_run(p, 300 * RRDP_MSEC);
	CHECK(p->end[1].rx_msg == 1);
	FINISH(p);
}

void rrdp_test_rule11_drops_have_verdicts(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;

	seg = data_for(b, 0);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_STATE);
	CHECK(pair_open(p));
	seg = data_for(b, RRDP_CREDIT_INIT + 100);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_FULL);

	/* More data than we said a segment may have. */
	seg = data_for(b, 0);
	seg.len = b->cfg.max_size;
	CHECK(pair_feed(b, &seg) == RRDP_DROP_LENGTH);

	/* A part of a message when messages have no parts. */
	b->pcb.options &= ~RRDP_OPT_MORE;
	seg = data_for(b, 0);
	seg.flags |= RRDP_F_MORE;
	CHECK(pair_feed(b, &seg) == RRDP_DROP_LENGTH);
	CHECK(b->pcb.state == RRDP_OPEN);
	FINISH(p);
}

void rrdp_test_rule11_no_memory(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct rrdp_seg seg;
	unsigned int i;

	CHECK(pair_open(p));
	pair_no_memory = true;
	seg = data_for(b, RRDP_RING_INLINE);
	CHECK(pair_feed(b, &seg) == RRDP_DROP_NOMEM);
	for (i = 0; i < RRDP_RING_INLINE; i++)
		CHECK(!pair_send(a, 1));
	CHECK(pair_send(a, 1) == -ENOMEM);
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(b->rx_msg == RRDP_RING_INLINE);
	pair_no_memory = false;
	CHECK(!pair_send(a, 1));
	pair_run(p, 10 * RRDP_MSEC);
	CHECK(b->rx_msg == RRDP_RING_INLINE + 1);
	FINISH(p);
}

/* RFC 908's SYN, of three words: no epoch, no option. */
static void base_protocol(struct pair *p, struct pair_frame *f)
{
	u8 *at = f->bytes;

	if (!f->to && (at[0] & RRDP_F_SYN)) {
		struct rrdp_config *cfg = &p->end[0].cfg;
		u32 sum = rrdp_csum_u32(cfg->local_node) +
			  rrdp_csum_u32(cfg->peer_node);

		at[1] = 7 + RRDP_SYN_WORDS_BASE;
		f->len = 2 * at[1];
		rrdp_put16(at + RRDP_HDR_LEN + 4, 0);
		rrdp_put16(at + RRDP_CSUM_OFF, 0);
		rrdp_put16(at + RRDP_CSUM_OFF, (u16)
			   ~rrdp_csum_fold(rrdp_csum_data(at, f->len, sum)));
	}
	pair_put(p, f, p->now + PAIR_DELAY);
}

void rrdp_test_peer_of_base_protocol(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	b->cfg.options = 0;
	p->carry = base_protocol;
	CHECK(pair_open(p));
	CHECK(!a->pcb.options && !a->pcb.peer_epoch);
	CHECK(a->pcb.mss == 128 - RRDP_HDR_LEN);
	a->lose = 4;
	for (i = 0; i < 30; i++) {
		CHECK(!pair_send(a, 100));
		CHECK(!pair_send(b, 100));
	}
	pair_run(p, 100 * RRDP_MSEC);
	CHECK(!pair_sent(a, 0)->seg.nvar);
	CHECK(a->rx_msg == 30 && b->rx_segs + b->rx_live >= 1);
	CHECK(!a->tx_held && !b->tx_held);
	rrdp_pcb_close(&a->pcb, p->now);
	pair_run(p, RRDP_MSEC);
	CHECK(b->closed == 1 && !b->err);
	/* Delivery was not in order: what was compared says nothing. */
	p->faults = 0;
	p->why = NULL;
	FINISH(p);
}

/* What one end refuses is not in force, and all works without. */
void rrdp_test_option_refused(void)
{
	unsigned int bit, side, i;

	for (bit = 0; bit < 6; bit++) {
		for (side = 0; side < 2; side++) {
			struct pair *p = pair_new(PAIR_OPTIONS |
						  RRDP_OPT_CKSUM_HDR);
			struct pair_end *a = &p->end[0], *b = &p->end[1];
			u16 lost = (u16)(1 << bit);

			p->end[side].cfg.options &= ~lost;
			if (lost == RRDP_OPT_SEQUENCED)
				lost |= RRDP_OPT_MORE;
			CHECK(pair_open(p));
			CHECK(a->pcb.options == b->pcb.options);
			CHECK(a->pcb.options == (u16)((PAIR_OPTIONS |
						 RRDP_OPT_CKSUM_HDR) & ~lost));
			if (bit)
				a->lose = 0x124;
			for (i = 0; i < 20; i++) {
				CHECK(!pair_send(a, 20));
				CHECK(!pair_send(b, 20));
			}
			pair_run(p, 100 * RRDP_MSEC);
			CHECK(a->rx_msg == 20 && b->rx_msg == 20);
			FINISH(p);
		}
	}
}

/* Who does not ask for order gets data as it comes, each once. */
void rrdp_test_option_unsequenced(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS & ~RRDP_OPT_SEQUENCED);
	struct pair_end *b = &p->end[1];
	struct rrdp_seg seg;
	int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 7; i >= 0; i--) {
		seg = data_for(b, i);
		CHECK(pair_feed(b, &seg) == RRDP_TAKEN);
		CHECK(pair_feed(b, &seg) == RRDP_DROP_DUP);
		CHECK(b->rx_held == (u32)(8 - i));
	}
	CHECK((u16)b->pcb.rcv_cur == (u16)(p->end[0].pcb.snd_nxt + 7));
	FINISH(p);
}

/* The mark is on every part but the last, also when parts are sent again. */
void rrdp_test_option_more(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	CHECK(a->pcb.mss == 128 - RRDP_HDR_LEN - 2);
	a->nlog = 0;
	a->lose = 3;
	CHECK(!pair_send(a, 3 * 112));
	CHECK(a->nlog == 3);
	CHECK(pair_sent(a, 2)->seg.flags == (RRDP_F_ACK | RRDP_F_MORE));
	CHECK(pair_sent(a, 1)->seg.flags == (RRDP_F_ACK | RRDP_F_MORE));
	CHECK(pair_sent(a, 0)->seg.flags == RRDP_F_ACK);
	CHECK(!pair_send(a, 113));
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(b->rx_msg == 2 && b->rx_segs == 5);
	FINISH(p);
}

struct copies {
	struct pair_frame data;
	struct pair_frame ack;
	bool keep;
};

static void keep_copies(struct pair *p, struct pair_frame *f)
{
	struct copies *c = p->priv;

	if (c->keep)
		*(f->to ? &c->data : &c->ack) = *f;
	pair_put(p, f, p->now + PAIR_DELAY);
}

/* The copy of a segment comes again when its number has come round. */
static void stale_copy(u16 options, bool noticed)
{
	struct pair *p = pair_new(options);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	struct copies *c = pair_alloc(sizeof(*c));
	struct pair_frame *f = pair_frame(p);
	u32 i, got;

	CHECK(pair_open(p));
	p->carry = keep_copies;
	p->priv = c;
	c->keep = true;
	CHECK(!pair_send(a, 1));
	pair_run(p, RRDP_MSEC);
	c->keep = false;
	for (i = 1; i < 65536; i++) {
		CHECK(!pair_send(a, 1));
		if (i % 16 == 0)
			pair_run(p, RRDP_MSEC);
	}
	pair_run(p, 20 * RRDP_MSEC);
	got = b->rx_segs;
	CHECK(got == 65536);

	memcpy(f->bytes, c->data.bytes, PAIR_MTU);
	f->to = 1;
	f->len = c->data.len;
	pair_put(p, f, p->now);
	pair_step(p);
	CHECK(b->bad_csum == noticed);
	CHECK((b->verdict[RRDP_TAKEN] == 65536) == noticed);
	if (!noticed) {
		p->faults = 0;
		p->why = NULL;
	}
	pair_free(c);
	p->carry = NULL;
	FINISH(p);
}

void rrdp_test_option_xseq(void)
{
	stale_copy(PAIR_OPTIONS, true);
	stale_copy(PAIR_OPTIONS & ~RRDP_OPT_XSEQ, false);
}

/* The reader stops: nothing is thrown away, and it goes on when it reads. */
void rrdp_test_credit_zero_window(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 100; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, 5000 * RRDP_MSEC);
	CHECK(b->rx_held == 64 && a->pcb.state == RRDP_OPEN);
	CHECK(a->tx_held == 36);
	/* It asked, but less and less often. */
	CHECK(b->verdict[RRDP_DROP_FULL] >= 10);
	CHECK(b->verdict[RRDP_DROP_FULL] <= 40);
	/* Reopens with the update, in a round trip and not with the timer. */
	pair_read(b, 40);
	pair_run(p, 3 * PAIR_DELAY);
	pair_read(b, 64);
	CHECK(b->rx_msg >= 100 - 36 + 16);
	pair_run(p, 5 * RRDP_MSEC);
	pair_read(b, 64);
	CHECK(b->rx_msg == 100 && !a->tx_held);
	FINISH(p);
}

void rrdp_test_credit_lost_update(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 100; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, 50 * RRDP_MSEC);
	b->lose = 1;
	pair_read(b, 64);
	CHECK(!b->lose);
	pair_run(p, 300 * RRDP_MSEC);
	pair_read(b, 64);
	CHECK(b->rx_msg == 100 && !a->tx_held);
	CHECK(!a->pcb.window_probe);
	FINISH(p);
}

/* What was offered is taken, even if the room has become less since. */
void rrdp_test_credit_is_a_promise(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;

	CHECK(pair_open(p));
	rrdp_pcb_room(&b->pcb, 0);
	for (i = 0; i < RRDP_CREDIT_INIT; i++) {
		CHECK(!pair_send(a, 1));
		pair_run(p, RRDP_MSEC);
	}
	CHECK(b->rx_msg == RRDP_CREDIT_INIT);
	CHECK(!b->verdict[RRDP_DROP_FULL]);
	FINISH(p);
}

/* A slow reader is no congestion. */
void rrdp_test_credit_probe_spares_the_window(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0], *b = &p->end[1];
	unsigned int i;
	u32 cwnd;

	CHECK(pair_open(p));
	b->lazy = true;
	for (i = 0; i < 100; i++)
		CHECK(!pair_send(a, 1));
	pair_run(p, RRDP_MSEC);
	cwnd = a->pcb.cwnd;
	pair_run(p, 1000 * RRDP_MSEC);
	CHECK(a->pcb.cwnd == cwnd);
	FINISH(p);
}

/* Two ends that disagree must not answer each other for ever. */
void rrdp_test_rule2_acks_are_not_answered(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS & ~RRDP_OPT_XSEQ);
	struct pair_end *a = &p->end[0], *b = &p->end[1];

	CHECK(pair_open(p));
	a->pcb.rcv_cur += 5;
	b->pcb.rcv_cur += 5;
	rrdp_send_ack(&a->pcb);
	a->nlog = 0;
	b->nlog = 0;
	pair_run(p, 20 * RRDP_MSEC);
	CHECK(a->nlog + b->nlog <= 2);
	FINISH(p);
}

/* What is queued early leaves with the ACK of the handshake, or is let go. */
void rrdp_test_queued_before_open(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];

	pair_connect(a);
	CHECK(!pair_queue(a, 0, 0, 1, false));
	pair_run(p, 4 * PAIR_DELAY);
	CHECK(p->end[1].rx_msg == 1);
	FINISH(p);

	p = pair_new(PAIR_OPTIONS);
	p->end[1].listening = false;
	pair_connect(&p->end[0]);
	CHECK(!pair_queue(&p->end[0], 0, 0, 1, false));
	pair_run(p, RRDP_MSEC);
	CHECK(p->end[0].err == -ECONNREFUSED && !p->end[0].tx_held);
	FINISH(p);
}

/* More is to come: it is waited for, but not long. */
void rrdp_test_queued_with_more_to_come(void)
{
	struct pair *p = pair_new(PAIR_OPTIONS);
	struct pair_end *a = &p->end[0];
	u32 sent;

	CHECK(pair_open(p));
	sent = a->nlog;
	CHECK(!pair_queue(a, 0, 0, 1, false));
	rrdp_pcb_hold(&a->pcb, p->now);
	pair_run(p, RRDP_HOLD_MAX / 2);
	CHECK(a->nlog == sent);
	pair_run(p, RRDP_HOLD_MAX);
	CHECK(a->nlog == sent + 1 && p->end[1].rx_msg == 1);
	FINISH(p);
}
