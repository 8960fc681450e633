// SPDX-License-Identifier: GPL-2.0
/* watch */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "verbs.h"

enum { WAIT = 25 };	/* seconds of a long poll */

enum {
	CELL_EVENT, CELL_KIND, CELL_SEGMENT, CELL_NAME, CELL_REVISION, CELL_HOST, CELL_NODE,
	CELL_ADDRESSES, CELL_VNI, CELL_MAC, CELL_IPV4, CELL_IPV6, CELL_LIVE,
};

static const struct column columns[] = {
	{ CELL_EVENT,	  COL_BOTH, 0, "event",		NULL },
	{ CELL_KIND,	  COL_BOTH, 0, "kind",		NULL },
	{ CELL_NAME,	  COL_BOTH, 0, "name",		NULL },
	{ CELL_SEGMENT,	  COL_BOTH, 0, "segment",	NULL },
	{ CELL_VNI,	  COL_BOTH, 0, "vni",		NULL },
	{ CELL_HOST,	  COL_BOTH, 0, "host",		NULL },
	{ CELL_NODE,	  COL_BOTH, 0, "node",		NULL },
	{ CELL_ADDRESSES, COL_BOTH, 0, "addresses",	NULL },
	{ CELL_MAC,	  COL_BOTH, 0, "mac",		NULL },
	{ CELL_IPV4,	  COL_BOTH, 0, "ipv4",		NULL },
	{ CELL_IPV6,	  COL_BOTH, 0, "ipv6",		NULL },
	{ CELL_LIVE,	  COL_BOTH, 0, "live",		NULL },
	{ CELL_REVISION,  COL_BOTH, 0, "revision",	NULL },
};

static void event_row(struct table *t, const json_t *event)
{
	const json_t *o = json_object_get(event, "object");

	text_cell(t, CELL_EVENT, event, "type");
	text_cell(t, CELL_KIND, event, "kind");
	text_cell(t, CELL_NAME, event, "name");
	text_cell(t, CELL_SEGMENT, event, "segment");
	number_cell(t, CELL_REVISION, event, "revision");
	number_cell(t, CELL_VNI, o, "vni");
	text_cell(t, CELL_HOST, o, "host");
	number_cell(t, CELL_NODE, o, "node");
	list_cell(t, CELL_ADDRESSES, o, "addresses");
	text_cell(t, CELL_MAC, o, "mac");
	text_cell(t, CELL_IPV4, o, "ipv4");
	text_cell(t, CELL_IPV6, o, "ipv6");
	if (json_object_get(o, "live"))
		table_flag(t, CELL_LIVE, json_is_true(json_object_get(o, "live")));
	table_row(t);
}

/* Prints what is new since *@since, if anything is. Returns the exit status. */
static int watch_once(const struct place *p, struct table *t, json_int_t *since)
{
	struct http_answer a;
	const json_t *events;
	char path[PATH_SIZE];
	size_t i;
	int err;

	snprintf(path, sizeof(path), "/v1/domains/%s/watch?since=%lld&wait=%d",
		 p->domain->name, (long long)*since, WAIT);
	place_ask(p, "GET", path, NULL, WAIT + ANSWER_TIMEOUT, &a);
	events = json_object_get(a.json, "events");
	for (i = 0; i < json_array_size(events); i++)
		event_row(t, json_array_get(events, i));
	*since = json_integer_value(json_object_get(a.json, "revision"));
	http_answer_free(&a);
	err = buf_flush(t->out, STDOUT_FILENO);
	if (err)
		complain("cannot write: %s", strerror(-err));
	return err ? STATUS_REFUSED : STATUS_OK;
}

int verb_watch(struct args *a)
{
	struct keyword kw[PLACE_KEYWORDS];
	json_int_t since = 0;
	struct buf out = { };
	struct place p;
	struct table t;
	int status;

	args_place(a, kw, ARRAY_SIZE(kw));
	place_open(&p, kw);
	table_begin(&t, &out, want_json ? TABLE_EVENT_JSON : TABLE_EVENT_TEXT, columns,
		    ARRAY_SIZE(columns));
	t.lead = 3;
	do {
		status = watch_once(&p, &t, &since);
	} while (status == STATUS_OK);
	buf_free(&out);
	place_close(&p);
	return status;
}
