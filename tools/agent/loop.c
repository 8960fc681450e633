// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "loop.h"

/* A timer is looked at after so many milliseconds at the latest. */
#define WAIT_MAX	60000

uint64_t loop_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void loop_open(struct loop *l)
{
	*l = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	if (l->epoll < 0)
		die(STATUS_REFUSED, "cannot wait for events: %s", strerror(errno));
}

void loop_close(struct loop *l)
{
	close(l->epoll);
}

static void control(struct loop *l, int op, struct loop_fd *fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = fd };

	if (epoll_ctl(l->epoll, op, fd->fd, &ev))
		die(STATUS_REFUSED, "cannot wait for descriptor %d: %s", fd->fd,
		    strerror(errno));
}

void loop_add(struct loop *l, struct loop_fd *fd, uint32_t events)
{
	control(l, EPOLL_CTL_ADD, fd, events);
}

void loop_change(struct loop *l, struct loop_fd *fd, uint32_t events)
{
	control(l, EPOLL_CTL_MOD, fd, events);
}

void loop_remove(struct loop *l, struct loop_fd *fd)
{
	/* Who closed it first has removed it. */
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd->fd, NULL);
}

void loop_cancel(struct loop *l, struct loop_timer *t)
{
	struct loop_timer **p = &l->timers;

	if (!t->armed)
		return;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	t->armed = false;
}

void loop_after(struct loop *l, struct loop_timer *t, uint64_t ms)
{
	t->due = loop_now() + ms;
	if (t->armed)
		return;
	t->next = l->timers;
	l->timers = t;
	t->armed = true;
}

void loop_within(struct loop *l, struct loop_timer *t, uint64_t ms)
{
	if (!t->armed || t->due > loop_now() + ms)
		loop_after(l, t, ms);
}

static struct loop_timer *first_timer(const struct loop *l)
{
	struct loop_timer *first = l->timers, *t;

	for (t = first; t; t = t->next)
		if (t->due < first->due)
			first = t;
	return first;
}

/* Calls those whose time has come. Returns milliseconds until the next. */
static int run_timers(struct loop *l)
{
	struct loop_timer *t;
	uint64_t now;

	while ((t = first_timer(l))) {
		now = loop_now();
		if (t->due > now)
			return t->due - now < WAIT_MAX ? t->due - now : WAIT_MAX;
		loop_cancel(l, t);
		t->fn(t->arg);
		if (l->stop)
			return 0;
	}
	return WAIT_MAX;
}

void loop_run(struct loop *l)
{
	while (!l->stop) {
		struct epoll_event ev;
		struct loop_fd *fd;
		int n, wait = run_timers(l);

		if (l->stop)
			break;
		/* One at a time: it may free others that have something to say. */
		n = epoll_wait(l->epoll, &ev, 1, wait);
		if (n < 0 && errno != EINTR)
			die(STATUS_REFUSED, "cannot wait for events: %s", strerror(errno));
		if (n != 1)
			continue;
		fd = ev.data.ptr;
		fd->fn(fd->arg, ev.events);
	}
}
