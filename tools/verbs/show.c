// SPDX-License-Identifier: GPL-2.0
/* show-domains, show-hosts, show-vms, add-vm, del-vm */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "verbs.h"

enum {
	CELL_DOMAIN, CELL_DESCRIPTION, CELL_REVISION,
	CELL_HOST, CELL_NODE, CELL_ADDRESSES, CELL_TRANSPORTS, CELL_SUBNET, CELL_TTL,
	CELL_SEGMENTS, CELL_SEGMENT, CELL_VM, CELL_MAC, CELL_IPV4, CELL_IPV6, CELL_LIVE,
};

static const struct column domain_columns[] = {
	{ CELL_DOMAIN,	    COL_BOTH, 15, "domain",	"DOMAIN" },
	{ CELL_REVISION,    COL_BOTH, -8, "revision",	"REVISION" },
	{ CELL_DESCRIPTION, COL_BOTH, 0,  "description", "DESCRIPTION" },
};

static const struct column host_columns[] = {
	{ CELL_HOST,	    COL_BOTH, 15, "host",	"HOST" },
	{ CELL_NODE,	    COL_BOTH, -10, "node",	"NODE" },
	{ CELL_SUBNET,	    COL_BOTH, -10, "subnet",	"SUBNET" },
	{ CELL_TTL,	    COL_BOTH, -4, "ttl",	"TTL" },
	{ CELL_TRANSPORTS,  COL_BOTH, 10, "transports",	"TRANSPORTS" },
	{ CELL_ADDRESSES,   COL_BOTH, 18, "addresses",	"ADDRESSES" },
	{ CELL_SEGMENTS,    COL_BOTH, 0,  "segments",	"SEGMENTS" },
};

static const struct column vm_columns[] = {
	{ CELL_SEGMENT,	    COL_BOTH, 15, "segment",	"SEGMENT" },
	{ CELL_VM,	    COL_BOTH, 15, "vm",		"VM" },
	{ CELL_HOST,	    COL_BOTH, 15, "host",	"HOST" },
	{ CELL_LIVE,	    COL_BOTH, 4,  "live",	"LIVE" },
	{ CELL_MAC,	    COL_BOTH, 17, "mac",	"MAC" },
	{ CELL_IPV4,	    COL_BOTH, 15, "ipv4",	"IPV4" },
	{ CELL_IPV6,	    COL_BOTH, 0,  "ipv6",	"IPV6" },
};

static void begin(struct table *t, struct buf *out, const struct column *columns,
		  unsigned int count)
{
	table_begin(t, out, want_json ? TABLE_JSON : TABLE_TEXT, columns, count);
}

static void domain_row(void *arg, const json_t *o)
{
	struct table *t = arg;

	text_cell(t, CELL_DOMAIN, o, "name");
	number_cell(t, CELL_REVISION, o, "revision");
	text_cell(t, CELL_DESCRIPTION, o, "description");
	table_row(t);
}

static void host_row(void *arg, const json_t *o)
{
	struct table *t = arg;

	text_cell(t, CELL_HOST, o, "name");
	number_cell(t, CELL_NODE, o, "node");
	number_cell(t, CELL_SUBNET, o, "subnet");
	number_cell(t, CELL_TTL, o, "ttl");
	list_cell(t, CELL_TRANSPORTS, o, "transports");
	list_cell(t, CELL_ADDRESSES, o, "addresses");
	list_cell(t, CELL_SEGMENTS, o, "segments");
	table_row(t);
}

static void vm_row(void *arg, const json_t *o)
{
	struct table *t = arg;

	text_cell(t, CELL_SEGMENT, o, "segment");
	text_cell(t, CELL_VM, o, "name");
	text_cell(t, CELL_HOST, o, "host");
	table_flag(t, CELL_LIVE, json_is_true(json_object_get(o, "live")));
	text_cell(t, CELL_MAC, o, "mac");
	text_cell(t, CELL_IPV4, o, "ipv4");
	text_cell(t, CELL_IPV6, o, "ipv6");
	table_row(t);
}

