/* SPDX-License-Identifier: GPL-2.0 */
/* The words of a command line after the verb. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"
#include "parse.h"

/**
 * struct args - words not yet taken
 * @verb: what they belong to, for messages
 * @words: the words, ended by NULL
 */
struct args {
	const char *verb;
	char **words;
};

/* Says what is wrong and where to look, and ends the program with status 2. */
__noreturn __printf(2, 3)
void usage_error(const struct args *a, const char *fmt, ...);

/* Takes the next word; a usage error names @what if there is none. */
char *args_take(struct args *a, const char *what);

/* Takes the next word if it is @word. */
bool args_accept(struct args *a, const char *word);

/* Takes a number, @min..@max. */
uint64_t args_number(struct args *a, const char *what, uint64_t min,
		     uint64_t max);

void args_mac(struct args *a, const char *what, uint8_t mac[6]);
void args_endpoint(struct args *a, const char *what, struct endpoint *ep);

/* A usage error unless all words are taken. */
void args_end(const struct args *a);

/**
 * struct keyword - "NAME VALUE", or NAME alone, in any order
 * @name: the word
 * @value: what the value is called, NULL if there is none
 * @max: of a number; 0: the value is text
 * @number: the number
 * @text: the text
 * @given: it was there
 */
struct keyword {
	const char *name;
	const char *value;
	uint64_t max;
	uint64_t number;
	char *text;
	bool given;
};

/* Takes all that is left as keywords; a usage error if it is anything else. */
void args_keywords(struct args *a, struct keyword *kw, unsigned int count);

#endif /* TOOLS_ARGS_H */
