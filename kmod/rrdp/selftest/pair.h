/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two protocol cores with a wire between them, in virtual time.
 *
 * Everything that crosses the wire is built, summed, summed again and parsed
 * as a real frame is. What a core is given to deliver is compared with what
 * the other was given to send. Used by the rules (KUnit, userspace) and by
 * the simulator.
 */
#ifndef _RRDP_SELFTEST_PAIR_H
#define _RRDP_SELFTEST_PAIR_H

#include "../core/internal.h"

#ifdef __KERNEL__
#include <linux/slab.h>
#define pair_alloc(size)	kzalloc(size, GFP_KERNEL)
#define pair_free(p)		kfree(p)
#else
#include <stdlib.h>
#define pair_alloc(size)	calloc(1, size)
#define pair_free(p)		free(p)
#endif

enum {
	PAIR_MTU	= 512,	/* octets of the largest frame */
	PAIR_LOG	= 64,	/* segments remembered */
	PAIR_VAR	= 16,	/* octets of their variable part */
	PAIR_STATS	= 8,
	PAIR_STATES	= 8,	/* changes remembered */
	PAIR_STEPS	= 100000,	/* most in one pair_run() */
};

#define PAIR_DELAY	(50 * RRDP_USEC)
#define PAIR_OPTIONS	(RRDP_OPT_SEQUENCED | RRDP_OPT_XSEQ | RRDP_OPT_CREDIT | \
			 RRDP_OPT_MORE | RRDP_OPT_EACKR)

/**
 * struct pair_frame - a segment on the wire
 * @next: by time of arrival
 * @prev: the same, backwards
 * @due: when it arrives
 * @to: at which end
 * @damaged: bits were changed: its checksum must not be right
 * @len: octets
 * @bytes: the segment
 */
struct pair_frame {
	struct pair_frame *next;
	struct pair_frame *prev;
	u64 due;
	u8 to;
	bool damaged;
	u16 len;
	u8 bytes[PAIR_MTU];
};

/**
 * struct pair_tx - data given to a core until it is acknowledged
 * @tx: the core's part
 * @msg: number of its message
 * @off: offset in it
 * @acked: acked() was called
 */
struct pair_tx {
	struct rrdp_txseg tx;
	u32 msg;
	u32 off;
	bool acked;
};

/**
 * struct pair_rx - data given to a core until it is delivered
 * @next: in the queue of the reader
 * @foreign: made by a test, not sent by the other end: not compared
 * @more: the message continues
 * @len: octets
 * @bytes: the data
 */
struct pair_rx {
	struct pair_rx *next;
	bool foreign;
	bool more;
	u16 len;
	u8 bytes[];
};

/**
 * struct pair_log - a segment that was sent
 * @seg: its header; seg.var points to @var
 * @tx: it had data of the queue
 * @var: beginning of the variable part
 */
struct pair_log {
	struct rrdp_seg seg;
	bool tx;
	u8 var[PAIR_VAR];
};

/**
 * struct pair_end - one end
 * @pcb: the core
 * @pair: where it belongs
 * @id: 0 or 1
 * @listening: accepts a SYN when it has no connection
 * @lazy: keeps what arrives until pair_read()
 * @nic_busy: what is sent again is still in the NIC
 * @alive: @pcb was initialised and did not end
 * @opened: calls of opened()
 * @closed: calls of closed()
 * @err: what closed() said
 * @lose: bit n loses the nth transmission from now on
 * @cfg: for the next connection
 * @states: states that the core told of, since CLOSED
 * @nstates: how many
 * @resent: segments sent again, by enum rrdp_resend_reason
 * @msg_sent: messages given to the core
 * @tx_held: segments that the core was given and has not let go
 * @rx_msg: next message to be read
 * @rx_off: next octet of it
 * @rx_segs: segments read
 * @rx_held: buffers waiting for the reader
 * @rx_live: buffers the core or the reader has
 * @discarded: calls of discard()
 * @head: oldest of them
 * @tail: where the next goes
 * @bad_csum: frames refused
 * @rst_sent: RSTs sent without a connection
 * @verdict: what became of frames
 * @stat: what the core counted
 * @nlog: segments sent
 * @log: the last of them
 */
struct pair_end {
	struct rrdp_pcb pcb;
	struct pair *pair;
	u8 id;
	bool listening;
	bool lazy;
	bool nic_busy;
	bool alive;
	u32 opened;
	u32 closed;
	int err;
	u64 lose;
	struct rrdp_config cfg;
	u8 states[PAIR_STATES];
	u32 nstates;
	u32 resent[RRDP_RESEND_CREDIT + 1];

	u32 msg_sent;
	u32 tx_held;
	u32 rx_msg;
	u32 rx_off;
	u32 rx_segs;
	u32 rx_held;
	u32 rx_live;
	u32 discarded;
	struct pair_rx *head;
	struct pair_rx **tail;

	u32 bad_csum;
	u32 rst_sent;
	u32 verdict[RRDP_DROP_ACK + 1];
	u32 stat[PAIR_STATS];
	u32 nlog;
	struct pair_log log[PAIR_LOG];
};

/**
 * struct pair - two ends
 * @now: virtual time
 * @end: the ends
 * @faults: what was found wrong so far
 * @why: the first of it
 * @carry: decides the fate of a frame, or NULL: arrives after PAIR_DELAY.
 *	Calls pair_put() or pair_drop()
 * @message: a whole message was read; optional
 * @priv: theirs
 */
struct pair {
	u64 now;
	struct pair_end end[2];
	struct pair_frame *first;
	struct pair_frame *last;
	struct pair_frame *spare;
	u32 faults;
	const char *why;
	void (*carry)(struct pair *p, struct pair_frame *f);
	void (*message)(struct pair_end *e, u32 msg, u32 size);
	void *priv;
};

/* Lets alloc() of every core fail. */
extern bool pair_no_memory;

struct pair *pair_new(u16 options);
const char *pair_delete(struct pair *p);
void pair_fault(struct pair *p, const char *why);
u8 pair_octet(u32 msg, u32 off);

/* Frames. */
struct pair_frame *pair_frame(struct pair *p);
void pair_put(struct pair *p, struct pair_frame *f, u64 due);
void pair_drop(struct pair *p, struct pair_frame *f);
struct pair_frame *pair_copy(struct pair *p, const struct pair_frame *f);

/*
 * Changes bits, of fewer than 16 in a row, from bit @at on where @burst has ones, lowest
 * first: the checksum must notice.
 */
void pair_damage(struct pair_frame *f, u32 at, u16 burst);

/* Ends. */
void pair_reset(struct pair_end *e);
void pair_connect(struct pair_end *e);
bool pair_open(struct pair *p);
int pair_queue(struct pair_end *e, u32 msg, u32 off, u16 len, bool more);
int pair_send(struct pair_end *e, u16 len);
void pair_read(struct pair_end *e, u32 segments);
void pair_check(struct pair_end *e);

/* A segment that no core sent, as if it had arrived with a right checksum. */
enum rrdp_verdict pair_feed(struct pair_end *e, const struct rrdp_seg *seg);

/* The segment sent @back segments ago, 0 for the last. */
static inline const struct pair_log *pair_sent(const struct pair_end *e,
					       u32 back)
{
	return &e->log[(e->nlog - 1 - back) % PAIR_LOG];
}

/* Time. */
u64 pair_next(const struct pair *p);
void pair_step(struct pair *p);
void pair_run(struct pair *p, u64 duration);

#endif /* _RRDP_SELFTEST_PAIR_H */
