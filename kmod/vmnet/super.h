/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Super-frames over RRDP: one message carries all the segments of one, behind a
 * description of how they are cut and summed.
 */
#ifndef _VMNET_SUPER_H
#define _VMNET_SUPER_H

#include <linux/skbuff.h>
#include <linux/virtio_net.h>

#include "stats.h"

/* Octets of the description: struct virtio_net_hdr, big-endian. */
#define VMNET_SUPER_HLEN	sizeof(struct virtio_net_hdr)

/**
 * vmnet_super_describe - can a message carry @skb as it is, and how is it described
 * @skb: super-frame, skb->data at its Ethernet header, without tag beside it
 * @max: octets of the largest frame that fits with a description
 * @hdr: the description
 *
 * Context: any. Return: false for a super-frame that must be cut first.
 */
bool vmnet_super_describe(const struct sk_buff *skb, unsigned int max,
			  struct virtio_net_hdr *hdr);

/**
 * vmnet_super_open - take a super-frame out of its message
 * @skb: message, skb->data at the description; consumed
 * @why: what to count if that fails
 *
 * The description comes from another host: what contradicts the frame, or itself, is
 * refused.
 *
 * Context: softirq or bottom halves off.
 *
 * Return: super-frame with skb->data at its Ethernet header, checksum and segments
 * left to whoever transmits it; or NULL.
 */
struct sk_buff *vmnet_super_open(struct sk_buff *skb, enum vmnet_stat *why);

#endif /* _VMNET_SUPER_H */
