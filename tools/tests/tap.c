// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

static unsigned int run, failed;

bool ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %u - ", good ? "" : "not ", ++run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failed += !good;
	return good;
}

static void comment(const char *what, const char *text)
{
	printf("# %s ", what);
	for (; *text; text++) {
		putchar(*text);
		if (*text == '\n')
			printf("#   ");
	}
	putchar('\n');
}

void same(const char *got, const char *want, const char *what)
{
	if (ok(!strcmp(got, want), "%s", what))
		return;
	comment("got", got);
	comment("want", want);
}

int tap_end(void)
{
	printf("1..%u\n", run);
	return failed != 0;
}
