/* SPDX-License-Identifier: GPL-2.0 */
/* Octets as text (RFC 4648, section 4). */
#ifndef BOARD_BASE64_H
#define BOARD_BASE64_H

#include "buf.h"

/* Adds @n octets as base64. */
void base64_add(struct buf *b, const void *p, size_t n);

/*
 * The octets of @text as a string, which free() frees. NULL if it is no base64, or
 * has a NUL inside.
 */
char *base64_string(const char *text);

#endif /* BOARD_BASE64_H */
