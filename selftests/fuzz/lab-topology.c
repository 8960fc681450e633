// SPDX-License-Identifier: GPL-2.0
/* Files of labs: an error names its place, and what is taken can be used. */
#include "buf.h"
#include "compiler.h"
#include "input.h"
#include "resolve.h"
#include "topology.h"

static void check_guest(const struct topology *t, const struct topology_guest *g)
{
	struct buf out = { };
	unsigned int i;

	must(name_valid(g->name) && name_valid(g->host) && g->nic_count &&
	     (*g->kernel == '/' || *g->disk == '/'), "a guest");
	for (i = 0; i < g->nic_count; i++)
		must(g->nics[i].network < t->network_count, "a NIC");
	resolve_append(t, g, &out);
	must(!memchr(out.p, '\n', out.len), "words for a kernel");
	buf_free(&out);
}

static void check(struct topology *t)
{
	static const char *const hosts[] = { "h1", "h2" };
	unsigned int i;

	must(t->guest_count && name_valid(t->name), "a lab of nobody");
	resolve_place(t, hosts, ARRAY_SIZE(hosts));
	for (i = 0; i < t->guest_count; i++)
		check_guest(t, &t->guests[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[DOCUMENT_ERROR_SIZE] = "";
	struct topology t = { };
	struct node root;
	bool good;

	good = document_parse("F", (const char *)data, size, &root, error) &&
	       topology_parse(&t, "F", &root, error);
	must(good == !*error && (good || !strncmp(error, "F:", 2)),
	     "an error without its place");
	if (good)
		check(&t);
	topology_free(&t);
	node_free(&root);
	return 0;
}
