// SPDX-License-Identifier: GPL-2.0
/* Two protocol cores with a wire between them, in virtual time. */

#include "pair.h"

static struct pair_end *end_of(struct rrdp_pcb *pcb)
{
	return (struct pair_end *)((char *)pcb - offsetof(struct pair_end, pcb));
}

static struct pair_tx *tx_of(struct rrdp_txseg *tx)
{
	return (struct pair_tx *)((char *)tx - offsetof(struct pair_tx, tx));
}

void pair_fault(struct pair *p, const char *why)
{
	if (!p->faults++)
		p->why = why;
}

/* Differs between messages that are 2^8, 2^16, ... apart. */
u8 pair_octet(u32 msg, u32 off)
{
	u32 x = msg * 2654435761u + (off >> 2);

	x ^= x >> 15;
	return (u8)((x >> 8 * (off & 3)) + off);
}

/* Frames */

struct pair_frame *pair_frame(struct pair *p)
{
	struct pair_frame *f = p->spare;

	if (f) {
		p->spare = f->next;
		f->damaged = false;
		return f;
	}
	return pair_alloc(sizeof(*f));
}

void pair_drop(struct pair *p, struct pair_frame *f)
{
	f->next = p->spare;
	p->spare = f;
}

struct pair_frame *pair_copy(struct pair *p, const struct pair_frame *f)
{
	struct pair_frame *copy = pair_frame(p);

	if (!copy)
		return NULL;
	copy->to = f->to;
	copy->damaged = f->damaged;
	copy->len = f->len;
	memcpy(copy->bytes, f->bytes, f->len);
	return copy;
}

void pair_damage(struct pair_frame *f, u32 at, u16 burst)
{
	u32 i;

	for (i = 0; i < 15 && at + i < 8u * f->len; i++) {
		u32 octet = (at + i) / 8;

		/* Other lengths make the sum one of other words: luck. */
		if (octet == 1 || octet == 6 || octet == 7 || !(burst >> i & 1))
			continue;
		f->bytes[octet] ^= 0x80 >> (at + i) % 8;
		f->damaged = true;
	}
}

void pair_put(struct pair *p, struct pair_frame *f, u64 due)
{
	struct pair_frame *at = p->last;

	f->due = due;
	while (at && at->due > due)
		at = at->prev;
	f->prev = at;
	f->next = at ? at->next : p->first;
	if (at)
		at->next = f;
	else
		p->first = f;
	if (f->next)
		f->next->prev = f;
	else
		p->last = f;
}

static struct pair_frame *take_first(struct pair *p)
{
	struct pair_frame *f = p->first;

	p->first = f->next;
	if (p->first)
		p->first->prev = NULL;
	else
		p->last = NULL;
	return f;
}

/* The sum of header and data, or of the header only, with a pseudo-header. */
static u16 frame_sum(const struct pair_frame *f, const struct rrdp_seg *seg,
		     u16 pseudo, u16 options)
{
	unsigned int len = rrdp_wire_hlen_peek(f->bytes);

	if (!(options & RRDP_OPT_CKSUM_HDR))
		len += seg->len;
	return rrdp_csum_fold(rrdp_csum_data(f->bytes, len, pseudo));
}

static void log_segment(struct pair_end *e, const struct rrdp_seg *seg,
			const struct rrdp_txseg *tx)
{
	struct pair_log *log = &e->log[e->nlog++ % PAIR_LOG];

	log->seg = *seg;
	log->seg.var = log->var;
	log->tx = tx;
	if (seg->nvar)
		memcpy(log->var, seg->var, min(2 * seg->nvar, PAIR_VAR));
}

static void send_frame(struct pair_end *e, struct rrdp_seg *seg,
		       struct rrdp_txseg *tx, u16 pseudo, u16 options)
{
	struct pair *p = e->pair;
	struct pair_frame *f = pair_frame(p);
	unsigned int i, hlen = rrdp_wire_hlen(seg);

