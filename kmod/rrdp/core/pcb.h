/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The protocol core: one end of one connection.
 *
 * Segments, calls and time go in, segments and events come out through
 * &struct rrdp_core_ops. No packet buffer, socket, clock or lock is known
 * here: the caller serialises all calls for one &struct rrdp_pcb, and its
 * callbacks only queue what they are given.
 *
 * Sequence numbers are 64 bits wide inside and 16 on the wire. Times are
 * nanoseconds of one monotonic clock.
 */
#ifndef _RRDP_CORE_PCB_H
#define _RRDP_CORE_PCB_H

#include "types.h"
#include "wire.h"

struct rrdp_pcb;

enum {
	/* Bound of design rule 4; keeps serial arithmetic far from half a wrap. */
	RRDP_WINDOW_MAX		= 8191,
	RRDP_WINDOW_DEFAULT	= 512,

	/* Segments that may wait behind the window, in addition to it. */
	RRDP_QUEUE_MAX		= 2048,

	RRDP_RING_INLINE	= 8,

	/* A peer that takes less in a segment would make one of many. */
	RRDP_MSS_MIN		= 46,

	/* Credit before the first ACK that carries one. */
	RRDP_CREDIT_INIT	= 16,

	RRDP_CWND_INIT		= 16,
	RRDP_CWND_MIN		= 2,

	/* Recoveries after which reordering that was seen begins to be forgotten. */
	RRDP_REORDER_AGE	= 16,

	/* Segments received in order that may wait for one ACK. */
	RRDP_ACK_EVERY		= 4,

	/* A peer is not dead before that many tries went unanswered. */
	RRDP_TRIES_MIN		= 6,
	RRDP_SYN_TRIES		= 7,
};

#define RRDP_USEC		1000ULL
#define RRDP_MSEC		(1000 * RRDP_USEC)
#define RRDP_NEVER		U64_MAX

#define RRDP_RTO_MIN		(1 * RRDP_MSEC)		/* unless configured */
#define RRDP_RTO_MAX		(250 * RRDP_MSEC)	/* of the back-off */
#define RRDP_RTO_LIMIT		(8000 * RRDP_MSEC)	/* of what is measured */
#define RRDP_QUEUE_DELAY	(5 * RRDP_MSEC)
#define RRDP_RTO_SYN		(50 * RRDP_MSEC)
#define RRDP_RTO_SYN_MAX	(1000 * RRDP_MSEC)
#define RRDP_ACK_DELAY		(500 * RRDP_USEC)
#define RRDP_HOLD_MAX		(1 * RRDP_MSEC)
#define RRDP_DEAD_DEFAULT	(1000 * RRDP_MSEC)
#define RRDP_QUARANTINE		(1000 * RRDP_MSEC)
#define RRDP_DRAIN_MAX		(60000 * RRDP_MSEC)	/* for a full receiver */
#define RRDP_STALL_FACTOR	8			/* times the dead time */

/**
 * struct rrdp_txseg - a sequenced segment until it is acknowledged
 * @sent: time of the last transmission, 0 before the first
 * @len: octets of data
 * @flags: %RRDP_F_MORE or %RRDP_F_NUL
 * @state: RRDP_TX_*
 * @tries: transmissions so far, saturating
 * @part: the caller's
 * @reason: why it is sent again, enum rrdp_resend_reason; of use while @tries > 1
 *
 * Lives in the caller's buffer; the core keeps pointers to it.
 */
struct rrdp_txseg {
	u64 sent;
	u16 len;
	u8 flags;
	u8 state;
	u8 tries;
	u8 part;
	u8 reason;
};

/* Why a segment is sent again. */
enum rrdp_resend_reason {
	RRDP_RESEND_RTO,	/* nothing was heard of it for an RTO */
	RRDP_RESEND_TLP,	/* it probes for the loss of a tail */
	RRDP_RESEND_LOSS,	/* later ones have arrived */
	RRDP_RESEND_CREDIT,	/* the receiver had no room for it, but now has */
};

