/* SPDX-License-Identifier: GPL-2.0 */
/* Test Anything Protocol. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>

#include "compiler.h"

/* Reports a test and returns @ok. */
__printf(2, 3) bool ok(bool ok, const char *fmt, ...);

/* Two strings are the same; shows both if not. */
void same(const char *got, const char *want, const char *what);

/* Says how many there were, and returns the exit status. */
int tap_end(void);

#endif /* TESTS_TAP_H */