	if (!f || hlen + seg->len > PAIR_MTU ||
	    hlen + seg->len > e->cfg.max_size) {
		pair_fault(p, "frame larger than the link");
		if (f)
			pair_drop(p, f);
		return;
	}
	f->to = !e->id;
	f->len = (u16)(hlen + seg->len);
	seg->csum = 0;
	rrdp_wire_build(f->bytes, seg);
	for (i = 0; i < seg->len; i++)
		f->bytes[hlen + i] = pair_octet(tx_of(tx)->msg,
						tx_of(tx)->off + i);
	rrdp_put16(f->bytes + RRDP_CSUM_OFF,
		   (u16)~frame_sum(f, seg, pseudo, options));
	log_segment(e, seg, tx);

	if (e->lose & 1)
		pair_drop(p, f);
	else if (p->carry)
		p->carry(p, f);
	else
		pair_put(p, f, p->now + PAIR_DELAY);
	e->lose >>= 1;
}

/* What the core calls. */

static void op_xmit(struct rrdp_pcb *pcb, struct rrdp_seg *seg,
		    struct rrdp_txseg *tx)
{
	struct pair_end *e = end_of(pcb);

	if (tx && tx != &pcb->nul && tx_of(tx)->acked)
		pair_fault(e->pair, "sent after it was acknowledged");
	if (tx && tx->tries > 1)
		e->resent[tx->reason]++;
	send_frame(e, seg, tx, rrdp_pcb_csum_out(pcb, seg), pcb->options);
}

static bool op_busy(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	return end_of(pcb)->nic_busy;
}

static void op_acked(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	struct pair_end *e = end_of(pcb);
	struct pair_tx *t = tx_of(tx);

	if (t->acked)
		pair_fault(e->pair, "acknowledged twice");
	t->acked = true;
	e->tx_held--;
	pair_free(t);
}

static void compare(struct pair_end *e, const struct pair_rx *rx)
{
	u32 i;

	if (rx->foreign)
		return;
	e->rx_segs++;
	for (i = 0; i < rx->len; i++) {
		if (rx->bytes[i] == pair_octet(e->rx_msg, e->rx_off + i))
			continue;
		pair_fault(e->pair, "not what was sent");
		return;
	}
	e->rx_off += rx->len;
	if (rx->more)
		return;
	if (e->pair->message)
		e->pair->message(e, e->rx_msg, e->rx_off);
	e->rx_msg++;
	e->rx_off = 0;
}

static void free_rx(struct pair_end *e, struct pair_rx *rx)
{
	e->rx_live--;
	pair_free(rx);
}

static u32 room(const struct pair_end *e)
{
	return e->cfg.window > e->rx_held ? e->cfg.window - e->rx_held : 0;
}

static void op_deliver(struct rrdp_pcb *pcb, void *data)
{
	struct pair_end *e = end_of(pcb);
	struct pair_rx *rx = data;

	if (!e->lazy) {
		compare(e, rx);
		free_rx(e, rx);
		return;
	}
	rx->next = NULL;
	*e->tail = rx;
	e->tail = &rx->next;
	e->rx_held++;
	pcb->rcv_room = room(e);
}

static void op_discard(struct rrdp_pcb *pcb, void *data)
{
	struct pair_end *e = end_of(pcb);

	e->discarded++;
	free_rx(e, data);
}

static void op_opened(struct rrdp_pcb *pcb)
{
	end_of(pcb)->opened++;
}

static void op_closed(struct rrdp_pcb *pcb, int err)
{
	struct pair_end *e = end_of(pcb);

	if (e->closed++)
		pair_fault(e->pair, "closed twice");
	e->err = err;
}

