// SPDX-License-Identifier: GPL-2.0
/* rrdp-perf: latency and throughput of RRDP, and of others beside it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "error.h"
#include "exchange.h"
#include "parse.h"

#define TRIPS_MAX	100000000ull

/**
 * struct options - the command line
 * @transport: what to measure
 * @at: where
 * @load: what to send; a count of 0 was not given
 * @once: serve one client
 * @json: print JSON
 */
struct options {
	const struct transport *transport;
	struct place at;
	struct load load;
	bool once;
	bool json;
};

static const char usage[] =
	"usage: rrdp-perf server [-1] [-H] [-t TRANSPORT] [-p PORT] [-i DEV]\n"
	"       rrdp-perf latency ADDRESS [-s SIZE] [-n COUNT] [-j] [-t ...]\n"
	"       rrdp-perf stream ADDRESS [-s SIZE] [-b BATCH] [-n COUNT | -T SECONDS] [-z HOW]\n"
	"                        [-j] [-t ...]\n"
	"\n"
	"Measure RRDP between two hosts, and what it is compared with. Start the server\n"
	"on one, then, with the same transport, a client on the other.\n"
	"\n"
	"  latency    a message goes back and forth: round trips and their percentiles\n"
	"  stream     messages go one way, as fast as they can: what arrives, and when\n"
	"\n"
	"ADDRESS is the server's: node number (rrdp, rrdp-stream), name or IP address (tcp,\n"
	"udp), MAC (packet), or anything (tipc, which finds it by itself).\n"
	"\n"
	"  -t, --transport T   rrdp (default), rrdp-stream, tcp, udp, packet or tipc\n"
	"  -p, --port PORT     port, service type (tipc) or EtherType (packet);\n"
	"                      default 5201\n"
	"  -i, --interface DEV device for frames (packet)\n"
	"  -s, --size SIZE     octets of a message, 1 to 65536 (default 32; stream: 1400)\n"
	"  -b, --batch BATCH   messages in a call, 1 (default) to 64; of a stream of octets: 1\n"
	"  -n, --count COUNT   messages (latency: default 10000)\n"
	"  -T, --time SECONDS  stream for that long (default 10)\n"
	"  -z, --zerocopy HOW  RRDP: do not copy: \"send\" with MSG_ZEROCOPY, or from a transmit\n"
	"                      \"ring\", BATCH frames in a call\n"
	"  -H, --trust-link    RRDP: checksum over the header only (give it on both ends)\n"
	"  -1, --once          serve one client, then end\n"
	"  -j, --json          print JSON\n"
	"  -h, --help          this text\n"
	"  -V, --version       version\n"
	"\n"
	"exit status: 0 done; 1 it failed, the message says why; 2 the command line is\n"
	"wrong; 3 a kernel module is not loaded\n";

static uint64_t number(const char *what, const char *s, uint64_t min, uint64_t max)
{
	uint64_t v;

	if (!parse_number(s, max, &v) || v < min)
		die(STATUS_USAGE, "%s \"%s\" is not from %llu to %llu", what, s,
		    (unsigned long long)min, (unsigned long long)max);
	return v;
}

static enum zerocopy zerocopy(const char *how)
{
	if (!strcmp(how, "send"))
		return ZEROCOPY_SEND;
	if (strcmp(how, "ring"))
		die(STATUS_USAGE, "there is no way \"%s\" not to copy, only send and ring",
		    how);
	return ZEROCOPY_RING;
}

static double usec(uint64_t ns)
{
	return (double)ns / 1000;
}

static uint64_t mean(const struct trips *trips)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < trips->count; i++)
		sum += trips->ns[i];
	return sum / trips->count;
}

/* The round trip that @part of a thousand did not exceed. */
static uint64_t permille(const struct trips *trips, unsigned int part)
{
	return trips->ns[(trips->count - 1) * part / 1000];
}

/* The begin of a JSON object. */
static void show_head(const struct options *o, const char *test)
{
	printf("{\"test\":\"%s\",\"transport\":\"%s\",\"size\":%zu", test,
	       o->transport->name, o->load.size);
}

static void show_trips(const struct options *o, const struct trips *trips)
{
	static const struct {
		const char *name;
		unsigned int part;
	} points[] = {
		{ "min", 0 }, { "p50", 500 }, { "p90", 900 }, { "p99", 990 },
		{ "p99.9", 999 }, { "max", 1000 },
	};
	unsigned int i;

	if (!trips->count)
		die(STATUS_REFUSED, "no message came back");
	if (o->json) {
		show_head(o, "latency");
		printf(",\"count\":%zu,\"lost\":%llu,\"round_trip_ns\":{\"mean\":%llu",
		       trips->count, (unsigned long long)trips->lost,
		       (unsigned long long)mean(trips));
	} else {
		printf("%s, %zu octets, %zu round trips, %llu lost\n",
		       o->transport->name, o->load.size, trips->count,
		       (unsigned long long)trips->lost);
		printf("round trip, us: mean %.2f", usec(mean(trips)));
	}
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		uint64_t ns = permille(trips, points[i].part);

		if (o->json)
			printf(",\"%s\":%llu", points[i].name, (unsigned long long)ns);
		else
			printf(", %s %.2f", points[i].name, usec(ns));
	}
	puts(o->json ? "}}" : "");
}

static int measure_latency(const struct options *o)
{
	struct trips trips;

	exchange_trips(o->transport, &o->at, o->load.size, o->load.count ?: 10000, &trips);
	show_trips(o, &trips);
	free(trips.ns);
	return STATUS_OK;
}

