// SPDX-License-Identifier: GPL-2.0
/*
 * usage: lab-fuzz SECONDS [SEED]
 * Feeds what reads files of labs with files that are nearly right, and looks whether what
 * comes of them makes sense. The compiler's checkers look at the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "compiler.h"
#include "resolve.h"
#include "rnd.h"
#include "topology.h"

enum { TEXT_MAX = 8192 };

static const char base[] =
	"name: lab\n"
	"defaults: {kernel: /k, memory: 64, append: quiet}\n"
	"networks:\n"
	"  red: {ipv4: 10.1.0.0/24, gateway: r}\n"
	"  blue: {ipv4: 10.2.0.0/29}\n"
	"links:\n"
	"  wire: {ipv4: 10.3.0.0/30, between: [a, {guest: r, ipv4: 10.3.0.2}], vni: 7}\n"
	"guests:\n"
	"  a: {nics: [red], host: h1}\n"
	"  b: {nics: [{network: blue, ipv4: 10.2.0.3}], vcpus: 2, initrd: /i, address: dhcp}\n"
	"appliances:\n"
	"  r:\n"
	"    nics: [red, blue]\n"
	"    disk: /d.qcow2\n";

static const char *const tokens[] = {
	"{", "}", "[", "]", ": ", ", ", "- ", "\n", "\n  ", "&x ", "*x", "!!str ", "---\n", "? ",
	"|\n", ">\n", "\"", "'", "\\", "%", "#", "\t", "\xff", "\xc3\xa9", "\\0", "<<: ", "null",
	"-1", "0", "4294967296", "10.1.0.1", "10.1.0.255", "/0", "/30", "/33", "::1", "red", "blue",
	"a", "r", "wire", "kernel: /k", "nics: ", "network: ", "guest: ", "gateway: r",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

/* Replaces @cut octets at @at by others, as far as there is room. */
static size_t splice(char *s, size_t len, size_t at, size_t cut, const char *p, size_t n)
{
	if (cut > len - at)
		cut = len - at;
	if (len - cut + n >= TEXT_MAX)
		return len;
	memmove(s + at + n, s + at + cut, len - at - cut);
	memcpy(s + at, p, n);
	return len - cut + n;
}

static size_t mutate(char *s, size_t len)
{
	const char *token = tokens[rnd(ARRAY_SIZE(tokens))];
	size_t at = rnd(len + 1);
	char copy[64], c = rnd(256);

	switch (rnd(5)) {
	case 0:
		return splice(s, len, at, 1, &c, 1);
	case 1:
		return splice(s, len, at, 1 + rnd(12), "", 0);
	case 2:
		return splice(s, len, at, rnd(4), token, strlen(token));
	case 3:
		c = 1 + rnd(30);
		while (c--)
			len = splice(s, len, at, 0, token, strlen(token));
		return len;
	default:
		/* A piece of it once more, elsewhere */
		if (at + sizeof(copy) > len)
			return len;
		memcpy(copy, s + at, sizeof(copy));
		return splice(s, len, rnd(len + 1), 0, copy, 1 + rnd(sizeof(copy)));
	}
}

static void must(bool good, const char *what, const char *text, size_t len)
{
	if (good)
		return;
	fprintf(stderr, "%s:\n%.*s\n", what, (int)len, text);
	abort();
}

/* What was taken can be used. */
static void check(struct topology *t, const char *text, size_t len)
{
	static const char *const hosts[] = { "h1", "h2" };
	unsigned int i, j;

	must(t->guest_count && name_valid(t->name), "a lab of nobody", text, len);
	resolve_place(t, hosts, ARRAY_SIZE(hosts));
	for (i = 0; i < t->guest_count; i++) {
		struct topology_guest *g = &t->guests[i];
		struct buf out = { };

		must(name_valid(g->name) && name_valid(g->host) && g->nic_count &&
		     (*g->kernel == '/' || *g->disk == '/'), "a guest", text, len);
		for (j = 0; j < g->nic_count; j++)
			must(g->nics[j].network < t->network_count, "a NIC", text, len);
		resolve_append(t, g, &out);
		must(!memchr(out.p, '\n', out.len), "words for a kernel", text, len);
		buf_free(&out);
	}
}

static bool once(void)
{
	char error[DOCUMENT_ERROR_SIZE] = "", text[TEXT_MAX];
	size_t len = sizeof(base) - 1;
	unsigned int times = rnd(5);
	struct topology t = { };
	struct node root;
	bool good;

	memcpy(text, base, len);
	while (times--)
		len = mutate(text, len);
	good = document_parse("F", text, len, &root, error) &&
	       topology_parse(&t, "F", &root, error);
	must(good == !*error && (good || !strncmp(error, "F:", 2)), "an error without its place",
	     text, len);
	if (good)
		check(&t, text, len);
	topology_free(&t);
	node_free(&root);
	return good;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? strtol(argv[1], NULL, 10) : 1);
	unsigned long good = 0, bad = 0;

	rnd_begin(argc > 2 ? argv[2] : NULL, (uint64_t)time(NULL) * 2654435761u);
	do {
		if (once())
			good++;
		else
			bad++;
	} while (time(NULL) <= end);
	printf("%sok 1 - %lu files taken, %lu refused\n1..1\n", good && bad ? "" : "not ", good,
	       bad);
	return !(good && bad);
}
