// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "error.h"

void usage_error(const struct args *a, const char *fmt, ...)
{
	const char *tool = program_invocation_short_name;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	die(STATUS_USAGE, "%s: %s; see \"%s %s --help\"", a->verb, text, tool,
	    a->verb);
}

char *args_take(struct args *a, const char *what)
{
	if (!*a->words)
		usage_error(a, "expected %s at the end", what);
	return *a->words++;
}

bool args_accept(struct args *a, const char *word)
{
	if (!*a->words || strcmp(*a->words, word))
		return false;
	a->words++;
	return true;
}

static uint64_t number_of(const struct args *a, const char *word,
			  const char *what, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!parse_number(word, max, &v) || v < min)
		usage_error(a, "expected %s, a number from %llu to %llu, not \"%s\"",
			    what, (unsigned long long)min,
			    (unsigned long long)max, word);
	return v;
}

uint64_t args_number(struct args *a, const char *what, uint64_t min,
		     uint64_t max)
{
	return number_of(a, args_take(a, what), what, min, max);
}

void args_mac(struct args *a, const char *what, uint8_t mac[6])
{
	char *word = args_take(a, what);

	if (!parse_mac(word, mac))
		usage_error(a, "expected %s such as 02:00:00:00:00:01, not \"%s\"",
			    what, word);
}

void args_endpoint(struct args *a, const char *what, struct endpoint *ep)
{
	char *word = args_take(a, what);

	if (!parse_endpoint(word, ep))
		usage_error(a,
			    "expected %s such as 192.0.2.1, [2001:db8::1] or [2001:db8::1]:4789, not \"%s\"",
			    what, word);
}

void args_end(const struct args *a)
{
	if (*a->words)
		usage_error(a, "did not expect \"%s\"", *a->words);
}

static void expected_keyword(const struct args *a, const struct keyword *kw,
			     unsigned int count)
{
	char list[256] = "";
	unsigned int i;

	for (i = 0; i < count; i++) {
		size_t len = strlen(list);

		if (!kw[i].given)
			snprintf(list + len, sizeof(list) - len, "%s\"%s\"",
				 len ? " or " : "", kw[i].name);
	}
	if (!*list)
		args_end(a);
	usage_error(a, "expected %s, not \"%s\"", list, *a->words);
}

void args_keywords(struct args *a, struct keyword *kw, unsigned int count)
{
	while (*a->words) {
		unsigned int i;

		for (i = 0; i < count && strcmp(*a->words, kw[i].name); i++)
			;
		if (i == count)
			expected_keyword(a, kw, count);
		if (kw[i].given)
			usage_error(a, "\"%s\" is there twice", kw[i].name);
		a->words++;
		kw[i].given = true;
		if (!kw[i].value)
			continue;
		kw[i].text = args_take(a, kw[i].value);
		if (kw[i].max)
			kw[i].number = number_of(a, kw[i].text, kw[i].value,
						 0, kw[i].max);
	}
}
