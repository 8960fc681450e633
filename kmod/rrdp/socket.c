// SPDX-License-Identifier: GPL-2.0
/* AF_RRDP sockets: addresses, connecting, accepting. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/poll.h>
#include <asm/ioctls.h>
#include <net/busy_poll.h>
#include <net/tcp_states.h>

#include "compat_socket.h"
#include "drop.h"
#include "socket.h"
#include "stream.h"
#include "txring.h"

static struct proto rrdp_proto = {
	.name = "RRDP",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct rrdp_sock),
};

static struct rrdp_net *sock_rn(const struct sock *sk)
{
	return rrdp_pernet(sock_net(sk));
}

/* ---- what the connection tells ---- */

static bool type_fits(const struct sock *sk, const struct rrdp_conn *conn)
{
	return !rrdp_sock_is_stream(sk) ||
	       rrdp_stream_possible(READ_ONCE(conn->pcb.options));
}

static void sock_opened(struct rrdp_conn *conn)
{
	struct sock *sk = rrdp_conn_priv(conn);

	if (!type_fits(sk, conn)) {
		rrdp_conn_abort(conn, -EPROTO);
		return;
	}
	WRITE_ONCE(rrdp_sk(sk)->opened, true);
	WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	sk->sk_state_change(sk);
	rrdp_sk(sk)->tell_writers(sk);
}

/*
 * Octets of the send buffer are free again, which happens with each ACK. The
 * default would wake whoever sleeps, who mostly waits for an answer.
 */
static void sock_room(struct sock *sk)
{
	struct rrdp_sock *rs = rrdp_sk(sk);

	smp_mb();	/* pairs with the one in rrdp_sock_want_room() */
	if (likely(!READ_ONCE(rs->want_room)) || !sock_writeable(sk))
		return;
	WRITE_ONCE(rs->want_room, false);
	rs->tell_writers(sk);
}

/* The queue was full of small messages, of which half have been acknowledged. */
static void sock_writable(struct rrdp_conn *conn)
{
	struct sock *sk = rrdp_conn_priv(conn);

	rrdp_sk(sk)->tell_writers(sk);
}

static void sock_receive(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct sock *sk = rrdp_conn_priv(conn);
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	bool deaf;

	sk_mark_napi_id(sk, skb);
	spin_lock_bh(&queue->lock);
	deaf = rrdp_sk(sk)->deaf;
	if (likely(!deaf)) {
		skb_set_owner_r(skb, sk);
		__skb_queue_tail(queue, skb);
	}
	spin_unlock_bh(&queue->lock);
	if (likely(!deaf)) {
		sk->sk_data_ready(sk);
		return;
	}
	/* Nobody will read it, which its sender is to know. */
	rrdp_drop(conn->rn, skb, RRDP_STAT_DROP_UNREAD);
	rrdp_conn_abort(conn, -ECONNRESET);
}

/* Under a lock, as shutdown() and the end of a connection may meet. */
static void add_shutdown(struct sock *sk, int how)
{
	spin_lock_bh(&sk->sk_receive_queue.lock);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
}

/* The last callback: gives the connection's reference to the socket back. */
static void sock_closed(struct rrdp_conn *conn, int err)
{
	struct sock *sk = rrdp_conn_priv(conn);

	if (err)
		sk->sk_err = -err;
	/* Pairs with rrdp_sock_over(): first the messages, then the end. */
	smp_wmb();
	add_shutdown(sk, SHUTDOWN_MASK);
	/* Last, as connect() may take the rest back then. */
	smp_store_release(&sk->sk_state, TCP_CLOSE);
	sk->sk_state_change(sk);
	if (err)
		sk_error_report(sk);
	sock_put(sk);
}

static const struct rrdp_conn_ops sock_conn_ops = {
	.opened = sock_opened,
	.receive = sock_receive,
	.writable = sock_writable,
	.closed = sock_closed,
};

/* ---- life ---- */

static void sock_destruct(struct sock *sk)
{
	struct rrdp_sock *rs = rrdp_sk(sk);

	skb_queue_purge(&sk->sk_receive_queue);
	skb_queue_purge(&sk->sk_error_queue);
	rrdp_txring_free(rs->ring);
	if (rs->conn)
		rrdp_conn_put(rs->conn);
}

static const struct proto_ops rrdp_sock_ops;

