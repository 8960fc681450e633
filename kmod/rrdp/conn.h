/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections: the kernel's shell around the protocol core.
 *
 * Everything that changes a connection runs between rrdp_conn_enter() and
 * rrdp_conn_leave(). In between, the core's results are only queued: leave()
 * drops the lock and then transmits, frees and calls the owner. No lock is
 * held across transmit or callback.
 */
#ifndef _RRDP_CONN_H
#define _RRDP_CONN_H

#include <linux/etherdevice.h>
#include <linux/hrtimer.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <net/rrdp.h>
#include <uapi/linux/rrdp.h>

#include "core/pcb.h"
#include "netlink.h"
#include "node.h"
#include "spare.h"
#include "train.h"

/* Options offered unless the user asks for others. */
#define RRDP_OPT_DEFAULT	(RRDP_OPT_SEQUENCED | RRDP_OPT_XSEQ | \
				 RRDP_OPT_CREDIT | RRDP_OPT_MORE | \
				 RRDP_OPT_EACKR)
#define RRDP_OPT_ALL		(RRDP_OPT_DEFAULT | RRDP_OPT_CKSUM_HDR)

/* Header of a data segment: at most the credit word follows. */
#define RRDP_DATA_HDR_MAX	(RRDP_HDR_LEN + 2)

enum {
	/* Half-open connections of one listener. */
	RRDP_SYN_BACKLOG	= 256,
	/* RSTs and other answers to strangers, per second and namespace. */
	RRDP_REPLY_RATE		= 1000,
	/* Segments that rrdp_send() lets wait before it says -EAGAIN. */
	RRDP_SEND_QUEUE		= 1024,
	/* Connections of a namespace that wait for nodes: each is looked at often. */
	RRDP_WAITING_MAX	= 1024,

	/* Memory of a message whose parts have not all arrived. */
	RRDP_PARTS_MAX		= 64 * RRDP_MSG_MAX,
};

/* What leave() has to tell the owner. */
#define RRDP_TELL_OPENED	0x01
#define RRDP_TELL_WRITABLE	0x02
#define RRDP_TELL_CLOSED	0x04

/* Key of the connection table: the frame's source and ports, as received. */
struct rrdp_key {
	union {
		struct {
			u8 mac[ETH_ALEN];
			u16 local_port;
			u16 peer_port;
			u16 zero;
		};
		u32 word[3];
	};
};

/* Buffers linked through skb->next, first in, first out. */
struct rrdp_skbs {
	struct sk_buff *head;
	struct sk_buff *tail;
};

static inline void rrdp_skbs_add(struct rrdp_skbs *q, struct sk_buff *skb)
{
	skb->next = NULL;
	if (q->head)
		q->tail->next = skb;
	else
		q->head = skb;
	q->tail = skb;
}

static inline struct sk_buff *rrdp_skbs_take(struct rrdp_skbs *q)
{
	struct sk_buff *head = q->head;

	q->head = NULL;
	return head;
}

/**
 * struct rrdp_tx_cb - what RRDP keeps in skb->cb of data to be sent
 * @seg: for the core, if the buffer is one segment
 * @parts: its segments, if it is several
 * @own: the buffer is from rrdp_tx_alloc(): nothing but its octets is set
 */
struct rrdp_tx_cb {
	struct rrdp_txseg seg;
	struct rrdp_parts *parts;
	bool own;
};

/* The same of a received one. */
struct rrdp_rx_cb {
	bool more;
};

#define RRDP_TX_CB(skb)		((struct rrdp_tx_cb *)(skb)->cb)
#define RRDP_RX_CB(skb)		((struct rrdp_rx_cb *)(skb)->cb)

/* The buffer of a segment that has one for itself. */
static inline struct sk_buff *rrdp_tx_skb(struct rrdp_txseg *tx)
{
	return container_of((void *)tx, struct sk_buff, cb);
}

