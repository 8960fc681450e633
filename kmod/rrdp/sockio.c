// SPDX-License-Identifier: GPL-2.0
/* AF_RRDP sockets: messages between user memory and a connection. */
#include <linux/wait.h>
#include <net/busy_poll.h>

#include "compat_sendpage.h"
#include "socket.h"
#include "stream.h"
#include "txring.h"
#include "zerocopy.h"

/* ---- receive ---- */

/*
 * Segments that fit into what is left of the receive buffer, taken as full
 * ones, after @more octets. An empty buffer takes at least one, whatever its size.
 */
static u32 room_after(const struct sock *sk, int more, unsigned int mss)
{
	int used = atomic_read(&sk->sk_rmem_alloc);
	int left = READ_ONCE(sk->sk_rcvbuf) - used - more;

	if (left <= 0)
		return !used;
	return max_t(u32, left / SKB_TRUESIZE(mss), !used);
}

/* The same, after the parts of a message, which are in no queue yet. */
static u32 room_behind_parts(const struct sock *sk, const struct rrdp_conn *conn)
{
	unsigned int parts = READ_ONCE(conn->part_truesize);

	return room_after(sk, min_t(unsigned int, parts, INT_MAX / 2),
			  rrdp_conn_mss(conn));
}

u32 rrdp_sock_room(struct rrdp_conn *conn)
{
	struct sock *sk = conn->priv;
	u32 room = room_behind_parts(sk, conn);

	/* Who waits for more to come must make room for it: see is_full(). */
	if (unlikely(!room && conn->part))
		sk->sk_data_ready(sk);
	return room;
}

/*
 * The next message may be too large for what is left of the receive buffer: who
 * waits for more had better read.
 */
static bool is_full(struct sock *sk)
{
	/* Pairs with the release in connect() and accept(). */
	struct rrdp_conn *conn = smp_load_acquire(&rrdp_sk(sk)->conn);

	return conn && room_behind_parts(sk, conn) <
	       DIV_ROUND_UP(rrdp_conn_msg_max(conn), rrdp_conn_mss(conn));
}

bool rrdp_sock_ready(struct sock *sk, size_t want)
{
	if (skb_queue_empty_lockless(&sk->sk_receive_queue))
		return false;
	return want <= 1 || rrdp_stream_queued(sk) >= want || is_full(sk);
}

/* A wait that ends early for @want octets, an error, the end, or a signal. */
static int wait_for_data(struct sock *sk, size_t want, bool takes, long *timeo)
{
	int err = rrdp_sock_may_wait(*timeo);
	DEFINE_WAIT(wait);

	if (err)
		return err;
	/*
	 * Who is woken is out of the queue, which saves taking it out. One that
	 * takes all there is need not share the news.
	 */
	if (takes)
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	else
		prepare_to_wait(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	if (!rrdp_sock_ready(sk, want) && !sk->sk_err &&
	    !(sk->sk_shutdown & RCV_SHUTDOWN))
		*timeo = schedule_timeout(*timeo);
	finish_wait(sk_sleep(sk), &wait);
	return 0;
}

/*
 * Asks the device that the last message came by for the next one, instead of
 * waiting for its interrupt. (For poll() the kernel does so itself.)
 */
static bool busy_poll(struct sock *sk, size_t want, bool nonblock)
{
	if (!sk_can_busy_loop(sk))
		return false;
	sk_busy_loop(sk, nonblock);
	return rrdp_sock_ready(sk, want);
}

int rrdp_sock_wait_data(struct sock *sk, size_t want, bool takes, long *timeo)
{
	return busy_poll(sk, want, !*timeo) ? 0 :
	       wait_for_data(sk, want, takes, timeo);
}

/* The next message, left in the queue if @peek; with a reference then. */
static struct sk_buff *take_message(struct sock *sk, bool peek)
{
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(&sk->sk_receive_queue))
		return NULL;
	spin_lock_bh(&sk->sk_receive_queue.lock);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb && peek)
		refcount_inc(&skb->users);
	else if (skb)
		__skb_unlink(skb, &sk->sk_receive_queue);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
	return skb;
}

