// SPDX-License-Identifier: GPL-2.0
/*
 * Short texts that the board reads: addresses, prefixes, endpoints, tokens, base64, and
 * what etcd answers. Each text is given to all that read any.
 */
#include "base64.h"
#include "etcd_address.h"
#include "etcd_text.h"
#include "input.h"
#include "parse.h"
#include "pool.h"
#include "prefix.h"
#include "request.h"

static void check_prefix(const char *text)
{
	char again[PREFIX_STRLEN];
	struct prefix p, q;
	__uint128_t ip;

	if (prefix_parse(text, &p)) {
		prefix_format(&p, again);
		must(prefix_parse(again, &q) && q.family == p.family && q.len == p.len &&
		     q.base == p.base, "a prefix is another when it is read again");
		must(prefix_first(&p) <= prefix_last(&p) && prefix_contains(&p, p.base),
		     "a prefix without its own addresses");
	}
	ip_parse(text, AF_INET, &ip);
	ip_parse(text, AF_INET6, &ip);
	ip_from_key(text, &ip);
}

static void check_endpoint(const char *text)
{
	char again[ENDPOINT_STRLEN];
	struct endpoint ep, other;
	struct etcd_address a;

	if (parse_endpoint(text, &ep)) {
		format_endpoint(&ep, again);
		must(parse_endpoint(again, &other) && other.port == ep.port &&
		     other.family == ep.family, "an endpoint is another when it is read again");
	}
	if (etcd_address_parse(text, &a))
		must(a.count && a.prefix[strlen(a.prefix) - 1] == '/', "an etcd");
}

static void check_base64(const char *text)
{
	char *octets = base64_string(text);
	struct buf b = { };

	if (!octets)
		return;
	base64_add(&b, octets, strlen(octets));
	buf_putc(&b, '\0');
	must(!strcmp(b.p, text), "base64 is another when it is written again");
	buf_free(&b);
	free(octets);
}

static void check_token(const char *text)
{
	static struct view v;
	struct problem problem = { };
	struct token t;

	if (!v.recent.next)
		view_init(&v);
	must(!token_check(&v, text, &t, &problem) && problem.code, "a token of nobody");
}

static void check_etcd(const char *text)
{
	json_t *o = json_loads(text, 0, NULL);
	struct etcd_record r;
	int deleted;

	etcd_revision(o);
	for (deleted = 0; deleted < 2; deleted++)
		if (etcd_read_record(o, deleted, "vmnet/", &r))
			etcd_record_free(&r);
	json_decref(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = input_text(data, size);

	check_prefix(text);
	check_endpoint(text);
	check_base64(text);
	check_token(text);
	check_etcd(text);
	free(text);
	return 0;
}
