// SPDX-License-Identifier: GPL-2.0
/*
 * usage: board-fuzz SECONDS [SEED]
 * Feeds what reads the text of others with texts that are nearly right, and looks
 * whether what comes of it makes sense. The compiler's checkers look at the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base64.h"
#include "body.h"
#include "config.h"
#include "error.h"
#include "etcd_text.h"
#include "lease.h"
#include "model.h"
#include "rnd.h"
#include "route.h"
#include "unit.h"

enum {
	TEXT_MAX	= 8192,
	PART_MS		= 50,		/* of a kind, before the next has its turn */
	LIFE		= 400,		/* requests to one set of records */
};

static void must(bool good, const char *what, const char *text)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

/* ----------------------------------------------------------------- mutation */

static const char *const tokens[] = {
	"{", "}", "[", "]", "\"", ":", ",", "/", "//", "..", "%", "\\", "\\u0000", "\\ud800",
	"null", "true", "-1", "0", "1", "255", "256", "4294967295", "4294967296", "1e9",
	"99999999999999999999", "0x", "::", "/32", "/33", "/129", "255.255.255.255", "\xff",
	"\n", "=", "#", " ", "\t",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"h1", "h2", "red", "blue", "lab", "10.1.0.1", "fd00:1::1", "02:00:00:00:00:01",
	"\"host\":null",
};

/* Replaces @cut octets at @at by @n others, as far as there is room. */
static void splice(char *s, size_t at, size_t cut, const char *p, size_t n)
{
	size_t len = strlen(s);

	if (at > len)
		at = len;
	if (cut > len - at)
		cut = len - at;
	if (len - cut + n >= TEXT_MAX)
		return;
	memmove(s + at + n, s + at + cut, len - at - cut + 1);
	memcpy(s + at, p, n);
}

static void mutate_once(char *s, const char *const *corpus, unsigned int count)
{
	size_t len = strlen(s), at = rnd(len + 1);
	char c = 1 + rnd(255);
	const char *other;

	switch (rnd(6)) {
	case 0:
		splice(s, at, 1, &c, 1);
		break;
	case 1:
		splice(s, at, 1 + rnd(8), "", 0);
		break;
	case 2:
		other = tokens[rnd(ARRAY_SIZE(tokens))];
		splice(s, at, rnd(4), other, strlen(other));
		break;
	case 3:
		other = corpus[rnd(count)];
		splice(s, at, rnd(len + 1), other, strlen(other));
		break;
	case 4:
		other = tokens[rnd(ARRAY_SIZE(tokens))];
		for (c = 0; c < 40; c++)
			splice(s, at, 0, other, strlen(other));
		break;
	default:
		splice(s, at, 1, s + rnd(len + 1), 1);
		break;
	}
	/* A NUL may have come from the end. */
	s[strlen(s)] = '\0';
}

/* One of the texts, as it is or changed in a few places. */
static char *mutate(char *s, const char *const *corpus, unsigned int count)
{
	unsigned int times = rnd(5);

	snprintf(s, TEXT_MAX, "%s", corpus[rnd(count)]);
	while (times--)
		mutate_once(s, corpus, count);
	return s;
}

/* ----------------------------------------------------------------- requests */

#define FUZZ_SEGMENT "{\"vni\":1,\"ipv4\":\"10.1.0.0/29\",\"ipv6\":\"fd00:1::/64\"}"

static const char *const bodies[] = {
	"{}", "{\"description\":\"a lab\"}", FUZZ_SEGMENT,
	"{\"vni\":2,\"ipv4\":\"10.2.0.0/30\"}",
	"{\"addresses\":[\"192.0.2.1/24\",\"2001:db8::1/64\"],\"ttl\":60,\"segments\":[\"red\"]}",
	"{\"addresses\":[\"192.0.2.3/24\"],\"transports\":[\"udp\",\"rrdp\"]}",
	"{\"addresses\":[\"192.0.2.2/24\"],\"node\":7,\"subnet\":3,\"ttl\":1}",
	"{\"host\":\"h1\"}", "{\"host\":null}",
	"{\"host\":\"h2\",\"ipv4\":\"10.1.0.3\",\"mac\":\"02:00:00:00:00:01\"}",
	"{\"ipv6\":\"fd00:1::7\"}",
};

