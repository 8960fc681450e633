// SPDX-License-Identifier: GPL-2.0
/*
 * usage: board-load PORT TOKEN PID register|watch HOSTS NETWORKS SECONDS
 *
 * As many hosts as wanted, all in each of the networks, each with ten VMs, renewing and
 * watching, at the board PID that has PORT. Each result is a line of JSON.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "error.h"
#include "link.h"
#include "memory.h"

enum {
	WORKERS		= 64,		/* connections that register */
	VMS		= 10,		/* of each host */
	FAST		= 4000,		/* hosts whose registration is timed */
	TTL		= 30,
	VICTIM_TTL	= 3,
	VICTIMS		= 5,
	CHANGES_PER_S	= 2,
};

#define PATIENCE_NS	60000000000ull

#define D	"/v1/domains/bench"

/**
 * struct load - what all of it is about
 * @port: of the board
 * @token: that may do all
 * @pid: of the board
 * @hosts: how many
 * @networks: how many
 * @seconds: of watching
 * @epoll: of all connections
 * @agents: of each host the connection that registers and renews
 * @watchers: of each host the one that watches
 * @busy: requests that are not answered
 * @failed: that were not answered with 2xx
 * @renewed: renewals that were
 * @change: number of the change that is being watched
 * @begun: when it was asked for
 * @seen: of each watcher the last that it saw
 * @latencies: of changes and watchers, @latency_count of them
 * @victim: number of the host that dies, 0 if none does
 * @gone: watchers that know that it is dead
 */
static struct load {
	unsigned int port;
	const char *token;
	const char *pid;
	unsigned int hosts;
	unsigned int networks;
	unsigned int seconds;
	int epoll;
	struct link *agents;
	struct link *watchers;
	unsigned int busy;
	unsigned int failed;
	unsigned int renewed;
	unsigned int change;
	uint64_t begun;
	unsigned int *seen;
	uint64_t *latencies;
	size_t latency_count;
	unsigned int victim;
	unsigned int gone;
} load;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Reads what comes, for at most @ms. */
static void serve(int ms)
{
	struct epoll_event events[256];
	int n = epoll_wait(load.epoll, events, 256, ms), i;

	for (i = 0; i < n; i++)
		link_read(events[i].data.ptr);
}

static void join(struct link *l)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = l };

	link_open(l, load.port);
	epoll_ctl(load.epoll, EPOLL_CTL_ADD, l->fd, &e);
}

/* Asks and waits; dies if that is refused. */
static const char *ask(struct link *l, const char *method, const char *path, const char *body)
{
	link_ask(l, load.token, method, path, body);
	if (link_wait(l) / 100 != 2)
		die(STATUS_REFUSED, "%s %s: %u %s", method, path, l->status, l->body.p);
	return l->body.p;
}

/* ------------------------------------------------------------- registration */

/**
 * struct task - requests of one kind
 * @request: writes the path and the body of the request of this number
 * @next: the number of the next
 * @count: how many
 */
struct task {
	void (*request)(unsigned int number, char *path, struct buf *body);
	unsigned int next;
	unsigned int count;
};

static void ask_next(struct link *l)
{
	struct task *t = l->user;
	struct buf body = { };
	char path[256];

	if (t->next == t->count)
		return;
	if (!link_is_open(l))
		join(l);
	t->request(t->next++, path, &body);
	buf_putc(&body, '\0');
	link_ask(l, load.token, "PUT", path, body.len > 1 ? body.p : NULL);
	buf_free(&body);
	load.busy++;
}

static void next_answered(struct link *l)
{
	load.busy--;
	if (l->status / 100 != 2)
		die(STATUS_REFUSED, "registration: %u %s", l->status, l->body.p);
	ask_next(l);
}

/* Does all of a kind, as fast as it goes. Returns how many a second. */
static double do_all(void (*request)(unsigned int number, char *path, struct buf *body),
		     unsigned int count)
{
	struct task t = { .request = request, .count = count };
	uint64_t begin = now_ns();
	unsigned int i;

	for (i = 0; i < WORKERS && i < load.hosts; i++) {
		load.agents[i].user = &t;
		load.agents[i].answered = next_answered;
		ask_next(&load.agents[i]);
	}
	while (load.busy)
		serve(-1);
	for (i = 0; i < WORKERS && i < load.hosts; i++)
		load.agents[i].answered = NULL;
	return count * 1e9 / (now_ns() - begin);
}

static void make_network(unsigned int i, char *path, struct buf *body)
{
	char text[128];

	sprintf(path, D "/segments/n%u", i);
	sprintf(text, "{\"vni\":%u,\"ipv4\":\"10.%u.0.0/16\"}", i + 1, i);
	buf_puts(body, text);
}

