// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "txn.h"

void key_format(char key[TXN_KEY_MAX], const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(key, TXN_KEY_MAX, fmt, ap);
	va_end(ap);
	/* No key has more than four names, each of at most NAME_LEN octets. */
	assert(len > 0 && len < TXN_KEY_MAX);
}

void txn_check(struct txn *t, enum check_kind kind, const char *key,
	       uint64_t revision)
{
	t->checks = memory_grow(t->checks, t->check_count, sizeof(*t->checks));
	t->checks[t->check_count++] = (struct check){
		.kind = kind,
		.key = memory_string(key),
		.revision = revision,
	};
}

void txn_absent(struct txn *t, const char *key)
{
	txn_check(t, CHECK_CREATED, key, 0);
}

static void txn_write(struct txn *t, const char *key, const char *value,
		      bool leased)
{
	t->writes = memory_grow(t->writes, t->write_count, sizeof(*t->writes));
	t->writes[t->write_count++] = (struct write){
		.key = memory_string(key),
		.value = value ? memory_string(value) : NULL,
		.leased = leased,
	};
}

void txn_put(struct txn *t, const char *key, const char *value)
{
	txn_write(t, key, value, false);
}

void txn_put_leased(struct txn *t, const char *key, const char *value)
{
	txn_write(t, key, value, true);
}

void txn_delete(struct txn *t, const char *key)
{
	txn_write(t, key, NULL, false);
}

void txn_clear(struct txn *t)
{
	unsigned int i;

	for (i = 0; i < t->check_count; i++)
		free(t->checks[i].key);
	for (i = 0; i < t->write_count; i++) {
		free(t->writes[i].key);
		free(t->writes[i].value);
	}
	free(t->checks);
	free(t->writes);
	*t = (struct txn){ };
}
