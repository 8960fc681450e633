// SPDX-License-Identifier: GPL-2.0
/*
 * Simulator: two protocol cores and a hostile wire, in virtual time.
 *
 * usage: sim [-v] [-s SEED] [-n MESSAGES] [-l LOSS [-r REORDER] [-d DUP]]
 *
 * Runs one connection after the other, each with options, limits, readers
 * and a wire of its own, all drawn from SEED, until MESSAGES went over; every
 * message is compared in full with what was sent. With -l: one connection on
 * a wire that does only what is asked for, in percent of the frames, and how
 * well the core copes with that. Output is TAP; a failure names the seed of its
 * connection, and -s with it and -n 1 runs that one alone.
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../../kmod/rrdp/selftest/pair.h"

enum {
	STALE = 32,		/* copies that wait for their number */
	WRAP = 65536,
	PERMILLE = 1000,
	SIZE_MIN = RRDP_HDR_LEN + 2 + RRDP_MSS_MIN,
};

/**
 * struct sim - one connection
 * @p: the pair
 * @seed: what all of it follows from
 * @rng: state of the generator
 * @messages: that each end sends
 * @size_max: octets of the largest
 * @loss: of 1000 frames
 * @dup: the same
 * @reorder: the same: delayed by up to @jitter
 * @corrupt: the same
 * @delay: one way
 * @jitter: of reordered frames
 * @gap: time of one frame on the wire
 * @queue: frames that may wait for it
 * @free_at: when each direction's wire is free
 * @close_at: messages after which an end closes, 0: at the end
 * @slow: chance of 1000 that a reader reads when it could
 * @stale: copies kept of frames
 * @stale_seq: and which number each had
 * @nstale: how many
 * @stale_sent: copies put on the wire again
 * @queue_drops: frames that found the wire's queue full
 * @next_read: when a slow reader looks again
 */
struct sim {
	struct pair *p;
	u64 seed;
	u64 rng;
	u32 messages[2];
	u32 size_max;
	u32 loss;
	u32 dup;
	u32 reorder;
	u32 corrupt;
	u64 delay;
	u64 jitter;
	u64 gap;
	u32 queue;
	u64 free_at[2];
	u32 close_at[2];
	u32 slow[2];
	struct pair_frame stale[STALE];
	u64 stale_seq[STALE];
	u32 nstale;
	u32 stale_sent;
	u32 queue_drops;
	u64 next_read;
};

/* Sums over all connections. */
static struct {
	u64 connections;
	u64 messages;
	u64 segments;
	u64 sent;
	u64 retrans;
	u64 needless;
	u64 rto;
	u64 tlp;
	u64 spurious;
	u64 stale;
	u64 bad_csum;
	u64 time;
	u64 octets;
} total;

static bool verbose;

/* Of 1000 frames, from the command line; a loss below 0 means all by chance. */
static int want_loss = -1, want_reorder, want_dup;

static int permille(const char *percent)
{
	return (int)(10 * strtod(percent, NULL));
}