static struct sock *sock_new(struct net *net, struct socket *sock, gfp_t gfp,
			     int kern)
{
	struct sock *sk = sk_alloc(net, rrdp_family, gfp, &rrdp_proto, kern);
	struct rrdp_sock *rs = rrdp_sk(sk);

	if (!sk)
		return NULL;
	sock_init_data(sock, sk);
	sk->sk_destruct = sock_destruct;
	/* What waits for the peer is its sender's. */
	sk->sk_allocation = GFP_KERNEL_ACCOUNT;
	rs->tell_writers = sk->sk_write_space;
	sk->sk_write_space = sock_room;
	rs->options = RRDP_OPT_DEFAULT;
	rs->deadtime = RRDP_DEAD_DEFAULT / RRDP_MSEC;
	mutex_init(&rs->read_lock);
	spin_lock_init(&rs->accept_lock);
	INIT_LIST_HEAD(&rs->accept_queue);
	INIT_LIST_HEAD(&rs->accept_node);
	return sk;
}

static int rrdp_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	if (protocol)
		return -EPROTONOSUPPORT;
	if (sock->type != SOCK_SEQPACKET && sock->type != SOCK_STREAM)
		return -ESOCKTNOSUPPORT;
	sock->ops = &rrdp_sock_ops;
	return sock_new(net, sock, GFP_KERNEL, kern) ? 0 : -ENOBUFS;
}

static struct sock *accept_dequeue(struct sock *sk)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_sock *child;

	spin_lock_bh(&rs->accept_lock);
	child = list_first_entry_or_null(&rs->accept_queue, struct rrdp_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&rs->accept_lock);
	return child ? &child->sk : NULL;
}

/*
 * Closes a socket that user space has no hold of any more. The sender of
 * messages that nobody has read is told, by a reset.
 */
static void sock_orphan_close(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct rrdp_sock *rs = rrdp_sk(sk);
	bool all_read;

	sock_orphan(sk);
	add_shutdown(sk, SHUTDOWN_MASK);
	spin_lock_bh(&queue->lock);
	rs->deaf = true;
	all_read = skb_queue_empty(queue);
	spin_unlock_bh(&queue->lock);
	if (rs->conn && all_read)
		rrdp_close(rs->conn);
	else if (rs->conn)
		rrdp_conn_abort(rs->conn, -ECONNRESET);
	skb_queue_purge(queue);
	sock_put(sk);
}

static int rrdp_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	struct rrdp_sock *rs;
	struct sock *child;

	if (!sk)
		return 0;
	rs = rrdp_sk(sk);
	lock_sock(sk);
	if (rs->port)
		rrdp_unlisten(rs->port);
	rs->port = NULL;
	release_sock(sk);

	while ((child = accept_dequeue(sk)))
		sock_orphan_close(child);
	if (rs->spare)
		sock_put(rs->spare);
	sock->sk = NULL;
	sock_orphan_close(sk);
	return 0;
}

/* ---- addresses ---- */

static int check_addr(const struct sockaddr_rrdp *addr, int len)
{
	if (len < (int)sizeof(*addr))
		return -EINVAL;
	return addr->srrdp_family == rrdp_family ? 0 : -EAFNOSUPPORT;
}

/* Socket lock held. */
static int bind_port(struct sock *sk, u16 port)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_listener *l;

	if (rs->port || rs->conn)
		return -EINVAL;
	if (port && port < PROT_SOCK &&
	    !ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE))
		return -EACCES;
	l = rrdp_bind(sock_rn(sk), port);
	if (IS_ERR(l))
		return PTR_ERR(l);
	rs->port = l;
	rs->local_port = l->port;
	return 0;
}

static int rrdp_sock_bind(struct socket *sock, compat_sockaddr *uaddr, int len)
{
	const struct sockaddr_rrdp *addr = (const void *)uaddr;
	struct sock *sk = sock->sk;
	int err = check_addr(addr, len);

	if (err)
		return err;
	lock_sock(sk);
	if (addr->srrdp_node != RRDP_NODE_NONE &&
	    addr->srrdp_node != READ_ONCE(sock_rn(sk)->local_node))
		err = -EADDRNOTAVAIL;
	else
		err = bind_port(sk, addr->srrdp_port);
	release_sock(sk);
	return err;
}