/* Returns NULL with *@err 0 at the end. */
static struct sk_buff *next_message(struct sock *sk, int flags, int *err)
{
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb;
	bool over;

	for (;;) {
		over = rrdp_sock_over(sk);
		skb = take_message(sk, flags & MSG_PEEK);
		*err = 0;
		if (skb)
			return skb;
		if (over) {
			*err = sock_error(sk);
			return NULL;
		}
		*err = rrdp_sock_wait_data(sk, 1, !(flags & MSG_PEEK), &timeo);
		if (*err)
			return NULL;
	}
}

/* Most messages are in one piece, for which the general way is a long one. */
int rrdp_sock_copy(struct sk_buff *skb, unsigned int offset, struct msghdr *msg,
		   size_t len)
{
	size_t n;

	if (unlikely(offset + len > skb_headlen(skb)))
		return skb_copy_datagram_msg(skb, offset, msg, len);
	n = copy_to_iter(skb->data + offset, len, &msg->msg_iter);
	if (likely(n == len))
		return 0;
	iov_iter_revert(&msg->msg_iter, n);
	return -EFAULT;
}

void rrdp_sock_consume(struct sock *sk, struct sk_buff *skb)
{
	struct rrdp_conn *conn = rrdp_sk(sk)->conn;

	consume_skb(skb);
	rrdp_conn_took(conn, room_after(sk, 0, rrdp_conn_mss(conn)));
}

static void put_name(struct sock *sk, struct msghdr *msg)
{
	DECLARE_SOCKADDR(struct sockaddr_rrdp *, addr, msg->msg_name);
	struct rrdp_conn *conn = rrdp_sk(sk)->conn;

	if (!addr)
		return;
	*addr = (struct sockaddr_rrdp) {
		.srrdp_family = sk->sk_family,
		.srrdp_port = rrdp_conn_peer_port(conn),
		.srrdp_node = rrdp_conn_peer_node(conn),
	};
	msg->msg_namelen = sizeof(*addr);
}

static int recv_message(struct sock *sk, struct msghdr *msg, size_t len,
			int flags)
{
	struct sk_buff *skb;
	size_t copied;
	int err;

	skb = next_message(sk, flags, &err);
	if (!skb)
		return err;

	copied = min_t(size_t, len, skb->len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = rrdp_sock_copy(skb, 0, msg, copied);
	if (!err) {
		put_name(sk, msg);
		/* Every message is a record. */
		msg->msg_flags |= MSG_EOR;
		err = flags & MSG_TRUNC ? skb->len : copied;
	}
	if (flags & MSG_PEEK)
		consume_skb(skb);
	else
		rrdp_sock_consume(sk, skb);
	return err;
}

int rrdp_sock_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		      int flags)
{
	struct sock *sk = sock->sk;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return sock_recv_errqueue(sk, msg, len, SOL_RRDP, RRDP_RECVERR);
	/* Pairs with the release in connect() and accept(). */
	if (!smp_load_acquire(&rrdp_sk(sk)->conn))
		return sock_error(sk) ?: -ENOTCONN;
	return rrdp_sock_is_stream(sk) ? rrdp_stream_recv(sk, msg, len, flags)
				       : recv_message(sk, msg, len, flags);
}

/* ---- send ---- */

/* The error of the socket, which there may be then, is told by sendmsg(). */
static int send_state(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return -EPIPE;
	return READ_ONCE(sk->sk_state) == TCP_ESTABLISHED ? 0 : -ENOTCONN;
}

static bool send_room(struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < READ_ONCE(sk->sk_sndbuf);
}

