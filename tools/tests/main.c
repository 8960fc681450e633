// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "vmnetctl.h"

bool want_json;

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

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_parse();
	test_args();
	test_output();
	test_netlink();
	test_rows();
	test_ping();
	printf("1..%u\n", run);
	return failed != 0;
}
