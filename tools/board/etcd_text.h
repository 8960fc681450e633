/* SPDX-License-Identifier: GPL-2.0 */
/* Records and transactions as the JSON of etcd's API: keys and values are base64. */
#ifndef BOARD_ETCD_TEXT_H
#define BOARD_ETCD_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "txn.h"

/* Adds "key":"KEY", below @prefix. */
void etcd_write_key(struct buf *b, const char *prefix, const char *key);

/* The same for the first key that can be after @key. */
void etcd_write_next(struct buf *b, const char *prefix, const char *key);

/* Adds "range_end":"KEY", the end of all keys that begin with @key. */
void etcd_write_end(struct buf *b, const char *prefix, const char *key);

/* Adds "NAME":"NUMBER". */
void etcd_write_number(struct buf *b, const char *name, uint64_t n);

/* Adds the objects of "compare", and of "success" with what is bound to @lease. */
void etcd_write_checks(struct buf *b, const char *prefix, const struct txn *t);
void etcd_write_writes(struct buf *b, const char *prefix, const struct txn *t,
		       uint64_t lease);

/* A member that is a number as text; 0 if it is not there. */
uint64_t etcd_number(const json_t *o, const char *name);

/* The revision that the header of an answer names. */
uint64_t etcd_revision(const json_t *answer);

/**
 * struct etcd_record - what etcd says of a record
 * @key: below the prefix
 * @value: NULL: it was deleted
 * @created: revision
 * @modified: revision
 * @lease: that it is bound to, 0 if to none
 */
struct etcd_record {
	char *key;
	char *value;
	uint64_t created;
	uint64_t modified;
	uint64_t lease;
};

/* Reads the object "kv". Returns false if it is none, or not below @prefix. */
bool etcd_read_record(const json_t *kv, bool deleted, const char *prefix,
		      struct etcd_record *r);
void etcd_record_free(struct etcd_record *r);

#endif /* BOARD_ETCD_TEXT_H */
