// SPDX-License-Identifier: GPL-2.0
/* Unit tests of vmnetd: results as TAP. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "backoff.h"
#include "database.h"
#include "dnsmasq.h"
#include "kernel.h"
#include "made.h"
#include "reconcile.h"
#include "setup.h"
#include "tap.h"

/* ----------------------------------------------------------------- backoff */

static void test_backoff(void)
{
	struct backoff b = { };
	uint64_t least = UINT64_MAX, most = 0, ms;
	unsigned int i;
	bool grows = true;

	for (i = 0; i < 6; i++) {
		uint64_t want = (uint64_t)BACKOFF_FIRST << i;

		ms = backoff_next(&b, UINT64_MAX, UINT32_MAX);
		grows = grows && ms == want;
	}
	ok(grows, "it doubles");
	b.failures = UINT32_MAX - 1;
	ok(backoff_next(&b, 10000, UINT32_MAX) == 10000, "up to the limit, however often");
	ok(backoff_next(&b, 10000, 0) == 5000, "and never less than half of it");
	backoff_reset(&b);
	ok(backoff_next(&b, 10000, UINT32_MAX) == BACKOFF_FIRST, "and begins anew");

	/* A thousand hosts that lost the board at once */
	for (i = 0; i < 1000; i++) {
		b.failures = 20;
		ms = backoff_next(&b, 10000, (uint32_t)i * 4294967u);
		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	ok(least < 5100 && most > 9900, "hosts are spread over half of the limit");
	ok(backoff_jitter(9000, 0) == 6000 && backoff_jitter(9000, UINT32_MAX) == 11999,
	   "two thirds to four thirds");
}

/* ---------------------------------------------------------------- database */

/* Takes an answer with these events (ended by ""), with \' for each ". */
static bool take(struct database *db, uint64_t now, int revision, ...)
{
	json_t *events = json_array(), *o;
	bool changed = false, good;
	const char *event;
	char text[256], *c;
	va_list ap;

	va_start(ap, revision);
	while (*(event = va_arg(ap, const char *))) {
		snprintf(text, sizeof(text), "%s", event);
		for (c = text; *c; c++)
			if (*c == '\'')
				*c = '"';
		json_array_append_new(events, json_loads(text, JSON_DECODE_ANY, NULL));
	}
	va_end(ap);
	o = json_pack("{s:i, s:o}", "revision", revision, "events", events);
	good = database_take(db, o, now, &changed);
	json_decref(o);
	return good && changed;
}

static const char lan[] =
	"{'type': 'put', 'kind': 'segment', 'name': 'lan', 'object': {'vni': 42}}";
static const char host_a[] =
	"{'type': 'put', 'kind': 'host', 'name': 'a', 'object': {'ttl': 60}}";
static const char host_b[] =
	"{'type': 'put', 'kind': 'host', 'name': 'b', 'object': {'ttl': 2}}";
static const char no_b[] = "{'type': 'delete', 'kind': 'host', 'name': 'b'}";
static const char vm[] =
	"{'type': 'put', 'kind': 'vm', 'segment': 'lan', 'name': 'v', 'object': {'host': 'a'}}";

static void test_database(void)
{
	struct database db;
	uint64_t next;

	database_open(&db);
	ok(take(&db, 1000, 5, lan, host_a, host_b, vm, ""), "what the board tells is known");
	ok(db.revision == 5 && json_object_size(db.hosts) == 2 &&
	   json_object_get(db.vms, "lan/v"), "all of it");
	ok(!take(&db, 1000, 6, "") && db.revision == 6, "nothing is no change");
	ok(take(&db, 1000, 7, no_b, "") && !json_object_get(db.hosts, "b"),
	   "who is said to be gone is gone at once");
	take(&db, 1000, 8, host_b, "");

	/* All is told again, and b is not there */
	db.revision = 0;
	take(&db, 2000, 9, lan, host_a, "");
	ok(json_object_get(db.hosts, "b"), "who is only missing is held");
	ok(!json_object_size(db.vms), "a VM is not");
	ok(!database_expire(&db, 31999, &next) && next == 32000, "for a while");
	ok(database_expire(&db, 32000, &next) && !next && !json_object_get(db.hosts, "b") &&
	   json_object_get(db.hosts, "a"), "and then forgotten, alone");

	/* The same, but it comes back */
	db.revision = 0;
	take(&db, 40000, 10, lan, "");
	take(&db, 41000, 11, host_a, "");
	ok(!database_expire(&db, UINT64_MAX, &next) && json_object_get(db.hosts, "a"),
	   "who comes back is held no more");
	/* Who has no lease is not held for longer. */
	take(&db, 50000, 12,
	     "{'type': 'put', 'kind': 'host', 'name': 'c', 'object': {'ttl': -9223372036854775807}}",
	     "");
	db.revision = 0;
	take(&db, 60000, 13, "");
	ok(!database_expire(&db, 89999, &next) && next == 90000 &&
	   database_expire(&db, 90000, &next) && !json_object_get(db.hosts, "c"),
	   "a lease that makes no sense is the shortest");
	database_close(&db);
}

/* A board that was broken into, or is none. */
static void test_nonsense(void)
{
	static const char *const answers[] = {
		"null", "[]", "{}", "{\"events\": []}", "{\"revision\": 1}",
		"{\"events\": {}, \"revision\": 1}", "{\"events\": [], \"revision\": -1}",
		"{\"events\": [], \"revision\": \"1\"}", "{\"events\": [], \"revision\": 1.5}",
	};
	static const char *const events[] = {
		"null", "1", "[]", "{}", "{'type': 'put'}",
		"{'type': 'put', 'kind': 'host', 'name': 'x'}",
		"{'type': 'put', 'kind': 'host', 'name': 'x', 'object': []}",
		"{'type': 'put', 'kind': 'host', 'name': '../x', 'object': {}}",
		"{'type': 'put', 'kind': 'frob', 'name': 'x', 'object': {}}",
		"{'type': 'frob', 'kind': 'host', 'name': 'x', 'object': {}}",
		"{'type': 'put', 'kind': 'vm', 'name': 'x', 'object': {}}",
		"{'type': 'put', 'kind': 'vm', 'segment': '/', 'name': 'x', 'object': {}}",
	};
	struct database db;
	unsigned int i;
	bool good = true;

	database_open(&db);
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		json_t *o = json_loads(answers[i], JSON_DECODE_ANY, NULL);
		bool changed;

		good = good && !database_take(&db, o, 0, &changed) && !db.revision;
		json_decref(o);
	}
	ok(good, "what is no answer to a watch is refused");
	for (i = 0; i < ARRAY_SIZE(events); i++)
		good = good && !take(&db, 0, 1, events[i], "");
	ok(good && db.ignored == ARRAY_SIZE(events) && !json_object_size(db.hosts) &&
	   !json_object_size(db.vms), "events that make no sense are counted");
	database_close(&db);
}