static void show_flow(const struct options *o, const struct flow *flow)
{
	unsigned long long lost = flow->sent - flow->received;
	double seconds = (double)flow->ns / 1e9;
	double rate = (double)flow->received / seconds;
	double mbit = rate * (double)o->load.size * 8 / 1e6;

	if (!o->json) {
		printf("%s, %zu octets, %llu messages, %llu lost, ",
		       o->transport->name, o->load.size,
		       (unsigned long long)flow->sent, lost);
		printf("%.3f s: %.0f messages/s, %.2f Mb/s\n", seconds, rate, mbit);
		if (o->load.zerocopy)
			printf("%llu messages were copied\n",
			       (unsigned long long)flow->copied);
		return;
	}
	show_head(o, "stream");
	printf(",\"sent\":%llu,\"lost\":%llu,\"seconds\":%.6f",
	       (unsigned long long)flow->sent, lost, seconds);
	printf(",\"messages_per_second\":%.0f,\"mbit_per_second\":%.2f", rate, mbit);
	printf(",\"batch\":%u,\"zerocopy\":%s,\"copied\":%llu}\n", o->load.batch,
	       o->load.zerocopy ? "true" : "false", (unsigned long long)flow->copied);
}

static int measure_stream(const struct options *o)
{
	struct flow flow;

	if (o->transport->stream && o->load.batch > 1)
		die(STATUS_USAGE, "%s has no messages to send several of in a call",
		    o->transport->name);
	if (o->load.zerocopy && o->transport != &transport_rrdp)
		die(STATUS_USAGE, "only rrdp is measured without copying");
	if (o->load.zerocopy == ZEROCOPY_SEND && o->load.batch > 1)
		die(STATUS_USAGE, "with MSG_ZEROCOPY a call has one message");
	exchange_flow(o->transport, &o->at, &o->load, &flow);
	if (!flow.ns)
		die(STATUS_REFUSED, "too few messages to measure their rate");
	show_flow(o, &flow);
	return STATUS_OK;
}

static int serve(const struct options *o)
{
	exchange_serve(o->transport, &o->at, o->once);
	return STATUS_OK;
}

static int done(void)
{
	if (fflush(stdout) || ferror(stdout))
		die(STATUS_REFUSED, "cannot write: %s", strerror(errno));
	return STATUS_OK;
}

static void parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "transport", required_argument, NULL, 't' },
		{ "port", required_argument, NULL, 'p' },
		{ "interface", required_argument, NULL, 'i' },
		{ "size", required_argument, NULL, 's' },
		{ "batch", required_argument, NULL, 'b' },
		{ "count", required_argument, NULL, 'n' },
		{ "time", required_argument, NULL, 'T' },
		{ "zerocopy", required_argument, NULL, 'z' },
		{ "trust-link", no_argument, NULL, 'H' },
		{ "once", no_argument, NULL, '1' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, "t:p:i:s:b:n:T:z:H1jhV", options, NULL)) != -1) {
		switch (c) {
		case 't':
			o->transport = transport_find(optarg);
			if (!o->transport)
				die(STATUS_USAGE, "there is no transport \"%s\", only %s",
				    optarg, transport_names());
			break;
		case 'p':
			o->at.port = (uint16_t)number("port", optarg, 1, 65535);
			break;
		case 'i':
			o->at.device = optarg;
			break;
		case 's':
			o->load.size = number("size", optarg, 1, PERF_SIZE_MAX);
			break;
		case 'b':
			o->load.batch = (unsigned int)number("batch", optarg, 1, PERF_BATCH_MAX);
			break;
		case 'n':
			o->load.count = number("count", optarg, 1, TRIPS_MAX);
			break;
		case 'T':
			o->load.seconds = (unsigned int)number("time", optarg, 1, 86400);
			break;
		case 'z':
			o->load.zerocopy = zerocopy(optarg);
			break;
		case 'H':
			o->at.trust_link = true;
			break;
		case '1':
			o->once = true;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(done());
		case 'V':
			puts("rrdp-perf " VERSION);
			exit(done());
		default:
			die(STATUS_USAGE, "see \"rrdp-perf --help\"");
		}
	}
}

int main(int argc, char **argv)
{
	static const struct mode {
		const char *name;
		int (*run)(const struct options *o);
		bool client;
		size_t size;
	} modes[] = {
		{ "server", serve, false, 32 },
		{ "latency", measure_latency, true, 32 },
		{ "stream", measure_stream, true, 1400 },
	};
	struct options o = {
		.transport = &transport_rrdp,
		.at.port = NOTE_PORT,
		.load.batch = 1,
		.load.seconds = 10,
	};
	const struct mode *m;

	parse_options(argc, argv, &o);
	argv += optind;
	for (m = modes; m < modes + ARRAY_SIZE(modes); m++)
		if (*argv && !strcmp(*argv, m->name))
			break;
	if (m == modes + ARRAY_SIZE(modes))
		die(STATUS_USAGE,
		    "expected server, latency or stream; see \"rrdp-perf --help\"");
	if (m->client) {
		o.at.address = *++argv;
		if (!o.at.address)
			die(STATUS_USAGE,
			    "expected the server's address; see \"rrdp-perf --help\"");
	}
	if (argv[1])
		die(STATUS_USAGE, "\"%s\" was not expected; see \"rrdp-perf --help\"",
		    argv[1]);
	if (!o.load.size)
		o.load.size = m->size;
	/* A page that is not there yet is no time of the network's. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	return m->run(&o) ?: done();
}
