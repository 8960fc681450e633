// SPDX-License-Identifier: GPL-2.0
/* vmnetctl: configures and shows RRDP and vmnet. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmnetctl.h"

static const struct verb *const families[] = {
	node_verbs, net_verbs, peer_verbs, fdb_verbs, port_verbs, mdb_verbs,
	neigh_verbs, stats_verbs, conn_verbs, monitor_verbs, board_verbs,
};

bool want_json;

static const char usage_head[] =
	"usage: vmnetctl [-j] [-n NAME] VERB [ARGUMENT]...\n"
	"\n"
	"Configure RRDP, the message transport above the NIC driver, and vmnet, the\n"
	"distributed virtual switch.\n"
	"\n"
	"verbs:\n";

static const char usage_tail[] =
	"\n"
	"options, before or after the verb:\n"
	"  -j, --json        print JSON\n"
	"  -n, --netns NAME  in the network namespace NAME (see ip-netns(8)) or,\n"
	"                    if it holds a \"/\", of that file\n"
	"  -h, --help        this text, or that of the verb\n"
	"  -V, --version     version\n"
	"\n"
	"exit status: 0 done; 1 refused, the message says why; 2 the command line is\n"
	"wrong; 3 a kernel module is not loaded\n";

static void help(void)
{
	const struct verb *v;
	unsigned int i;

	fputs(usage_head, stdout);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (v = families[i]; v->name; v++)
			printf("  %-17s %s\n", v->name, v->summary);
	fputs(usage_tail, stdout);
}

static void verb_help(const struct verb *v)
{
	const char *line = v->args;

	/* one synopsis a line, or the rest of one that begins with a blank */
	for (;;) {
		size_t len = strcspn(line, "\n");

		if (*line == ' ')
			printf("       %.*s\n", (int)len, line);
		else
			printf("%s vmnetctl %s%s%.*s\n",
			       line == v->args ? "usage:" : "      ",
			       v->name, len ? " " : "", (int)len, line);
		if (!line[len])
			break;
		line += len + 1;
	}
	printf("\n%s", v->help);
}

static const struct verb *find_verb(const char *name)
{
	const struct verb *v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (v = families[i]; v->name; v++)
			if (!strcmp(v->name, name))
				return v;
	return NULL;
}

static void enter_netns(const char *name)
{
	bool is_path = strchr(name, '/');
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s%s", is_path ? "" : "/run/netns/",
		     name) >= (int)sizeof(path))
		die(STATUS_USAGE, "the name of the network namespace is too long");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(STATUS_REFUSED,
		    "cannot open network namespace \"%s\": %s; \"ip netns\" lists those there are",
		    name, strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		die(STATUS_REFUSED, "cannot enter network namespace \"%s\": %s",
		    name, strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "netns", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	const struct verb *verb = NULL;
	const char *netns = NULL;
	bool want_help = false;
	struct args args;
	int c;

	while ((c = getopt_long(argc, argv, "jn:hV", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			want_json = true;
			break;
		case 'n':
			netns = optarg;
			break;
		case 'h':
			want_help = true;
			break;
		case 'V':
			puts("vmnetctl " VERSION);
			return finish_output(STATUS_OK);
		default:
			die(STATUS_USAGE, "see \"vmnetctl --help\"");
		}
	}

	if (argv[optind]) {
		verb = find_verb(argv[optind]);
		if (!verb)
			die(STATUS_USAGE,
			    "there is no verb \"%s\"; \"vmnetctl --help\" lists them",
			    argv[optind]);
	}
	if (want_help) {
		if (verb)
			verb_help(verb);
		else
			help();
		return finish_output(STATUS_OK);
	}
	if (!verb)
		die(STATUS_USAGE, "expected a verb; \"vmnetctl --help\" lists them");

	if (netns)
		enter_netns(netns);
	args.verb = verb->name;
	args.words = argv + optind + 1;
	return finish_output(verb->run(&args));
}
