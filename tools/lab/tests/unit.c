// SPDX-License-Identifier: GPL-2.0
/* Unit tests of labs: results as TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "compiler.h"
#include "resolve.h"
#include "tap.h"
#include "task.h"
#include "topology.h"

/* A lab to which the tests add; its first line is the tests' own. */
#define HEAD	"name: lab\n"							\
		"networks:\n"							\
		"  red: {ipv4: 10.1.0.0/24}\n"					\
		"  blue: {ipv4: 10.2.0.0/24}\n"
#define GUESTS	"guests:\n"							\
		"  a: {kernel: /k, nics: [red]}\n"				\
		"  b: {kernel: /k, nics: [{network: red, ipv4: 10.1.0.9}]}\n"

static bool parse(struct topology *t, const char *text, char error[DOCUMENT_ERROR_SIZE])
{
	struct node root;
	bool good;

	*t = (struct topology){ };
	good = document_parse("F", text, strlen(text), &root, error) &&
	       topology_parse(t, "F", &root, error);
	node_free(&root);
	return good;
}

static void wrong(const char *text, const char *want)
{
	char error[DOCUMENT_ERROR_SIZE];
	struct topology t;

	if (ok(!parse(&t, text, error), "refused: %.60s", want))
		same(error, want, "and the message says so");
	topology_free(&t);
}

/* ----------------------------------------------------------------- documents */

static void test_document(void)
{
	static char deep[128], wide[200000];
	char error[DOCUMENT_ERROR_SIZE];
	struct node root;
	unsigned int i;
	size_t len = 0;

	wrong("", "F:1: the file is empty");
	wrong("# nothing\n", "F:1: the file is empty");
	wrong("name: [a\n", "F:2: did not find expected ',' or ']' while parsing a flow sequence");
	wrong("name: a\n\tx: b\n",
	      "F:2: found a tab character that violates indentation while scanning a plain scalar");
	wrong("name: a\nname: b\n", "F:2: \"name\" is there twice, first in line 1");
	wrong("name: &x a\n", "F:1: anchors such as \"&x\" are not taken: write it out");
	wrong("name: *x\n", "F:1: aliases such as \"*x\" are not taken: write it out");
	wrong("a: &x [*x]\n", "F:1: anchors such as \"&x\" are not taken: write it out");
	wrong("*x : a\n", "F:1: aliases such as \"*x\" are not taken: write it out");
	wrong("name: !!python/object a\n",
	      "F:1: tags such as \"tag:yaml.org,2002:python/object\" are not taken: leave it out");
	wrong("? [a]\n: b\n", "F:1: a key has to be a word, not a list or a mapping");
	wrong("name: a\n---\nname: b\n", "F:2: a second document begins: one is enough");
	wrong("name: \"a\\0b\"\n", "F:1: a text has a NUL character in it");
	memset(deep, '[', sizeof(deep) - 1);
	wrong(deep, "F:1: it is nested deeper than 12 levels");
	for (i = 0; i <= DOCUMENT_MEMBERS_MAX; i++)
		len += snprintf(wide + len, sizeof(wide) - len, "- a\n");
	wrong(wide, "F:4097: more than 4096 members");
	ok(!document_parse("F", "a\xff", 2, &root, error) && strstr(error, "UTF-8"),
	   "what is not UTF-8 is refused");
	node_free(&root);
	ok(!document_parse("F", deep, DOCUMENT_SIZE_MAX + 1, &root, error),
	   "what is large is not even read");
	same(error, "F:1: the file is larger than 1048576 octets", "and the message says so");
	ok(!document_read("/no/such/file", &root, error), "a file that is not there");
	same(error, "cannot read /no/such/file: No such file or directory",
	     "and the message says so");
}

/* ---------------------------------------------------------------- topologies */