static void make_host(unsigned int i, char *path, struct buf *body)
{
	char text[128];
	unsigned int n;

	sprintf(path, D "/hosts/h%u", i);
	sprintf(text, "{\"addresses\":[\"172.16.%u.%u/16\"],\"ttl\":%d,\"segments\":[", i / 250,
		i % 250 + 1, TTL);
	buf_puts(body, text);
	for (n = 0; n < load.networks; n++) {
		sprintf(text, "%s\"n%u\"", n ? "," : "", n);
		buf_puts(body, text);
	}
	buf_puts(body, "]}");
}

static void make_fast_host(unsigned int i, char *path, struct buf *body)
{
	char text[128];

	sprintf(path, "/v1/domains/fast/hosts/h%u", i);
	sprintf(text, "{\"addresses\":[\"172.16.%u.%u/16\"],\"ttl\":3600,\"segments\":[\"n\"]}",
		i / 250, i % 250 + 1);
	buf_puts(body, text);
}

static void make_vm(unsigned int i, char *path, struct buf *body)
{
	char text[64];

	sprintf(path, D "/segments/n%u/vms/v%u", i % load.networks, i);
	sprintf(text, "{\"host\":\"h%u\"}", i / VMS);
	buf_puts(body, text);
}

/* Hosts of one network each, which are not heard of again. */
static void register_fast(struct link *admin)
{
	ask(admin, "PUT", "/v1/domains/fast", NULL);
	ask(admin, "PUT", "/v1/domains/fast/segments/n", "{\"vni\":1}");
	printf("{\"test\":\"register\",\"per_second\":%.0f}\n", do_all(make_fast_host, FAST));
}

static void register_all(struct link *admin)
{
	unsigned int i;

	ask(admin, "PUT", D, NULL);
	/* One after the other: each looks at all there are. */
	for (i = 0; i < load.networks; i++) {
		struct buf body = { };
		char path[256];

		make_network(i, path, &body);
		buf_putc(&body, '\0');
		ask(admin, "PUT", path, body.p);
		buf_free(&body);
	}
	printf("{\"test\":\"register-host\",\"networks\":%u,\"per_second\":%.0f}\n",
	       load.networks, do_all(make_host, load.hosts));
	printf("{\"test\":\"register-vm\",\"per_second\":%.0f}\n",
	       do_all(make_vm, load.hosts * VMS));
}

/* ----------------------------------------------------------------- watching */

static void took(uint64_t ns)
{
	load.latencies = memory_grow(load.latencies, load.latency_count, sizeof(*load.latencies));
	load.latencies[load.latency_count++] = ns;
}

static void told(struct link *l, const char *line)
{
	const char *at = strstr(line, "\"name\":\"");
	unsigned int number;

	if (!at || strncmp(line, "data: ", 6))
		return;
	number = strtoul(at + 9, NULL, 10);
	if (at[8] == 'p' && number == load.change && l->number < load.hosts &&
	    load.seen[l->number] < number) {
		load.seen[l->number] = number;
		took(now_ns() - load.begun);
	} else if (at[8] == 'x' && number == load.victim && strstr(line, "\"type\":\"delete\"")) {
		load.gone++;
		took(now_ns() - load.begun);
	}
}

/* From now on: as agents that know what was before. */
static void watch_all(struct link *admin)
{
	const char *revision;
	char path[128];
	unsigned int i;

	/* The last that a list says. */
	revision = strrchr(ask(admin, "GET", D "/hosts?limit=1", NULL), ':');
	if (!revision)
		die(STATUS_REFUSED, "a list without revision");
	sprintf(path, D "/watch?since=%llu", strtoull(revision + 1, NULL, 10));
	for (i = 0; i < load.hosts; i++) {
		join(&load.watchers[i]);
		load.watchers[i].told = told;
		load.watchers[i].number = i;
		link_ask(&load.watchers[i], load.token, "GET", path, NULL);
		serve(0);
	}
}

static void renewed(struct link *l)
{
	load.busy--;
	if (l->status == 200)
		load.renewed++;
	else
		load.failed++;
}

