/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a fuzzer makes up, taken piece by piece, and how a target says that something
 * is wrong. A target is one LLVMFuzzerTestOneInput(): libFuzzer calls it in "make fuzz",
 * replay.c in the test of every day.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct input - octets not yet taken
 * @p: the next
 * @left: how many; from then on there are zeros
 */
struct input {
	const uint8_t *p;
	size_t left;
};

static inline uint8_t input_u8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static inline uint16_t input_u16(struct input *in)
{
	uint16_t high = input_u8(in);

	return high << 8 | input_u8(in);
}

static inline uint32_t input_u32(struct input *in)
{
	uint32_t high = input_u16(in);

	return high << 16 | input_u16(in);
}

/*
 * @len octets, or as many as there are, where memory checkers see who reads beyond them.
 * Free it.
 */
static inline uint8_t *input_copy(struct input *in, size_t len, size_t *got)
{
	uint8_t *copy;

	*got = len < in->left ? len : in->left;
	copy = malloc(*got);
	if (*got)
		memcpy(copy, in->p, *got);
	in->p += *got;
	in->left -= *got;
	return copy;
}

/* All of @data as text that ends at its first NUL, if it has one. Free it. */
static inline char *input_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* What must be so is; libFuzzer keeps the input of who aborts. */
static inline void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz: wrong: %s\n", what);
	abort();
}

#endif /* FUZZ_INPUT_H */