#define RRDP_TX_EACKED		0x01	/* the receiver holds it */
#define RRDP_TX_LOST		0x02	/* to be sent again */

/* What the core counts; the caller maps it to its own counters. */
enum rrdp_core_stat {
	RRDP_CORE_RETRANS,
	RRDP_CORE_RTO,
	RRDP_CORE_TLP,
	RRDP_CORE_SPURIOUS,
	RRDP_CORE_DUP,
	RRDP_CORE_OOO,
	RRDP_CORE_NUL,
	RRDP_CORE_TX_RST,
};

/**
 * struct rrdp_core_ops - what comes out of the core
 * @xmit: send a segment: the header @seg (its checksum not yet filled in),
 *	and the data of @tx, or none if @tx is NULL or carries %RRDP_F_NUL
 * @busy: the last transmission of @tx still sits in the NIC
 * @acked: @tx was acknowledged, or the connection ends: forget it
 * @deliver: data in order
 * @discard: received data that was held and will not be delivered
 * @opened: the connection reached OPEN
 * @closed: it left OPEN or did not reach it: 0 or a negative errno
 * @state: @pcb->state has changed from @old; before any of the above that
 *	follows from it
 * @count: one more of @stat
 * @alloc: a zeroed array of @n pointers, or NULL
 * @free: the same given back
 */
struct rrdp_core_ops {
	void (*xmit)(struct rrdp_pcb *pcb, struct rrdp_seg *seg,
		     struct rrdp_txseg *tx);
	bool (*busy)(struct rrdp_pcb *pcb, struct rrdp_txseg *tx);
	void (*acked)(struct rrdp_pcb *pcb, struct rrdp_txseg *tx);
	void (*deliver)(struct rrdp_pcb *pcb, void *data);
	void (*discard)(struct rrdp_pcb *pcb, void *data);
	void (*opened)(struct rrdp_pcb *pcb);
	void (*closed)(struct rrdp_pcb *pcb, int err);
	void (*state)(struct rrdp_pcb *pcb, u8 old);
	void (*count)(struct rrdp_pcb *pcb, enum rrdp_core_stat stat);
	void **(*alloc)(size_t n);
	void (*free)(void **array);
};

/**
 * struct rrdp_ring - pointers by sequence number
 * @slot: power-of-two array, @few until more are needed
 * @mask: its size - 1
 */
struct rrdp_ring {
	void **slot;
	u32 mask;
	void *few[RRDP_RING_INLINE];
};

/**
 * struct rrdp_config - what the user of a connection chooses
 * @local_node: own node number
 * @peer_node: the other's
 * @local_port: own port
 * @peer_port: the other's
 * @max_size: octets of the largest segment the link carries, header included
 * @window: segments we accept without acknowledging them
 * @options: RRDP_OPT_* that we offer
 * @epoch: unpredictable, not 0
 * @iss: initial sequence number, unpredictable
 * @dead: nanoseconds of silence after which the peer is dead
 * @rto_min: nanoseconds that the retransmission timeout is at least
 */
struct rrdp_config {
	u32 local_node;
	u32 peer_node;
	u16 local_port;
	u16 peer_port;
	u16 max_size;
	u16 window;
	u16 options;
	u16 iss;
	u32 epoch;
	u64 dead;
	u64 rto_min;
};