static void test_topology(void)
{
	static const char text[] = HEAD
		"links:\n"
		"  wire: {ipv4: 10.3.0.0/30, between: [a, {guest: r, ipv4: 10.3.0.2}], vni: 7}\n"
		"defaults: {kernel: /k, memory: 64, append: quiet}\n"
		"guests:\n"
		"  a: {nics: [red], host: h1}\n"
		"  b: {nics: [blue], memory: 128, vcpus: 2, initrd: /i, address: dhcp}\n"
		"appliances:\n"
		"  r: {nics: [red, blue], disk: /d.qcow2}\n";
	char error[DOCUMENT_ERROR_SIZE];
	const struct topology_guest *g;
	struct topology t;

	if (!ok(parse(&t, text, error), "a lab"))
		printf("# %s\n", error);
	ok(t.network_count == 3 && t.guest_count == 3, "with networks, a link and guests");
	same(t.networks[1].segment, "lab-blue", "a segment has the name of the lab");
	g = topology_guest(&t, "a");
	ok(g && g->memory == 64 && g->vcpus == 1 && !strcmp(g->kernel, "/k") && !g->forward &&
	   g->nic_count == 2 && g->nics[1].network == 2 && g->line == 9,
	   "a guest has the defaults, and its end of a link");
	g = topology_guest(&t, "b");
	ok(g && g->memory == 128 && g->vcpus == 2 && g->dhcp && !strcmp(g->initrd, "/i"),
	   "another has its own");
	g = topology_guest(&t, "r");
	ok(g && g->forward && g->nic_count == 3 && !strcmp(g->nics[2].ipv4, "10.3.0.2"),
	   "an appliance has the other end");
	ok(!topology_guest(&t, "c"), "who is not there is not found");
	topology_free(&t);
}

