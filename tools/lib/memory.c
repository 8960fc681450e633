// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "memory.h"

static void *checked(void *p)
{
	if (!p)
		die(STATUS_REFUSED, "not enough memory");
	return p;
}

void *memory_new(size_t size)
{
	return checked(calloc(1, size));
}

char *memory_string(const char *s)
{
	return checked(strdup(s));
}

void *memory_grow(void *array, unsigned int count, size_t size)
{
	/* Powers of two are when it is full. */
	if (count & (count - 1))
		return array;
	return checked(reallocarray(array, count ? 2 * (size_t)count : 1, size));
}
