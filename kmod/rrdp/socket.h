/* SPDX-License-Identifier: GPL-2.0 */
/* AF_RRDP sockets: what socket.c, sockopt.c and sockio.c share. */
#ifndef _RRDP_SOCKET_H
#define _RRDP_SOCKET_H

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <net/sock.h>

#include "conn.h"

/**
 * struct rrdp_sock - an AF_RRDP socket
 * @sk: must be first. sk_state is TCP_CLOSE, TCP_SYN_SENT, TCP_LISTEN or
 *	TCP_ESTABLISHED, as for other families
 * @conn: its connection, from connect() or accept() on, with a reference;
 *	set under the socket lock. Once it was open it is constant until the
 *	socket is freed
 * @port: the port that bind(), listen() or autobind took, or NULL
 * @local_port: its number, or that of the connection that was accepted
 * @options: RRDP_OPT_* to offer
 * @deadtime: milliseconds
 * @read_octets: of the first message in the queue, those that a stream has read;
 *	written under @read_lock and the lock of the queue
 * @read_lock: a reader of a stream is at the queue
 * @accept_lock: @accept_queue, and @spare while it listens; bottom halves off
 * @opened: connect() has succeeded
 * @deaf: closed, nobody reads any more; under the lock of the receive queue
 * @zerocopy: MSG_ZEROCOPY has its meaning
 * @ring: transmit ring, from RRDP_SO_TX_RING until the socket is freed
 * @want_room: somebody waits, in sendmsg() or poll(), until more can be sent
 * @tell_writers: what wakes them
 * @accept_queue: connected sockets (by @accept_node) nobody has taken yet
 * @accept_node: in the listener's @accept_queue
 * @spare: of one that listens: for a caller for whom there is no memory otherwise
 */
struct rrdp_sock {
	struct sock sk;
	struct rrdp_conn *conn;
	struct rrdp_listener *port;
	u16 local_port;
	u16 options;
	u32 deadtime;
	bool opened;
	bool deaf;
	bool zerocopy;
	bool want_room;
	struct rrdp_txring *ring;
	void (*tell_writers)(struct sock *sk);
	u32 read_octets;
	struct mutex read_lock;	/* who takes from the queue of a stream */
	spinlock_t accept_lock;	/* accept_queue, spare */
	struct list_head accept_queue;
	struct list_head accept_node;
	struct sock *spare;
};

static inline struct rrdp_sock *rrdp_sk(const struct sock *sk)
{
	return (struct rrdp_sock *)sk;
}

static inline bool rrdp_sock_is_stream(const struct sock *sk)
{
	return sk->sk_type == SOCK_STREAM;
}

/*
 * Will nothing more be queued? Looked at before the queue, as what has arrived is
 * read before an error or the end is told (rule 8).
 */
static inline bool rrdp_sock_over(const struct sock *sk)
{
	bool over = READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN;

	smp_rmb();	/* pairs with the one in sock_closed() */
	return over;
}

/* With what it points to; without the socket lock. NULL if there is none. */
static inline struct rrdp_txring *rrdp_sock_ring(const struct sock *sk)
{
	/* Pairs with the release in set_ring(). */
	return smp_load_acquire(&rrdp_sk(sk)->ring);
}

/* May the caller go to sleep with @timeo jiffies left? 0 or what to return. */
static inline int rrdp_sock_may_wait(long timeo)
{
	if (!timeo)
		return -EAGAIN;
	return signal_pending(current) ? sock_intr_errno(timeo) : 0;
}

/*
 * Says that somebody waits for room. The caller then looks whether there is some:
 * either it sees what was given back, or who gave it back sees this.
 */
static inline void rrdp_sock_want_room(struct sock *sk)
{
	WRITE_ONCE(rrdp_sk(sk)->want_room, true);
	smp_mb();	/* pairs with the one in sock_room() */
}

/* sockopt.c */
int rrdp_setsockopt(struct socket *sock, int level, int name,
		    sockptr_t optval, unsigned int len);
int rrdp_getsockopt(struct socket *sock, int level, int name,
		    char __user *optval, int __user *optlen);

/* sockio.c */
u32 rrdp_sock_room(struct rrdp_conn *conn);
int rrdp_sock_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int rrdp_sock_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		      int flags);

/*
 * Are there @want octets to be read, or as many as there can be? A message is
 * enough for a @want of 1.
 */
bool rrdp_sock_ready(struct sock *sk, size_t want);
/*
 * Waits for them, but may come back earlier. Returns 0, or why to wait no longer:
 * *@timeo jiffies have passed, or there is a signal.
 */
int rrdp_sock_wait_data(struct sock *sk, size_t want, bool takes, long *timeo);
/* Copies @len octets from @offset on to the user: all, or none with -EFAULT. */
int rrdp_sock_copy(struct sk_buff *skb, unsigned int offset, struct msghdr *msg,
		   size_t len);
/* Frees a message that has been read, and lets the peer know of the room. */
void rrdp_sock_consume(struct sock *sk, struct sk_buff *skb);
/* Until the send buffer has room. 0, or what send() is to return. */
int rrdp_sock_wait_room(struct sock *sk, long *timeo);
/*
 * Waits for the send queue of the connection. It is larger than the send buffer, and
 * so hardly ever full: a look at every tick does.
 */
int rrdp_sock_wait_queue(struct sock *sk, long *timeo);
/* As below, where there is room; by reference if there is a @uarg: socket lock held. */
int rrdp_sock_send_message(struct sock *sk, struct msghdr *msg, size_t len,
			   bool more, struct ubuf_info *uarg, long *timeo);
/*
 * Sends the next @len octets of @msg as a message, @more of which follow. When it
 * fails, @msg is as before, and the error of the socket is still to be told.
 */
int rrdp_sock_send_one(struct sock *sk, struct msghdr *msg, size_t len, bool more,
		       long *timeo);

#endif /* _RRDP_SOCKET_H */
