// SPDX-License-Identifier: GPL-2.0
/*
 * Loaded before the C library, so that the wall clock says what the test wants: as many
 * seconds more, or less, as the file $CLOCK_OFFSET says. No other clock is changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset(void)
{
	const char *name = getenv("CLOCK_OFFSET");
	FILE *f = name ? fopen(name, "re") : NULL;
	long seconds = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%ld", &seconds) != 1)
		seconds = 0;
	fclose(f);
	return seconds;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int err = syscall(SYS_clock_gettime, clock, ts);

	if (!err && clock == CLOCK_REALTIME)
		ts->tv_sec += offset();
	return err;
}

time_t time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (t)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int gettimeofday(struct timeval *tv, void *zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}