/* splitmix64, public domain (Vigna): a generator of one line. */
static u64 mix(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static u32 draw(struct sim *s, u32 n)
{
	return (u32)(mix(&s->rng) % n);
}

static bool chance(struct sim *s, u32 permille)
{
	return permille && draw(s, PERMILLE) < permille;
}

/* Sizes are a function of the message: the reader computes them anew. */
static u16 size_of(const struct sim *s, int from, u32 msg)
{
	u64 state = s->seed + 2 * (u64)msg + (u64)from;
	u64 r = mix(&state);

	/* Mostly small, like frames of a LAN. */
	if (r % 4)
		return (u16)(1 + r / 4 % min(s->size_max, 100u));
	return (u16)(1 + r / 4 % s->size_max);
}

static void read_whole(struct pair_end *e, u32 msg, u32 size)
{
	struct sim *s = e->pair->priv;

	if (size != size_of(s, !e->id, msg))
		pair_fault(e->pair, "message of another size");
	total.messages++;
	total.octets += size;
}

/* Keeps some data frames, and sends them when their number has come round. */
static void wrapped_copies(struct sim *s, const struct pair_frame *f)
{
	struct pair_end *e = &s->p->end[!f->to];
	u32 i;

	if (!(e->pcb.options & RRDP_OPT_XSEQ) || e->pcb.state != RRDP_OPEN)
		return;
	if (f->to && s->nstale < STALE && !(f->bytes[0] & RRDP_F_SYN) &&
	    rrdp_get16(f->bytes + 6) && chance(s, 1)) {
		s->stale[s->nstale] = *f;
		s->stale_seq[s->nstale++] =
			rrdp_expand(e->pcb.snd_una, rrdp_get16(f->bytes + 8));
	}
	for (i = 0; f->to && i < s->nstale; i++) {
		u64 again = s->stale_seq[i] + WRAP;
		struct pair_frame *copy;

		if (e->pcb.snd_nxt < again || e->pcb.snd_nxt > again + 30)
			continue;
		copy = pair_copy(s->p, &s->stale[i]);
		copy->damaged = true;
		pair_put(s->p, copy, s->p->now + s->delay / 2);
		s->stale_seq[i] += WRAP;
		s->stale_sent++;
	}
}

static void carry(struct pair *p, struct pair_frame *f)
{
	struct sim *s = p->priv;
	u64 *free_at = &s->free_at[f->to];
	u64 due;

	wrapped_copies(s, f);
	if (chance(s, s->loss)) {
		pair_drop(p, f);
		return;
	}
	*free_at = max(*free_at, p->now);
	if (s->gap && (*free_at - p->now) / s->gap >= s->queue) {
		s->queue_drops++;
		pair_drop(p, f);
		return;
	}
	*free_at += s->gap;
	due = *free_at + s->delay;

	if (chance(s, s->dup))
		pair_put(p, pair_copy(p, f), due + draw(s, (u32)s->delay + 1));
	if (chance(s, s->corrupt))
		pair_damage(f, draw(s, 8 * f->len), 1 | draw(s, 1 << (1 + draw(s, 15))));
	if (chance(s, s->reorder))
		due += draw(s, (u32)s->jitter + 1);
	pair_put(p, f, due);
}

/* Queues what there is, as long as the core takes it. */
static void feed(struct sim *s, int id)
{
	struct pair_end *e = &s->p->end[id];
	bool queued = false;

	if (e->pcb.state != RRDP_OPEN || e->pcb.closing)
		return;
	while (e->msg_sent < s->messages[id] && rrdp_pcb_queued(&e->pcb) < 700) {
		u16 size = size_of(s, id, e->msg_sent);
		u32 off = 0;

		do {
			u16 part = (u16)min_t(u32, e->pcb.mss, size - off);

			if (pair_queue(e, e->msg_sent, off, part,
				       off + part < size))
				pair_fault(s->p, "queue full too early");
			off += part;
		} while (off < size);
		e->msg_sent++;
		queued = true;
	}
	if (queued)
		rrdp_pcb_push(&e->pcb, s->p->now);
	if (e->msg_sent >= s->close_at[id] && s->close_at[id])
		rrdp_pcb_close(&e->pcb, s->p->now);
}

static void slow_readers(struct sim *s)
{
	int i;

	for (i = 0; i < 2; i++)
		if (s->p->end[i].lazy && chance(s, s->slow[i]))
			pair_read(&s->p->end[i], 1 + draw(s, 40));
	s->next_read = s->p->now + 20 * RRDP_USEC + draw(s, 200000);
}

static bool reading(const struct sim *s)
{
	return s->p->end[0].rx_held || s->p->end[1].rx_held;
}

static bool finished(const struct sim *s, int id)
{
	const struct pair_end *e = &s->p->end[id];

	return e->closed ||
	       (e->msg_sent == s->messages[id] && !e->tx_held &&
		e->pcb.state == RRDP_OPEN);
}

/* Both ends said all: whoever has not closed yet does, then both are read. */
static void run(struct sim *s, u64 limit)
{
	struct pair *p = s->p;
	u64 until = p->now + limit;
	u32 i = 0;

	for (;;) {
		u64 next = pair_next(p);

		if (reading(s) && s->next_read <= next) {
			p->now = max(p->now, s->next_read);
			slow_readers(s);
		} else if (next != RRDP_NEVER) {
			pair_step(p);
		}
		feed(s, 0);
		feed(s, 1);
		if (++i % 512 == 0) {
			pair_check(&p->end[0]);
			pair_check(&p->end[1]);
		}
		if (p->faults)
			break;
		if (p->now > until || (next == RRDP_NEVER && !reading(s))) {
			pair_fault(p, "took too long: a deadlock, or slow");
			break;
		}
		if (finished(s, 0) && finished(s, 1) && !reading(s) &&
		    p->end[0].pcb.state == RRDP_OPEN)
			rrdp_pcb_close(&p->end[draw(s, 2)].pcb, p->now);
		if (p->end[0].closed && p->end[1].closed && !reading(s))
			break;
	}
}

/*
 * On a wire as bad as the worst of ours a dead time passes, once in millions of
 * connections, in which nothing tells an end that the other has said good-bye. All it
 * had sent had been acknowledged by then.
 */
static bool missed_good_bye(const struct pair_end *e, const struct pair_end *other)
{
	return e->err == -ETIMEDOUT && other->closed && !other->err &&
	       other->rx_msg == e->msg_sent && e->rx_msg == other->msg_sent;
}

/* Whoever was told that all is well had all of it delivered. */
static void judge(struct sim *s)
{
	struct pair *p = s->p;
	int i;

	for (i = 0; i < 2; i++) {
		struct pair_end *e = &p->end[i], *other = &p->end[!i];

		if (!e->closed && !p->faults)
			pair_fault(p, "not closed");
		if (e->closed && !e->err && other->rx_msg != e->msg_sent)
			pair_fault(p, "closed well, but not all arrived");
		if (e->err && !(e->err == -ECONNRESET &&
				(s->close_at[0] || s->close_at[1])) &&
		    !missed_good_bye(e, other))
			pair_fault(p, "closed with an error");
		if (e->verdict[RRDP_DROP_WINDOW])
			pair_fault(p, "sent beyond twice the window");
	}
}

static void account(struct sim *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct pair_end *e = &s->p->end[i];

		total.segments += e->rx_segs;
		total.sent += e->pcb.n_tx;
		total.retrans += e->pcb.n_retrans;
		total.needless += e->stat[RRDP_CORE_DUP];
		total.rto += e->stat[RRDP_CORE_RTO];
		total.tlp += e->stat[RRDP_CORE_TLP];
		total.spurious += e->stat[RRDP_CORE_SPURIOUS];
		total.bad_csum += e->bad_csum;
	}
	total.connections++;
	total.stale += s->stale_sent;
}