int verb_show_domains(struct args *a)
{
	struct keyword kw[PLACE_KEYWORDS];
	struct buf out = { };
	struct place p;
	struct table t;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	begin(&t, &out, domain_columns, ARRAY_SIZE(domain_columns));
	place_list(&p, "/v1/domains", domain_row, &t);
	place_close(&p);
	return print_table(&t);
}

int verb_show_hosts(struct args *a)
{
	struct keyword kw[PLACE_KEYWORDS];
	char path[PATH_SIZE];
	struct buf out = { };
	struct place p;
	struct table t;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	begin(&t, &out, host_columns, ARRAY_SIZE(host_columns));
	snprintf(path, sizeof(path), "/v1/domains/%s/hosts", p.domain->name);
	place_list(&p, path, host_row, &t);
	place_close(&p);
	return print_table(&t);
}

int verb_show_vms(struct args *a)
{
	struct keyword kw[] = {
		[PLACE_KEYWORDS] = { .name = "segment", .value = "SEGMENT" },
	};
	const struct keyword *segment = &kw[PLACE_KEYWORDS];
	char path[PATH_SIZE];
	struct buf out = { };
	struct place p;
	struct table t;

	args_place(a, kw, ARRAY_SIZE(kw));
	if (segment->given && !name_valid(segment->text))
		usage_error(a, "expected SEGMENT, a name, not \"%s\"", segment->text);
	place_open(&p, kw);
	begin(&t, &out, vm_columns, ARRAY_SIZE(vm_columns));
	if (segment->given)
		snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s/vms", p.domain->name,
			 segment->text);
	else
		snprintf(path, sizeof(path), "/v1/domains/%s/vms", p.domain->name);
	place_list(&p, path, vm_row, &t);
	place_close(&p);
	return print_table(&t);
}

static void vm_path(const struct place *p, const char *segment, const char *name,
		    char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "/v1/domains/%s/segments/%s/vms/%s", p->domain->name,
		 segment, name);
}

int verb_add_vm(struct args *a)
{
	struct keyword kw[] = {
		[PLACE_KEYWORDS] = { .name = "mac", .value = "MAC" },
		{ .name = "ipv4", .value = "ADDRESS" },
		{ .name = "ipv6", .value = "ADDRESS" },
		{ .name = "host", .value = "HOST" },
	};
	const char *segment = args_name(a, "SEGMENT"), *name = args_name(a, "NAME");
	struct http_answer answer;
	char path[PATH_SIZE];
	struct buf out = { };
	struct place p;
	struct table t;
	unsigned int i;
	json_t *body;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	body = json_object();
	for (i = PLACE_KEYWORDS; i < ARRAY_SIZE(kw); i++)
		if (kw[i].given)
			json_object_set_new(body, kw[i].name,
					    strcmp(kw[i].text, "none") ?
					    json_string(kw[i].text) : json_null());
	vm_path(&p, segment, name, path);
	place_ask(&p, "PUT", path, body, ANSWER_TIMEOUT, &answer);
	begin(&t, &out, vm_columns, ARRAY_SIZE(vm_columns));
	vm_row(&t, answer.json);
	json_decref(body);
	http_answer_free(&answer);
	place_close(&p);
	return print_table(&t);
}

int verb_del_vm(struct args *a)
{
	struct keyword kw[PLACE_KEYWORDS];
	const char *segment = args_name(a, "SEGMENT"), *name = args_name(a, "NAME");
	struct http_answer answer;
	char path[PATH_SIZE];
	struct place p;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	vm_path(&p, segment, name, path);
	place_ask(&p, "DELETE", path, NULL, ANSWER_TIMEOUT, &answer);
	http_answer_free(&answer);
	place_close(&p);
	return STATUS_OK;
}
