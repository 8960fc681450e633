/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is there: without it the program ends, which loses nothing that was
 * acknowledged, and the service manager starts it again.
 */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include <stddef.h>

/* Zeroed. */
void *memory_new(size_t size);

char *memory_string(const char *s);

/*
 * Room for one more than @count elements of @size octets each. It doubles, so
 * the array must only grow by this.
 */
void *memory_grow(void *array, unsigned int count, size_t size);

#endif /* TOOLS_MEMORY_H */
