/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who forwards for a subnet: an order of its hosts that every host of the network
 * computes alike, from node numbers and network identifier alone.
 *
 * Pure functions: they also compile outside the kernel.
 */
#ifndef _VMNET_ELECT_H
#define _VMNET_ELECT_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* 2^64 divided by the golden ratio, odd: neighbours land far from each other. */
#define VMNET_ELECT_MUL		0x9E3779B97F4A7C15ULL

/**
 * vmnet_elect_score - how well a host stands in a network
 * @vni: network identifier
 * @node: node number of the host
 *
 * Rendezvous hashing: a host that comes or goes changes the order of no others,
 * and different networks have different forwarders. All hosts must compute the
 * same, so this is part of the protocol.
 */
static inline __u32 vmnet_elect_score(__u32 vni, __u32 node)
{
	__u64 x = ((__u64)vni << 32 | node) * VMNET_ELECT_MUL;

	x ^= x >> 32;
	x *= VMNET_ELECT_MUL;
	return x >> 32;
}

/* Does host @a come before host @b? No two hosts have the same number. */
static inline bool vmnet_elect_before(__u32 vni, __u32 a, __u32 b)
{
	__u32 score_a = vmnet_elect_score(vni, a);
	__u32 score_b = vmnet_elect_score(vni, b);

	return score_a != score_b ? score_a > score_b : a < b;
}

#endif /* _VMNET_ELECT_H */
