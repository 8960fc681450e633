// SPDX-License-Identifier: GPL-2.0
/*
 * Whole conversations of two cores with a hostile wire. The input is what the users of
 * both do, what becomes of each frame, and when an end starts again with all forgotten.
 * Then nobody does anything any more and the wire is good, and it must have come to an end:
 * all was delivered, or an end knows that it was not.
 */
#include "../../kmod/rrdp/selftest/pair.h"
#include "input.h"

enum action {
	ACTION_STEP,
	ACTION_SEND,
	ACTION_HOLD,		/* more will be sent soon */
	ACTION_WAIT,
	ACTION_READ,
	ACTION_CLOSE,
	ACTION_ABORT,
	ACTION_RESTART,		/* one end has forgotten, and connects again */
	ACTION_BUSY,
	ACTION_NO_MEMORY,
	ACTION_CONNECT,
	ACTION_COUNT,
};

/* What becomes of a frame: bits of an octet. */
enum fate {
	FATE_DROP	= 0x01,
	FATE_DAMAGE	= 0x02,
	FATE_COPY	= 0x04,
	FATE_LATE	= 0x08,
	FATE_KEEP	= 0x10,	/* a copy is put away */
	FATE_KEPT	= 0x20,	/* and comes after this one */
};

enum {
	SIZE_MAX_SENT	= 1500,
	MESSAGES	= 4096,		/* of which sizes are remembered */
	RESTARTS	= 30,
	SIZE_MIN	= RRDP_HDR_LEN + 2 + RRDP_MSS_MIN,
};

/**
 * struct talk - a conversation
 * @p: the ends
 * @in: what is to happen
 * @size: of messages that each end sent
 * @first: number of the first message of the newest incarnation
 * @epoch: of the connection that each end has
 * @restarts: how often an end started again
 * @lost: an end may have lost what it had, and no one is to blame
 * @kept: a frame that was put away
 * @calm: nothing is to happen any more
 */
struct talk {
	struct pair *p;
	struct input in;
	u16 size[2][MESSAGES];
	u32 first;
	u32 epoch[2];
	u32 restarts;
	bool lost;
	struct pair_frame kept;
	bool calm;
};

static void read_whole(struct pair_end *e, u32 msg, u32 size)
{
	struct talk *t = e->pair->priv;

	if (size != t->size[!e->id][msg % MESSAGES])
		pair_fault(e->pair, "message of another size");
}

static void damage(struct talk *t, struct pair_frame *f)
{
	const struct pair *p = t->p;

	/* Nobody would notice. */
	if (p->end[0].pcb.options & p->end[1].pcb.options & RRDP_OPT_CKSUM_HDR)
		return;
	pair_damage(f, input_u16(&t->in) % (8u * f->len), input_u16(&t->in));
}

static void carry(struct pair *p, struct pair_frame *f)
{
	struct talk *t = p->priv;
	u8 fate = t->calm ? 0 : input_u8(&t->in);
	u64 due = p->now + PAIR_DELAY;

	if (fate & FATE_KEEP)
		t->kept = *f;
	if (fate & FATE_KEPT && t->kept.len)
		pair_put(p, pair_copy(p, &t->kept), due);
	if (fate & FATE_COPY)
		pair_put(p, pair_copy(p, f), due + input_u8(&t->in) * RRDP_USEC);
	if (fate & FATE_DROP) {
		pair_drop(p, f);
		return;
	}
	if (fate & FATE_DAMAGE)
		damage(t, f);
	if (fate & FATE_LATE)
		due += input_u16(&t->in) * 10 * RRDP_USEC;
	pair_put(p, f, due);
}

static bool can_send(const struct pair_end *e)
{
	return e->pcb.state == RRDP_OPEN && !e->pcb.closing;
}