static int rrdp_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct sockaddr_rrdp *addr = (struct sockaddr_rrdp *)uaddr;
	struct sock *sk = sock->sk;
	struct rrdp_sock *rs = rrdp_sk(sk);

	memset(addr, 0, sizeof(*addr));
	addr->srrdp_family = rrdp_family;
	lock_sock(sk);
	if (!peer) {
		addr->srrdp_port = rs->conn ? READ_ONCE(rs->conn->key.local_port)
					    : rs->local_port;
		addr->srrdp_node = READ_ONCE(sock_rn(sk)->local_node);
	} else if (sk->sk_state == TCP_ESTABLISHED) {
		addr->srrdp_port = rrdp_conn_peer_port(rs->conn);
		addr->srrdp_node = rrdp_conn_peer_node(rs->conn);
	}
	release_sock(sk);
	if (peer && !addr->srrdp_node)
		return -ENOTCONN;
	return sizeof(*addr);
}

/* ---- connect ---- */

/*
 * Until @sk->sk_state leaves @state, a signal, or @timeo jiffies. Socket lock
 * held, but not while it waits.
 */
static int wait_state(struct sock *sk, int state, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	while (READ_ONCE(sk->sk_state) == state) {
		if (!timeo) {
			err = -ETIMEDOUT;
			break;
		}
		if (signal_pending(current)) {
			err = sock_intr_errno(timeo);
			break;
		}
		release_sock(sk);
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* Socket lock held. */
static int start_connect(struct sock *sk, const struct sockaddr_rrdp *addr)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_conn_params params = {
		.node = addr->srrdp_node,
		.port = addr->srrdp_port,
		.local_port = rs->local_port,
		.options = rs->options,
		.dead = rs->deadtime * RRDP_MSEC,
		.ops = &sock_conn_ops,
		.priv = sk,
		.room = rrdp_sock_room,
	};
	struct rrdp_conn *conn;

	if (!addr->srrdp_node || !addr->srrdp_port)
		return -EINVAL;
	/* One that was open stays with its socket, as its end is told there. */
	if (rs->conn)
		return -EISCONN;

	WRITE_ONCE(sk->sk_state, TCP_SYN_SENT);
	sock_hold(sk);
	conn = rrdp_conn_open(sock_rn(sk), &params, GFP_KERNEL);
	if (IS_ERR(conn)) {
		WRITE_ONCE(sk->sk_state, TCP_CLOSE);
		sock_put(sk);
		return PTR_ERR(conn);
	}
	/* Pairs with the acquire in recvmsg(). */
	smp_store_release(&rs->conn, conn);
	return 0;
}

/*
 * connect() failed, and may be tried again. No message came, so that nobody
 * uses the connection without the socket lock. Socket lock held.
 */
static void forget_conn(struct sock *sk)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_conn *conn = rs->conn;

	WRITE_ONCE(rs->conn, NULL);
	rrdp_conn_put(conn);
	spin_lock_bh(&sk->sk_receive_queue.lock);
	WRITE_ONCE(sk->sk_shutdown, 0);
	spin_unlock_bh(&sk->sk_receive_queue.lock);
}

/* Socket lock held; the connection has started. */
static int finish_connect(struct socket *sock, long timeo)
{
	struct sock *sk = sock->sk;
	int err;

	if (READ_ONCE(sk->sk_state) == TCP_SYN_SENT) {
		if (!timeo)
			return -EINPROGRESS;
		err = wait_state(sk, TCP_SYN_SENT, timeo);
		if (err == -ETIMEDOUT)
			return -EINPROGRESS;
		if (err)
			return err;
	}
	/* It may have ended since, with messages to be read. */
	if (READ_ONCE(rrdp_sk(sk)->opened)) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	sock->state = SS_UNCONNECTED;
	forget_conn(sk);
	return sock_error(sk) ?: -ECONNABORTED;
}

static int rrdp_sock_connect(struct socket *sock, compat_sockaddr *uaddr,
			     int len, int flags)
{
	const struct sockaddr_rrdp *addr = (const void *)uaddr;
	struct sock *sk = sock->sk;
	int err = check_addr(addr, len);

	if (err)
		return err;
	lock_sock(sk);
	switch (sock->state) {
	case SS_UNCONNECTED:
		err = sk->sk_state == TCP_LISTEN ? -EINVAL :
						   start_connect(sk, addr);
		if (err)
			break;
		sock->state = SS_CONNECTING;
		err = finish_connect(sock, sock_sndtimeo(sk, flags & O_NONBLOCK));
		break;
	case SS_CONNECTING:
		err = finish_connect(sock, sock_sndtimeo(sk, flags & O_NONBLOCK));
		if (err == -EINPROGRESS)
			err = -EALREADY;
		break;
	default:
		err = -EISCONN;
	}
	release_sock(sk);
	return err;
}

/* ---- listen and accept ---- */