/* By the state before: the diagram of RFC 908, 3.2, with simultaneous open. */
static bool may_follow(u8 old, u8 state)
{
	static const u8 after[] = {
		[RRDP_CLOSED] = 1 << RRDP_SYN_SENT | 1 << RRDP_SYN_RCVD,
		[RRDP_SYN_SENT] = 1 << RRDP_SYN_RCVD | 1 << RRDP_OPEN |
				  1 << RRDP_CLOSED,
		[RRDP_SYN_RCVD] = 1 << RRDP_OPEN | 1 << RRDP_CLOSED,
		[RRDP_OPEN] = 1 << RRDP_CLOSE_WAIT | 1 << RRDP_CLOSED,
		[RRDP_CLOSE_WAIT] = 1 << RRDP_CLOSED,
	};

	return after[old] & 1 << state;
}

static u8 last_state(const struct pair_end *e)
{
	return e->nstates ? e->states[(e->nstates - 1) % PAIR_STATES]
			  : RRDP_CLOSED;
}

static void op_state(struct rrdp_pcb *pcb, u8 old)
{
	struct pair_end *e = end_of(pcb);

	if (old != last_state(e) || !may_follow(old, pcb->state))
		pair_fault(e->pair, "a change of state that is none");
	e->states[e->nstates++ % PAIR_STATES] = pcb->state;
}

static void op_count(struct rrdp_pcb *pcb, enum rrdp_core_stat stat)
{
	end_of(pcb)->stat[stat]++;
}

/* Not per pair: alloc() is not told for whom. */
static u32 arrays;
bool pair_no_memory;

static void **op_alloc(size_t n)
{
	void **array;

	if (pair_no_memory)
		return NULL;
	array = pair_alloc(n * sizeof(void *));

	arrays += !!array;
	return array;
}

static void op_free(void **array)
{
	arrays--;
	pair_free(array);
}

static const struct rrdp_core_ops pair_ops = {
	.xmit = op_xmit,
	.busy = op_busy,
	.acked = op_acked,
	.deliver = op_deliver,
	.discard = op_discard,
	.opened = op_opened,
	.closed = op_closed,
	.state = op_state,
	.count = op_count,
	.alloc = op_alloc,
	.free = op_free,
};

/* Ends */

struct pair *pair_new(u16 options)
{
	struct pair *p = pair_alloc(sizeof(*p));
	unsigned int i;

	if (!p)
		return NULL;
	p->now = 1000 * RRDP_MSEC;
	for (i = 0; i < 2; i++) {
		struct pair_end *e = &p->end[i];

		e->pair = p;
		e->id = (u8)i;
		e->tail = &e->head;
		e->cfg = (struct rrdp_config) {
			.local_node = 0x10001 + i,
			.peer_node = 0x10002 - i,
			.local_port = (u16)(100 + i),
			.peer_port = (u16)(101 - i),
			.max_size = 128,
			.window = 64,
			.options = options,
			.iss = (u16)(0xfff0 + 0x1234 * i),
			.epoch = 0xabcd0001 + i,
			.dead = RRDP_DEAD_DEFAULT,
			.rto_min = RRDP_RTO_MIN,
		};
		rrdp_pcb_init(&e->pcb, &pair_ops, &e->cfg);
	}
	p->end[1].listening = true;
	return p;
}

/* Forgets a connection: the host was restarted, or it ended. */
void pair_reset(struct pair_end *e)
{
	if (e->alive && e->pcb.state != RRDP_CLOSED)
		rrdp_pcb_abort(&e->pcb, 0, e->pair->now);
	pair_read(e, e->rx_held);
	if (e->alive)
		rrdp_pcb_destroy(&e->pcb);
	e->alive = false;
	e->closed = 0;
	e->opened = 0;
	e->err = 0;
	e->rx_off = 0;
	e->nstates = 0;
	rrdp_pcb_init(&e->pcb, &pair_ops, &e->cfg);
}

