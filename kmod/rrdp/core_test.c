// SPDX-License-Identifier: GPL-2.0
/* The rules of the protocol core as KUnit cases. */

#include <kunit/test.h>

#include "selftest/rules.h"

/* The cases of a suite run one after the other. */
static struct kunit *running;

void rrdp_rule_failed(const char *file, int line, const char *what)
{
	KUNIT_FAIL(running, "%s:%d: %s", file, line, what);
}

static void run_rule(struct kunit *test)
{
	unsigned int i;

	running = test;
	for (i = 0; i < rrdp_nrules; i++) {
		if (!strcmp(rrdp_rules[i].name, test->name)) {
			rrdp_rules[i].run();
			return;
		}
	}
	KUNIT_FAIL(test, "no such rule");
}

#define RRDP_RULE(rule)	{ .run_case = run_rule, .name = #rule }
static struct kunit_case rrdp_core_test_cases[] = {
#include "selftest/rules_list.h"
	, {}
};

#undef RRDP_RULE

static struct kunit_suite rrdp_core_test_suite = {
	.name = "rrdp_core",
	.test_cases = rrdp_core_test_cases,
};

kunit_test_suite(rrdp_core_test_suite);
