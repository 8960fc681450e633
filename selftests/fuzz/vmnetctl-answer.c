// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of a kernel, and its events, as rows. The first octet says what they are rows
 * of; records follow: a header, or parts of one, and a payload. JSON is JSON, whatever
 * they say.
 */
#include <errno.h>
#include <jansson.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>

#include "compiler.h"
#include "event.h"
#include "input.h"

enum { SEQ = 7, DATAGRAM_MAX = 8192, HEADER_RAW = 0x80 };

bool want_json;

static const struct view *const views[] = {
	&node_view, &net_view, &peer_view, &fdb_view, &port_view, &mdb_view, &neigh_view,
	&conn_view, &rrdp_stats_view, &vmnet_stats_view,
};

static const row_fn events[] = { rrdp_event_row, vmnet_event_row, link_event_row };

/**
 * struct answer - datagram, and what becomes of it
 * @data: as long as it is, so that who reads beyond is seen
 * @len: octets
 * @table: of rows
 * @row: makes them
 */
struct answer {
	char *data;
	size_t len;
	struct table table;
	row_fn row;
};

/* A message whose header is right, or any. */
static void add(struct answer *a, struct input *in)
{
	struct nlmsghdr nlh = { .nlmsg_seq = SEQ };
	uint8_t form = input_u8(in);
	size_t len, total;
	uint8_t *p;

	nlh.nlmsg_type = input_u16(in);
	nlh.nlmsg_flags = input_u16(in);
	p = input_copy(in, input_u16(in) % 1024, &len);
	nlh.nlmsg_len = NLMSG_HDRLEN + len;
	if (form & HEADER_RAW) {
		nlh.nlmsg_len = input_u32(in);
		nlh.nlmsg_seq = input_u8(in);
	}
	total = NLMSG_HDRLEN + NLMSG_ALIGN(len);
	if (a->len + total <= DATAGRAM_MAX) {
		a->data = realloc(a->data, a->len + total);
		memset(a->data + a->len, 0, total);
		memcpy(a->data + a->len, &nlh, sizeof(nlh));
		if (len)
			memcpy(a->data + a->len + NLMSG_HDRLEN, p, len);
		a->len += total;
	}
	free(p);
}

static int take(const struct nlmsghdr *nlh, void *arg)
{
	struct answer *a = arg;

	link_learn(nlh, NULL);
	return a->row(&a->table, nlh);
}

static void check_json(const struct buf *out, bool lines)
{
	size_t at = 0, len = out->len;

	while (at < out->len) {
		json_t *o;

		if (lines)
			len = (const char *)memchr(out->p + at, '\n', out->len - at) + 1 -
			      (out->p + at);
		/* Its integers have a sign, those of 64 bits here have not. */
		o = json_loadb(out->p + at, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
		must(o, "rows that are no JSON");
		json_decref(o);
		at += len;
	}
}

static void read_answer(struct answer *a, unsigned int what, bool json)
{
	const struct view *v = what < ARRAY_SIZE(views) ? views[what] : NULL;
	const struct nlk_names *const names[] = { &rrdp_names, &vmnet_names, &link_names };
	struct nlk nl = { .header = what % 2 ? GENL_HDRLEN : sizeof(struct ifinfomsg) };
	struct buf out = { };
	char name[128];

	want_json = json;
	if (v)
		table_begin(&a->table, &out, json ? TABLE_JSON : TABLE_TEXT, v->columns,
			    v->count);
	else
		event_table_begin(&a->table, &out);
	a->row = v ? v->row : events[what - ARRAY_SIZE(views)];
	nlk_consume(&nl, a->data, a->len, SEQ, take, a);
	must(strnlen(nl.fault.text, sizeof(nl.fault.text)) < sizeof(nl.fault.text),
	     "a text without an end");
	/* It is about what was asked, which was whole. */
	if (a->len >= NLMSG_HDRLEN) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)a->data;

		nlh->nlmsg_len = a->len;
		nlk_fault_attr(&nl, nlh, names[what % ARRAY_SIZE(names)], name, sizeof(name));
	}
	table_end(&a->table);
	if (json)
		check_json(&out, !v);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t first = input_u8(&in);
	struct answer a = { };

	while (in.left)
		add(&a, &in);
	read_answer(&a, (first & 0x7f) % (ARRAY_SIZE(views) + ARRAY_SIZE(events)), first >> 7);
	free(a.data);
	return 0;
}