/**
 * struct rrdp_pcb - protocol control block (TCB of RFC 908, 3.3)
 * @ops: where results go
 * @cfg: as given to rrdp_pcb_init()
 * @state: enum rrdp_conn_state of the uapi header
 * @closing: rrdp_pcb_close() was called; ends when all is acknowledged
 * @drained: it ended with everything delivered
 * @probe_used: this flight had its tail-loss probe
 * @in_recovery: the congestion window rests until @recover is reached
 * @window_probe: a segment went out beyond the credit
 * @backoff: doublings of the RTO
 * @tries: unanswered RTOs
 * @reorder: how much the path was seen to reorder, quarters of @min_rtt
 * @reorder_age: recoveries since @reorder was last of use
 * @options: in force from the other end's SYN on
 * @peer_epoch: from its SYN
 * @csum_nodes: pseudo-header sum of the node numbers
 * @csum_epochs: of both epochs, with XSEQ
 * @deadline: earliest of the timers below
 *
 * @snd_una: oldest sequence number not acknowledged
 * @snd_nxt: next to be sent for the first time
 * @snd_end: next to be queued
 * @snd_edge: first sequence number beyond the receiver's credit
 * @snd_max: SND.MAX: most that the receiver takes unacknowledged
 * @mss: octets of data in one segment
 * @pipe: segments believed to be in the network
 * @neacked: EACKed between snd_una and snd_nxt
 * @nlost: marked lost and not sent again yet
 * @tx: queued and unacknowledged segments
 * @nul: the keepalive in flight, if any
 *
 * @cwnd: congestion window, segments
 * @cwnd_count: acknowledged since @cwnd last grew
 * @ssthresh: end of slow start
 * @undo_cwnd: @cwnd before this recovery
 * @undo_marks: losses of this recovery that were not found to be none
 * @recover: recovery ends when this is acknowledged
 *
 * @srtt: smoothed round trip (RFC 6298), 0 before the first sample
 * @rttvar: its variation
 * @rto: retransmission timeout without back-off
 * @min_rtt: least round trip seen
 * @rack_sent: latest transmission known to have arrived (RFC 8985)
 * @rack_seq: its sequence number
 * @rack_rtt: its round trip
 *
 * @rcv_cur: last sequence number received in order
 * @rcv_high: highest received
 * @rcv_edge: credit that the peer knows of, as a sequence number
 * @rcv_room: segments that the user can take now; the caller keeps it
 * @rcv_unacked: received in order since our last ACK
 * @rx: segments received out of order
 *
 * @last_heard: time of the last valid segment
 * @progress: when the peer last took something of what is under way
 * @t_retx: retransmission, tail-loss probe, window probe, SYN
 * @t_reorder: a hole becomes a loss
 * @t_ack: delayed ACK
 * @t_idle: keepalive; end of quarantine in CLOSE-WAIT
 * @n_tx: segments sent
 * @n_rx: segments received
 * @n_retrans: segments sent again
 * @n_spurious: of these, in vain
 * @n_eacked: segments acknowledged out of order
 * @n_ooo: segments received out of order
 */
struct rrdp_pcb {
	const struct rrdp_core_ops *ops;
	u8 state;
	bool closing;
	bool drained;
	bool probe_used;
	bool in_recovery;
	bool window_probe;
	u8 backoff;
	u8 tries;
	u8 reorder;
	u8 reorder_age;
	u16 options;
	u32 csum_nodes;
	u32 csum_epochs;
	u64 deadline;

	u64 snd_una;
	u64 snd_nxt;
	u64 snd_end;
	u64 snd_edge;
	u32 snd_max;
	u32 mss;
	u32 pipe;
	u32 neacked;
	u32 nlost;
	u32 cwnd;
	u32 cwnd_count;
	u32 ssthresh;
	u32 undo_cwnd;
	u32 undo_marks;
	u64 recover;

	u64 srtt;
	u64 rttvar;
	u64 rto;
	u64 min_rtt;
	u64 rack_sent;
	u64 rack_seq;
	u64 rack_rtt;

	u64 rcv_cur;
	u64 rcv_high;
	u64 rcv_edge;
	u32 rcv_room;
	u32 rcv_unacked;

	u64 last_heard;
	u64 progress;
	u64 t_retx;
	u64 t_reorder;
	u64 t_ack;
	u64 t_idle;

	u32 peer_epoch;
	struct rrdp_config cfg;
	struct rrdp_txseg nul;
	struct rrdp_ring tx;
	struct rrdp_ring rx;

	u64 n_tx;
	u64 n_rx;
	u64 n_retrans;
	u64 n_spurious;
	u64 n_eacked;
	u64 n_ooo;
};