/* A wire and two ends, all by chance. */
static void hostile(struct sim *s)
{
	static const u32 rates[] = { 0, 0, 5, 20, 50, 100 };
	struct pair *p = s->p;
	/* Now and then long enough for the numbers to come round. */
	u32 most = draw(s, 100) ? 3000 : 200000;
	int i;

	s->loss = rates[draw(s, 6)];
	s->dup = rates[draw(s, 6)];
	s->reorder = rates[draw(s, 6)];
	s->corrupt = rates[draw(s, 6)];
	s->delay = 1000 + draw(s, 400000);
	s->jitter = 4 * s->delay;
	s->gap = draw(s, 3) ? 500 + draw(s, 3000) : 0;
	s->queue = 16 + draw(s, 500);
	s->size_max = 1 + draw(s, 1000);

	for (i = 0; i < 2; i++) {
		struct rrdp_config *cfg = &p->end[i].cfg;

		cfg->iss = (u16)draw(s, 65536);
		cfg->epoch = 1 + draw(s, 0x7fffffff);
		/* Less would be refused. */
		cfg->max_size = (u16)(SIZE_MIN + draw(s, PAIR_MTU - SIZE_MIN));
		cfg->window = (u16)(1 + draw(s, draw(s, 2) ? 16 : 700));
		cfg->options = RRDP_OPT_SEQUENCED | RRDP_OPT_MORE |
			       (draw(s, 64) & ~RRDP_OPT_CKSUM_HDR);
		s->messages[i] = draw(s, 8) ? 1 + draw(s, most) : 0;
		s->close_at[i] = draw(s, 3) ? 0 : 1 + s->messages[i] / 2;
		p->end[i].lazy = draw(s, 2);
		s->slow[i] = 20 + draw(s, 980);
	}
}

