/* SPDX-License-Identifier: GPL-2.0 */
/* TAP for the tests in C: what system calls return. */
#ifndef _NET_TAP_H
#define _NET_TAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int count, failed;

static inline void result(bool good, const char *name, long got, long want)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++count, name);
	if (!good) {
		printf("# got %ld, expected %ld, errno %s\n", got, want,
		       strerror(errno));
		failed = 1;
	}
	fflush(stdout);
}

/* The call returns @want. */
static inline void is(const char *name, long got, long want)
{
	result(got == want, name, got, want);
}

/* The call fails with @err. */
static inline void fails(const char *name, long ret, int err)
{
	result(ret == -1 && errno == err, name, ret == -1 ? errno : ret, err);
}

/* The plan, when all has been done, and what main() returns. */
static inline int tap_end(void)
{
	printf("1..%d\n", count);
	return failed;
}

#endif /* _NET_TAP_H */
