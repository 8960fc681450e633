// SPDX-License-Identifier: GPL-2.0
/* The table of the tests. */

#include "rules.h"

#define RRDP_RULE(name)	{ #name, rrdp_test_##name }
const struct rrdp_rule rrdp_rules[] = {
#include "rules_list.h"
};

#undef RRDP_RULE

const unsigned int rrdp_nrules = ARRAY_SIZE(rrdp_rules);
