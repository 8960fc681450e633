/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tokens. One is "vmb_ID_SECRET"; the record token/ID has what it allows, and the
 * SHA-256 of the secret. That is 256 random bits, so nothing slower is needed.
 */
#ifndef BOARD_TOKEN_H
#define BOARD_TOKEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ask.h"

#define TOKEN_ID_LEN	12
#define TOKEN_PREFIX	"vmb_"
/* "vmb_", identifier, '_', 64 digits, NUL */
#define TOKEN_SIZE	(4 + TOKEN_ID_LEN + 1 + 64 + 1)

/**
 * struct token - a token
 * @id: its identifier, which is no secret
 * @caller: what it allows
 * @expires: seconds since 1970; 0: never
 */
struct token {
	char id[TOKEN_ID_LEN + 1];
	struct caller caller;
	int64_t expires;
};

const char *role_name(enum role role);

/* ROLE_NONE if there is none of this name. */
enum role role_parse(const char *name);

/* Makes a token as @t says, but its @id, and the value of its record. */
bool token_make(struct token *t, char text[TOKEN_SIZE], json_t **value);

/* What the record says. */
void token_read(const struct record *r, struct token *t);

/* Finds out what @text allows; a problem if that is nothing. */
bool token_check(const struct view *v, const char *text, struct token *t,
		 struct problem *p);

/* Answers what the caller may do. */
bool token_show(struct ask *a);

#endif /* BOARD_TOKEN_H */
