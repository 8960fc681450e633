// SPDX-License-Identifier: GPL-2.0
/* Frames of the node resolution protocol. */

#include "resolve.h"

enum rrdp_resolve_error rrdp_resolve_parse(struct rrdp_resolve *r, const u8 *p,
					   size_t len)
{
	bool own;

	if (len < RRDP_RESOLVE_LEN)
		return RRDP_RESOLVE_SHORT;

	r->op = rrdp_get16(p);
	r->sender = rrdp_get32(p + 2);
	r->target = rrdp_get32(p + 6);

	if (r->op < RRDP_RESOLVE_REQUEST || r->op > RRDP_RESOLVE_ANNOUNCE)
		return RRDP_RESOLVE_BAD_OP;
	if (!r->sender || !r->target)
		return RRDP_RESOLVE_NO_NODE;
	/* Nobody but an announcer speaks of himself. */
	own = r->sender == r->target;
	return own == (r->op == RRDP_RESOLVE_ANNOUNCE) ? RRDP_RESOLVE_OK
						       : RRDP_RESOLVE_TARGET;
}

void rrdp_resolve_build(u8 *p, const struct rrdp_resolve *r)
{
	rrdp_put16(p, r->op);
	rrdp_put32(p + 2, r->sender);
	rrdp_put32(p + 6, r->target);
}