static const struct {
	ask_fn ask;
	const char *path;
} asks[] = {
	{ domain_put, "lab//" }, { domain_get, "lab//" }, { domain_list, "lab//" },
	{ domain_delete, "lab//" }, { segment_put, "lab/red/" }, { segment_put, "lab/blue/" },
	{ segment_get, "lab/red/" }, { segment_list, "lab//" }, { segment_delete, "lab/blue/" },
	{ host_put, "lab//h1" }, { host_put, "lab//h2" }, { host_get, "lab//h1" },
	{ host_list, "lab//" }, { host_delete, "lab//h1" }, { host_renew, "lab//h2" },
	{ vm_put, "lab/red/v1" }, { vm_put, "lab/red/v2" }, { vm_put, "lab/blue/v3" },
	{ vm_get, "lab/red/v1" }, { vm_list, "lab//" }, { vm_delete, "lab/red/v1" },
};

/* Each address of a VM is its own, and no other is taken. */
static void check_addresses(struct view *v)
{
	unsigned int had = 0, taken = 0;
	const struct record *r;

	for (r = view_next(v, "vm/", NULL); r; r = view_next(v, "vm/", r->key)) {
		json_t *o = record_json(r);

		had += *json_text(o, "ipv4") != '\0';
		had += *json_text(o, "ipv6") != '\0';
		json_decref(o);
	}
	for (r = view_next(v, "addr/", NULL); r; r = view_next(v, "addr/", r->key))
		taken++;
	must(had == taken, "addresses that are had and taken differ", "");
}

static void check_answer(struct desk *d, bool good, const char *text)
{
	struct buf *b = &d->ask.answer, problem = { };
	json_t *o;

	must(good == !d->ask.problem.code, "refused without a problem", text);
	if (good && !b->len)
		return;
	if (!good)
		problem_write(&d->ask.problem, &problem);
	o = good ? json_loadb(b->p, b->len, 0, NULL) : json_loadb(problem.p, problem.len, 0, NULL);
	must(json_is_object(o), "an answer that is no JSON", text);
	json_decref(o);
	buf_free(&problem);
}

static void fuzz_body(void)
{
	static struct desk desk;
	static unsigned int age;
	unsigned int which = rnd(ARRAY_SIZE(asks));
	struct problem problem = { };
	char text[TEXT_MAX];
	struct buf b = { };
	json_t *o;
	bool good;

	if (!age++) {
		desk_open(&desk);
		desk_act(&desk, domain_put, "lab//", NULL);
		desk_act(&desk, segment_put, "lab/red/", FUZZ_SEGMENT);
	}
	mutate(text, bodies, ARRAY_SIZE(bodies));
	buf_puts(&b, text);
	o = body_parse(&b, &problem);
	must(o || problem.code, "no body, and no problem", text);
	if (o) {
		good = desk_ask(&desk, asks[which].ask, asks[which].path, text);
		check_answer(&desk, good, text);
		if (good)
			desk_do(&desk, &desk.ask.txn);
		json_decref(o);
	}
	buf_free(&b);
	if (age == LIFE) {
		check_addresses(&desk.view);
		desk_close(&desk);
		age = 0;
	}
}

static const char *const paths[] = {
	"/healthz", "/metrics", "/v1/domains", "/v1/domains/lab", "/v1/domains/lab/watch",
	"/v1/domains/lab/segments/red", "/v1/domains/lab/hosts/h1/renew",
	"/v1/domains/lab/segments/red/vms/v1", "/v1/domains/lab/vms",
};

static void fuzz_path(void)
{
	static const char *const methods[] = { "GET", "PUT", "POST", "DELETE", "BREW" };
	struct request r = { };
	char text[TEXT_MAX], copy[TEXT_MAX], allow[64];
	bool good;

	mutate(text, paths, ARRAY_SIZE(paths));
	snprintf(copy, sizeof(copy), "%s", text);
	r.path = text;
	good = route_find(&r, methods[rnd(ARRAY_SIZE(methods))], allow, sizeof(allow));
	must(good == !r.ask.problem.code && (!good || r.route), "a path", copy);
	if (good)
		must((!r.ask.domain || name_valid(r.ask.domain)) &&
		     (!r.ask.segment || name_valid(r.ask.segment)) &&
		     (!r.ask.name || name_valid(r.ask.name)), "a name", copy);
}

/* ---------------------------------------------------------------- addresses */

static const char *const prefixes[] = {
	"10.1.0.0/16", "192.0.2.1/32", "0.0.0.0/0", "fd00:1::/64", "::/0", "::ffff:192.0.2.1/128",
	"0a010001", "fd000001000000000000000000000001", "etcd://a:1,b:2/x", "etcds://[::1]:2379",
	"Zm9vYmFy", "Zg==", "192.0.2.1:8789", "[::]:0",
};

