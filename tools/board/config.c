// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "config.h"
#include "error.h"

enum kind {
	KIND_PATH,
	KIND_NUMBER,
	KIND_ENDPOINT,
	KIND_STORE,
	KIND_WORD,
};

static const struct setting {
	const char *name;
	enum kind kind;
	size_t offset;
	uint64_t min;
	uint64_t max;
} settings[] = {
	{ "listen", KIND_ENDPOINT, offsetof(struct config, listen) },
	{ "state", KIND_PATH, offsetof(struct config, state) },
	{ "store", KIND_STORE },
	{ "etcd-ca", KIND_PATH, offsetof(struct config, etcd_ca) },
	{ "etcd-certificate", KIND_PATH, offsetof(struct config, etcd_certificate) },
	{ "etcd-key", KIND_PATH, offsetof(struct config, etcd_key) },
	{ "etcd-user", KIND_WORD, offsetof(struct config, etcd_user) },
	{ "etcd-password", KIND_PATH, offsetof(struct config, etcd_password) },
	{ "certificate", KIND_PATH, offsetof(struct config, certificate) },
	{ "key", KIND_PATH, offsetof(struct config, key) },
	{ "body-max", KIND_NUMBER, offsetof(struct config, body_max), 1024, 16 << 20 },
	{ "rate", KIND_NUMBER, offsetof(struct config, rate), 1, 1000000 },
	{ "burst", KIND_NUMBER, offsetof(struct config, burst), 1, 1000000 },
	{ "connections", KIND_NUMBER, offsetof(struct config, connections), 1, 100000 },
	{ "per-address", KIND_NUMBER, offsetof(struct config, per_address), 1, 100000 },
	{ "watchers", KIND_NUMBER, offsetof(struct config, watchers), 1, 100000 },
	{ "timeout", KIND_NUMBER, offsetof(struct config, timeout), 1, 3600 },
	{ "idle", KIND_NUMBER, offsetof(struct config, idle), 1, 3600 },
	{ "threads", KIND_NUMBER, offsetof(struct config, threads), 0, 64 },
};

static const struct config defaults = {
	.listen = { .family = AF_INET6, .port = CONFIG_PORT },
	.state = "/var/lib/vmnet-board",
	.body_max = 64 << 10,
	.rate = 200,
	.burst = 1000,
	.connections = 4096,
	.per_address = 256,
	.watchers = 2048,
	.timeout = 10,
	.idle = 60,
};

/* As parse_endpoint(), but a port 0 is any that is free, and none is ours. */
static bool read_endpoint(const char *value, struct endpoint *ep)
{
	size_t len = strlen(value);
	char address[ENDPOINT_STRLEN];

	if (parse_endpoint(value, ep)) {
		if (!ep->port)
			ep->port = CONFIG_PORT;
		return true;
	}
	if (len < 3 || len - 2 >= sizeof(address) || strcmp(value + len - 2, ":0"))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)len - 2, value);
	return parse_endpoint(address, ep) && !ep->port;
}

bool config_store(struct config *c, const char *value)
{
	if (strcmp(value, "sqlite"))
		return etcd_address_parse(value, &c->etcd);
	c->etcd.count = 0;
	return true;
}

/* Returns what was expected, NULL if that is what @value is. */
static const char *set(struct config *c, const struct setting *s, const char *value)
{
	static char expected[64];
	void *p = (char *)c + s->offset;
	uint64_t n;

	switch (s->kind) {
	case KIND_PATH:
		if (*value != '/' || strlen(value) >= PATH_MAX)
			return "a path that begins with \"/\"";
		memcpy(p, value, strlen(value) + 1);
		return NULL;
	case KIND_ENDPOINT:
		if (!read_endpoint(value, p))
			return "ADDRESS:PORT such as 192.0.2.1:8789 or [::]:8789";
		return NULL;
	case KIND_STORE:
		return config_store(c, value) ? NULL : CONFIG_STORE;
	case KIND_WORD:
		if (!*value || strlen(value) >= CONFIG_WORD_SIZE)
			return "1 to 63 characters";
		memcpy(p, value, strlen(value) + 1);
		return NULL;
	case KIND_NUMBER:
		if (parse_number(value, s->max, &n) && n >= s->min) {
			memcpy(p, &n, sizeof(n));
			return NULL;
		}
		snprintf(expected, sizeof(expected), "a number from %llu to %llu",
			 (unsigned long long)s->min, (unsigned long long)s->max);
		return expected;
	}
	return NULL;
}

static bool set_named(struct conf *conf, void *arg, const char *name, char *value)
{
	const char *expected;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		if (strcmp(settings[i].name, name))
			continue;
		expected = set(arg, &settings[i], value);
		if (!expected)
			return true;
		return conf_fail(conf, "\"%s\" must be %s, not \"%s\"", name, expected,
				 value);
	}
	return conf_fail(conf, "there is no setting \"%s\"; vmnet-board(8) lists them",
			 name);
}

void config_read(struct config *c, const char *file)
{
	struct conf conf;
	int err;

	*c = defaults;
	err = conf_read(&conf, file ? file : CONFIG_FILE, set_named, c);
	if (err == -ENOENT && !file)
		return;
	if (err)
		die(STATUS_USAGE, "%s", conf.error);
	if (!*c->certificate != !*c->key)
		die(STATUS_USAGE, "%s: \"certificate\" and \"key\" need one another",
		    conf.file);
	if (!*c->etcd_user != !*c->etcd_password)
		die(STATUS_USAGE, "%s: \"etcd-user\" and \"etcd-password\" need one another",
		    conf.file);
	if (!*c->etcd_certificate != !*c->etcd_key)
		die(STATUS_USAGE, "%s: \"etcd-certificate\" and \"etcd-key\" need one another",
		    conf.file);
}
