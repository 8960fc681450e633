// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler.h"
#include "error.h"
#include "memory.h"
#include "process.h"

#define NOBODY	65534	/* as the kernel shows those that it cannot name */

static void how_text(int status, char how[64])
{
	if (WIFSIGNALED(status))
		snprintf(how, 64, "was killed by signal %d", WTERMSIG(status));
	else
		snprintf(how, 64, "ended with status %d", WEXITSTATUS(status));
}

/* Returns its status. */
static int reap(struct process *p)
{
	int status = 0;

	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	loop_remove(p->loop, &p->fd);
	close(p->fd.fd);
	p->pid = 0;
	return status;
}

static void on_exit_fd(void *arg, uint32_t events)
{
	struct process *p = arg;
	char how[64];

	(void)events;
	how_text(reap(p), how);
	p->on_end(p->arg, how);
}

void process_init(struct process *p, struct loop *loop,
		  void (*on_end)(void *arg, const char *how), void *arg)
{
	*p = (struct process){ .loop = loop, .on_end = on_end, .arg = arg };
}

/**
 * struct account - whom it runs as
 * @uid: user
 * @gid: group
 */
struct account {
	uid_t uid;
	gid_t gid;
};

/* --------------------------------------------------------------- in the child */

static const unsigned int kept[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE };

/* Those of @kept that this program has, and so that the one it runs has them, too. */
static bool keep_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t mask = 0;
	unsigned int i;

	if (syscall(SYS_capget, &header, data))
		return false;
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		mask |= 1u << kept[i];
	mask &= data[0].permitted;
	data[0] = (struct __user_cap_data_struct){ mask, mask, mask };
	data[1] = (struct __user_cap_data_struct){ };
	if (syscall(SYS_capset, &header, data))
		return false;
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		if (mask & 1u << kept[i] &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0, 0))
			return false;
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Another user, to whom root's files are not open. */
static bool become(const struct account *who)
{
	return !prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) && !setgroups(0, NULL) &&
	       !setresgid(who->gid, who->gid, who->gid) &&
	       !setresuid(who->uid, who->uid, who->uid) && keep_rights();
}

/* Not every library opens its sockets so that they end here. */
static bool close_others(void)
{
	return !close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

/* Only what is safe between fork() and exec(): other threads may hold locks. */
static void run(char **argv, const struct account *who, pid_t parent, int report)
{
	int null = open("/dev/null", O_RDWR), err;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 && close_others() && become(who) &&
	    /* Becoming another user would undo this. */
	    !prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) && getppid() == parent)
		execv(argv[0], argv);
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(2);
	_exit(1);
}

/* ------------------------------------------------------------------ its start */

static char **argv_of(const json_t *args)
{
	size_t n = json_array_size(args), i;
	char **argv = memory_new((n + 1) * sizeof(*argv));

	for (i = 0; i < n; i++)
		argv[i] = (char *)json_string_value(json_array_get(args, i));
	return argv;
}

/* That of the name, or else nobody; never root. */
static struct account account_of(const char *name)
{
	const struct passwd *p = getpwnam(name);

	if (p && p->pw_uid && p->pw_gid)
		return (struct account){ p->pw_uid, p->pw_gid };
	return (struct account){ NOBODY, NOBODY };
}

/* Waits until it is that program, or says why it is not. */
static int result(int fd)
{
	ssize_t n;
	int err;

	do {
		n = read(fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

static int watch(struct process *p)
{
	int fd = pidfd_open(p->pid, 0);

	if (fd < 0)
		return -errno;
	p->fd = (struct loop_fd){ fd, on_exit_fd, p };
	loop_add(p->loop, &p->fd, EPOLLIN);
	return 0;
}

int process_start(struct process *p, const json_t *args, const char *user,
		  const struct netns *n)
{
	const struct account who = account_of(user);
	char **argv = argv_of(args);
	pid_t parent = getpid();
	int report[2], home, err;

	if (pipe2(report, O_CLOEXEC)) {
		err = -errno;
		free(argv);
		return err;
	}
	home = netns_enter(n);
	err = home < 0 ? home : 0;
	if (!err) {
		p->pid = fork();
		if (!p->pid)
			run(argv, &who, parent, report[1]);
		err = p->pid < 0 ? -errno : 0;
		netns_leave(home);
	}
	close(report[1]);
	if (!err)
		err = result(report[0]);
	close(report[0]);
	free(argv);
	if (p->pid > 0 && !err)
		err = watch(p);
	if (err && p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	if (err)
		p->pid = 0;
	return err;
}

void process_kill(struct process *p)
{
	if (!p->pid)
		return;
	/* Until it is reaped the number is its own. */
	kill(p->pid, SIGKILL);
	reap(p);
}
