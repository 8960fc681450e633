/* SPDX-License-Identifier: GPL-2.0 */
/* The store in an etcd cluster, which several boards may use at a time. */
#ifndef BOARD_STORE_ETCD_H
#define BOARD_STORE_ETCD_H

#include "etcd.h"
#include "store.h"

/*
 * Opens the store below the prefix of @a, and tells @listener (which is copied) all
 * that is in it. Returns NULL after it wrote to @why what to do about it.
 */
struct store *store_etcd_open(const struct etcd_address *a,
			      const struct etcd_secrets *secrets,
			      const struct store_listener *listener,
			      char *why, size_t size);

#endif /* BOARD_STORE_ETCD_H */
