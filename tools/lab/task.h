/* SPDX-License-Identifier: GPL-2.0 */
/* Other programs: what they are given, and what they say, is in memory. */
#ifndef LAB_TASK_H
#define LAB_TASK_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"

/* Exit status of a program that could not be started */
#define TASK_NONE	127

/**
 * struct task - a program that runs
 * @pid: of it; -1 if it could not be started
 * @out: what it says
 */
struct task {
	pid_t pid;
	int out;
};

/*
 * Starts @argv, with @input on its standard input. What it says on standard error goes
 * to ours, or, if @with_errors, to its output.
 */
void task_start(struct task *t, const char *const *argv, const char *input,
		bool with_errors);

/*
 * Waits for its end. Returns its exit status, 128 and the signal if that was it, or
 * TASK_NONE; and what it said in @output, with a NUL.
 */
int task_end(struct task *t, struct buf *output);

/* Both. @output may be NULL. */
int task_run(const char *const *argv, const char *input, struct buf *output);

/* The last line of what a program said. */
const char *task_reason(struct buf *output);

#endif /* LAB_TASK_H */