/* Host after host, so that each does so three times in its TTL. */
static void renew_due(uint64_t begin, unsigned int *done)
{
	uint64_t due = (now_ns() - begin) * load.hosts * 3 / (TTL * 1000000000ull);
	char path[128];

	for (; *done < due; ++*done) {
		struct link *l = &load.agents[*done % load.hosts];

		if (l->state != LINK_IDLE) {
			load.failed++;
			continue;
		}
		/* The board does not keep who says nothing. */
		if (!link_is_open(l))
			join(l);
		sprintf(path, D "/hosts/h%u/renew", *done % load.hosts);
		l->answered = renewed;
		link_ask(l, load.token, "POST", path, NULL);
		load.busy++;
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static double ms_at(double part)
{
	size_t i = load.latency_count * part;

	if (!load.latency_count)
		return 0;
	return load.latencies[i < load.latency_count ? i : load.latency_count - 1] / 1e6;
}

/* Changes now and then, while all renew, once each of them has begun to, and watch. */
static void change_and_watch(struct link *admin)
{
	uint64_t begin = now_ns(), next = begin + TTL / 3 * 1000000000ull;
	uint64_t end = next + load.seconds * 1000000000ull;
	unsigned int changes = 0, done = 0;
	char path[128];

	load.seen = memory_new(load.hosts * sizeof(*load.seen));
	while (now_ns() < end) {
		if (now_ns() >= next && admin->state == LINK_IDLE) {
			if (!link_is_open(admin))
				join(admin);
			sprintf(path, D "/segments/n%u/vms/p%u", changes % load.networks,
				changes + 1);
			load.change = ++changes;
			load.begun = now_ns();
			link_ask(admin, load.token, "PUT", path, NULL);
			next += 1000000000ull / CHANGES_PER_S;
		}
		renew_due(begin, &done);
		serve(1);
	}
	/* The last has all the time that it needs. */
	while ((load.busy || load.latency_count < (size_t)changes * load.hosts) &&
	       now_ns() - next < PATIENCE_NS)
		serve(10);
	qsort(load.latencies, load.latency_count, sizeof(*load.latencies), compare);
	printf("{\"test\":\"watch\",\"hosts\":%u,\"networks\":%u,\"renewed\":%u,\"failed\":%u,",
	       load.hosts, load.networks, load.renewed, load.failed);
	printf("\"changes\":%u,\"missed\":%zu,", changes,
	       (size_t)changes * load.hosts - load.latency_count);
	printf("\"p50_ms\":%.1f,\"p99_ms\":%.1f,\"max_ms\":%.1f}\n", ms_at(0.5), ms_at(0.99),
	       ms_at(1));
}

/* Hosts that are heard of once; all others must know that they are no more. */
static void kill_hosts(struct link *admin)
{
	uint64_t begin = now_ns(), since;
	unsigned int done = 0, i;
	char path[128], body[128];

	load.latency_count = 0;
	for (i = 1; i <= VICTIMS; i++) {
		sprintf(path, D "/hosts/x%u", i);
		sprintf(body,
			"{\"addresses\":[\"172.17.0.%u/16\"],\"ttl\":%d,\"segments\":[\"n0\"]}",
			i, VICTIM_TTL);
		load.gone = 0;
		load.victim = i;
		ask(admin, "PUT", path, body);
		load.begun = now_ns();
		since = load.begun;
		while (load.gone < load.hosts && now_ns() - since < PATIENCE_NS) {
			renew_due(begin, &done);
			serve(1);
		}
	}
	while (load.busy)
		serve(10);
	qsort(load.latencies, load.latency_count, sizeof(*load.latencies), compare);
	printf("{\"test\":\"dead\",\"ttl_ms\":%d,\"missed\":%zu,\"max_ms\":%.1f}\n",
	       VICTIM_TTL * 1000, (size_t)VICTIMS * load.hosts - load.latency_count, ms_at(1));
}

/* KiB that the board has, and had at most. */
static void show_memory(void)
{
	char path[64], line[256];
	unsigned long rss = 0, peak = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/status", load.pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "VmRSS:", 6))
			rss = strtoul(line + 6, NULL, 10);
		else if (!strncmp(line, "VmHWM:", 6))
			peak = strtoul(line + 6, NULL, 10);
	}
	if (f)
		fclose(f);
	printf("{\"test\":\"memory\",\"vms\":%d,\"kib\":%lu,\"peak_kib\":%lu}\n", VMS, rss, peak);
}

int main(int argc, char **argv)
{
	struct link admin = { };

	if (argc != 8)
		die(STATUS_USAGE,
		    "usage: board-load PORT TOKEN PID register|watch HOSTS NETWORKS SECONDS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	load.port = strtoul(argv[1], NULL, 10);
	load.token = argv[2];
	load.pid = argv[3];
	load.hosts = strtoul(argv[5], NULL, 10);
	load.networks = strtoul(argv[6], NULL, 10);
	load.seconds = strtoul(argv[7], NULL, 10);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	load.agents = memory_new(load.hosts * sizeof(*load.agents));
	load.watchers = memory_new(load.hosts * sizeof(*load.watchers));
	join(&admin);
	if (!strcmp(argv[4], "register")) {
		register_fast(&admin);
		return STATUS_OK;
	}
	register_all(&admin);
	watch_all(&admin);
	change_and_watch(&admin);
	show_memory();
	kill_hosts(&admin);
	return STATUS_OK;
}
