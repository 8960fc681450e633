// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "error.h"
#include "stop.h"

#define NSEC	1000000000ull

static bool asked;
static sigset_t waiting;	/* signals that are blocked while we wait */

static void on_signal(int number)
{
	(void)number;
	__atomic_store_n(&asked, true, __ATOMIC_RELAXED);
}

/* Blocked but for the time of ppoll(), none can come between look and wait. */
void stop_catch(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &waiting);
	sigdelset(&waiting, SIGINT);
	sigdelset(&waiting, SIGTERM);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

bool stop_asked(void)
{
	return __atomic_load_n(&asked, __ATOMIC_RELAXED);
}

uint64_t stop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC + (uint64_t)ts.tv_nsec;
}

void stop_poll(struct pollfd *fds, unsigned int n, uint64_t until)
{
	uint64_t now = stop_now(), left = until > now ? until - now : 0;
	struct timespec ts = {
		.tv_sec = (time_t)(left / NSEC), .tv_nsec = (long)(left % NSEC),
	};
	unsigned int i;

	if (ppoll(fds, n, until == STOP_NEVER ? NULL : &ts, &waiting) >= 0)
		return;
	if (errno != EINTR)
		die(STATUS_USAGE, "cannot wait: %s", strerror(errno));
	for (i = 0; i < n; i++)
		fds[i].revents = 0;
}