/* What became of a segment given to rrdp_pcb_input(). */
enum rrdp_verdict {
	RRDP_TAKEN,		/* the core has the buffer, or passed it on */
	RRDP_DONE,		/* processed; the buffer is not needed */
	RRDP_DROP_STATE,
	RRDP_DROP_WINDOW,
	RRDP_DROP_DUP,
	RRDP_DROP_RST,
	RRDP_DROP_FULL,
	RRDP_DROP_NOMEM,
	RRDP_DROP_LENGTH,
	RRDP_DROP_ACK,		/* acknowledges what was never sent */
};

/*
 * rrdp_pcb_init(): a control block in CLOSED. Then either
 * rrdp_pcb_connect(): send SYN, SYN-SENT; or
 * rrdp_pcb_accept(): answer the SYN @seg, SYN-RCVD. Returns false if the SYN
 * offers a segment or window too small to be of use.
 */
void rrdp_pcb_init(struct rrdp_pcb *pcb, const struct rrdp_core_ops *ops,
		   const struct rrdp_config *cfg);
void rrdp_pcb_connect(struct rrdp_pcb *pcb, u64 now);
bool rrdp_pcb_accept(struct rrdp_pcb *pcb, const struct rrdp_seg *seg, u64 now);

/*
 * Folded pseudo-header sum of a segment that came in or goes out: node
 * numbers, and with XSEQ in force the upper 48 bits of its sequence and
 * acknowledgment numbers and both epochs. The caller adds header and data.
 */
u16 rrdp_pcb_csum_in(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg);
u16 rrdp_pcb_csum_out(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg);

/* A segment whose checksum is right. @data is what deliver() will be given. */
enum rrdp_verdict rrdp_pcb_input(struct rrdp_pcb *pcb,
				 const struct rrdp_seg *seg, void *data,
				 u64 now);

/*
 * Can @seg, with the segments that came in its buffer, be given to
 * rrdp_pcb_input()? If not, they must be given one by one.
 */
bool rrdp_pcb_takes_run(const struct rrdp_pcb *pcb, const struct rrdp_seg *seg);

/* Room for @n more segments: 0, -EAGAIN (queue full), -ENOMEM. */
int rrdp_pcb_reserve(struct rrdp_pcb *pcb, u32 n);

/*
 * Queues one segment (@tx->len and @tx->flags set) for transmission;
 * fails as rrdp_pcb_reserve() does, but not after it. rrdp_pcb_push() sends what the
 * windows allow.
 */
int rrdp_pcb_queue(struct rrdp_pcb *pcb, struct rrdp_txseg *tx);
void rrdp_pcb_push(struct rrdp_pcb *pcb, u64 now);

/* Instead of it, when more will be queued soon: it is done in %RRDP_HOLD_MAX at the latest. */
void rrdp_pcb_hold(struct rrdp_pcb *pcb, u64 now);

/* Segments queued or unacknowledged. */
static inline u32 rrdp_pcb_queued(const struct rrdp_pcb *pcb)
{
	return (u32)(pcb->snd_end - pcb->snd_una);
}

/* The user took data: tell the peer if it matters. */
void rrdp_pcb_room(struct rrdp_pcb *pcb, u32 room);

/* Drain, then RST and CLOSE-WAIT; or RST at once. */
void rrdp_pcb_close(struct rrdp_pcb *pcb, u64 now);
void rrdp_pcb_abort(struct rrdp_pcb *pcb, int err, u64 now);

/* Time passed: does what is due. Call when @pcb->deadline is reached. */
void rrdp_pcb_timer(struct rrdp_pcb *pcb, u64 now);

/* In CLOSE-WAIT: the quarantine is over, and the port pair free. */
void rrdp_pcb_end_quarantine(struct rrdp_pcb *pcb);

/* Frees rings; the connection is CLOSED or CLOSE-WAIT. */
void rrdp_pcb_destroy(struct rrdp_pcb *pcb);

/*
 * Rule 9: what a segment for no connection is answered with. Returns false
 * if with nothing.
 */
bool rrdp_rst_reply(const struct rrdp_seg *in, struct rrdp_seg *out);

#endif /* _RRDP_CORE_PCB_H */
