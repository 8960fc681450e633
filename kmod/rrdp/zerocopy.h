/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MSG_ZEROCOPY: messages of the sender's own pages, which are its again when the
 * error queue of the socket says so: after the message was acknowledged, and the
 * last copy of it that went to a driver is free.
 */
#ifndef _RRDP_ZEROCOPY_H
#define _RRDP_ZEROCOPY_H

struct msghdr;
struct sk_buff;
struct sock;
struct ubuf_info;

/* Otherwise all would be copied just before the driver. RCU is taken. */
bool rrdp_zc_possible(const struct sock *sk);

/*
 * The completion of a message of @len octets; NULL if there is no memory, or the
 * user may not pin as much. Socket lock held, until rrdp_zc_end() has been called.
 */
struct ubuf_info *rrdp_zc_begin(struct sock *sk, size_t len);

/*
 * The message was sent, or, if there is an @err, was not: then there will be no
 * completion.
 */
void rrdp_zc_end(struct sock *sk, struct ubuf_info *uarg, int err);

/*
 * A buffer with the next @len octets of @msg, by reference. NULL if they have to be
 * copied, which the completion will say.
 */
struct sk_buff *rrdp_zc_from_user(struct sock *sk, struct msghdr *msg,
				  unsigned int len, struct ubuf_info *uarg);

#endif /* _RRDP_ZEROCOPY_H */