/**
 * struct rrdp_listener - a port that is taken, and who accepts on it
 * @hash: in rrdp_net.listeners
 * @rn: namespace, NULL once it is out of its table
 * @port: the port
 * @ops: NULL while the port is only bound
 * @priv: the owner's
 * @options: RRDP_OPT_* offered to those who connect
 * @half_open: connections that have not reached OPEN
 * @dead: it is out of the table, and accepts no more
 * @refs: the owner, and each half-open connection
 * @rcu: frees it
 */
struct rrdp_listener {
	struct hlist_node hash;
	struct rrdp_net *rn;
	u16 port;
	const struct rrdp_listen_ops *ops;
	void *priv;
	u16 options;
	atomic_t half_open;
	bool dead;
	refcount_t refs;
	struct rcu_head rcu;
};

/**
 * struct rrdp_conn - one connection
 * @lock: everything below that is not said to be otherwise; bottom halves
 *	off; innermost but for the queue locks of sockets
 * @refs: the table, the owner, the armed timer
 * @pcb: the protocol
 * @key: in rrdp_net.conns; constant once @started
 * @hash: in rrdp_net.conns
 * @all: in rrdp_net.all_conns
 * @wait: in rrdp_net.waiting or .ready while its node is being asked for
 * @rn: namespace; not to be touched once @gone
 * @path: how to reach the peer; constant once @started
 * @headroom: octets to leave in front of data; constant like @path
 * @ops: the owner's callbacks
 * @priv: the owner's
 * @room: segments the owner can take now, NULL for any number; under @lock
 * @listener: whom to offer it to when it reaches OPEN
 * @timer: fires at or before pcb.deadline
 * @timer_at: when @timer is set for, %RRDP_NEVER if it is not
 * @train: segments that leave in one buffer, after @out
 * @out: segments to transmit
 * @done: buffers to free
 * @spares: some of them, for what is sent next; not under @lock
 * @rx: messages for the owner
 * @part: head of a message whose segments have not all arrived
 * @part_tail: last segment in @part's frag_list
 * @part_truesize: memory of @part, 0 without one; READ_ONCE() without the lock
 * @zc_sent: messages with MSG_ZEROCOPY, and frames of a ring, that were sent from
 *	the sender's pages
 * @zc_copied: those that were copied
 * @tell: RRDP_TELL_*
 * @running: someone runs the callbacks
 * @muted: the owner wants no more of them
 * @want_write: rrdp_send(), or a socket, said -EAGAIN; READ_ONCE() without the lock
 * @close_later: the owner closes, and has yet to be told of what came before
 * @started: whoever made it has begun; until then nobody may end it
 * @doomed: why it shall end as soon as it has started
 * @gone: out of the table
 * @err: why it closed
 * @born: when it was made; constant
 * @rcu: frees it
 */
struct rrdp_conn {
	spinlock_t lock;	/* the core and all that changes with it */
	refcount_t refs;
	struct rrdp_key key;
	struct rhash_head hash;
	struct rrdp_net *rn;
	struct rrdp_path path;
	u16 headroom;

	const struct rrdp_conn_ops *ops;
	void *priv;
	u32 (*room)(struct rrdp_conn *conn);
	struct rrdp_listener *listener;

	u64 timer_at;
	struct hrtimer timer;

	struct rrdp_train train;
	struct rrdp_skbs out;
	struct rrdp_skbs done;
	struct rrdp_spares spares;
	struct rrdp_skbs rx;
	struct sk_buff *part;
	struct sk_buff *part_tail;
	unsigned int part_truesize;

	u64 zc_sent;
	u64 zc_copied;

	u8 tell;
	bool running;
	bool muted;
	bool want_write;
	bool close_later;
	bool started;
	bool gone;
	int doomed;
	int err;

	u64 born;

	struct rrdp_pcb pcb;
	struct list_head all;
	struct list_head wait;
	struct rcu_head rcu;
};

