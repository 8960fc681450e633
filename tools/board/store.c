// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "config.h"
#include "store_etcd.h"

static struct store *open_etcd(const struct config *c, const struct store_listener *listener,
			       char *why, size_t size)
{
	const struct etcd_secrets secrets = {
		.ca = c->etcd_ca,
		.certificate = c->etcd_certificate,
		.key = c->etcd_key,
		.user = c->etcd_user,
		.password = c->etcd_password,
	};

	return store_etcd_open(&c->etcd, &secrets, listener, why, size);
}

struct store *store_open(const struct config *c, bool keeper,
			 const struct store_listener *listener, char *why, size_t size)
{
	char path[PATH_MAX + 16];

	if (c->etcd.count)
		return open_etcd(c, listener, why, size);
	snprintf(path, sizeof(path), "%s/board.db", c->state);
	return store_sqlite_open(path, keeper, listener, why, size);
}

void store_submit(struct store *s, struct store_job *job)
{
	s->ops->submit(s, job);
}

void store_stats(struct store *s, struct store_stats *stats)
{
	s->ops->stats(s, stats);
}

void store_close(struct store *s)
{
	s->ops->close(s);
}
