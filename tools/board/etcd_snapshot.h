/* SPDX-License-Identifier: GPL-2.0 */
/* All records below a prefix, as they were at one revision. */
#ifndef BOARD_ETCD_SNAPSHOT_H
#define BOARD_ETCD_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "etcd.h"
#include "etcd_text.h"
#include "tree.h"

/**
 * struct snapshot - the records
 * @records: in the order in which they were last written, @count of them
 * @count: how many
 * @keys: of them
 * @nodes: of @keys
 * @revision: that they are of
 */
struct snapshot {
	struct etcd_record *records;
	unsigned int count;
	struct tree keys;
	struct tree_node *nodes;
	uint64_t revision;
};

/* Reads them as of @revision, 0: as they are. False: etcd cannot, or not any more. */
bool snapshot_read(struct snapshot *all, struct etcd *e, const char *prefix,
		   uint64_t revision);

bool snapshot_has(const struct snapshot *all, const char *key);

void snapshot_free(struct snapshot *all);

#endif /* BOARD_ETCD_SNAPSHOT_H */