static inline struct rrdp_conn *rrdp_conn_of(struct rrdp_pcb *pcb)
{
	return container_of(pcb, struct rrdp_conn, pcb);
}

/**
 * struct rrdp_conn_params - what a user chooses when it connects
 * @node: the other host
 * @port: its port
 * @local_port: 0 takes a free one
 * @options: RRDP_OPT_*
 * @dead: nanoseconds of silence
 * @ops: callbacks
 * @priv: the owner's
 * @room: see struct rrdp_conn
 */
struct rrdp_conn_params {
	u32 node;
	u16 port;
	u16 local_port;
	u16 options;
	u64 dead;
	const struct rrdp_conn_ops *ops;
	void *priv;
	u32 (*room)(struct rrdp_conn *conn);
};

static inline u64 rrdp_now(void)
{
	return ktime_get_ns();
}

/* conn.c */
int rrdp_conn_init(void);
void rrdp_conn_exit(void);
int rrdp_conn_net_init(struct rrdp_net *rn);
void rrdp_conn_net_exit(struct rrdp_net *rn);

/*
 * Ends the connections to @node, or all for %RRDP_NODE_NONE, with @err. Process
 * context.
 */
void rrdp_conn_node_gone(struct rrdp_net *rn, u32 node, int err);

/*
 * Calls @fn for connections from number *@pos on, which it advances, until
 * @fn returns an error; *@seq changes when the list has changed.
 */
int rrdp_conn_dump(struct rrdp_net *rn, long *pos, unsigned int *seq,
		   int (*fn)(const struct rrdp_info *info, void *arg),
		   void *arg);

struct rrdp_conn *rrdp_conn_lookup(struct rrdp_net *rn,
				   const struct rrdp_key *key);

/*
 * Errors as of rrdp_connect(), and -EADDRINUSE for a local port given. The
 * connection may have to wait for its path; any of them may be told then.
 */
struct rrdp_conn *rrdp_conn_open(struct rrdp_net *rn,
				 const struct rrdp_conn_params *params,
				 gfp_t gfp);

/*
 * A SYN for @listener from @mac; softirq. Returns %RRDP_STAT_COUNT, or why it is
 * to be dropped: %RRDP_STAT_DROP_STATE if what it offers is of no use.
 */
enum rrdp_stat
rrdp_conn_passive(struct rrdp_listener *listener, struct rrdp_dev *rd,
		  const u8 mac[ETH_ALEN], u32 node, const struct rrdp_seg *syn);

void rrdp_conn_enter(struct rrdp_conn *conn);
void rrdp_conn_leave(struct rrdp_conn *conn);

/* The same where bottom halves are off already, as on receive. */
void rrdp_conn_enter_bh(struct rrdp_conn *conn);
void rrdp_conn_leave_bh(struct rrdp_conn *conn);

void rrdp_conn_abort(struct rrdp_conn *conn, int err);
void rrdp_conn_end_quarantine(struct rrdp_conn *conn);

/*
 * Of one that waited for its path, whose wait is over; callbacks may run.
 * The first takes over the reference of @path->rd.
 */
void rrdp_conn_start_late(struct rrdp_conn *conn, const struct rrdp_path *path);
void rrdp_conn_end_unstarted(struct rrdp_conn *conn, int err);

/* What there is to say of it. Any context but hard interrupt. */
void rrdp_conn_info(struct rrdp_conn *conn, struct rrdp_info *info);

/* For a connection that was accepted; no longer asked once it has closed. */
void rrdp_conn_set_room(struct rrdp_conn *conn,
			u32 (*room)(struct rrdp_conn *conn));

/* The owner has taken messages: may be called after each, costs little. */
void rrdp_conn_took(struct rrdp_conn *conn, u32 room);

/* listen.c */
/* Nobody connects any more: who listens there has a listener that hears nothing. */
void rrdp_listen_net_exit(struct rrdp_net *rn);

