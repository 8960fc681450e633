/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmit ring: frames in memory of the kernel's which a process maps. It
 * writes a message into a frame, marks the frame, and calls send() without data.
 * Nothing is copied, and no memory is pinned for a message. struct rrdp_ring_frame
 * of linux/rrdp.h is the contract with the process.
 *
 * A socket has one ring at most, from RRDP_SO_TX_RING until it is freed.
 */
#ifndef _RRDP_TXRING_H
#define _RRDP_TXRING_H

#include <linux/types.h>

struct rrdp_txring;
struct rrdp_ring_req;
struct sock;
struct vm_area_struct;

/*
 * Errors: -EINVAL (a size or a number out of range), -ENOBUFS (more than the user
 * may lock), -ENOMEM. Process context.
 */
struct rrdp_txring *rrdp_txring_new(struct sock *sk,
				    const struct rrdp_ring_req *req);
/* No frame is on its way. Any context; NULL is none. */
void rrdp_txring_free(struct rrdp_txring *ring);

/* The whole ring, shared. */
int rrdp_txring_mmap(const struct rrdp_txring *ring, struct vm_area_struct *vma);

/* The first frame that the process has not marked is its to fill. */
bool rrdp_txring_writable(const struct rrdp_txring *ring);

/*
 * Sends the frames that the process has marked, in order, up to the first that it
 * has not. Returns how many octets that was; 0 if none is marked; an error if it
 * sent none. Waits at most *@timeo jiffies. Process context.
 */
int rrdp_txring_send(struct sock *sk, unsigned int flags, long *timeo);

#endif /* _RRDP_TXRING_H */
