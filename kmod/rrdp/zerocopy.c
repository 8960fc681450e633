// SPDX-License-Identifier: GPL-2.0
#include <linux/netdevice.h>

#include "compat_zerocopy.h"
#include "socket.h"
#include "zerocopy.h"

/* Not by a device that cannot gather. */
bool rrdp_zc_possible(const struct sock *sk)
{
	const struct rrdp_conn *conn = rrdp_sk(sk)->conn;
	struct net_device *dev;
	bool gathers;

	rcu_read_lock();
	dev = rrdp_dev_netdev(conn->path.rd);
	gathers = dev && dev->features & NETIF_F_SG;
	rcu_read_unlock();
	return gathers;
}

struct ubuf_info *rrdp_zc_begin(struct sock *sk, size_t len)
{
	struct ubuf_info *uarg = compat_zerocopy_alloc(sk, len);

	if (uarg && !rrdp_zc_possible(sk))
		uarg_to_msgzc(uarg)->zerocopy = 0;
	return uarg;
}

void rrdp_zc_end(struct sock *sk, struct ubuf_info *uarg, int err)
{
	struct rrdp_conn *conn = rrdp_sk(sk)->conn;

	if (err) {
		net_zcopy_put_abort(uarg, true);
		return;
	}
	/* Senders take turns by the socket lock. */
	if (uarg_to_msgzc(uarg)->zerocopy)
		WRITE_ONCE(conn->zc_sent, conn->zc_sent + 1);
	else
		WRITE_ONCE(conn->zc_copied, conn->zc_copied + 1);
	net_zcopy_put(uarg);
}

/*
 * skb_zerocopy_iter_dgram() but for the sockets of type SOCK_STREAM, whose memory
 * it would count as TCP counts its own.
 */
static int pages_by_reference(struct sk_buff *skb, struct iov_iter *from,
			      size_t len)
{
	size_t count = iov_iter_count(from);
	int err;

	iov_iter_truncate(from, len);
	err = zerocopy_sg_from_iter(skb, from);
	iov_iter_reexpand(from, count - skb->len);
	return err;
}

struct sk_buff *rrdp_zc_from_user(struct sock *sk, struct msghdr *msg,
				  unsigned int len, struct ubuf_info *uarg)
{
	struct sk_buff *skb;

	if (!uarg_to_msgzc(uarg)->zerocopy)
		return NULL;
	skb = rrdp_tx_alloc(rrdp_sk(sk)->conn, 0, sk->sk_allocation);
	if (!skb) {
		uarg_to_msgzc(uarg)->zerocopy = 0;
		return NULL;
	}
	/* It counts the pages as the owner's. */
	skb_set_owner_w(skb, sk);
	if (pages_by_reference(skb, &msg->msg_iter, len) || skb->len != len) {
		/* In too many pieces, or no memory of a user's. */
		iov_iter_revert(&msg->msg_iter, skb->len);
		kfree_skb(skb);
		uarg_to_msgzc(uarg)->zerocopy = 0;
		return NULL;
	}
	skb_zcopy_set(skb, uarg, NULL);
	return skb;
}
