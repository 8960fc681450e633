/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of an etcd cluster: calls of its API, version 3, as JSON by HTTP. What
 * cannot be asked of one member is asked of the next. One thread uses a client.
 */
#ifndef BOARD_ETCD_H
#define BOARD_ETCD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "etcd_address.h"

/**
 * struct etcd_secrets - how the members know us and we them; all may be ""
 * @ca: file with the certificates that sign theirs; "": those of the system
 * @certificate: file with ours
 * @key: file with its key
 * @user: who we are to etcd
 * @password: file whose first line is the password
 */
struct etcd_secrets {
	const char *ca;
	const char *certificate;
	const char *key;
	const char *user;
	const char *password;
};

/**
 * struct etcd_call - a call
 * @path: such as "kv/txn"
 * @body: what is asked
 * @answer: what came, NULL if nothing did; of a stream all that came, an array
 * @error: 0; -EHOSTUNREACH: no member could do it, and it may have been done or not;
 *	-ENOENT: no such lease; -ENOSPC; -E2BIG: etcd takes no more at once; -ESTALE:
 *	compacted; -EACCES; -EIO
 * @said: what etcd said about that
 */
struct etcd_call {
	const char *path;
	struct buf body;
	json_t *answer;
	int error;
	char said[160];
};

struct etcd;

/* Copies what it is given, and reads the password. */
struct etcd *etcd_new(const struct etcd_address *a, const struct etcd_secrets *secrets);
void etcd_free(struct etcd *e);

/*
 * Makes the calls, several at a time, and again those that no member did, until all
 * are answered or @until, lease_now(). Returns false if not all were done.
 */
bool etcd_ask(struct etcd *e, struct etcd_call *calls, unsigned int count, uint64_t until);

/* Frees what is in a call. */
void etcd_call_free(struct etcd_call *call);

/**
 * struct etcd_reader - of a stream
 * @result: an answer came; false ends the stream
 * @tick: several times a second; false ends the stream
 * @arg: of both
 */
struct etcd_reader {
	bool (*result)(void *arg, const json_t *result);
	bool (*tick)(void *arg);
	void *arg;
};

/*
 * Makes a call whose answer does not end, of the next member each time. Returns when
 * it has ended.
 */
void etcd_stream(struct etcd *e, const char *path, const struct buf *body,
		 const struct etcd_reader *reader);

#endif /* BOARD_ETCD_H */
