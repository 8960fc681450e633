/* SPDX-License-Identifier: GPL-2.0 */
/* Waits for descriptors and for time. One thread; all functions are called by it. */
#ifndef AGENT_LOOP_H
#define AGENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

/**
 * struct loop_fd - a descriptor that is waited for
 * @fd: it
 * @fn: called with what has happened, EPOLL*; it may free @loop_fd
 * @arg: for it
 */
struct loop_fd {
	int fd;
	void (*fn)(void *arg, uint32_t events);
	void *arg;
};

/**
 * struct loop_timer - a time that is waited for
 * @due: when, by loop_now()
 * @fn: called then, once; it may set the timer again
 * @arg: for it
 * @next: another one; the list is not in order
 * @armed: it is in the list
 */
struct loop_timer {
	uint64_t due;
	void (*fn)(void *arg);
	void *arg;
	struct loop_timer *next;
	bool armed;
};

/**
 * struct loop - what is waited for
 * @epoll: the descriptors
 * @timers: that are armed
 * @stop: loop_run() is to end
 */
struct loop {
	int epoll;
	struct loop_timer *timers;
	bool stop;
};

/* Milliseconds since some time in the past; no clock that anybody sets. */
uint64_t loop_now(void);

void loop_open(struct loop *l);
void loop_close(struct loop *l);

/* Waits for @events of it as well, or for these from now on. Dies if it cannot. */
void loop_add(struct loop *l, struct loop_fd *fd, uint32_t events);
void loop_change(struct loop *l, struct loop_fd *fd, uint32_t events);
void loop_remove(struct loop *l, struct loop_fd *fd);

/* In @ms milliseconds, whatever it was set to before. */
void loop_after(struct loop *l, struct loop_timer *t, uint64_t ms);

/* The same, unless it is set to a time before. */
void loop_within(struct loop *l, struct loop_timer *t, uint64_t ms);
void loop_cancel(struct loop *l, struct loop_timer *t);

/* Until somebody sets @l->stop. */
void loop_run(struct loop *l);

#endif /* AGENT_LOOP_H */
