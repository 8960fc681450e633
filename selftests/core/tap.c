// SPDX-License-Identifier: GPL-2.0
/* The rules of the protocol core as TAP. */

#include <stdio.h>

#include "../../kmod/rrdp/selftest/rules.h"

static unsigned int failures;

void rrdp_rule_failed(const char *file, int line, const char *what)
{
	failures++;
	printf("# %s:%d: %s\n", file, line, what);
}

int main(int argc, char **argv)
{
	unsigned int i, bad = 0, n = 0;

	for (i = 0; i < rrdp_nrules; i++) {
		if (argc > 1 && strcmp(argv[1], rrdp_rules[i].name))
			continue;
		failures = 0;
		rrdp_rules[i].run();
		bad += failures > 0;
		printf("%sok %u - %s\n", failures ? "not " : "", ++n,
		       rrdp_rules[i].name);
		fflush(stdout);
	}
	printf("1..%u\n", n);
	return bad > 0;
}