/* Returns the first thing that was wrong, or NULL. */
const char *pair_delete(struct pair *p)
{
	struct pair_frame *f;
	const char *why;

	pair_reset(&p->end[0]);
	pair_reset(&p->end[1]);
	if (p->end[0].tx_held || p->end[1].tx_held)
		pair_fault(p, "the core kept what it was to send");
	if (p->end[0].rx_live || p->end[1].rx_live)
		pair_fault(p, "the core kept what it received");
	if (arrays)
		pair_fault(p, "the core kept a ring");
	why = p->why;
	while (p->first)
		pair_drop(p, take_first(p));
	while ((f = p->spare)) {
		p->spare = f->next;
		pair_free(f);
	}
	pair_free(p);
	return why;
}

static void revive(struct pair_end *e)
{
	pair_reset(e);
	e->alive = true;
}

void pair_connect(struct pair_end *e)
{
	revive(e);
	rrdp_pcb_connect(&e->pcb, e->pair->now);
}

/* End 0 connects to end 1; both are OPEN and quiet afterwards. */
bool pair_open(struct pair *p)
{
	pair_connect(&p->end[0]);
	pair_run(p, 10 * RRDP_MSEC);
	return p->end[0].pcb.state == RRDP_OPEN &&
	       p->end[1].pcb.state == RRDP_OPEN;
}

