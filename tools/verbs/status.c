// SPDX-License-Identifier: GPL-2.0
/* status */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "verbs.h"

static void put_time(struct buf *b, const json_t *o, const char *name)
{
	time_t when = json_integer_value(json_object_get(o, name));
	char text[32] = "-";
	struct tm tm;

	if (when && localtime_r(&when, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	buf_puts(b, text);
}

static void put_line(struct buf *b, const char *name, const char *value)
{
	buf_puts(b, "  ");
	buf_puts(b, name);
	buf_pad(b, strlen(name) < 10 ? 10 - strlen(name) : 1);
	buf_text(b, value);
	buf_putc(b, '\n');
}

static size_t count_up(const json_t *peers)
{
	size_t i, up = 0;

	for (i = 0; i < json_array_size(peers); i++)
		up += !strcmp(json_text(json_array_get(peers, i), "state"), "up");
	return up;
}

static void put_net(struct buf *b, const json_t *net)
{
	const json_t *peers = json_object_get(net, "peers");
	char text[512];

	snprintf(text, sizeof(text), "%s: segment %s, VNI %lld, ports %zu, peers %zu, up %zu",
		 json_text(net, "device"), json_text(net, "segment"),
		 (long long)json_integer_value(json_object_get(net, "vni")),
		 json_array_size(json_object_get(net, "ports")), json_array_size(peers),
		 count_up(peers));
	put_line(b, "network", text);
}

static void put_vm(struct buf *b, const json_t *o)
{
	const json_t *vm = json_object_get(o, "vm");
	char text[512];

	snprintf(text, sizeof(text), "%s/%s: port %s, %s %s", json_text(vm, "segment"),
		 json_text(vm, "name"), json_text(o, "port"), json_text(vm, "mac"),
		 json_text(vm, "ipv4"));
	put_line(b, "VM", text);
}

static void put_dhcp(struct buf *b, const json_t *o)
{
	char text[512];

	snprintf(text, sizeof(text), "segment %s: %s, port %s, addresses %lld",
		 json_text(o, "segment"),
		 json_is_true(json_object_get(o, "running")) ? "running" : "not running",
		 *json_text(o, "port") ? json_text(o, "port") : "-",
		 (long long)json_integer_value(json_object_get(o, "addresses")));
	put_line(b, "DHCP", text);
}

static void put_board(struct buf *b, const json_t *d)
{
	const json_t *lease = json_object_get(d, "lease_ms");
	char text[128];

	put_line(b, "board", json_text(d, "board"));
	buf_puts(b, "  reachable since ");
	put_time(b, d, "reachable_since");
	snprintf(text, sizeof(text), ", lease %lld s, revision %lld, hosts %lld\n",
		 (long long)(json_integer_value(lease) + 999) / 1000,
		 (long long)json_integer_value(json_object_get(d, "revision")),
		 (long long)json_integer_value(json_object_get(d, "hosts")));
	buf_puts(b, text);
}

static void put_domain(struct buf *b, const json_t *d)
{
	const json_t *list, *refused = json_object_get(d, "refused");
	const char *key;
	char text[256];
	json_t *o;
	size_t i;

	snprintf(text, sizeof(text), "domain %s: host %s, node %lld, %s\n",
		 json_text(d, "domain"), json_text(d, "host"),
		 (long long)json_integer_value(json_object_get(d, "node")),
		 json_text(d, "state"));
	buf_text(b, text);
	b->p[b->len - 1] = '\n';
	put_board(b, d);
	if (*json_text(d, "error")) {
		buf_puts(b, "  error     ");
		put_time(b, d, "error_at");
		buf_puts(b, ": ");
		buf_text(b, json_text(d, "error"));
		buf_putc(b, '\n');
	}
	list = json_object_get(d, "nets");
	for (i = 0; i < json_array_size(list); i++)
		put_net(b, json_array_get(list, i));
	list = json_object_get(d, "vms");
	for (i = 0; i < json_array_size(list); i++)
		put_vm(b, json_array_get(list, i));
	list = json_object_get(d, "dhcp");
	for (i = 0; i < json_array_size(list); i++)
		put_dhcp(b, json_array_get(list, i));
	json_object_foreach((json_t *)refused, key, o) {
		snprintf(text, sizeof(text), "%s: %.180s", key, json_text(o, "error"));
		put_line(b, "refused", text);
	}
	list = json_object_get(d, "differs");
	for (i = 0; i < json_array_size(list); i++)
		put_line(b, "differs", json_string_value(json_array_get(list, i)));
}

static void put_status(struct buf *b, const json_t *status)
{
	const json_t *domains = json_object_get(status, "domains");
	size_t i;

	for (i = 0; i < json_array_size(domains); i++)
		put_domain(b, json_array_get(domains, i));
	if (!json_array_size(domains))
		buf_puts(b, "this host is in no domain: \"vmnetctl join\" joins one\n");
	if (*json_text(status, "kernel_error"))
		put_line(b, "kernel", json_text(status, "kernel_error"));
}

static void put_json(struct buf *b, const json_t *status)
{
	char *text = json_dumps(status, JSON_INDENT(1));

	buf_puts(b, text ? text : "{}");
	buf_putc(b, '\n');
	free(text);
}

int verb_status(struct args *a)
{
	struct keyword kw[] = { { .name = "config", .value = "FILE" } };
	const char *conf;
	struct buf out = { };
	struct setup setup;
	char error[512];
	json_t *status;
	int err;

	args_keywords(a, kw, ARRAY_SIZE(kw));
	conf = kw[0].given ? kw[0].text : SETUP_FILE;
	err = setup_read(&setup, conf, error);
	if (err && err != -ENOENT)
		die(err == -EINVAL ? STATUS_USAGE : STATUS_REFUSED, "%s", error);
	status = agent_ask(&setup, "status");
	if (!status)
		die(STATUS_REFUSED,
		    "vmnetd does not answer at %s: %s; \"systemctl start vmnetd\" starts it",
		    setup.socket, strerror(errno));
	if (want_json)
		put_json(&out, status);
	else
		put_status(&out, status);
	json_decref(status);
	setup_free(&setup);
	err = buf_flush(&out, STDOUT_FILENO);
	buf_free(&out);
	if (err)
		die(STATUS_REFUSED, "cannot write: %s", strerror(-err));
	return STATUS_OK;
}
