// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "etcd_text.h"
#include "parse.h"

/* Of the 128 that etcd takes by default, without those of the group and its mark */
#define OPS_MAX	126

static void write_name(struct buf *b, const char *name)
{
	buf_putc(b, '"');
	buf_puts(b, name);
	buf_puts(b, "\":\"");
}

static size_t join(char whole[TXN_KEY_MAX * 2], const char *prefix, const char *key)
{
	size_t len = strlen(prefix), more = strlen(key);

	memcpy(whole, prefix, len + 1);
	memcpy(whole + len, key, more + 1);
	return len + more;
}

static void write_octets(struct buf *b, const char *name, const char *p, size_t len)
{
	write_name(b, name);
	base64_add(b, p, len);
	buf_putc(b, '"');
}

void etcd_write_key(struct buf *b, const char *prefix, const char *key)
{
	char whole[TXN_KEY_MAX * 2];
	size_t len = join(whole, prefix, key);

	write_octets(b, "key", whole, len);
}

void etcd_write_next(struct buf *b, const char *prefix, const char *key)
{
	char whole[TXN_KEY_MAX * 2];
	size_t len = join(whole, prefix, key);

	/* With the NUL at its end. */
	write_octets(b, "key", whole, len + 1);
}

void etcd_write_end(struct buf *b, const char *prefix, const char *key)
{
	char whole[TXN_KEY_MAX * 2];
	size_t len = join(whole, prefix, key);

	/* Our keys are ASCII. */
	whole[len - 1]++;
	write_octets(b, "range_end", whole, len);
}

void etcd_write_number(struct buf *b, const char *name, uint64_t n)
{
	write_name(b, name);
	buf_u64(b, n);
	buf_putc(b, '"');
}

static void write_check(struct buf *b, const char *prefix, const struct check *c)
{
	buf_putc(b, '{');
	etcd_write_key(b, prefix, c->key);
	buf_puts(b, ",\"result\":\"EQUAL\",");
	switch (c->kind) {
	case CHECK_MODIFIED:
		buf_puts(b, "\"target\":\"MOD\",");
		etcd_write_number(b, "mod_revision", c->revision);
		break;
	case CHECK_CREATED:
		buf_puts(b, "\"target\":\"CREATE\",");
		etcd_write_number(b, "create_revision", c->revision);
		break;
	case CHECK_EMPTY:
		etcd_write_end(b, prefix, c->key);
		buf_puts(b, ",\"target\":\"CREATE\",");
		etcd_write_number(b, "create_revision", 0);
		break;
	}
	buf_putc(b, '}');
}

void etcd_write_checks(struct buf *b, const char *prefix, const struct txn *t)
{
	unsigned int i;

	for (i = 0; i < t->check_count; i++) {
		if (i)
			buf_putc(b, ',');
		write_check(b, prefix, &t->checks[i]);
	}
}

static void write_write(struct buf *b, const char *prefix, const struct write *w,
			uint64_t lease)
{
	buf_puts(b, w->value ? "{\"request_put\":{" : "{\"request_delete_range\":{");
	etcd_write_key(b, prefix, w->key);
	if (w->value) {
		buf_putc(b, ',');
		write_octets(b, "value", w->value, strlen(w->value));
	}
	if (w->value && w->leased) {
		buf_putc(b, ',');
		etcd_write_number(b, "lease", lease);
	}
	buf_puts(b, "}}");
}

static void write_part(struct buf *b, const char *prefix, const struct txn *t,
		       uint64_t lease, unsigned int from, unsigned int to)
{
	unsigned int i;

	for (i = from; i < to; i++) {
		if (i > from)
			buf_putc(b, ',');
		write_write(b, prefix, &t->writes[i], lease);
	}
}

/*
 * Of OPS_MAX operations that etcd takes, a transaction inside another has those that
 * the outer one has not: many writes are done by some inner ones of some each.
 */
static unsigned int part_of(const struct txn *t)
{
	unsigned int left = t->check_count < OPS_MAX ? OPS_MAX - t->check_count : 1;

	if (t->write_count <= OPS_MAX)
		return t->write_count;
	return left < OPS_MAX / 2 ? left : OPS_MAX / 2;
}

void etcd_write_writes(struct buf *b, const char *prefix, const struct txn *t,
		       uint64_t lease)
{
	unsigned int part = part_of(t), i;

	if (part == t->write_count) {
		write_part(b, prefix, t, lease, 0, part);
		return;
	}
	for (i = 0; i < t->write_count; i += part) {
		buf_puts(b, i ? ",{\"request_txn\":{\"success\":[" :
				"{\"request_txn\":{\"success\":[");
		write_part(b, prefix, t, lease, i,
			   i + part < t->write_count ? i + part : t->write_count);
		buf_puts(b, "]}}");
	}
}

uint64_t etcd_number(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));
	uint64_t n;

	return s && parse_number(s, UINT64_MAX, &n) ? n : 0;
}

uint64_t etcd_revision(const json_t *answer)
{
	return etcd_number(json_object_get(answer, "header"), "revision");
}

bool etcd_read_record(const json_t *kv, bool deleted, const char *prefix,
		      struct etcd_record *r)
{
	const char *key = json_string_value(json_object_get(kv, "key"));
	const char *value = json_string_value(json_object_get(kv, "value"));
	size_t len = strlen(prefix);

	*r = (struct etcd_record){
		.key = key ? base64_string(key) : NULL,
		.created = etcd_number(kv, "create_revision"),
		.modified = etcd_number(kv, "mod_revision"),
		.lease = etcd_number(kv, "lease"),
	};
	/* What is empty is left out. */
	if (!deleted)
		r->value = base64_string(value ? value : "");
	if (!r->key || strncmp(r->key, prefix, len) || (!deleted && !r->value) ||
	    strlen(r->key) - len >= TXN_KEY_MAX) {
		etcd_record_free(r);
		return false;
	}
	memmove(r->key, r->key + len, strlen(r->key + len) + 1);
	return true;
}

void etcd_record_free(struct etcd_record *r)
{
	free(r->key);
	free(r->value);
	*r = (struct etcd_record){ };
}