/* Ports of the ephemeral range, each once, in an order that starts anywhere. */
#define RRDP_PORT_RANGE		(U16_MAX + 1 - RRDP_PORT_EPHEMERAL)

static inline u16 rrdp_port_nth(u32 start, u32 i)
{
	return RRDP_PORT_EPHEMERAL + (start + i) % RRDP_PORT_RANGE;
}

struct rrdp_listener *rrdp_bind(struct rrdp_net *rn, u16 port);
struct rrdp_listener *rrdp_listener_find(struct rrdp_net *rn, u16 port);
void rrdp_listener_start(struct rrdp_listener *listener,
			 const struct rrdp_listen_ops *ops, void *priv,
			 u16 options);
void rrdp_listener_put(struct rrdp_listener *listener);

/*
 * wait.c: connections whose node is being asked for.
 *
 * rrdp_wait_cancel(): the owner ends it. False if it does not wait.
 * rrdp_wait_sort(): whose wait is over, as the node table is now? Returns a
 * node that somebody has to ask for, or %RRDP_NODE_NONE. rrdp_net.lock held.
 * rrdp_wait_fail(): the wait for @node is over, with an error.
 * rrdp_wait_end(): starts or ends those whose wait is over. No lock held.
 */
bool rrdp_wait_cancel(struct rrdp_conn *conn, int err);
u32 rrdp_wait_sort(struct rrdp_net *rn);
void rrdp_wait_fail(struct rrdp_net *rn, u32 node, int err);
void rrdp_wait_end(struct rrdp_net *rn);

/* tx.c: what the core calls to send, and what it is fed with. */
void rrdp_tx_core_xmit(struct rrdp_pcb *pcb, struct rrdp_seg *seg,
		       struct rrdp_txseg *tx);
bool rrdp_tx_core_busy(struct rrdp_pcb *pcb, struct rrdp_txseg *tx);
/* To @node at @mac; @csum is the sum of the pseudo-header. */
void rrdp_tx_reply(struct rrdp_dev *rd, const u8 mac[ETH_ALEN], u32 node,
		   u32 csum, struct rrdp_seg *seg);

/* What its device and the headers of data take in front of a message. */
unsigned int rrdp_tx_headroom(const struct rrdp_dev *rd);
/* The train leaves: under the lock, before anything behind it and at the end. */
void rrdp_tx_train(struct rrdp_conn *conn);
/* The most octets of one buffer of a message of @len: a multiple of the MSS. */
unsigned int rrdp_tx_buffer_max(const struct rrdp_conn *conn, size_t len);
/*
 * Describes @skb, of at most rrdp_tx_buffer_max() octets, to rrdp_tx_message().
 * Returns 0 or -ENOMEM.
 */
int rrdp_tx_prepare(struct rrdp_conn *conn, struct sk_buff *skb, gfp_t gfp);
/* Gives up buffers, linked at @segs, that rrdp_tx_message() did not take. */
void rrdp_tx_free(struct sk_buff *segs);

/* An skb for @len octets of payload that goes into one segment. */
struct sk_buff *rrdp_tx_alloc(struct rrdp_conn *conn, unsigned int len,
			      gfp_t gfp);
/*
 * Sends the message whose segments are linked at @segs; consumes them when it
 * returns 0. With @more it may wait for the next one, to leave together. Errors as
 * of rrdp_send().
 */
int rrdp_tx_message(struct rrdp_conn *conn, struct sk_buff *segs,
		    unsigned int queue_max, bool more);
/* Sends what waits for more. */
void rrdp_tx_push(struct rrdp_conn *conn);

/* rx.c */
void rrdp_rx_core_deliver(struct rrdp_pcb *pcb, void *data);

/* socket.c */
int rrdp_socket_init(void);
void rrdp_socket_exit(void);

#endif /* _RRDP_CONN_H */
