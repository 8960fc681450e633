// SPDX-License-Identifier: GPL-2.0
/*
 * usage: TARGET FILE...
 * Gives a target the inputs that are kept: stands where libFuzzer does in "make fuzz".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"

/* More than any input that is kept */
#define SIZE_MAX_KEPT	1000000

static void replay(const char *name)
{
	uint8_t *data = malloc(SIZE_MAX_KEPT), *exact;
	FILE *f = fopen(name, "r");
	size_t size;

	if (!f || !data) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(2);
	}
	size = fread(data, 1, SIZE_MAX_KEPT, f);
	fclose(f);
	/* Nothing lies behind it. */
	exact = malloc(size);
	if (size)
		memcpy(exact, data, size);
	free(data);
	/* Who crashes has said which it was. */
	fprintf(stderr, "%s\n", name);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
