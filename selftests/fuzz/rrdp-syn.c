// SPDX-License-Identifier: GPL-2.0
/*
 * SYNs, and answers to ours: what is agreed on keeps to what both ends offered.
 */
#include "../../kmod/rrdp/selftest/pair.h"
#include "input.h"

/**
 * struct syn_limits - of the frames that an end sends
 * @size: octets of the largest that both ends take
 */
struct syn_limits {
	u32 size;
};

static void carry_measured(struct pair *p, struct pair_frame *f)
{
	struct syn_limits *limits = p->priv;

	must(f->bytes[0] & (RRDP_F_SYN | RRDP_F_RST) || f->len <= limits->size,
	     "a segment larger than the other end takes");
	pair_drop(p, f);
}

static void check_agreed(const struct pair_end *e, const struct rrdp_seg *syn)
{
	const struct rrdp_pcb *pcb = &e->pcb;

	must(!(pcb->options & ~(e->cfg.options & syn->syn.options)),
	     "an option that one end did not offer");
	must(pcb->options & RRDP_OPT_SEQUENCED || !(pcb->options & RRDP_OPT_MORE),
	     "parts without an order");
	must(!(pcb->options & RRDP_OPT_XSEQ) || syn->syn.epoch, "XSEQ without an epoch");
	must(pcb->mss >= RRDP_MSS_MIN, "segments that carry next to nothing");
	must(pcb->snd_max && pcb->snd_max <= RRDP_WINDOW_MAX && pcb->snd_max <= syn->syn.max_out,
	     "more unacknowledged than the other end takes");
	must(pcb->cwnd && pcb->cwnd <= pcb->snd_max, "a window that is none");
}

/* The handshake is over: as much as may be is sent, and nobody answers. */
static void talk(struct pair_end *e, struct input *in)
{
	unsigned int times = 1 + input_u8(in) % 32;
	u32 most = e->pcb.options & RRDP_OPT_MORE ? 2000 : e->pcb.mss;

	while (times-- && e->pcb.state == RRDP_OPEN)
		pair_send(e, (u16)(1 + input_u16(in) % min_t(u32, most, 2000)));
	pair_run(e->pair, RRDP_MSEC * input_u8(in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct pair *p = pair_new(input_u8(&in));
	struct pair_end *e = &p->end[0];
	struct syn_limits limits = { };
	struct rrdp_seg syn, ack = { };
	bool connects = input_u8(&in) & 1, taken = false;
	const char *why;
	size_t len;
	uint8_t *head;

	e->cfg.window = 1 + input_u16(&in) % RRDP_WINDOW_MAX;
	e->cfg.max_size = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN +
			  input_u16(&in) % (PAIR_MTU - RRDP_HDR_LEN - 2 - RRDP_MSS_MIN);
	p->priv = &limits;
	p->carry = carry_measured;
	pair_connect(e);
	head = input_copy(&in, RRDP_HDR_LEN + 2 * input_u8(&in), &len);
	if (rrdp_wire_parse(&syn, head, len, len) || !(syn.flags & RRDP_F_SYN))
		goto out;

	limits.size = min(e->cfg.max_size, syn.syn.max_size);
	if (connects) {
		if (syn.flags & RRDP_F_ACK && input_u8(&in) & 1)
			syn.ack = (u16)e->pcb.snd_una;
		pair_feed(e, &syn);
		taken = e->pcb.state == RRDP_SYN_RCVD || e->pcb.state == RRDP_OPEN;
	} else {
		pair_reset(e);
		e->alive = true;
		taken = rrdp_pcb_accept(&e->pcb, &syn, p->now);
	}
	if (!taken)
		goto out;
	check_agreed(e, &syn);
	if (e->pcb.state == RRDP_SYN_RCVD) {
		ack.flags = RRDP_F_ACK;
		ack.seq = syn.seq + 1;
		ack.ack = (u16)e->pcb.snd_una;
		pair_feed(e, &ack);
	}
	talk(e, &in);
	pair_check(e);
out:
	why = pair_delete(p);
	must(!why, why);
	free(head);
	return 0;
}
