/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trains: segments of one message that cross the stack in one buffer, as a
 * super-frame of TCP does (GSO). Only the first has a header. The stack cuts a
 * train into segments for a device that does not take SKB_GSO_FRAGLIST, which is
 * any but a virtual one; between two namespaces it arrives whole.
 *
 * The gso_type is SKB_GSO_FRAGLIST alone, which nothing else sends. gso_size is
 * the data of each segment but the last. A train whose checksum covers headers
 * only has that of its first segment, and CHECKSUM_UNNECESSARY; any other has
 * CHECKSUM_PARTIAL, and in its checksum field the sum of the pseudo-header, which
 * is the same for all its segments.
 */
#ifndef _RRDP_TRAIN_H
#define _RRDP_TRAIN_H

#include <linux/skbuff.h>

#include "core/pcb.h"

struct rrdp_conn;

/* Most segments of one buffer. */
#define RRDP_PARTS		64

/**
 * struct rrdp_part - a segment whose buffer holds others, too
 * @seg: for the core; seg.part is its place among them, from 1 on
 * @sent: what its last copy was cloned from, NULL for the whole buffer
 */
struct rrdp_part {
	struct rrdp_txseg seg;
	struct sk_buff *sent;
};

/**
 * struct rrdp_parts - a buffer with the data of several segments
 * @skb: the buffer
 * @size: octets of each segment but the last
 * @n: segments
 * @left: segments that are not acknowledged
 * @part: them
 */
struct rrdp_parts {
	struct sk_buff *skb;
	u16 size;
	u8 n;
	u8 left;
	struct rrdp_part part[];
};

/**
 * struct rrdp_train - what may yet become longer before it leaves
 * @parts: whose segments, NULL if there is no train
 * @first: the first of them
 * @n: how many
 * @seg: header of the first
 * @var: its variable part: the credit
 */
struct rrdp_train {
	struct rrdp_parts *parts;
	u8 first;
	u8 n;
	struct rrdp_seg seg;
	u8 var[2];
};

/* The parts that @tx is one of; NULL if it has a buffer for itself. */
static inline struct rrdp_parts *rrdp_parts_of(struct rrdp_txseg *tx)
{
	struct rrdp_part *part = container_of(tx, struct rrdp_part, seg);

	if (likely(!tx->part))
		return NULL;
	return container_of(part - (tx->part - 1), struct rrdp_parts, part[0]);
}

/*
 * Describes @skb, which is longer than @size, as segments of @size octets. NULL if
 * there is no memory, or they are more than %RRDP_PARTS.
 */
struct rrdp_parts *rrdp_parts_new(struct sk_buff *skb, unsigned int size,
				  gfp_t gfp);
/* @tx was acknowledged. Returns the buffer when it was the last part of it. */
struct sk_buff *rrdp_parts_acked(struct rrdp_parts *parts,
				 struct rrdp_txseg *tx);
/* What the last copy of @tx was cloned from. */
struct sk_buff *rrdp_parts_sent(struct rrdp_parts *parts,
				struct rrdp_txseg *tx);
/*
 * A buffer to clone for @n segments from the one at @first on, with @room in front
 * of the data. NULL if there is no memory.
 */
struct sk_buff *rrdp_parts_slice(struct rrdp_parts *parts, unsigned int first,
				 unsigned int n, unsigned int room);

/*
 * Adds a segment that is sent for the first time. False if it does not continue
 * the train, which has to leave before.
 */
bool rrdp_train_add(struct rrdp_train *train, const struct rrdp_seg *seg,
		    struct rrdp_parts *parts, struct rrdp_txseg *tx);

/* Makes @skb, whose header has been pushed, the train that @train describes. */
void rrdp_train_mark(struct sk_buff *skb, const struct rrdp_train *train,
		     u16 pseudo, bool header_only);

/*
 * Sets @seg->extra of a train that was received. False if it is none, although it
 * is a super-frame.
 */
bool rrdp_train_parse(const struct sk_buff *skb, struct rrdp_seg *seg,
		      unsigned int hlen);

/* The segments of the train @skb, each as from a NIC; NULL if there is no memory. */
struct sk_buff *rrdp_train_split(struct sk_buff *skb);

void rrdp_train_init(void);
void rrdp_train_exit(void);

#endif /* _RRDP_TRAIN_H */
