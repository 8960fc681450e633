/* SPDX-License-Identifier: GPL-2.0 */
/* What the administrator wants: lines of "key = value". */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "etcd_address.h"
#include "parse.h"

#define CONFIG_FILE	"/etc/vmnet-board.conf"
#define CONFIG_PORT	8789
#define CONFIG_WORD_SIZE 64

/**
 * struct config - the settings; see vmnet-board(8)
 * @listen: address and port
 * @state: directory of the database and of the certificate
 * @etcd: the cluster that is the store; no members: a database in @state is it
 * @etcd_ca: file with the certificates of those who sign the cluster's
 * @etcd_certificate: file, for a cluster that wants one of us
 * @etcd_key: file, if @etcd_certificate is given
 * @etcd_user: who the board is to the cluster, "" if that does not matter
 * @etcd_password: file whose first line is the password, if @etcd_user is given
 * @certificate: file, "" for the one that is made
 * @key: file, if @certificate is given
 * @body_max: octets of a body
 * @rate: requests a second that a token may make in the long run
 * @burst: and at once
 * @connections: at a time
 * @per_address: of them from one address
 * @watchers: of them that wait
 * @timeout: seconds for a request to come, and for an answer to go on
 * @idle: seconds that a connection may be without request
 * @threads: that serve connections; 0: one per processor
 * @insecure: HTTP without TLS, on loopback
 */
struct config {
	struct endpoint listen;
	char state[PATH_MAX];
	struct etcd_address etcd;
	char etcd_ca[PATH_MAX];
	char etcd_certificate[PATH_MAX];
	char etcd_key[PATH_MAX];
	char etcd_user[CONFIG_WORD_SIZE];
	char etcd_password[PATH_MAX];
	char certificate[PATH_MAX];
	char key[PATH_MAX];
	uint64_t body_max;
	uint64_t rate;
	uint64_t burst;
	uint64_t connections;
	uint64_t per_address;
	uint64_t watchers;
	uint64_t timeout;
	uint64_t idle;
	uint64_t threads;
	bool insecure;
};

/* The form of "store" */
#define CONFIG_STORE	"\"sqlite\" or " ETCD_ADDRESS_FORM

/* Reads what "store" is; false if it is not of that form. */
bool config_store(struct config *c, const char *value);

/* Sets what is not in the file, reads the file; dies of what is wrong in it. */
void config_read(struct config *c, const char *file);

#endif /* BOARD_CONFIG_H */
