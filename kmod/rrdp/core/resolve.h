/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames of the node resolution protocol. Pure: no state, no allocation.
 *
 * All fields are big endian; MACs are those of the Ethernet header:
 *
 *	operation	16 bits
 *	sender node	32 bits
 *	target node	32 bits
 */
#ifndef _RRDP_CORE_RESOLVE_H
#define _RRDP_CORE_RESOLVE_H

#include "types.h"

#define RRDP_RESOLVE_LEN	10

enum rrdp_resolve_op {
	RRDP_RESOLVE_REQUEST	= 1,	/* the sender asks where the target is */
	RRDP_RESOLVE_REPLY	= 2,	/* and is told by it: here */
	RRDP_RESOLVE_ANNOUNCE	= 3,	/* the sender, also the target, is here */
};

/**
 * struct rrdp_resolve - a frame, in host byte order
 * @op: enum rrdp_resolve_op
 * @sender: node number of the host whose MAC is the frame's source
 * @target: see the operations
 */
struct rrdp_resolve {
	u16 op;
	u32 sender;
	u32 target;
};

/* Why a frame is not one; each is counted by itself. */
enum rrdp_resolve_error {
	RRDP_RESOLVE_OK,
	RRDP_RESOLVE_SHORT,
	RRDP_RESOLVE_BAD_OP,
	RRDP_RESOLVE_NO_NODE,	/* a number is 0 */
	RRDP_RESOLVE_TARGET,	/* of one's own number, or announces another's */
};

/**
 * rrdp_resolve_parse() - read and check a frame
 * @r: result
 * @p: what follows the Ethernet header
 * @len: octets there; what is behind the frame is padding
 *
 * Return: %RRDP_RESOLVE_OK or what is wrong.
 */
enum rrdp_resolve_error rrdp_resolve_parse(struct rrdp_resolve *r, const u8 *p,
					   size_t len);

/* Writes a frame of %RRDP_RESOLVE_LEN octets. */
void rrdp_resolve_build(u8 *p, const struct rrdp_resolve *r);

#endif /* _RRDP_CORE_RESOLVE_H */
