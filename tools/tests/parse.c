// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "tap.h"
#include "unit.h"
#include "vlans.h"
#include "vmnetctl.h"

static void numbers(void)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool good;
		uint64_t value;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "10", 10, true, 10 },
		{ "11", 10, false },
		{ "010", 10, true, 10 },
		{ "0x1F", 255, true, 31 },
		{ "0X1f", 255, true, 31 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false },
		{ "", 10, false }, { " 1", 10, false }, { "1 ", 10, false },
		{ "+1", 10, false }, { "-1", UINT64_MAX, false },
		{ "0x", 10, false }, { "0x-1", UINT64_MAX, false },
		{ "0x 1", 10, false }, { "1a", 99, false }, { "a", 99, false },
		{ "1.5", 10, false }, { "x", 10, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 77;
		bool good = parse_number(cases[i].text, cases[i].max, &v);

		if (!good)
			ok(!cases[i].good && v == 77, "no number \"%s\"", cases[i].text);
		else
			ok(cases[i].good && v == cases[i].value, "number \"%s\"", cases[i].text);
	}
}

static void vlan_sets(void)
{
	static const char *const cases[][2] = {
		{ "1", "1" }, { "4094", "4094" }, { "1-4094", "1-4094" },
		{ "10,20-29", "10,20-29" }, { "3,2,1", "1-3" },
		{ "5-5", "5" }, { "7,7,6-8", "6-8" }, { "0010", "10" },
		{ "1,3,5", "1,3,5" },
	};
	char text[VLANS_STRLEN];
	struct vlans v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!ok(vlans_parse(cases[i][0], &v), "VLANs %s", cases[i][0]))
			continue;
		vlans_format(&v, text);
		same(text, cases[i][1], "and back");
	}
	memset(&v, 0, sizeof(v));
	vlans_format(&v, text);
	same(text, "", "no VLANs");
	for (i = 2; i <= VLANS_MAX; i += 2)
		vlans_add(&v, i);
	vlans_format(&v, text);
	ok(strlen(text) < sizeof(text) && !strcmp(strrchr(text, ','), ",4094"),
	   "the longest set fits");
	ok(!vlans_parse("1,", &v) && vlans_has(&v, 2) && !vlans_has(&v, 1),
	   "a bad set changes nothing");
}

static void durations(void)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t ns;
	} cases[] = {
		{ "0", true, 0 }, { "1", true, 1000000000 },
		{ "0.2", true, 200000000 }, { ".5", true, 500000000 },
		{ "2.", true, 2000000000 }, { "00.010", true, 10000000 },
		{ "0.000000001", true, 1 }, { "10", true, 10000000000 },
		{ "0.0000000001" }, { "10.000000001" }, { "11" },
		{ "99999999999999999999999999" }, { "" }, { "." }, { "1..2" },
		{ "1.2.3" }, { "-1" }, { "+1" }, { " 1" }, { "1 " }, { "1s" },
		{ "1e3" }, { "0x1" }, { "1,5" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns = 77;
		bool good = parse_seconds(cases[i].text, 10000000000, &ns);

		if (cases[i].good)
			ok(good && ns == cases[i].ns, "seconds \"%s\"", cases[i].text);
		else
			ok(!good && ns == 77, "no seconds \"%s\"", cases[i].text);
	}
}

static void macs(void)
{
	static const struct {
		const char *text;
		uint8_t mac[6];
		bool good;
	} cases[] = {
		{ "02:00:00:00:00:01", { 2, 0, 0, 0, 0, 1 }, true },
		{ "aB:cD:eF:00:9:a", { 0xab, 0xcd, 0xef, 0, 9, 10 }, true },
		{ "02-00-00-00-00-01", { 2, 0, 0, 0, 0, 1 }, true },
		{ "" }, { "02" }, { "02:00:00:00:00" }, { "02:00:00:00:00:" },
		{ "02:00:00:00:00:01:02" }, { "02:00:00:00:00:001" },
		{ "02:00:00:00:00:0g" }, { "020000000001" },
		{ ":02:00:00:00:00:01" }, { "02::00:00:00:01" },
		{ "02.00.00.00.00.01" }, { "02:00:00:00:00:01 " },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t mac[6] = { 0 };
		bool good = parse_mac(cases[i].text, mac);

		ok(good == cases[i].good && !memcmp(mac, cases[i].mac, 6),
		   "MAC \"%s\"", cases[i].text);
	}
}

static void endpoints(void)
{
	/* what is read, and how it is written; NULL: it is refused */
	static const char *const cases[][2] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:4789", "192.0.2.1:4789" },
		{ "192.0.2.1:0x10", "192.0.2.1:16" },
		{ "[2001:DB8::1]:65535", "[2001:db8::1]:65535" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "::", "::" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
		  "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535" },
		{ "" }, { ":" }, { ":1" }, { "192.0.2" }, { "192.0.2.256" },
		{ "192.0.2.1:" }, { "192.0.2.1:0" }, { "192.0.2.1:65536" },
		{ "192.0.2.1:x" }, { "192.0.2.1 " }, { "host.example" },
		{ "[192.0.2.1]" }, { "[192.0.2.1]:1" }, { "[2001:db8::1" },
		{ "[2001:db8::1]4789" }, { "[2001:db8::1]:" }, { "[]" },
		{ "[2001:db8::1]:0" }, { "2001:db8::1]:1" }, { "fe80::1%eth0" },
		{ "1:2:3:4:5:6:7:8:9" },
		{ "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1" },
	};
	char text[ENDPOINT_STRLEN];
	struct endpoint ep;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool good;

		memset(&ep, 0x55, sizeof(ep));
		good = parse_endpoint(cases[i][0], &ep);
		if (!good) {
			ok(!cases[i][1] && ep.port == 0x5555,
			   "no address \"%s\"", cases[i][0]);
			continue;
		}
		format_endpoint(&ep, text);
		ok(cases[i][1] && !strcmp(text, cases[i][1]), "address \"%s\"",
		   cases[i][0]);
	}
}

void test_parse(void)
{
	numbers();
	vlan_sets();
	durations();
	macs();
	endpoints();
}
