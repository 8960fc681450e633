/* SPDX-License-Identifier: GPL-2.0 */
/* What a lab leaves open: hosts, and what kernels are told. */
#ifndef LAB_RESOLVE_H
#define LAB_RESOLVE_H

#include "buf.h"
#include "topology.h"

/* Address of the gateway of a network, NULL if it has none. */
const char *resolve_gateway(const struct topology *t, unsigned int network);

/*
 * What the kernel of a guest is told: its own words, its addresses as dracut reads them
 * (and the kernel itself, of one NIC), and that it forwards. All addresses are known.
 */
void resolve_append(const struct topology *t, const struct topology_guest *g,
		    struct buf *out);

/*
 * Chooses hosts for guests that have none: @hosts, @count of them in any order, get as
 * many as others as far as that is possible, and the same in each run.
 */
void resolve_place(struct topology *t, const char *const *hosts, unsigned int count);

#endif /* LAB_RESOLVE_H */