static void test_wrong(void)
{
	wrong("[a]\n", "F:1: a lab has to be a mapping, lines of \"NAME: VALUE\"");
	wrong("networks: {}\n", "F:1: a lab needs \"name\"");
	wrong("name: a/b\n",
	      "F:1: \"name\" has to be a name of up to 63 letters, digits, \"-\", \".\" and \"_\", not \"a/b\"");
	wrong("name: lab\n", "F:1: a lab needs \"guests\"");
	wrong("name: lab\n\nhosts: {}\n",
	      "F:3: there is no key \"hosts\" here: it has to be one of \"name\", \"defaults\", \"networks\", \"links\", \"guests\", \"appliances\"");
	wrong("name: lab\nnetworks:\n  red: {}\n",
	      "F:3: network \"red\" needs \"ipv4\", a prefix such as 10.1.0.0/24");
	wrong("name: lab\nnetworks:\n  red: {ipv4: 10.1.0.0}\n",
	      "F:3: \"ipv4\" has to be a prefix such as 10.1.0.0/24, of a length from 8 to 30, not \"10.1.0.0\"");
	wrong("name: lab\nnetworks:\n  red: {ipv4: 10.1.0.0/31}\n",
	      "F:3: \"ipv4\" has to be a prefix such as 10.1.0.0/24, of a length from 8 to 30, not \"10.1.0.0/31\"");
	wrong(HEAD "  dark: {ipv4: 10.1.0.128/25}\n",
	      "F:5: network \"red\" has 10.1.0.0/24, of which \"10.1.0.128/25\" has a part: choose another prefix");
	wrong(HEAD "  dark: {ipv4: 10.9.0.0/24, vni: 16777216}\n",
	      "F:5: \"vni\" has to be a number from 1 to 16777215, not \"16777216\"");
	wrong(HEAD "  dark: {ipv4: 10.9.0.0/24, gateway: a}\n" GUESTS,
	      "F:5: \"gateway\" has to be one of the \"appliances\", which \"a\" is not");
	wrong(HEAD "  dark: {ipv4: 10.9.0.0/24, mtu: 9000}\n",
	      "F:5: there is no key \"mtu\" here: it has to be one of \"ipv4\", \"vni\", \"gateway\"");
	wrong(HEAD "guests:\n  a: {}\n",
	      "F:6: guest \"a\" needs \"kernel\" or \"disk\" to boot from");
	wrong(HEAD "guests:\n  a: {kernel: /k}\n",
	      "F:6: guest \"a\" needs \"nics\", a list of networks");
	wrong(HEAD "guests:\n  a: {kernel: k}\n",
	      "F:6: \"kernel\" has to be the whole name of a file on the host of the guest, such as /boot/vmlinuz, without commas and quotes, not \"k\"");
	wrong(HEAD "guests:\n  a: {kernel: /k, append: \"a\\nb\"}\n",
	      "F:6: \"append\" has to be words without quotes and of one line");
	wrong(HEAD "guests:\n  a: {kernel: /k, memory: 1}\n",
	      "F:6: \"memory\" has to be a number from 16 to 1048576, not \"1\"");
	wrong(HEAD "guests:\n  a: {kernel: /k, address: auto}\n",
	      "F:6: \"address\" has to be \"static\" or \"dhcp\", not \"auto\"");
	wrong(HEAD "guests:\n  a: {disk: /d, address: static, nics: [red]}\n",
	      "F:6: guest \"a\" boots from its disk: \"address\" has to be \"dhcp\"");
	wrong(HEAD "guests:\n  a: {disk: /d, append: quiet}\n",
	      "F:6: guest \"a\" has \"append\": it needs \"kernel\", too");
	wrong(HEAD "guests:\n  a: {kernel: /k, nics: red}\n",
	      "F:6: \"nics\" has to be a list of networks, such as [lan]");
	wrong(HEAD "guests:\n  a: {kernel: /k, nics: [green]}\n",
	      "F:6: there is no network \"green\": \"networks\" has to list it");
	wrong(HEAD "guests:\n  a: {kernel: /k, nics: [red, red]}\n",
	      "F:6: guest \"a\" has a NIC in network \"red\" already: one is enough");
	wrong(HEAD "guests:\n  a: {kernel: /k, nics: [{network: red, ipv4: 10.1.0.255}]}\n",
	      "F:6: 10.1.0.255 is no address for a guest in network \"red\": choose one of 10.1.0.0/24");
	wrong(HEAD GUESTS "  c: {kernel: /k, nics: [{network: red, ipv4: 10.1.0.9}]}\n",
	      "F:8: guest \"b\" has 10.1.0.9: choose another address");
	wrong(HEAD GUESTS "appliances:\n  a: {kernel: /k, nics: [red, blue]}\n",
	      "F:9: there is a guest \"a\" already: choose another name");
	wrong(HEAD GUESTS "appliances:\n  r: {kernel: /k, nics: [red]}\n",
	      "F:9: appliance \"r\" has one NIC only: it needs two to forward, or is a guest");
	wrong(HEAD GUESTS "links:\n  w: {ipv4: 10.9.0.0/30}\n",
	      "F:9: link \"w\" needs \"between\", a list of two guests");
	wrong(HEAD GUESTS "links:\n  w: {ipv4: 10.9.0.0/30, between: [a]}\n",
	      "F:9: \"between\" has to be a list of two guests, such as [a, b]");
	wrong(HEAD GUESTS "links:\n  w: {ipv4: 10.9.0.0/30, between: [a, c]}\n",
	      "F:9: there is no guest \"c\": \"guests\" has to list it");
	wrong(HEAD GUESTS "links:\n  red: {ipv4: 10.9.0.0/30, between: [a, b]}\n",
	      "F:9: there is a network \"red\" already: choose another name");
	wrong(HEAD "  tiny: {ipv4: 10.9.0.0/30}\n"
	      "defaults: {kernel: /k}\n"
	      "guests:\n  a: {nics: [tiny]}\n  b: {nics: [tiny]}\n  c: {nics: [tiny]}\n",
	      "F:5: network \"tiny\" has fewer addresses than its 3 guests: choose a shorter prefix");
	wrong(HEAD "defaults: {nics: [red]}\n" GUESTS,
	      "F:5: there is no key \"nics\" here: it has to be one of \"kernel\", \"initrd\", \"append\", \"disk\", \"memory\", \"vcpus\", \"address\"");
}

