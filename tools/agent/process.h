/* SPDX-License-Identifier: GPL-2.0 */
/* A program that this one runs, and that ends with it. */
#ifndef AGENT_PROCESS_H
#define AGENT_PROCESS_H

#include <jansson.h>
#include <sys/types.h>

#include "loop.h"
#include "netns.h"

/**
 * struct process - it
 * @pid: 0: it does not run
 * @loop: it is waited for in
 * @fd: in the loop
 * @on_end: called when it has ended, with what process_ended() says
 * @arg: for it
 */
struct process {
	pid_t pid;
	struct loop *loop;
	struct loop_fd fd;
	void (*on_end)(void *arg, const char *how);
	void *arg;
};

void process_init(struct process *p, struct loop *loop,
		  void (*on_end)(void *arg, const char *how), void *arg);

/*
 * Runs it with @args, an array of texts of which the first is its path, in @n, as @user, or
 * as nobody (65534) if there is no such account, with no more rights than a server of that
 * network needs, and no files but the standard ones. It is killed when this thread ends,
 * however that is: as it is another user's, that needs CAP_KILL. Returns 0 or -errno.
 */
int process_start(struct process *p, const json_t *args, const char *user,
		  const struct netns *n);

/* Kills it, if it runs; nobody is called. */
void process_kill(struct process *p);

#endif /* AGENT_PROCESS_H */