static int wait_for_room(struct sock *sk, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err;

	/* What is to make room must be on its way. */
	rrdp_tx_push(rrdp_sk(sk)->conn);
	add_wait_queue(sk_sleep(sk), &wait);
	/*
	 * Once in the queue, as whoever makes room tells of it only once. Also who
	 * will not wait may be told by an edge-triggered epoll.
	 */
	rrdp_sock_want_room(sk);
	err = send_room(sk) ? 0 : rrdp_sock_may_wait(*timeo);
	if (!err && !send_room(sk) && !send_state(sk))
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

int rrdp_sock_wait_room(struct sock *sk, long *timeo)
{
	int err = 0;

	while (!err && unlikely(!send_room(sk)))
		err = wait_for_room(sk, timeo) ?: send_state(sk);
	return err;
}

static struct sk_buff *segment_from_user(struct sock *sk, struct msghdr *msg,
					 unsigned int len)
{
	struct sk_buff *skb = rrdp_tx_alloc(rrdp_sk(sk)->conn, len,
					    sk->sk_allocation);

	if (!skb)
		return ERR_PTR(-ENOBUFS);
	if (!copy_from_iter_full(skb_put(skb, len), len, &msg->msg_iter)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	skb_set_owner_w(skb, sk);
	return skb;
}

/* A buffer for several segments: pages, as large as there are. */
static struct sk_buff *pages_from_user(struct sock *sk, struct msghdr *msg,
				       unsigned int len)
{
	unsigned int room = rrdp_headroom(rrdp_sk(sk)->conn);
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(room, len, PAGE_ALLOC_COSTLY_ORDER, &err,
				   sk->sk_allocation);
	if (!skb)
		return ERR_PTR(-ENOBUFS);
	skb_reserve(skb, room);
	skb->len = len;
	skb->data_len = len;
	if (skb_copy_datagram_from_iter(skb, 0, &msg->msg_iter, len)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}
	skb_set_owner_w(skb, sk);
	return skb;
}

/* A buffer of @len octets, of the user's own pages if there is a @uarg. */
static struct sk_buff *buffer_from_user(struct sock *sk, struct msghdr *msg,
					unsigned int len, bool parts,
					struct ubuf_info *uarg)
{
	struct sk_buff *skb;

	if (unlikely(uarg)) {
		skb = rrdp_zc_from_user(sk, msg, len, uarg);
		if (skb)
			return skb;
	}
	return parts ? pages_from_user(sk, msg, len)
		     : segment_from_user(sk, msg, len);
}

/* Buffers, linked. All that were made are in @segs, also when it fails. */
static int message_from_user(struct sock *sk, struct msghdr *msg, size_t len,
			     struct ubuf_info *uarg, struct rrdp_skbs *segs)
{
	struct rrdp_conn *conn = rrdp_sk(sk)->conn;
	unsigned int mss = rrdp_conn_mss(conn);
	unsigned int most = rrdp_tx_buffer_max(conn, len);

	while (len) {
		unsigned int n = min_t(size_t, len, most);
		struct sk_buff *skb = buffer_from_user(sk, msg, n, n > mss, uarg);

		if (IS_ERR(skb))
			return PTR_ERR(skb);
		rrdp_skbs_add(segs, skb);
		if (rrdp_tx_prepare(conn, skb, sk->sk_allocation))
			return -ENOBUFS;
		len -= n;
	}
	return 0;
}

/* No octets are no message, but say that the ring, if there is one, has some. */
static bool is_ring(const struct sock *sk, size_t len)
{
	return unlikely(!len) && rrdp_sock_ring(sk);
}

static int check_length(struct sock *sk, size_t len)
{
	if (rrdp_sock_is_stream(sk) || is_ring(sk, len))
		return 0;
	if (!len)
		return -EINVAL;
	return len > rrdp_conn_msg_max(rrdp_sk(sk)->conn) ? -EMSGSIZE : 0;
}

static int check_send(struct sock *sk, const struct msghdr *msg, size_t len)
{
	int err;

	if (msg->msg_flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR |
			       MSG_MORE | MSG_BATCH | MSG_ZEROCOPY |
			       COMPAT_MSG_SPLICE | MSG_CMSG_COMPAT))
		return -EOPNOTSUPP;
	err = send_state(sk);
	if (err)
		return err;
	if (msg->msg_namelen)
		return -EISCONN;
	/* Open already, but connect() in another thread has not returned. */
	if (!smp_load_acquire(&rrdp_sk(sk)->conn))
		return -ENOTCONN;
	return check_length(sk, len);
}

int rrdp_sock_wait_queue(struct sock *sk, long *timeo)
{
	int err = rrdp_sock_may_wait(*timeo);
	long left;

	if (err)
		return err;
	rrdp_tx_push(rrdp_sk(sk)->conn);
	left = schedule_timeout_interruptible(1);
	if (*timeo != MAX_SCHEDULE_TIMEOUT)
		*timeo -= 1 - left;
	return 0;
}

static int transmit_message(struct sock *sk, struct sk_buff *segs, bool more,
			    long *timeo)
{
	int err;

	do {
		err = rrdp_tx_message(rrdp_sk(sk)->conn, segs, U32_MAX, more);
		if (err == -ENOTCONN)
			err = send_state(sk) ?: -EPIPE;
		if (err != -EAGAIN)
			return err;
		err = rrdp_sock_wait_queue(sk, timeo);
	} while (!err);
	return err;
}

int rrdp_sock_send_message(struct sock *sk, struct msghdr *msg, size_t len,
			   bool more, struct ubuf_info *uarg, long *timeo)
{
	size_t left = iov_iter_count(&msg->msg_iter);
	struct rrdp_skbs segs = {};
	int err;

	/* Of sendmmsg(), and of splice(), all but the last. */
	if (msg->msg_flags & (MSG_MORE | MSG_BATCH | COMPAT_MSG_NOTLAST))
		more = true;

	err = message_from_user(sk, msg, len, uarg, &segs);
	if (!err)
		err = transmit_message(sk, segs.head, more, timeo);
	if (unlikely(err)) {
		rrdp_tx_free(segs.head);
		iov_iter_revert(&msg->msg_iter,
				left - iov_iter_count(&msg->msg_iter));
	}
	return err;
}

/* The numbers of completions are given, and taken back, one sender at a time. */
static int try_zerocopy(struct sock *sk, struct msghdr *msg, size_t len,
			bool more)
{
	struct ubuf_info *uarg;
	int err = -ENOBUFS;
	long now = 0;

	lock_sock(sk);
	uarg = rrdp_zc_begin(sk, len);
	if (uarg) {
		err = rrdp_sock_send_message(sk, msg, len, more, uarg, &now);
		rrdp_zc_end(sk, uarg, err);
	}
	release_sock(sk);
	return err;
}

static int send_zerocopy(struct sock *sk, struct msghdr *msg, size_t len,
			 bool more, long *timeo)
{
	int err;

	do {
		err = try_zerocopy(sk, msg, len, more);
		if (err != -EAGAIN)
			return err;
		err = rrdp_sock_wait_queue(sk, timeo);
	} while (!err);
	return err;
}

int rrdp_sock_send_one(struct sock *sk, struct msghdr *msg, size_t len, bool more,
		       long *timeo)
{
	int err = rrdp_sock_wait_room(sk, timeo);

	if (err)
		return err;
	if (unlikely(msg->msg_flags & MSG_ZEROCOPY && rrdp_sk(sk)->zerocopy))
		return send_zerocopy(sk, msg, len, more, timeo);
	return rrdp_sock_send_message(sk, msg, len, more, NULL, timeo);
}

int rrdp_sock_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	long timeo = sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT);
	int err = check_send(sk, msg, len);

	if (!err && is_ring(sk, len))
		err = rrdp_txring_send(sk, msg->msg_flags, &timeo);
	else if (!err && rrdp_sock_is_stream(sk))
		err = rrdp_stream_send(sk, msg, len, &timeo);
	else if (!err)
		err = rrdp_sock_send_one(sk, msg, len, false, &timeo) ?: len;
	if (likely(err >= 0))
		return err;
	/* Only now: when a part was sent, it is told to the next who asks. */
	if (err == -EPIPE || err == -ENOTCONN)
		err = sock_error(sk) ?: err;
	if (err == -EPIPE && !(msg->msg_flags & MSG_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	return err;
}
