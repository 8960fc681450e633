/* SPDX-License-Identifier: GPL-2.0 */
/* Output gathered in memory: fast, and can be thrown away and made again. */
#ifndef TOOLS_BUF_H
#define TOOLS_BUF_H

#include <stdint.h>
#include <stddef.h>

struct buf {
	char *p;
	size_t len;
	size_t cap;
};

/* Makes room for @n more octets; ends the program when memory is short. */
char *buf_room(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_pad(struct buf *b, size_t n);
void buf_u64(struct buf *b, uint64_t v);

/* Adds @s as a JSON string; what is not UTF-8 becomes U+FFFD. */
void buf_json_string(struct buf *b, const char *s);

/* Adds @s for a terminal: a control character becomes '?'. */
void buf_text(struct buf *b, const char *s);

/* Writes all to @fd and empties the buffer. Returns 0 or -errno. */
int buf_flush(struct buf *b, int fd);

void buf_free(struct buf *b);

#endif /* TOOLS_BUF_H */
