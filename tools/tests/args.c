// SPDX-License-Identifier: GPL-2.0
/* Command lines, each in a process of its own: a wrong one ends it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vmnet.h>

#include "tap.h"
#include "unit.h"
#include "vmnetctl.h"

#define MAX_WORDS 8

/* Splits @line in place at its blanks. */
static void split(char *line, char *words[MAX_WORDS + 1])
{
	unsigned int n = 0;
	char *word;

	for (word = strtok(line, " "); word && n < MAX_WORDS; word = strtok(NULL, " "))
		words[n++] = word;
	words[n] = NULL;
}

static void peer_text(const struct peer *p, char *text, size_t size)
{
	char ep[ENDPOINT_STRLEN];

	if (p->transport == VMNET_TRANSPORT_RRDP) {
		snprintf(text, size, "rrdp %u", p->node);
		return;
	}
	format_endpoint(&p->endpoint, ep);
	snprintf(text, size, "udp %s%s", ep, p->plain ? " plain" : "");
}

/* What a child that reads the line as a peer says, and how it ends. */
static int in_child(const char *line, bool make, char *said, size_t size)
{
	int fds[2], status;
	size_t len = 0;
	char copy[128];
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds))
		return -1;
	pid = fork();
	if (!pid) {
		char *words[MAX_WORDS + 1];
		struct args a = { .verb = "verb", .words = words };
		struct peer p;

		dup2(fds[1], STDERR_FILENO);
		snprintf(copy, sizeof(copy), "%s", line);
		split(copy, words);
		args_peer(&a, &p, make);
		peer_text(&p, copy, sizeof(copy));
		fputs(copy, stderr);
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + len, size - 1 - len)) > 0)
		len += n;
	said[len] = '\0';
	said[strcspn(said, "\n")] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void test_args(void)
{
	static const struct {
		const char *line, *said;
		bool make;
	} cases[] = {
		{ "rrdp 2", "rrdp 2" },
		{ "udp 192.0.2.1", "udp 192.0.2.1", true },
		{ "udp 192.0.2.1:1", "udp 192.0.2.1:1", true },
		{ "udp 192.0.2.1 port 1", "udp 192.0.2.1:1", true },
		{ "udp 192.0.2.1 plain port 1", "udp 192.0.2.1:1 plain", true },
		{ "udp 2001:db8::1 port 7 plain", "udp [2001:db8::1]:7 plain", true },
		{ "", "!expected \"rrdp\" or \"udp\" at the end" },
		{ "tcp 1", "!expected \"rrdp\" or \"udp\", not \"tcp\"" },
		{ "rrdp", "!expected NODE at the end" },
		{ "rrdp x", "!expected NODE, a number from 1 to 4294967295, not \"x\"" },
		{ "rrdp 0", "!expected NODE, a number from 1 to 4294967295, not \"0\"" },
		{ "rrdp 2 plain", "!expected \"subnet\", not \"plain\"", true },
		{ "udp 192.0.2.1 plain", "!expected \"port\", not \"plain\"" },
		{ "udp 192.0.2.1 plain plain", "!\"plain\" is there twice", true },
		{ "udp 192.0.2.1:1 port 1", "!the port is there twice", true },
		{ "udp 192.0.2.1 port", "!expected PORT at the end", true },
		{ "udp 192.0.2.1 port 0",
		  "!expected PORT, a number from 1 to 65535, not \"0\"", true },
		{ "udp 192.0.2.1 port 65536",
		  "!expected PORT, a number from 0 to 65535, not \"65536\"", true },
		{ "udp 192.0.2.1 x",
		  "!expected \"port\" or \"plain\" or \"node\" or \"subnet\", not \"x\"",
		  true },
		{ "udp 192.0.2.1 port 1 plain x",
		  "!expected \"node\" or \"subnet\", not \"x\"", true },
	};
	const char *tool = program_invocation_short_name;
	char said[512], want[512];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool wrong = *cases[i].said == '!';
		int status = in_child(cases[i].line, cases[i].make, said, sizeof(said));

		if (wrong)
			snprintf(want, sizeof(want), "%s: verb: %s; see \"%s verb --help\"",
				 tool, cases[i].said + 1, tool);
		else
			snprintf(want, sizeof(want), "%s", cases[i].said);
		ok(status == (wrong ? STATUS_USAGE : STATUS_OK),
		   "status of \"%s\"", cases[i].line);
		same(said, want, cases[i].line);
	}
}
