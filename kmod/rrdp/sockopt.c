// SPDX-License-Identifier: GPL-2.0
/* Options of AF_RRDP sockets. */

#include "socket.h"
#include "stream.h"
#include "txring.h"

static int write_option(struct rrdp_sock *rs, int name, int value)
{
	switch (name) {
	case RRDP_SO_OPTIONS:
		if (value & ~RRDP_OPT_ALL)
			return -EINVAL;
		if (rrdp_sock_is_stream(&rs->sk) && !rrdp_stream_possible(value))
			return -EINVAL;
		if (rs->conn || rs->sk.sk_state == TCP_LISTEN)
			return -EISCONN;
		rs->options = value;
		return 0;
	case RRDP_SO_DEADTIME:
		if (value < 10 || value > 3600 * 1000)
			return -EINVAL;
		rs->deadtime = value;
		if (rs->conn)
			rrdp_conn_set_deadtime(rs->conn, value);
		return 0;
	case RRDP_SO_ZEROCOPY:
		if (value < 0 || value > 1)
			return -EINVAL;
		rs->zerocopy = value;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int set_ring(struct sock *sk, sockptr_t optval, unsigned int len)
{
	struct rrdp_sock *rs = rrdp_sk(sk);
	struct rrdp_txring *ring;
	struct rrdp_ring_req req;

	if (len < sizeof(req))
		return -EINVAL;
	if (copy_from_sockptr(&req, optval, sizeof(req)))
		return -EFAULT;
	if (rrdp_sock_ring(sk))
		return -EBUSY;
	ring = rrdp_txring_new(sk, &req);
	if (IS_ERR(ring))
		return PTR_ERR(ring);
	/* For mmap(), which may not take the socket lock. */
	if (cmpxchg_release(&rs->ring, NULL, ring)) {
		rrdp_txring_free(ring);
		return -EBUSY;
	}
	return 0;
}

int rrdp_setsockopt(struct socket *sock, int level, int name,
		    sockptr_t optval, unsigned int len)
{
	struct sock *sk = sock->sk;
	int value, err;

	if (level != SOL_RRDP)
		return -ENOPROTOOPT;
	if (name == RRDP_SO_TX_RING)
		return set_ring(sk, optval, len);
	if (len < sizeof(value))
		return -EINVAL;
	if (copy_from_sockptr(&value, optval, sizeof(value)))
		return -EFAULT;
	lock_sock(sk);
	err = write_option(rrdp_sk(sk), name, value);
	release_sock(sk);
	return err;
}

static int read_option(struct rrdp_sock *rs, int name, int *value)
{
	bool open = rs->conn && rs->sk.sk_state == TCP_ESTABLISHED;

	switch (name) {
	case RRDP_SO_OPTIONS:
		*value = open ? READ_ONCE(rs->conn->pcb.options) : rs->options;
		return 0;
	case RRDP_SO_DEADTIME:
		*value = rs->deadtime;
		return 0;
	case RRDP_SO_ZEROCOPY:
		*value = rs->zerocopy;
		return 0;
	case RRDP_SO_MSGSIZE:
		if (!open)
			return -ENOTCONN;
		*value = rrdp_conn_msg_max(rs->conn);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* Also of a connection that is over: its socket keeps it. */
static int get_info(struct sock *sk, int len, char __user *optval,
		    int __user *optlen)
{
	struct rrdp_info info;
	struct rrdp_conn *conn;

	/* A connect() that fails gives it up. */
	lock_sock(sk);
	conn = rrdp_sk(sk)->conn;
	if (conn)
		rrdp_conn_info(conn, &info);
	release_sock(sk);
	if (!conn)
		return -ENOTCONN;
	len = min_t(int, len, sizeof(info));
	return put_user(len, optlen) || copy_to_user(optval, &info, len) ?
	       -EFAULT : 0;
}

int rrdp_getsockopt(struct socket *sock, int level, int name,
		    char __user *optval, int __user *optlen)
{
	struct sock *sk = sock->sk;
	int value, len, err;

	if (level != SOL_RRDP)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == RRDP_SO_INFO)
		return get_info(sk, len, optval, optlen);
	lock_sock(sk);
	err = read_option(rrdp_sk(sk), name, &value);
	release_sock(sk);
	if (err)
		return err;
	len = min_t(int, len, sizeof(value));
	return put_user(len, optlen) || copy_to_user(optval, &value, len) ?
	       -EFAULT : 0;
}