/* A message, if there is room for all of it. */
static void send(struct talk *t, struct pair_end *e, bool hold)
{
	u32 size = 1 + input_u16(&t->in) % SIZE_MAX_SENT, off = 0;

	if (!can_send(e))
		return;
	if (!(e->pcb.options & RRDP_OPT_MORE))
		size = min(size, e->pcb.mss);
	if (rrdp_pcb_reserve(&e->pcb, (size + e->pcb.mss - 1) / e->pcb.mss))
		return;
	t->size[e->id][e->msg_sent % MESSAGES] = (u16)size;
	while (off < size) {
		u16 part = (u16)min(e->pcb.mss, size - off);

		if (pair_queue(e, e->msg_sent, off, part, off + part < size))
			pair_fault(t->p, "no room, though it was reserved");
		off += part;
	}
	e->msg_sent++;
	if (hold)
		rrdp_pcb_hold(&e->pcb, t->p->now);
	else
		rrdp_pcb_push(&e->pcb, t->p->now);
}

/*
 * Epochs of which no two pairs have sums that are close: copies from another incarnation
 * are never taken for new ones, while those that really are unpredictable are by luck.
 */
static u32 epoch(u32 id, u32 restarts)
{
	return 0xabcd0001 + restarts * (id ? 1024 : 32);
}

/*
 * An end that has a new connection begins with messages nobody has heard of, and takes no
 * second one with the same numbers.
 */
static void notice_restart(struct talk *t)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct pair_end *e = &t->p->end[i];

		if (!e->alive || e->pcb.cfg.epoch != e->cfg.epoch)
			continue;
		e->listening = false;
		if (e->pcb.cfg.epoch == t->epoch[i])
			continue;
		t->epoch[i] = e->pcb.cfg.epoch;
		e->msg_sent = t->first;
		e->rx_msg = t->first;
		e->rx_off = 0;
	}
}

static void step(struct talk *t)
{
	pair_step(t->p);
	notice_restart(t);
}

static bool all_xseq(const struct pair *p)
{
	return p->end[0].cfg.options & p->end[1].cfg.options & RRDP_OPT_XSEQ;
}

/* The end has not heard yet that the other started again. */
static bool is_behind(const struct talk *t, const struct pair_end *e)
{
	return t->epoch[e->id] != e->cfg.epoch;
}

static bool is_opening(const struct pair_end *e)
{
	return e->pcb.state == RRDP_SYN_SENT || e->pcb.state == RRDP_SYN_RCVD;
}

/*
 * Without epochs in the checksum, copies from before would be taken for new ones: the
 * paper's protocol knows no better.
 */
static void restart(struct talk *t, struct pair_end *e)
{
	struct pair_end *other = &t->p->end[!e->id];

	if (t->restarts == RESTARTS || !all_xseq(t->p) || is_behind(t, e) || is_opening(other))
		return;
	t->restarts++;
	t->lost = true;
	t->first = max(e->msg_sent, other->msg_sent) + MESSAGES / 64;
	e->cfg.epoch = epoch(e->id, t->restarts);
	other->cfg.epoch = epoch(other->id, t->restarts);
	e->cfg.iss = input_u16(&t->in);
	other->cfg.iss += 0x1357;
	other->listening = true;
	pair_connect(e);
	notice_restart(t);
}

static void connect_again(struct talk *t, struct pair_end *e)
{
	if (e->pcb.state == RRDP_CLOSED)
		restart(t, e);
}

static void act(struct talk *t)
{
	u8 octet = input_u8(&t->in);
	struct pair_end *e = &t->p->end[octet >> 7];
	struct pair *p = t->p;

	switch (octet % ACTION_COUNT) {
	case ACTION_STEP:
		if (pair_next(p) != RRDP_NEVER)
			step(t);
		break;
	case ACTION_SEND:
		send(t, e, false);
		break;
	case ACTION_HOLD:
		send(t, e, true);
		break;
	case ACTION_WAIT:
		octet = input_u8(&t->in);
		while (octet-- && pair_next(p) != RRDP_NEVER)
			step(t);
		break;
	case ACTION_READ:
		pair_read(e, 1 + input_u8(&t->in));
		break;
	case ACTION_CLOSE:
		rrdp_pcb_close(&e->pcb, p->now);
		break;
	case ACTION_ABORT:
		t->lost = true;
		rrdp_pcb_abort(&e->pcb, -ECONNABORTED, p->now);
		break;
	case ACTION_RESTART:
		restart(t, e);
		break;
	case ACTION_BUSY:
		e->nic_busy = !e->nic_busy;
		break;
	case ACTION_NO_MEMORY:
		pair_no_memory = !pair_no_memory;
		break;
	case ACTION_CONNECT:
		connect_again(t, e);
		break;
	}
	pair_check(&p->end[0]);
	pair_check(&p->end[1]);
}