/* ----------------------------------------------------------- what they leave open */

static void append_is(const struct topology *t, const char *name, const char *want)
{
	struct buf out = { };

	resolve_append(t, topology_guest(t, name), &out);
	buf_putc(&out, '\0');
	same(out.p, want, "the words for its kernel");
	buf_free(&out);
}

static void test_append(void)
{
	static const char text[] =
		"name: lab\n"
		"networks:\n"
		"  red: {ipv4: 10.1.0.0/24, gateway: r}\n"
		"  blue: {ipv4: 10.2.0.0/20, gateway: r}\n"
		"defaults: {kernel: /k}\n"
		"guests:\n"
		"  a: {append: quiet, nics: [{network: red, ipv4: 10.1.0.2}]}\n"
		"  d: {nics: [{network: red, ipv4: 10.1.0.3}], address: dhcp}\n"
		"appliances:\n"
		"  r: {nics: [{network: red, ipv4: 10.1.0.1}, {network: blue, ipv4: 10.2.0.1}]}\n";
	char error[DOCUMENT_ERROR_SIZE];
	struct topology t;

	ok(parse(&t, text, error), "a lab with a router");
	append_is(&t, "a", "quiet ip=10.1.0.2::10.1.0.1:255.255.255.0:a:eth0:none");
	append_is(&t, "d", " ip=dhcp");
	append_is(&t, "r",
		  " ip=10.1.0.1:::255.255.255.0:r:eth0:none ip=10.2.0.1:::255.255.240.0:r:eth1:none sysctl.net.ipv4.ip_forward=1");
	topology_free(&t);
}

static void test_place(void)
{
	static const char *const hosts[] = { "h2", "h3", "h1" };
	static const char text[] = HEAD
		"defaults: {kernel: /k}\n"
		"guests:\n"
		"  a: {nics: [red]}\n  b: {nics: [red]}\n  c: {nics: [red], host: h1}\n"
		"  d: {nics: [red]}\n  e: {nics: [red], host: h1}\n  f: {nics: [red]}\n";
	char error[DOCUMENT_ERROR_SIZE], got[64] = "";
	struct topology t;
	unsigned int i;

	ok(parse(&t, text, error), "a lab of which two guests have a host");
	resolve_place(&t, hosts, 0);
	ok(!*t.guests[0].host, "without hosts they have none");
	resolve_place(&t, hosts, ARRAY_SIZE(hosts));
	for (i = 0; i < t.guest_count; i++)
		strcat(strcat(got, t.guests[i].host), " ");
	same(got, "h2 h3 h1 h2 h1 h3 ", "the others are spread evenly");
	topology_free(&t);
}

static void test_task(void)
{
	static const char *const echo[] = { "sh", "-c", "cat; echo error >&2; exit 3", NULL };
	static const char *const none[] = { "/no/such/program", NULL };
	static const char *const killed[] = { "sh", "-c", "kill -9 $$", NULL };
	struct buf said = { };

	ok(task_run(echo, "input\n", &said) == 3, "a program ends with its status");
	same(said.p, "input\nerror\n", "it gets its input, and what it says is kept");
	same(task_reason(&said), "error", "the last line is the reason");
	buf_free(&said);
	ok(task_run(none, "", NULL) == TASK_NONE, "one that is not there does not start");
	ok(task_run(killed, "", NULL) == 128 + 9, "a signal ends one");
}

int main(void)
{
	test_document();
	test_topology();
	test_wrong();
	test_append();
	test_place();
	test_task();
	return tap_end();
}