static void fuzz_address(void)
{
	char text[TEXT_MAX], again[PREFIX_STRLEN];
	struct etcd_address a;
	struct prefix p, q;
	struct endpoint ep;
	__uint128_t ip;
	char *octets;

	mutate(text, prefixes, ARRAY_SIZE(prefixes));
	if (prefix_parse(text, &p)) {
		prefix_format(&p, again);
		must(prefix_parse(again, &q) && q.family == p.family && q.len == p.len &&
		     q.base == p.base, "a prefix is another when it is read again", text);
		must(prefix_first(&p) <= prefix_last(&p) && prefix_contains(&p, p.base),
		     "a prefix without its own addresses", text);
	}
	ip_parse(text, AF_INET, &ip);
	ip_parse(text, AF_INET6, &ip);
	ip_from_key(text, &ip);
	parse_endpoint(text, &ep);
	if (etcd_address_parse(text, &a))
		must(a.count && a.prefix[strlen(a.prefix) - 1] == '/', "an etcd", text);
	octets = base64_string(text);
	if (octets) {
		struct buf b = { };

		base64_add(&b, octets, strlen(octets));
		buf_putc(&b, '\0');
		must(!strcmp(b.p, text), "base64 is another when it is written again", text);
		buf_free(&b);
	}
	free(octets);
}

static const char *const etcd_answers[] = {
	"{\"key\":\"dm1uZXQvaG9zdA==\",\"value\":\"eA==\",\"mod_revision\":\"7\",\"lease\":\"9\"}",
	"{\"key\":\"dm1uZXQvbWFyaw==\",\"mod_revision\":\"7\"}", "{\"key\":7}",
};

static const char *const tokens_of_hosts[] = {
	"vmb_0011223344556677_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"vmb_", "vmb_0011223344556677_",
};

static void fuzz_secrets(void)
{
	static struct view v;
	struct problem problem = { };
	char text[TEXT_MAX];
	struct etcd_record r;
	struct token t;
	json_t *o;

	if (!v.recent.next)
		view_init(&v);
	mutate(text, tokens_of_hosts, ARRAY_SIZE(tokens_of_hosts));
	must(!token_check(&v, text, &t, &problem) && problem.code, "a token", text);
	o = json_loads(mutate(text, etcd_answers, ARRAY_SIZE(etcd_answers)), 0, NULL);
	if (etcd_read_record(o, rnd(2), "vmnet/", &r))
		etcd_record_free(&r);
	json_decref(o);
}

/* ------------------------------------------------------------ configuration */

static const char *const files[] = {
	"listen = 127.0.0.1:8789\nstate = /var/lib/x\n", "# a comment\n\nrate = 7\nburst=9\n",
	"store = etcd://a:1,b:2/x\n", "certificate = /x\nkey = /y\n", "threads = 64\nidle = 3600",
};

/* The checker of leaks takes long, and there is nothing that it could say. */
static void leave(int status, void *arg)
{
	(void)arg;
	_exit(status);
}

/* It ends the program when something is wrong, which is to be status 2. */
static void fuzz_config(void)
{
	char name[] = "/tmp/board-fuzz-XXXXXX", text[TEXT_MAX];
	struct config c;
	int fd = mkstemp(name), status;
	pid_t child;

	mutate(text, files, ARRAY_SIZE(files));
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(STATUS_REFUSED, "cannot write %s", name);
	close(fd);
	fflush(NULL);
	child = fork();
	if (!child) {
		if (on_exit(leave, NULL) || !freopen("/dev/null", "w", stderr))
			_exit(99);
		config_read(&c, name);
		_exit(0);
	}
	waitpid(child, &status, 0);
	unlink(name);
	must(WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == STATUS_USAGE),
	     "a configuration", text);
}

static const struct {
	const char *name;
	void (*once)(void);
} kinds[] = {
	{ "bodies", fuzz_body }, { "paths", fuzz_path }, { "addresses", fuzz_address },
	{ "tokens and answers of etcd", fuzz_secrets }, { "configurations", fuzz_config },
};

int main(int argc, char **argv)
{
	uint64_t end = lease_now() + (argc > 1 ? strtoull(argv[1], NULL, 10) : 1) * 1000, turn;
	unsigned long counts[ARRAY_SIZE(kinds)] = { };
	unsigned int i;

	rnd_begin(argc > 2 ? argv[2] : NULL, lease_now() * 2654435761u);
	while (lease_now() < end) {
		for (i = 0; i < ARRAY_SIZE(kinds); i++) {
			turn = lease_now() + PART_MS;
			do {
				kinds[i].once();
				counts[i]++;
			} while (lease_now() < turn);
		}
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		ok(counts[i], "%lu %s", counts[i], kinds[i].name);
	return tap_end();
}
