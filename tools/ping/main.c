// SPDX-License-Identifier: GPL-2.0
/* rrdp-ping: round trips to a node, as ping(8) shows them. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"
#include "error.h"
#include "note.h"
#include "parse.h"
#include "ping.h"
#include "stop.h"

#define NSEC		1000000000ull
#define TIME_MAX	(86400 * NSEC)

/* As ping's: 1 is for who got no answer. */
#define STATUS_ERROR	STATUS_USAGE

static const char usage[] =
	"usage: rrdp-ping [-c COUNT] [-i INTERVAL] [-s SIZE] [-w DEADLINE] [-W TIMEOUT]\n"
	"                 [-p PORT] [-q] [-j] NODE\n"
	"       rrdp-ping -l [-p PORT]\n"
	"\n"
	"Send messages to a node over RRDP and show how long each takes to come back.\n"
	"On the node \"rrdp-ping -l\" or \"rrdp-perf server\" sends them back.\n"
	"\n"
	"  -l, --listen             send back what comes\n"
	"  -p, --port PORT          port, default 5201\n"
	"  -c, --count COUNT        stop after that many messages\n"
	"  -i, --interval INTERVAL  seconds from one message to the next, default 1;\n"
	"                           0: each when the last is back\n"
	"  -s, --size SIZE          octets of a message, 1 to 65536, default 56\n"
	"  -w, --deadline DEADLINE  stop after that many seconds; with -c, or as soon as\n"
	"                           COUNT messages are back\n"
	"  -W, --timeout TIMEOUT    seconds to wait for a message, default 10\n"
	"  -q, --quiet              only the summary\n"
	"  -j, --json               print JSON, an object a line\n"
	"  -h, --help               this text\n"
	"  -V, --version            version\n"
	"\n"
	"exit status: 0 messages came back; 1 none did, or with -c and -w less than\n"
	"COUNT; 2 an error\n";

static uint64_t number(const char *what, const char *s, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!parse_number(s, max, &v) || v < min)
		die(STATUS_ERROR, "%s \"%s\" is not from %llu to %llu", what, s,
		    (unsigned long long)min, (unsigned long long)max);
	return v;
}

static uint64_t duration(const char *what, const char *s, uint64_t min)
{
	uint64_t ns;

	if (!parse_seconds(s, TIME_MAX, &ns) || ns < min)
		die(STATUS_ERROR, "%s \"%s\" is no number of seconds from %g to %llu", what,
		    s, (double)min / NSEC, TIME_MAX / NSEC);
	return ns;
}

static int done(int status)
{
	if (fflush(stdout) || ferror(stdout))
		die(STATUS_ERROR, "cannot write: %s", strerror(errno));
	return status;
}

static void parse_options(int argc, char **argv, struct ping *p, bool *listen)
{
	static const struct option options[] = {
		{ "listen", no_argument, NULL, 'l' },
		{ "port", required_argument, NULL, 'p' },
		{ "count", required_argument, NULL, 'c' },
		{ "interval", required_argument, NULL, 'i' },
		{ "size", required_argument, NULL, 's' },
		{ "deadline", required_argument, NULL, 'w' },
		{ "timeout", required_argument, NULL, 'W' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "lp:c:i:s:w:W:qjhV", options, NULL)) != -1) {
		switch (c) {
		case 'l':
			*listen = true;
			break;
		case 'p':
			p->link.port = (uint16_t)number("port", optarg, 1, UINT16_MAX);
			break;
		case 'c':
			p->count = number("count", optarg, 1, UINT64_MAX);
			break;
		case 'i':
			p->interval = duration("interval", optarg, 0);
			break;
		case 's':
			p->link.size = number("size", optarg, 1, NOTE_SIZE_MAX);
			break;
		case 'w':
			p->deadline = duration("deadline", optarg, 1);
			break;
		case 'W':
			p->timeout = duration("timeout", optarg, 1);
			break;
		case 'q':
			p->report.quiet = true;
			break;
		case 'j':
			p->report.json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(done(0));
		case 'V':
			puts("rrdp-ping " VERSION);
			exit(done(0));
		default:
			die(STATUS_ERROR, "see \"rrdp-ping --help\"");
		}
	}
}

static int serve(uint16_t port)
{
	int err = echo_serve(port);

	if (err)
		die(STATUS_ERROR, "cannot listen on port %u: %s", port,
		    link_advice(-err));
	return 0;
}

static int ping(struct ping *p)
{
	int err;

	p->report.node = p->link.node;
	p->report.port = p->link.port;
	p->report.size = p->link.size;
	err = ping_run(p);
	if (err == -EMSGSIZE)
		die(STATUS_ERROR, "node %u takes messages of up to %zu octets; give -s less",
		    p->link.node, p->link.size_max);
	if (err)
		die(STATUS_ERROR, "cannot connect to node %u, port %u: %s", p->link.node,
		    p->link.port, link_advice(-err));
	return tally_status(&p->tally, p->count, p->deadline);
}

int main(int argc, char **argv)
{
	static struct ping p = {
		.link = { .fd = -1, .port = NOTE_PORT, .size = 56 },
		.interval = NSEC,
		.timeout = 10 * NSEC,
	};
	bool listen = false;

	p.report.out = stdout;
	parse_options(argc, argv, &p, &listen);
	argv += optind;
	if (!listen) {
		if (!*argv)
			die(STATUS_ERROR, "expected a node number; see \"rrdp-ping --help\"");
		p.link.node = (uint32_t)number("node", *argv++, 1, UINT32_MAX);
	}
	if (*argv)
		die(STATUS_ERROR, "\"%s\" was not expected; see \"rrdp-ping --help\"", *argv);
	/* Whoever reads through a pipe wants each line when it is there. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	stop_catch();
	return done(listen ? serve(p.link.port) : ping(&p));
}
