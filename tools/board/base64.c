// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "memory.h"

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *b, const void *p, size_t n)
{
	const unsigned char *in = p;
	char *out = buf_room(b, (n + 2) / 3 * 4);

	b->len += (n + 2) / 3 * 4;
	for (; n; in += 3, out += 4) {
		uint32_t v = in[0] << 16 | (n > 1 ? in[1] << 8 : 0) | (n > 2 ? in[2] : 0);

		out[0] = digits[v >> 18];
		out[1] = digits[v >> 12 & 63];
		out[2] = n > 1 ? digits[v >> 6 & 63] : '=';
		out[3] = n > 2 ? digits[v & 63] : '=';
		n -= n < 3 ? n : 3;
	}
}

/* Value of a digit, or -1. */
static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

/* Octets of the four digits at @s; 0 if that is what they are not. */
static unsigned int decode(const char *s, char *out)
{
	unsigned int n = s[2] == '=' ? 1 : s[3] == '=' ? 2 : 3, i;
	uint32_t v = 0;

	for (i = 0; i < 4; i++) {
		int digit = i > n ? 0 : value_of(s[i]);

		if (digit < 0 || (i > n && s[i] != '='))
			return 0;
		v = v << 6 | digit;
	}
	/* What is left over must be nothing. */
	if (n < 3 && v & ((1 << 8 * (3 - n)) - 1))
		return 0;
	out[0] = v >> 16;
	out[1] = v >> 8;
	out[2] = v;
	return n;
}

char *base64_string(const char *text)
{
	size_t len = strlen(text), got = 0;
	char *out;

	if (len % 4)
		return NULL;
	out = memory_new(len / 4 * 3 + 1);
	for (; *text; text += 4) {
		unsigned int n = decode(text, out + got);

		got += n;
		if (!n || (n < 3 && text[4]) || memchr(out + got - n, '\0', n))
			goto err;
	}
	out[got] = '\0';
	return out;
err:
	free(out);
	return NULL;
}
