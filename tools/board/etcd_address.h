/* SPDX-License-Identifier: GPL-2.0 */
/* Where an etcd cluster is, and what in it is ours. */
#ifndef BOARD_ETCD_ADDRESS_H
#define BOARD_ETCD_ADDRESS_H

#include <stdbool.h>

enum {
	ETCD_MEMBERS_MAX	= 16,
	ETCD_MEMBER_SIZE	= 128,	/* "host:port" and its NUL */
	ETCD_PREFIX_SIZE	= 64,
};

#define ETCD_ADDRESS_FORM	"etcd://HOST:PORT[,HOST:PORT...][/PREFIX]"

/**
 * struct etcd_address - what "etcd://..." says
 * @members: "host:port" of each member that is known, @count of them
 * @count: at least one
 * @tls: "etcds://": HTTPS
 * @prefix: of all keys; ends with a slash
 */
struct etcd_address {
	char members[ETCD_MEMBERS_MAX][ETCD_MEMBER_SIZE];
	unsigned int count;
	bool tls;
	char prefix[ETCD_PREFIX_SIZE];
};

/* Returns false if @text is not of the form ETCD_ADDRESS_FORM, or "etcds". */
bool etcd_address_parse(const char *text, struct etcd_address *a);

#endif /* BOARD_ETCD_ADDRESS_H */
