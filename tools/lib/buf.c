// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "error.h"

char *buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 4096;

	if (b->p && b->cap - b->len >= n)
		return b->p + b->len;

	while (cap - b->len < n)
		cap *= 2;
	b->p = realloc(b->p, cap);
	if (!b->p)
		die(STATUS_REFUSED, "not enough memory for %zu octets of output", cap);
	b->cap = cap;
	return b->p + b->len;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	memcpy(buf_room(b, n), p, n);
	b->len += n;
}

void buf_putc(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->len++;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_pad(struct buf *b, size_t n)
{
	memset(buf_room(b, n), ' ', n);
	b->len += n;
}

void buf_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = '0' + v % 10;
		v /= 10;
	} while (v);
	buf_add(b, digits + i, sizeof(digits) - i);
}

/* Length of the UTF-8 sequence at @s, 0 if it is none (RFC 3629, section 4). */
static size_t utf8_len(const unsigned char *s)
{
	size_t n, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void json_control(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char esc[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

	buf_add(b, esc, sizeof(esc));
}

/* How many characters at @u stand for themselves: most, so they go at once. */
static size_t plain_len(const unsigned char *u)
{
	size_t n = 0;

	while (u[n] >= 0x20 && u[n] < 0x7f && u[n] != '"' && u[n] != '\\')
		n++;
	return n;
}

void buf_json_string(struct buf *b, const char *s)
{
	const unsigned char *u = (const unsigned char *)s;

	buf_putc(b, '"');
	for (;;) {
		size_t n = plain_len(u);

		buf_add(b, u, n);
		u += n;
		if (!*u)
			break;
		n = utf8_len(u);
		if (*u == '"' || *u == '\\') {
			buf_putc(b, '\\');
			buf_putc(b, *u);
		} else if (*u < 0x20 || *u == 0x7f) {
			json_control(b, *u);
		} else if (n) {
			buf_add(b, u, n);
		} else {
			buf_puts(b, "\\ufffd");
		}
		u += n ? n : 1;
	}
	buf_putc(b, '"');
}

void buf_text(struct buf *b, const char *s)
{
	for (; *s; s++) {
		unsigned char c = *s;

		buf_putc(b, c < 0x20 || c == 0x7f ? '?' : *s);
	}
}

int buf_flush(struct buf *b, int fd)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(fd, b->p + done, b->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			done += n;
	}
	b->len = 0;
	return 0;
}

void buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){};
}