int pair_queue(struct pair_end *e, u32 msg, u32 off, u16 len, bool more)
{
	struct pair_tx *t = pair_alloc(sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->msg = msg;
	t->off = off;
	t->tx.len = len;
	t->tx.flags = more ? RRDP_F_MORE : 0;
	err = rrdp_pcb_queue(&e->pcb, &t->tx);
	if (err)
		pair_free(t);
	else
		e->tx_held++;
	return err;
}

/* The next message, in as many segments as it takes. */
int pair_send(struct pair_end *e, u16 len)
{
	u32 off = 0;
	int err;

	do {
		u16 part = (u16)min_t(u32, e->pcb.mss, len - off);

		err = pair_queue(e, e->msg_sent, off, part, off + part < len);
		if (err)
			return err;
		off += part;
	} while (off < len);
	e->msg_sent++;
	rrdp_pcb_push(&e->pcb, e->pair->now);
	return 0;
}

void pair_read(struct pair_end *e, u32 segments)
{
	while (segments-- && e->head) {
		struct pair_rx *rx = e->head;

		e->head = rx->next;
		if (!e->head)
			e->tail = &e->head;
		e->rx_held--;
		compare(e, rx);
		free_rx(e, rx);
	}
	if (e->alive)
		rrdp_pcb_room(&e->pcb, room(e));
}

static struct pair_rx *new_rx(struct pair_end *e, const struct rrdp_seg *seg)
{
	struct pair_rx *rx = pair_alloc(sizeof(*rx) + seg->len);

	if (!rx)
		return NULL;
	rx->len = seg->len;
	rx->more = seg->flags & RRDP_F_MORE;
	e->rx_live++;
	return rx;
}

static enum rrdp_verdict input(struct pair_end *e, const struct rrdp_seg *seg,
			       struct pair_rx *rx)
{
	enum rrdp_verdict verdict;

	verdict = rrdp_pcb_input(&e->pcb, seg, rx, e->pair->now);
	e->verdict[verdict]++;
	if (verdict != RRDP_TAKEN && rx)
		free_rx(e, rx);
	if (verdict == RRDP_TAKEN && !rx)
		pair_fault(e->pair, "took a buffer that is none");
	return verdict;
}

enum rrdp_verdict pair_feed(struct pair_end *e, const struct rrdp_seg *seg)
{
	struct pair_rx *rx = seg->len ? new_rx(e, seg) : NULL;

	if (rx)
		rx->foreign = true;
	return input(e, seg, rx);
}

/* For no connection: the listener's, or rule 9. */
static void input_closed(struct pair_end *e, const struct rrdp_seg *seg)
{
	struct rrdp_seg out;

	if (e->listening && seg->flags == RRDP_F_SYN) {
		revive(e);
		if (rrdp_pcb_accept(&e->pcb, seg, e->pair->now))
			return;
	}
	if (!rrdp_rst_reply(seg, &out))
		return;
	e->rst_sent++;
	send_frame(e, &out, NULL, rrdp_pcb_csum_out(&e->pcb, &out), 0);
}

/*
 * Nobody knows the epochs of a connection that is no more. To answer without
 * having verified is safe: the other end looks at the number of a RST.
 */
static bool verifiable(const struct rrdp_seg *seg)
{
	return seg->flags & (RRDP_F_SYN | RRDP_F_RST);
}

static void receive(struct pair_end *e, const struct pair_frame *f)
{
	struct rrdp_pcb *pcb = &e->pcb;
	struct pair_rx *rx = NULL;
	struct rrdp_seg seg;

	if (rrdp_wire_parse(&seg, f->bytes, f->len, f->len)) {
		if (!f->damaged)
			pair_fault(e->pair, "the parser refused a segment");
		return;
	}
	if (pcb->state == RRDP_CLOSED && !verifiable(&seg)) {
		input_closed(e, &seg);
		return;
	}
	if (frame_sum(f, &seg, rrdp_pcb_csum_in(pcb, &seg),
		      pcb->options) != 0xffff) {
		e->bad_csum++;
		return;
	}
	if (f->damaged) {
		pair_fault(e->pair, "damage unnoticed");
		return;
	}
	if (pcb->state == RRDP_CLOSED) {
		input_closed(e, &seg);
		return;
	}
	if (seg.len) {
		rx = new_rx(e, &seg);
		if (!rx)
			return;
		memcpy(rx->bytes, f->bytes + rrdp_wire_hlen_peek(f->bytes),
		       seg.len);
	}
	input(e, &seg, rx);
}

/* What the core believes to be under way is what is. */
void pair_check(struct pair_end *e)
{
	struct rrdp_pcb *pcb = &e->pcb;
	u32 pipe = 0, lost = 0, eacked = 0;
	u64 seq;

	if (pcb->state != last_state(e))
		pair_fault(e->pair, "a change of state that was not told");
	if (pcb->state != RRDP_OPEN)
		return;
	for (seq = pcb->snd_una; seq < pcb->snd_nxt; seq++) {
		struct rrdp_txseg *tx = rrdp_ring_get(&pcb->tx, seq);

		if (tx->state & RRDP_TX_EACKED)
			eacked++;
		else if (tx->state & RRDP_TX_LOST)
			lost++;
		else
			pipe++;
	}
	if (pipe != pcb->pipe || lost != pcb->nlost || eacked != pcb->neacked)
		pair_fault(e->pair, "accounts of segments under way");
	if (pcb->snd_nxt - pcb->snd_una > pcb->snd_max)
		pair_fault(e->pair, "rule 4: more than SND.MAX");
	if (pcb->snd_una < pcb->snd_end && pcb->deadline == RRDP_NEVER)
		pair_fault(e->pair, "no timer for what is queued");
}

/* Time */

u64 pair_next(const struct pair *p)
{
	u64 next = min(p->end[0].pcb.deadline, p->end[1].pcb.deadline);

	return p->first ? min(next, p->first->due) : next;
}

/* The next thing that happens: one frame, or one end's timer. */
void pair_step(struct pair *p)
{
	u64 next = pair_next(p);
	struct pair_frame *f;

	p->now = max(p->now, next);
	if (p->first && p->first->due <= p->now) {
		f = take_first(p);
		receive(&p->end[f->to], f);
		pair_drop(p, f);
	} else if (p->end[0].pcb.deadline <= p->now) {
		rrdp_pcb_timer(&p->end[0].pcb, p->now);
	} else {
		rrdp_pcb_timer(&p->end[1].pcb, p->now);
	}
}

void pair_run(struct pair *p, u64 duration)
{
	u64 until = p->now + duration;
	u32 steps = 0;

	while (pair_next(p) <= until) {
		if (++steps > PAIR_STEPS) {
			pair_fault(p, "a storm, or a timer that stands still");
			break;
		}
		pair_step(p);
		pair_check(&p->end[0]);
		pair_check(&p->end[1]);
	}
	p->now = until;
}