/* Never more than was sent. */
static void check_prefix(const struct talk *t)
{
	const struct pair_end *end = t->p->end;
	int i;

	if (is_behind(t, &end[0]) || is_behind(t, &end[1]))
		return;
	for (i = 0; i < 2; i++)
		must(end[i].rx_msg < end[!i].msg_sent ||
		     (end[i].rx_msg == end[!i].msg_sent && !end[i].rx_off),
		     "delivered what was not sent");
}

static void judge(struct talk *t)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct pair_end *e = &t->p->end[i], *other = &t->p->end[!i];

		if (e->pcb.state == RRDP_OPEN && !t->lost &&
		    other->pcb.state == RRDP_OPEN && !e->closed && !other->closed)
			must(!e->tx_held && other->rx_msg == e->msg_sent,
			     "nothing goes on any more");
		/* The paper's protocol cannot tell who gave up from who is done. */
		if (e->closed && !e->err && !t->lost && all_xseq(t->p))
			must(other->rx_msg == e->msg_sent, "closed well, but not all arrived");
		must(!e->pcb.closing || e->pcb.state == RRDP_CLOSED, "closing, for ever");
		if (e->verdict[RRDP_DROP_WINDOW] && !t->restarts)
			must(false, "sent beyond twice the window");
	}
}

static void run(struct talk *t, u64 duration)
{
	struct pair *p = t->p;
	u64 until = p->now + duration;
	u32 steps = 0;

	while (pair_next(p) <= until && !p->faults) {
		step(t);
		pair_check(&p->end[0]);
		pair_check(&p->end[1]);
		must(++steps < PAIR_STEPS, "a storm, or a timer that stands still");
	}
	p->now = until;
}

/* Readers read, the wire carries, and time passes. */
static void calm_down(struct talk *t)
{
	struct pair *p = t->p;
	u64 until = p->now + 2 * RRDP_DRAIN_MAX;
	int i;

	t->calm = true;
	pair_no_memory = false;
	for (i = 0; i < 2; i++) {
		struct pair_end *e = &p->end[i];

		e->nic_busy = false;
		pair_read(e, e->rx_held);
		e->lazy = false;
	}
	do {
		run(t, 100 * RRDP_MSEC);
	} while (!p->faults && p->now < until &&
		 (p->end[0].tx_held || p->end[1].tx_held || p->first));
	run(t, 5 * RRDP_QUARANTINE);
}

static void configure(struct talk *t, u32 id)
{
	struct pair_end *e = &t->p->end[id];
	u8 flags = input_u8(&t->in);

	e->cfg.options = RRDP_OPT_SEQUENCED | flags;
	e->lazy = input_u8(&t->in) & 1;
	e->cfg.window = 1 + input_u8(&t->in);
	e->cfg.max_size = (u16)(SIZE_MIN + 2 * input_u8(&t->in));
	if (e->cfg.max_size > PAIR_MTU)
		e->cfg.max_size = PAIR_MTU;
	e->cfg.iss = input_u16(&t->in);
	e->cfg.epoch = epoch(id, 0);
	t->epoch[id] = e->cfg.epoch;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct talk *t = calloc(1, sizeof(*t));
	struct pair *p = pair_new(0);
	const char *why;
	int i;

	t->p = p;
	t->in = (struct input) { data, size };
	p->priv = t;
	p->carry = carry;
	p->message = read_whole;
	for (i = 0; i < 2; i++)
		configure(t, i);
	pair_connect(&p->end[0]);
	if (input_u8(&t->in) & 1)
		pair_connect(&p->end[1]);
	notice_restart(t);
	while (t->in.left && !p->faults) {
		act(t);
		check_prefix(t);
	}
	if (!p->faults)
		calm_down(t);
	check_prefix(t);
	if (!p->faults)
		judge(t);
	why = pair_delete(p);
	must(!why, why);
	free(t);
	return 0;
}
