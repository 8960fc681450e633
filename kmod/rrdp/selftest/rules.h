/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of the protocol, each as a test. */
#ifndef _RRDP_SELFTEST_RULES_H
#define _RRDP_SELFTEST_RULES_H

#include "pair.h"

/**
 * struct rrdp_rule - one test
 * @name: its name; "rule3_..." tests rule 3 of Documentation/rrdp.rst
 * @run: the test; says through rrdp_rule_failed() what fails
 */
struct rrdp_rule {
	const char *name;
	void (*run)(void);
};

extern const struct rrdp_rule rrdp_rules[];
extern const unsigned int rrdp_nrules;

#define RRDP_RULE(name)	rrdp_test_##name(void)
void
#include "rules_list.h"
;
#undef RRDP_RULE

/* Of the runner: KUnit's or TAP's. */
void rrdp_rule_failed(const char *file, int line, const char *what);

static inline bool rrdp_check(bool good, const char *file, int line,
			      const char *what)
{
	if (!good)
		rrdp_rule_failed(file, line, what);
	return good;
}

#define CHECK(cond)	rrdp_check(cond, __FILE__, __LINE__, #cond)

/* A pair at the start of a test, and its end: nothing wrong, nothing left. */
static inline void rrdp_finish(struct pair *p, const char *file, int line)
{
	const char *why = pair_delete(p);

	if (why)
		rrdp_rule_failed(file, line, why);
}

#define FINISH(pair)	rrdp_finish(pair, __FILE__, __LINE__)

#endif /* _RRDP_SELFTEST_RULES_H */
