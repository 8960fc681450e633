// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of a hostile end, to a core that has a connection, in any of its states.
 *
 * The first octets say what the connection is like. Records follow: what is done, and
 * a segment, or part of one.
 */
#include "../../kmod/rrdp/selftest/pair.h"
#include "input.h"

enum action {
	ACTION_RAW,		/* a segment as it is */
	ACTION_NEAR,		/* its numbers count from those that are expected */
	ACTION_RUN,		/* the same with segments behind it in one buffer */
	ACTION_SEND,
	ACTION_WAIT,
	ACTION_CLOSE,
	ACTION_READ,
	ACTION_NO_MEMORY,
	ACTION_COUNT,
};

enum { SEND_MAX = 300, EXTRA_MAX = 8 };

/* Nobody is there to whom it would be of use. */
static void carry_nowhere(struct pair *p, struct pair_frame *f)
{
	pair_drop(p, f);
}

/* A header that is understood is built as it was, but for a SYN that is cut short. */
static void check_built(const struct rrdp_seg *seg, const uint8_t *p)
{
	uint8_t built[RRDP_HDR_LEN + 2 * UINT8_MAX];
	unsigned int hlen = rrdp_wire_hlen_peek(p);

	if (seg->flags & RRDP_F_SYN && seg->nvar != RRDP_SYN_WORDS)
		return;
	must(rrdp_wire_hlen(seg) == hlen, "length of a header");
	rrdp_wire_build(built, seg);
	must(!memcmp(built, p, hlen), "a header that is built is another");
}

static void segment(struct pair_end *e, struct input *in, enum action action)
{
	struct rrdp_pcb *pcb = &e->pcb;
	struct rrdp_seg seg;
	size_t len;
	uint8_t *p = input_copy(in, input_u8(in), &len);
	/* Padding, or data that is not looked at, need not be made up. */
	size_t total = len + input_u8(in) * 4u;

	if (!rrdp_wire_parse(&seg, p, len, total)) {
		check_built(&seg, p);
		if (action != ACTION_RAW) {
			seg.seq += (u16)(pcb->rcv_cur + 1);
			seg.ack += (u16)(pcb->snd_nxt - 1);
		}
		rrdp_pcb_csum_in(pcb, &seg);
		if (action == ACTION_RUN && seg.len &&
		    !(seg.flags & (RRDP_F_SYN | RRDP_F_RST | RRDP_F_NUL))) {
			seg.extra = input_u8(in) % EXTRA_MAX;
			if (!rrdp_pcb_takes_run(pcb, &seg))
				seg.extra = 0;
		}
		pair_feed(e, &seg);
	}
	free(p);
}

static void act(struct pair_end *e, struct input *in)
{
	enum action action = input_u8(in) % ACTION_COUNT;
	struct pair *p = e->pair;

	switch (action) {
	case ACTION_SEND:
		if (e->pcb.state == RRDP_OPEN && !e->pcb.closing)
			pair_send(e, 1 + input_u16(in) % SEND_MAX);
		break;
	case ACTION_WAIT:
		pair_run(p, (input_u16(in) + 1) * 10 * RRDP_USEC);
		break;
	case ACTION_CLOSE:
		rrdp_pcb_close(&e->pcb, p->now);
		break;
	case ACTION_READ:
		pair_read(e, 1 + input_u8(in));
		break;
	case ACTION_NO_MEMORY:
		pair_no_memory = !pair_no_memory;
		break;
	default:
		segment(e, in, action);
	}
	pair_check(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct pair *p = pair_new(input_u8(&in));
	struct pair_end *e = &p->end[0];
	bool open = input_u8(&in) & 1;
	const char *why;

	e->lazy = input_u8(&in) & 1;
	e->cfg.window = 1 + input_u8(&in);
	e->cfg.max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN + input_u8(&in);
	p->end[1].cfg.max_size = e->cfg.max_size;
	if (open)
		pair_open(p);
	p->carry = carry_nowhere;
	if (!open)
		pair_connect(e);
	pair_reset(&p->end[1]);
	while (p->first)
		pair_step(p);
	while (in.left && !p->faults)
		act(e, &in);
	pair_no_memory = false;
	pair_run(p, RRDP_DRAIN_MAX * 2);
	must(e->lazy || e->pcb.state == RRDP_CLOSED, "nobody answers, and it stays");
	why = pair_delete(p);
	must(!why, why);
	return 0;
}
