// SPDX-License-Identifier: GPL-2.0
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "token.h"

#define HASH_HEX	65

static const char *const roles[] = {
	[ROLE_NONE] = "none",
	[ROLE_READ] = "read",
	[ROLE_HOST] = "host",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return roles[role];
}

enum role role_parse(const char *name)
{
	unsigned int i;

	for (i = ROLE_READ; i < ARRAY_SIZE(roles); i++)
		if (!strcmp(name, roles[i]))
			return i;
	return ROLE_NONE;
}

static void hex(const unsigned char *octets, size_t len, char *s)
{
	for (; len; len--, octets++, s += 2)
		sprintf(s, "%02x", *octets);
}

static bool hash(const char *secret, char s[HASH_HEX])
{
	unsigned char digest[32];

	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, strlen(secret), digest))
		return false;
	hex(digest, sizeof(digest), s);
	return true;
}

static bool random_hex(char *s, size_t octets)
{
	unsigned char buf[32];

	if (getrandom(buf, octets, 0) != (ssize_t)octets)
		return false;
	hex(buf, octets, s);
	return true;
}

bool token_make(struct token *t, char text[TOKEN_SIZE], json_t **value)
{
	char secret[65], digest[HASH_HEX];

	if (!random_hex(t->id, TOKEN_ID_LEN / 2) || !random_hex(secret, 32) ||
	    !hash(secret, digest))
		return false;
	snprintf(text, TOKEN_SIZE, TOKEN_PREFIX "%s_%s", t->id, secret);
	*value = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "id", t->id,
			   "role", role_name(t->caller.role), "domain", t->caller.domain,
			   "host", t->caller.host, "sha256", digest,
			   "created", (json_int_t)time(NULL),
			   "expires", (json_int_t)t->expires);
	return *value;
}

static void read_value(const json_t *o, struct token *t)
{
	*t = (struct token){
		.caller.role = role_parse(json_text(o, "role")),
		.expires = json_integer_value(json_object_get(o, "expires")),
	};
	snprintf(t->id, sizeof(t->id), "%s", json_text(o, "id"));
	snprintf(t->caller.domain, NAME_SIZE, "%s", json_text(o, "domain"));
	snprintf(t->caller.host, NAME_SIZE, "%s", json_text(o, "host"));
}

void token_read(const struct record *r, struct token *t)
{
	json_t *o = record_json(r);

	read_value(o, t);
	json_decref(o);
}

/* The record that the identifier in @text names. */
static const struct record *find(const struct view *v, const char *text)
{
	const char *id = text + strlen(TOKEN_PREFIX);
	char key[TXN_KEY_MAX];

	if (strlen(text) != TOKEN_SIZE - 1 || strncmp(text, TOKEN_PREFIX, id - text) ||
	    id[TOKEN_ID_LEN] != '_')
		return NULL;
	key_format(key, "token/%.*s", TOKEN_ID_LEN, id);
	return view_find(v, key);
}

bool token_check(const struct view *v, const char *text, struct token *t,
		 struct problem *p)
{
	const struct record *r = find(v, text);
	char digest[HASH_HEX];
	json_t *o;
	bool good;

	if (!r)
		return problem_set(p, WRONG_TOKEN,
				   "\"vmnet-board token add\" makes one that is known");
	o = record_json(r);
	good = hash(text + TOKEN_SIZE - 65, digest) &&
	       strlen(json_text(o, "sha256")) == HASH_HEX - 1 &&
	       !gnutls_memcmp(digest, json_text(o, "sha256"), HASH_HEX - 1);
	if (good)
		read_value(o, t);
	json_decref(o);
	if (!good)
		return problem_set(p, WRONG_TOKEN,
				   "\"vmnet-board token add\" makes one that is known");
	if (t->expires && t->expires <= time(NULL))
		return problem_set(p, EXPIRED_TOKEN,
				   "\"vmnet-board token add\" makes one that is good for longer");
	return true;
}

bool token_show(struct ask *a)
{
	const struct caller *c = a->caller;

	buf_puts(&a->answer, "{\"role\":");
	buf_json_string(&a->answer, role_name(c->role));
	buf_puts(&a->answer, ",\"domain\":");
	buf_json_string(&a->answer, c->domain);
	buf_puts(&a->answer, ",\"host\":");
	buf_json_string(&a->answer, c->host);
	buf_putc(&a->answer, '}');
	return true;
}