static void as_asked(struct sim *s, u32 messages)
{
	s->loss = (u32)want_loss;
	s->reorder = (u32)want_reorder;
	s->dup = (u32)want_dup;
	s->jitter = 60 * RRDP_USEC;
	s->delay = 40 * RRDP_USEC;
	s->gap = 1200;			/* 1 500 octets at 10 Gbit/s */
	s->queue = 1000;
	s->size_max = 100;
	s->messages[0] = messages;
	s->p->end[0].cfg.window = 512;
	s->p->end[1].cfg.window = 512;
}

static void describe(const struct sim *s, u64 time)
{
	int i;

	printf("# seed %llu: %.3f s, options %#x, of 1000 lost %u, dup %u, late %u, damaged %u\n",
	       s->seed, (double)time / 1e9, s->p->end[0].pcb.options, s->loss,
	       s->dup, s->reorder, s->corrupt);
	for (i = 0; i < 2; i++) {
		const struct pair_end *e = &s->p->end[i];

		printf("#   end %d: sent %u of %u, read %u, end %u (%d), window %u, timeouts %u\n",
		       i, e->msg_sent, s->messages[i], e->rx_msg, e->closed,
		       e->err, e->cfg.window, e->stat[RRDP_CORE_RTO]);
	}
}

/*
 * Without CREDIT a slow reader with a window of two segments costs nearly every
 * segment a timeout: hours, if there are 200 000.
 */
#define TIME_MAX	(36000 * 1000 * RRDP_MSEC)

static const char *connection(u64 seed, u32 messages)
{
	struct sim *s = calloc(1, sizeof(*s));
	struct pair *p = pair_new(PAIR_OPTIONS);
	const char *why;
	u64 start;

	s->p = p;
	s->seed = seed;
	s->rng = seed;
	p->priv = s;
	if (want_loss < 0)
		hostile(s);
	else
		as_asked(s, messages);
	p->carry = carry;
	p->message = read_whole;

	start = p->now;
	pair_connect(&p->end[0]);
	if (want_loss < 0 && !draw(s, 8)) {
		p->end[1].listening = false;
		pair_connect(&p->end[1]);
	}
	run(s, TIME_MAX);
	total.time += p->now - start;
	judge(s);
	account(s);
	if (verbose || p->faults)
		describe(s, p->now - start);
	why = pair_delete(p);
	free(s);
	return why;
}

static void report(void)
{
	printf("# %llu connections, %llu messages, %llu segments, %.1f s of virtual time\n",
	       total.connections, total.messages, total.segments,
	       (double)total.time / 1e9);
	printf("# %llu sent, %llu of them again, %llu arrived twice\n",
	       total.sent, total.retrans, total.needless);
	printf("# %llu timeouts, %llu tail probes, %llu known to be needless\n",
	       total.rto, total.tlp, total.spurious);
	printf("# %llu frames with a wrong sum, %llu copies late by a whole wrap\n",
	       total.bad_csum, total.stale);
}

int main(int argc, char **argv)
{
	u64 seed = 1, messages = 1000000, state, at;
	const char *why = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:l:r:d:v")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			messages = strtoull(optarg, NULL, 0);
			break;
		case 'l':
			want_loss = permille(optarg);
			break;
		case 'r':
			want_reorder = permille(optarg);
			break;
		case 'd':
			want_dup = permille(optarg);
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	at = seed;
	state = seed;
	if (want_loss >= 0)
		why = connection(seed, (u32)messages);
	else
		while (!why && total.messages < messages) {
			at = total.connections ? mix(&state) : seed;
			why = connection(at, 0);
		}
	report();
	if (why)
		printf("not ok 1 - seed %llu: %s\n1..1\n",
		       (unsigned long long)at, why);
	else
		printf("ok 1 - seed %llu\n1..1\n", (unsigned long long)seed);
	return !!why;
}