static void test_file(const char *dir)
{
	static const char *const broken[] = {
		"", "{", "[]", "{\"version\": 2}", "{\"version\": 1}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": [], \"vms\": {}, \"ports\": {}}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": {\"a\": 1}, \"vms\": {}, \"ports\": {}}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": {}, \"vms\": {}, \"ports\": {\"a\": \"b\"}}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": {\"../a\": {}}, \"vms\": {}, \"ports\": {}}",
		"{\"version\": 1, \"segments\": {\"\": {}}, \"hosts\": {}, \"vms\": {}, \"ports\": {}}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": {}, \"vms\": {\"v\": {}}, \"ports\": {}}",
		"{\"version\": 1, \"segments\": {}, \"hosts\": {}, \"vms\": {}, \"ports\": {\"a/?\": \"b\"}}",
	};
	struct database db, other;
	bool good = true;
	unsigned int i;
	char file[256];
	FILE *f;

	snprintf(file, sizeof(file), "%s/db", dir);
	database_open(&db);
	database_open(&other);
	ok(database_load(&db, file) == -ENOENT, "a database that is not there");
	take(&db, 0, 5, lan, host_a, host_b, vm, "");
	json_object_set_new(db.ports, "lan/v", json_string("tap0"));
	ok(!database_save(&db, file) && !database_load(&other, file) &&
	   json_equal(db.hosts, other.hosts) && json_equal(db.vms, other.vms) &&
	   json_equal(db.segments, other.segments) && json_equal(db.ports, other.ports),
	   "is read as it was written");
	ok(!other.revision, "and all is asked for again");
	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		f = fopen(file, "w");
		fputs(broken[i], f);
		fclose(f);
		good = good && database_load(&other, file) == -EINVAL &&
		       json_object_size(other.hosts) == 2;
	}
	ok(good, "one that is broken changes nothing");
	database_save(&db, file);
	ok(database_save(&db, "/dev/null/db") == -ENOTDIR, "one that cannot be written");
	if (!access("/dev/full", W_OK))
		ok(database_load(&other, "/dev/full") == -EINVAL, "a device");
	database_close(&db);
	database_close(&other);
}

/* -------------------------------------------------------------------- made */

static bool only_seven(void *arg, unsigned int net)
{
	(void)arg;
	return net == 7;
}

static void test_made(const char *dir)
{
	char file[256];
	struct made m;
	FILE *f;

	snprintf(file, sizeof(file), "%s/made", dir);
	made_open(&m, file);
	ok(!made_has(&m, 7, "udp 192.0.2.1"), "at first nothing is made");
	made_add(&m, 7, "udp 192.0.2.1");
	made_add(&m, 8, "rrdp 2");
	ok(!made_save(&m) && !m.dirty, "what is made is written");
	made_close(&m);
	made_open(&m, file);
	ok(made_has(&m, 7, "udp 192.0.2.1") && made_has(&m, 8, "rrdp 2") &&
	   !made_has(&m, 7, "rrdp 2"), "and known to the next");
	made_prune(&m, only_seven, NULL);
	ok(made_has(&m, 7, "udp 192.0.2.1") && !made_has(&m, 8, "rrdp 2"),
	   "but not of networks that are gone");
	made_remove(&m, 7, "udp 192.0.2.1");
	ok(!made_has(&m, 7, "udp 192.0.2.1"), "nor what is deleted");
	made_close(&m);
	f = fopen(file, "w");
	fputs("{\"7\": []}", f);
	fclose(f);
	made_open(&m, file);
	ok(!made_has(&m, 7, "udp 192.0.2.1"), "a broken file says nothing");
	made_close(&m);
}

/* ------------------------------------------------------------- setup, address */

static void test_setup(const char *dir)
{
	static const char text[] =
		"# comment\nstate = /s\nsocket=/k\ndhcp = no\ndnsmasq = /d\ndomain = lab\nhost = h1\nboard = https://192.0.2.1:8789\nfingerprint = 00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff\ntoken = vmb_1\naddress = 192.0.2.1/24\naddress = 2001:db8::1/64\ntransports = udp rrdp\nttl = 9\nnode = 7\nnetwork = lan vmnet0\nnetwork = dmz\n";
	struct setup s, again;
	char file[256], error[512];
	FILE *f;

	snprintf(file, sizeof(file), "%s/conf", dir);
	f = fopen(file, "w");
	fputs(text, f);
	fclose(f);
	ok(!setup_read(&s, file, error) && s.domain_count == 1 &&
	   s.domains[0].network_count == 2 && s.domains[0].address_count == 2 &&
	   s.domains[0].rrdp && s.domains[0].ttl == 9 && s.domains[0].node == 7 &&
	   !s.dhcp && !strcmp(s.dnsmasq, "/d") &&
	   !strcmp(s.domains[0].networks[0].device, "vmnet0"), "a configuration: %s", error);
	ok(!setup_write(&s, file) && !setup_read(&again, file, error) &&
	   !strcmp(s.state, again.state) && !again.dhcp && !strcmp(again.dnsmasq, "/d") &&
	   !memcmp(s.domains[0].boards, again.domains[0].boards, sizeof(s.domains[0].boards)) &&
	   !memcmp(s.domains[0].networks, again.domains[0].networks,
		   2 * sizeof(*s.domains[0].networks)), "is read as it was written: %s", error);
	setup_free(&s);
	setup_free(&again);
	f = fopen(file, "w");
	fputs("\ndomain = lab\nboard = https://192.0.2.1\n", f);
	fclose(f);
	ok(setup_read(&s, file, error) == -EINVAL && strstr(error, "conf:2: ") &&
	   strstr(error, "fingerprint"), "what is missing is told of: %s", error);
}

static void test_address(void)
{
	static const char *const bad[] = {
		"", "192.0.2.1", "192.0.2.1/", "192.0.2.1/0", "192.0.2.1/33", "192.0.2.1/x",
		"host/24", "2001:db8::1/129", "2001:db8::1", "/24", "192.0.2.1/24 ",
		"192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1/24",
	};
	struct endpoint ep;
	bool good = true;
	unsigned int i;

	ok(address_endpoint("192.0.2.1/24", &ep) && ep.family == AF_INET && !ep.port,
	   "an IPv4 address");
	ok(address_endpoint("2001:db8::1/64", &ep) && ep.family == AF_INET6,
	   "an IPv6 address");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		good = good && !address_endpoint(bad[i], &ep);
	ok(good && !address_endpoint(NULL, &ep), "what is none");
}

/* Who is reached how */
static void test_peer(void)
{
	static const char *const hosts[] = {
		"a",
		"{'addresses': ['192.0.2.1/24'], 'subnet': 7, 'node': 1, 'transports': ['udp', 'rrdp']}",
		"b",
		"{'addresses': ['192.0.2.2/24'], 'subnet': 7, 'node': 2, 'transports': ['udp', 'rrdp']}",
		"c",
		"{'addresses': ['192.0.2.3/24'], 'subnet': 7, 'node': 3, 'transports': ['udp']}",
		"d",
		"{'addresses': ['2001:db8::4/64', '198.51.100.4/24'], 'subnet': 8, 'node': 4, 'transports': ['udp', 'rrdp']}",
		"e",
		"{'addresses': ['2001:db8::5/64'], 'subnet': 9, 'node': 5}",
		"f",
		"{'addresses': ['nonsense', 5], 'subnet': -1, 'node': 'x', 'transports': [1]}",
	};
	static const char *const want[] = { "", "rrdp 2", "udp 192.0.2.3", "udp 198.51.100.4" };
	struct domain d = { .config.host = "a" };
	char text[256], key[PEER_KEY_SIZE], *c;
	struct peer p;
	unsigned int i;

	database_open(&d.db);
	for (i = 0; i < ARRAY_SIZE(hosts); i += 2) {
		snprintf(text, sizeof(text), "%s", hosts[i + 1]);
		for (c = text; *c; c++)
			if (*c == '\'')
				*c = '"';
		json_object_set_new(d.db.hosts, hosts[i], json_loads(text, 0, NULL));
	}
	for (i = 1; i < ARRAY_SIZE(want); i++) {
		*key = '\0';
		if (reconcile_peer(&d, json_object_get(d.db.hosts, hosts[2 * i]), &p))
			peer_key(&p, key);
		ok(!strcmp(key, want[i]), "host %s is peer %s, not \"%s\"", hosts[2 * i],
		   want[i], key);
	}
	reconcile_peer(&d, json_object_get(d.db.hosts, "d"), &p);
	ok(p.number == 4 && p.subnet == 8, "with its number and subnet");
	ok(!reconcile_peer(&d, json_object_get(d.db.hosts, "e"), &p),
	   "none that has no address of a family of this host");
	ok(!reconcile_peer(&d, json_object_get(d.db.hosts, "f"), &p), "nor nonsense");
	database_close(&d.db);
}

static void test_http(void)
{
	char hex[2 * FINGERPRINT_LEN + 1], s[FINGERPRINT_STRLEN];
	uint8_t f[FINGERPRINT_LEN], again[FINGERPRINT_LEN];
	unsigned int i;

	ok(http_url_valid("https://192.0.2.1:8789") && http_url_valid("https://[::1]:1") &&
	   http_url_valid("https://board.example"), "URLs");
	ok(!http_url_valid("http://192.0.2.1") && !http_url_valid("https://") &&
	   !http_url_valid("https://a/b") && !http_url_valid("https://a?b") &&
	   !http_url_valid("https://user@a"), "what is none");
	for (i = 0; i < FINGERPRINT_LEN; i++)
		sprintf(hex + 2 * i, "%02x", 0xe0 + i % 16);
	ok(fingerprint_parse(hex, f) && f[0] == 0xe0 && f[31] == 0xef, "a fingerprint");
	fingerprint_format(f, s);
	ok(!strncmp(s, "E0:E1:E2:", 9) && strlen(s) == FINGERPRINT_STRLEN - 1 &&
	   fingerprint_parse(s, again) && !memcmp(f, again, sizeof(f)),
	   "as the board prints it");
	ok(!fingerprint_parse("", f) && !fingerprint_parse("00", f), "what is none");
	hex[20] = '-';
	ok(!fingerprint_parse(hex, f), "nor this");
}

/* -------------------------------------------------------------------- dnsmasq */

static bool has_arg(const json_t *args, const char *want)
{
	size_t i;

	for (i = 0; i < json_array_size(args); i++)
		if (!strcmp(json_string_value(json_array_get(args, i)), want))
			return true;
	return false;
}

/* Takes @o. */
static bool read_net(json_t *o, struct dnsmasq_net *net)
{
	bool good = dnsmasq_net(o, 1450, net);

	json_decref(o);
	return good;
}

static void test_dnsmasq(void)
{
	static const char *const prefixes[] = {
		"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/0", "10.0.0.0/33", "10.0.0/8",
		"10.0.0.0/8,x", "10.0.0.0/8\n", "fd00::/64", "/8",
		"1111111111111111111111111111/8",
	};
	static const struct {
		const char *mac;
		const char *ipv4;
	} bad[] = {
		{ "", "10.1.0.9" }, { "52:54:00:00:00", "10.1.0.9" },
		{ "01:00:5e:00:00:01", "10.1.0.9" }, { "*:*:*:*:*:*", "10.1.0.9" },
		{ "52:54:00:00:00:09,set:known", "10.1.0.9" },
		{ "52:54:00:00:00:09\n", "10.1.0.9" },
		{ "52:54:00:00:00:09", "" }, { "52:54:00:00:00:09", "10.2.0.9" },
		{ "52:54:00:00:00:09", "10.1.0.9,ignore" },
		{ "52:54:00:00:00:09", "10.1.0.9\n--conf-file=/x" },
		{ "52:54:00:00:00:01", "10.1.0.9" }, { "52:54:00:00:00:09", "10.1.0.1" },
	};
	struct dnsmasq_net net;
	json_t *args, *seen = json_object();
	bool good = true;
	unsigned int i;
	size_t n;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		good = good && !read_net(json_pack("{s:s}", "ipv4", prefixes[i]), &net);
	ok(good, "what is no prefix");
	ok(read_net(json_pack("{s:s}", "ipv4", "10.1.2.3/16"), &net) && net.len == 16 &&
	   net.base.s_addr == htonl(0x0a010000), "a prefix");
	args = dnsmasq_args("/d", &net);
	ok(!strcmp(json_string_value(json_array_get(args, 0)), "/d") &&
	   has_arg(args, "--dhcp-range=10.1.0.0,static,255.255.0.0,43200") &&
	   has_arg(args, "--shared-network=eth0,10.1.0.0") &&
	   has_arg(args, "--dhcp-option=26,1450") && has_arg(args, "--dhcp-option=3") &&
	   has_arg(args, "--dhcp-option=6"), "what guests are told");
	ok(dnsmasq_add(args, seen, &net, "52:54:00:00:00:01", "10.1.0.1") &&
	   has_arg(args, "--dhcp-host=52:54:00:00:00:01,10.1.0.1"), "a guest");
	n = json_array_size(args);
	for (i = 0, good = true; i < sizeof(bad) / sizeof(bad[0]); i++)
		good = good && !dnsmasq_add(args, seen, &net, bad[i].mac, bad[i].ipv4);
	ok(good && json_array_size(args) == n, "what is none is not told to dnsmasq");
	json_decref(args);
	json_object_clear(seen);
	ok(read_net(json_pack("{s:s, s:s, s:[s, s, s]}", "ipv4", "10.1.0.0/16", "gateway",
			      "10.1.0.254", "dns", "192.0.2.1", "x\n", "192.0.2.2"), &net),
	   "a gateway");
	args = dnsmasq_args("/d", &net);
	ok(has_arg(args, "--dhcp-option=tag:!router,3,10.1.0.254") &&
	   has_arg(args, "--dhcp-option=6,192.0.2.1,192.0.2.2") &&
	   dnsmasq_add(args, seen, &net, "52:54:00:00:00:01", "10.1.0.254") &&
	   has_arg(args, "--dhcp-host=52:54:00:00:00:01,set:router,10.1.0.254"),
	   "is told, but not to itself");
	json_decref(args);
	ok(read_net(json_pack("{s:s, s:s, s:s}", "ipv4", "10.1.0.0/16", "gateway", "10.2.0.1",
			      "dns", "x"), &net) && !net.gateway.s_addr && !net.dns[0].s_addr,
	   "one that is elsewhere is none");
	json_decref(seen);
}

int main(void)
{
	char dir[] = "/tmp/vmnetd-unit-XXXXXX", command[64];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!mkdtemp(dir))
		return 1;
	test_backoff();
	test_database();
	test_nonsense();
	test_file(dir);
	test_made(dir);
	test_setup(dir);
	test_address();
	test_peer();
	test_http();
	test_dnsmasq();
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ok(!system(command), "nothing is left");
	return tap_end();
}
