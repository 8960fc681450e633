// SPDX-License-Identifier: GPL-2.0
/* vmnetd: this host's part in virtual networks. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent.h"
#include "control.h"
#include "error.h"
#include "event.h"

static const char usage[] =
	"usage: vmnetd [-c FILE]\n"
	"\n"
	"The agent of virtual networks: registers this host and the VMs on it at the\n"
	"boards that it joined, and has the kernel know the other hosts. It runs until\n"
	"SIGTERM or SIGINT, after which all goes on as it is; SIGHUP has it read its\n"
	"configuration again.\n"
	"\n"
	"options:\n"
	"  -c, --config FILE  read FILE, not " SETUP_FILE "\n"
	"  -h, --help         this text\n"
	"  -V, --version      version\n"
	"\n"
	"example, the first steps:\n"
	"  vmnetctl join https://192.0.2.1:8789 lab fingerprint 5A:...:C3 token vmb_...\n"
	"  systemctl start vmnetd\n"
	"  vmnetctl status\n"
	"\n"
	"exit status: 0 it was stopped; 1 something failed, the message says what; 2 the\n"
	"command line or the configuration is wrong\n";

/**
 * struct signals - those that the program takes
 * @agent: that takes them
 * @fd: in the loop
 */
struct signals {
	struct agent *agent;
	struct loop_fd fd;
};

static void on_signal(void *arg, uint32_t events)
{
	struct signals *s = arg;
	struct signalfd_siginfo info;
	char error[512];

	(void)events;
	if (read(s->fd.fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGHUP)
		s->agent->loop.stop = true;
	else if (!agent_reload(s->agent, error))
		complain("%s; all goes on as before", error);
}

static void signals_open(struct signals *s, struct agent *a)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die(STATUS_REFUSED, "cannot take signals: %s", strerror(errno));
	*s = (struct signals){ a, { fd, on_signal, s } };
	loop_add(&a->loop, &s->fd, EPOLLIN);
}

static int run(const char *conf)
{
	struct signals signals;
	struct control control;
	struct events events;
	struct agent agent;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	agent_open(&agent, conf);
	signals_open(&signals, &agent);
	control_open(&control, &agent);
	events_open(&events, &agent);
	loop_run(&agent.loop);
	events_close(&events);
	control_close(&control);
	close(signals.fd.fd);
	agent_close(&agent);
	curl_global_cleanup();
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	const char *conf = SETUP_FILE;
	int c;

	while ((c = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			conf = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return finish_output(STATUS_OK);
		case 'V':
			puts("vmnetd " VERSION);
			return finish_output(STATUS_OK);
		default:
			die(STATUS_USAGE, "see \"vmnetd --help\"");
		}
	}
	if (argv[optind])
		die(STATUS_USAGE, "did not expect \"%s\"; see \"vmnetd --help\"", argv[optind]);
	return finish_output(run(conf));
}