static void inherit_busy_poll(struct sock *child, const struct sock *sk)
{
#ifdef CONFIG_NET_RX_BUSY_POLL
	child->sk_ll_usec = READ_ONCE(sk->sk_ll_usec);
	child->sk_prefer_busy_poll = READ_ONCE(sk->sk_prefer_busy_poll);
	child->sk_busy_poll_budget = READ_ONCE(sk->sk_busy_poll_budget);
#endif
}

/* It keeps the namespace if the listening socket does, which one of the kernel need not. */
static struct sock *child_alloc(struct sock *sk, gfp_t gfp)
{
	return sock_new(sock_net(sk), NULL, gfp, !sk->sk_net_refcnt);
}

/*
 * Who calls has been told that there is a connection, and would be turned away if
 * there were no memory for a socket. Socket lock held.
 */
static bool have_spare(struct sock *sk)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct sock *spare;

	if (READ_ONCE(rs->spare))
		return true;
	spare = child_alloc(sk, GFP_KERNEL);
	if (!spare)
		return false;
	spin_lock_bh(&rs->accept_lock);
	WRITE_ONCE(rs->spare, spare);
	spin_unlock_bh(&rs->accept_lock);
	return true;
}

/* Softirq. */
static struct sock *child_new(struct sock *sk)
{
	struct sock *child = child_alloc(sk, GFP_ATOMIC | __GFP_NOWARN);
	struct rrdp_sock *rs = rrdp_sk(sk);

	if (likely(child))
		return child;
	spin_lock(&rs->accept_lock);
	child = rs->spare;
	WRITE_ONCE(rs->spare, NULL);
	spin_unlock(&rs->accept_lock);
	return child;
}

/* Softirq: a connection for the listening socket @priv. */
static int sock_accept(struct rrdp_listener *l, struct rrdp_conn *conn,
		       void *priv)
{
	struct sock *sk = priv, *child;
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_sock *cs;

	if (!type_fits(sk, conn))
		return -EPROTO;
	if (sk_acceptq_is_full(sk))
		return -ENOBUFS;
	child = child_new(sk);
	if (!child)
		return -ENOMEM;

	cs = rrdp_sk(child);
	cs->conn = conn;
	cs->local_port = conn->key.local_port;
	child->sk_type = sk->sk_type;
	child->sk_rcvbuf = READ_ONCE(sk->sk_rcvbuf);
	child->sk_sndbuf = READ_ONCE(sk->sk_sndbuf);
	inherit_busy_poll(child, sk);
	child->sk_state = TCP_ESTABLISHED;
	cs->deadtime = rs->deadtime;
	cs->options = rs->options;
	rrdp_conn_set_deadtime(conn, rs->deadtime);
	sock_hold(child);
	rrdp_conn_set_ops(conn, &sock_conn_ops, child);
	rrdp_conn_set_room(conn, rrdp_sock_room);

	spin_lock(&rs->accept_lock);
	list_add_tail(&cs->accept_node, &rs->accept_queue);
	sk_acceptq_added(sk);
	spin_unlock(&rs->accept_lock);
	sk->sk_data_ready(sk);
	return 0;
}

static const struct rrdp_listen_ops sock_listen_ops = {
	.accept = sock_accept,
};

static int rrdp_sock_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct rrdp_sock *rs = rrdp_sk(sk);
	int err = 0;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || rs->conn) {
		err = -EINVAL;
		goto out;
	}
	if (sk->sk_state != TCP_LISTEN && !have_spare(sk))
		err = -ENOBUFS;
	else if (!rs->port)
		err = bind_port(sk, 0);
	if (err)
		goto out;

	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (sk->sk_state != TCP_LISTEN) {
		WRITE_ONCE(sk->sk_state, TCP_LISTEN);
		rrdp_listener_start(rs->port, &sock_listen_ops, sk,
				    rs->options);
	}
out:
	release_sock(sk);
	return err;
}

static int wait_for_caller(struct sock *sk, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = rrdp_sock_may_wait(*timeo);

	if (err)
		return err;
	add_wait_queue_exclusive(sk_sleep(sk), &wait);
	release_sock(sk);
	if (list_empty_careful(&rrdp_sk(sk)->accept_queue))
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
	lock_sock(sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return 0;
}

static int accept_one(struct socket *sock, struct socket *newsock, int flags)
{
	struct sock *sk = sock->sk;
	struct sock *child;
	long timeo;
	int err = 0;

	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, flags & O_NONBLOCK);
	for (;;) {
		child = NULL;
		err = sk->sk_state == TCP_LISTEN ? 0 : -EINVAL;
		if (err)
			break;
		/* It is no reason not to accept that there is none. */
		have_spare(sk);
		child = accept_dequeue(sk);
		if (child)
			break;
		err = wait_for_caller(sk, &timeo);
		if (err)
			break;
	}
	release_sock(sk);
	if (!child)
		return err;

	newsock->state = SS_CONNECTED;
	sock_graft(child, newsock);
	return 0;
}

