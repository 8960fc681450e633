/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RRDP for other kernel modules.
 *
 * A module listens on a port or connects to a port of a node, and is told of
 * messages and changes of state through &struct rrdp_conn_ops. All callbacks
 * of one connection are serialised and come in order; they run in softirq
 * context or with bottom halves off, hold no lock of RRDP, must not sleep,
 * and may call every function here that does not say that it sleeps.
 *
 * No module is held by what it has open: before its code goes, it ends its
 * listeners and connections, and waits with synchronize_rcu() for callbacks
 * that may still run.
 */
#ifndef _NET_RRDP_H
#define _NET_RRDP_H

#include <linux/skbuff.h>
#include <linux/types.h>
#include <net/net_namespace.h>

struct rrdp_conn;
struct rrdp_listener;

/**
 * struct rrdp_conn_ops - what a connection tells its owner
 * @opened: the connection reached OPEN; optional
 * @receive: a message arrived. @skb is the callee's; skb->data is the first
 *	octet of the message, which may be spread over frags and frag_list
 * @writable: rrdp_send() returned -EAGAIN before and is worth trying again;
 *	optional
 * @closed: the connection is over, and this is its last callback. @err is 0
 *	when either end closed it and all data had been acknowledged, else
 *	-ECONNREFUSED, -ECONNRESET, -ETIMEDOUT, -EHOSTUNREACH or -ENETDOWN. One
 *	that had to ask where its node is also ends with what rrdp_connect()
 *	fails with, -EHOSTUNREACH if the node did not answer, or -ENOBUFS if
 *	the node table is full
 */
struct rrdp_conn_ops {
	void (*opened)(struct rrdp_conn *conn);
	void (*receive)(struct rrdp_conn *conn, struct sk_buff *skb);
	void (*writable)(struct rrdp_conn *conn);
	void (*closed)(struct rrdp_conn *conn, int err);
};

/**
 * struct rrdp_listen_ops - what a listener tells its owner
 * @accept: a connection reached OPEN. To take it, call
 *	rrdp_conn_set_ops(@conn, ...) and return 0: the reference to @conn is
 *	then the callee's. Anything else refuses it with RST, which counts as
 *	``drop_no_memory`` for -ENOMEM, as ``drop_backlog_full`` otherwise
 */
struct rrdp_listen_ops {
	int (*accept)(struct rrdp_listener *listener, struct rrdp_conn *conn,
		      void *priv);
};

/*
 * rrdp_listen() and rrdp_unlisten() may sleep; after rrdp_unlisten() no
 * accept callback runs. rrdp_listen() fails with -EADDRINUSE, -ENOMEM. It does
 * not keep @net: in one that goes, connections end by themselves (-ENETDOWN), and
 * nobody is accepted any more. rrdp_unlisten() is due all the same, then or later.
 */
struct rrdp_listener *rrdp_listen(struct net *net, u16 port,
				  const struct rrdp_listen_ops *ops,
				  void *priv);
void rrdp_unlisten(struct rrdp_listener *listener);

/*
 * Starts to connect and returns at once with a reference; opened() or
 * closed() tells how it ended. A node that is not in the table is asked for
 * first. Fails with -EHOSTUNREACH (it is not there, and there is no device to
 * ask by), -ENETUNREACH (this namespace has no node number), -EADDRNOTAVAIL
 * (no port left), -ENOBUFS (too many wait for their nodes), -ENETDOWN (the
 * namespace or the way to the node goes away), -ENOMEM. Any context with
 * interrupts on, if @gfp is for it.
 */
struct rrdp_conn *rrdp_connect(struct net *net, u32 node, u16 port,
			       const struct rrdp_conn_ops *ops, void *priv,
			       gfp_t gfp);

void rrdp_conn_set_ops(struct rrdp_conn *conn,
		       const struct rrdp_conn_ops *ops, void *priv);
void *rrdp_conn_priv(const struct rrdp_conn *conn);
u32 rrdp_conn_peer_node(const struct rrdp_conn *conn);
u16 rrdp_conn_peer_port(const struct rrdp_conn *conn);

/*
 * Milliseconds of silence after which the peer is reported dead (-ETIMEDOUT);
 * 1000 unless set. Any context.
 */
void rrdp_conn_set_deadtime(struct rrdp_conn *conn, unsigned int msec);

/* Largest payload that travels in one segment, and largest message. */
unsigned int rrdp_conn_mss(const struct rrdp_conn *conn);
unsigned int rrdp_conn_msg_max(const struct rrdp_conn *conn);

/* Room to reserve in front of the payload of an skb for rrdp_send_skb(). */
unsigned int rrdp_headroom(const struct rrdp_conn *conn);

/*
 * Sends one message. Any context with interrupts on. Returns 0 when the
 * message is accepted: it will be delivered, or closed() reports an error.
 * -EAGAIN: the send queue is full, writable() follows; -EMSGSIZE: larger
 * than rrdp_conn_msg_max(); -EINVAL: empty; -ENOTCONN: not open; -ENOMEM.
 */
int rrdp_send(struct rrdp_conn *conn, const void *data, size_t len, gfp_t gfp);

/*
 * The same without a copy of the payload. Consumes @skb when it returns 0,
 * and only then; otherwise it may have left its socket (skb_orphan()). The
 * payload is skb->data.., with rrdp_headroom() in front of it for headers. A head
 * that is shared is copied, its pages are not.
 */
int rrdp_send_skb(struct rrdp_conn *conn, struct sk_buff *skb);

/*
 * rrdp_close(): no more rrdp_send(); what was accepted is delivered, then
 * the connection ends and closed() runs; what had come before is received first.
 * rrdp_abort(): ends it at once with RST; the last callback is over an RCU grace
 * period after it returns. Both leave the reference to its owner. Any context.
 */
void rrdp_close(struct rrdp_conn *conn);
void rrdp_abort(struct rrdp_conn *conn);

void rrdp_conn_get(struct rrdp_conn *conn);
void rrdp_conn_put(struct rrdp_conn *conn);

/* This host's node number in @net, RRDP_NODE_NONE if it has none. */
u32 rrdp_local_node(struct net *net);

/*
 * Device through which @node is reached, with a reference (dev_put()), or
 * NULL, also while that is not known. For users that derive their MTU from the
 * underlay. Any context.
 */
struct net_device *rrdp_node_dev(struct net *net, u32 node);

/*
 * Can nodes be asked for that are not in the table: is there a device that has this
 * host's number? Any context.
 */
bool rrdp_can_ask(struct net *net);

#endif /* _NET_RRDP_H */
