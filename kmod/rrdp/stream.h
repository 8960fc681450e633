/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SOCK_STREAM: octets, where SOCK_SEQPACKET has messages. The type is a matter of
 * this end alone; what is on the wire, and what the other end makes of it, is not.
 */
#ifndef _RRDP_STREAM_H
#define _RRDP_STREAM_H

#include <linux/types.h>
#include <uapi/linux/rrdp.h>

struct msghdr;
struct sock;

/* What comes in any order is no stream: is one possible with @options? */
static inline bool rrdp_stream_possible(u16 options)
{
	return options & RRDP_OPT_SEQUENCED;
}

/* Octets that can be read now. Process context. */
size_t rrdp_stream_queued(struct sock *sk);

/*
 * Sends @len octets in as few messages as there can be. Returns how many of them
 * were taken; an error if none was. SIGPIPE and the error of the connection are left
 * to the caller. Sleeps, up to *@timeo jiffies, which it counts down.
 */
int rrdp_stream_send(struct sock *sk, struct msghdr *msg, size_t len,
		     long *timeo);

/*
 * Receives up to @len octets across the bounds of messages. Returns how many; 0 at
 * the end; or an error, if there are none. Sleeps unless @flags say otherwise.
 */
int rrdp_stream_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags);

#endif /* _RRDP_STREAM_H */
