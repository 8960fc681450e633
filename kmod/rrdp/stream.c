// SPDX-License-Identifier: GPL-2.0
/* AF_RRDP sockets: streams of octets over messages. */
#include "socket.h"
#include "stream.h"

/* ---- receive ---- */

size_t rrdp_stream_queued(struct sock *sk)
{
	struct sk_buff *skb;
	size_t octets = 0;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb_queue_walk(&sk->sk_receive_queue, skb)
		octets += skb->len;
	octets -= rrdp_sk(sk)->read_octets;
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return octets;
}

/* The message after @skb. Nobody takes any, as the read lock is held. */
static struct sk_buff *next_in_queue(struct sock *sk, struct sk_buff *skb)
{
	lockdep_assert_held(&rrdp_sk(sk)->read_lock);
	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek_next(skb, &sk->sk_receive_queue);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return skb;
}

/*
 * @n octets more of @skb, the first in the queue, have been read. One that is read
 * in part still takes all of its memory.
 */
static void advance(struct sock *sk, struct sk_buff *skb, size_t n)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	bool done;

	lockdep_assert_held(&rs->read_lock);
	spin_lock_bh(&sk->sk_receive_queue.lock);
	rs->read_octets += n;
	done = rs->read_octets == skb->len;
	if (done) {
		__skb_unlink(skb, &sk->sk_receive_queue);
		rs->read_octets = 0;
	}
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	if (done)
		rrdp_sock_consume(sk, skb);
}

/*
 * What is in the queue, up to @len octets. A message whose copy fails is as if it
 * had not been looked at. Read lock held.
 */
static int read_queue(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	size_t offset = rrdp_sk(sk)->read_octets, copied = 0;
	struct sk_buff *skb, *next;

	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek(&sk->sk_receive_queue);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	for (; skb && copied < len; skb = next, offset = 0) {
		size_t n = min(len - copied, skb->len - offset);

		if (!(flags & MSG_TRUNC) &&
		    rrdp_sock_copy(skb, offset, msg, n))
			return copied ?: -EFAULT;
		copied += n;
		next = next_in_queue(sk, skb);
		if (!(flags & MSG_PEEK))
			advance(sk, skb, n);
	}
	return copied;
}

/*
 * Until there are @want octets, or as many as there can be, or no more will come:
 * *@over then. Returns 0 or why it waits no longer.
 */
static int wait_octets(struct sock *sk, size_t want, long *timeo, bool *over)
{
	int err = 0;

	do {
		*over = rrdp_sock_over(sk);
		if (*over || rrdp_sock_ready(sk, want))
			break;
		err = rrdp_sock_wait_data(sk, want, false, timeo);
	} while (!err);
	return err;
}

int rrdp_stream_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	size_t target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	/* What stays in the queue is looked at once, when all of it is there. */
	bool peek = flags & MSG_PEEK;
	size_t copied = 0;
	bool over;
	int err, n;

	if (!len)
		return 0;
	do {
		err = wait_octets(sk, peek ? target : 1, &timeo, &over);
		/* Others may read between the parts of a read, but not within one. */
		mutex_lock(&rrdp_sk(sk)->read_lock);
		n = read_queue(sk, msg, len - copied, flags);
		mutex_unlock(&rrdp_sk(sk)->read_lock);
		if (n < 0)
			return copied ?: n;
		copied += n;
	} while (!err && !over && copied < target && !(peek && copied));
	if (copied)
		return copied;
	return err ?: sock_error(sk);
}

/* ---- send ---- */

int rrdp_stream_send(struct sock *sk, struct msghdr *msg, size_t len,
		     long *timeo)
{
	size_t most, sent = 0;
	int err;

	while (sent < len) {
		size_t n = len - sent;
		bool more = false;

		most = rrdp_conn_msg_max(rrdp_sk(sk)->conn);
		if (n > most) {
			n = most;
			/* Single segments leave together; a large message is a train. */
			more = most < RRDP_MSG_MAX;
		}
		err = rrdp_sock_send_one(sk, msg, n, more, timeo);
		if (err)
			return sent ?: err;
		sent += n;
	}
	return sent;
}
