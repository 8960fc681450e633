// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "task.h"

enum { OUTPUT_MAX = 16 << 20 };	/* octets */

static int memory_file(const char *text)
{
	int fd = memfd_create("task", MFD_CLOEXEC);

	if (fd < 0 || (*text && write(fd, text, strlen(text)) != (ssize_t)strlen(text)) ||
	    lseek(fd, 0, SEEK_SET))
		die(STATUS_REFUSED, "cannot keep a file in memory: %s", strerror(errno));
	return fd;
}

void task_start(struct task *t, const char *const *argv, const char *input,
		bool with_errors)
{
	int in = memory_file(input);

	t->out = memory_file("");
	fflush(NULL);
	t->pid = fork();
	if (!t->pid) {
		if (dup2(in, STDIN_FILENO) < 0 || dup2(t->out, STDOUT_FILENO) < 0 ||
		    (with_errors && dup2(t->out, STDERR_FILENO) < 0))
			_exit(TASK_NONE);
		execvp(argv[0], (char *const *)argv);
		_exit(TASK_NONE);
	}
	close(in);
}

int task_end(struct task *t, struct buf *output)
{
	int status = TASK_NONE << 8;
	ssize_t n = 0;

	/* A signal that says to stop goes to the program, too. */
	while (t->pid > 0 && waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
	while (output && output->len < OUTPUT_MAX) {
		n = pread(t->out, buf_room(output, 4096), 4096, output->len);
		if (n <= 0)
			break;
		output->len += n;
	}
	if (output)
		buf_putc(output, '\0');
	close(t->out);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int task_run(const char *const *argv, const char *input, struct buf *output)
{
	struct task t;

	task_start(&t, argv, input, true);
	return task_end(&t, output);
}

const char *task_reason(struct buf *output)
{
	size_t len = strlen(output->p);
	char *line;

	while (len && strchr("\r\n ", output->p[len - 1]))
		output->p[--len] = '\0';
	line = strrchr(output->p, '\n');
	return !len ? "it says nothing" : line ? line + 1 : output->p;
}