/* ---- the rest ---- */

static bool poll_out(const struct sock *sk)
{
	const struct rrdp_txring *ring = rrdp_sock_ring(sk);
	/* Pairs with the release in connect() and accept(). */
	const struct rrdp_conn *conn = smp_load_acquire(&rrdp_sk(sk)->conn);

	return sock_writeable(sk) && (!conn || !READ_ONCE(conn->want_write)) &&
	       (!ring || rrdp_txring_writable(ring));
}

static __poll_t rrdp_poll(struct file *file, struct socket *sock,
			  poll_table *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 down;

	sock_poll_wait(file, sock, wait);
	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return list_empty_careful(&rrdp_sk(sk)->accept_queue) ?
		       0 : EPOLLIN | EPOLLRDNORM;

	down = READ_ONCE(sk->sk_shutdown);
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	if (down == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (down & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (rrdp_sock_ready(sk, rrdp_sock_is_stream(sk) ?
				READ_ONCE(sk->sk_rcvlowat) : 1))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(sk->sk_state) == TCP_SYN_SENT)
		return mask;
	if (!poll_out(sk)) {
		sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
		rrdp_sock_want_room(sk);
	}
	if (poll_out(sk) || (down & SEND_SHUTDOWN))
		mask |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return mask;
}

/*
 * The protocol knows no half-closed connection: whoever will not send any
 * more ends it, once everything sent has been acknowledged (rule 8).
 */
static int rrdp_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	struct rrdp_sock *rs = rrdp_sk(sk);
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	lock_sock(sk);
	if (!rs->conn || sk->sk_state != TCP_ESTABLISHED) {
		err = -ENOTCONN;
	} else {
		how++;	/* SHUT_RD.. to RCV_SHUTDOWN.. */
		add_shutdown(sk, how);
		if (how & SEND_SHUTDOWN)
			rrdp_close(rs->conn);
		sk->sk_state_change(sk);
	}
	release_sock(sk);
	return err;
}

static int rrdp_mmap(struct file *file, struct socket *sock,
		     struct vm_area_struct *vma)
{
	const struct rrdp_txring *ring = rrdp_sock_ring(sock->sk);

	return ring ? rrdp_txring_mmap(ring, vma) : -ENODEV;
}

static int rrdp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct sk_buff *skb;
	int value;

	switch (cmd) {
	case SIOCOUTQ:
		value = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		if (rrdp_sock_is_stream(sk)) {
			value = rrdp_stream_queued(sk);
			break;
		}
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		value = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return put_user(value, (int __user *)arg);
}

COMPAT_ACCEPT(rrdp_accept, accept_one)

static const struct proto_ops rrdp_sock_ops = {
	.owner = THIS_MODULE,
	.release = rrdp_release,
	.bind = rrdp_sock_bind,
	.connect = rrdp_sock_connect,
	.socketpair = sock_no_socketpair,
	.accept = rrdp_accept,
	.getname = rrdp_getname,
	.poll = rrdp_poll,
	.ioctl = rrdp_ioctl,
	.listen = rrdp_sock_listen,
	.shutdown = rrdp_shutdown,
	.setsockopt = rrdp_setsockopt,
	.getsockopt = rrdp_getsockopt,
	.sendmsg = rrdp_sock_sendmsg,
	.recvmsg = rrdp_sock_recvmsg,
	.mmap = rrdp_mmap,
};

static struct net_proto_family rrdp_family_ops = {
	.create = rrdp_create,
	.owner = THIS_MODULE,
};

int __init rrdp_socket_init(void)
{
	int err = proto_register(&rrdp_proto, 1);

	if (err)
		return err;
	rrdp_family_ops.family = rrdp_family;
	err = sock_register(&rrdp_family_ops);
	if (err) {
		pr_err("address family %u is taken; load with family=N, N an unused one\n",
		       rrdp_family);
		proto_unregister(&rrdp_proto);
	}
	return err;
}

void rrdp_socket_exit(void)
{
	sock_unregister(rrdp_family);
	proto_unregister(&rrdp_proto);
}
