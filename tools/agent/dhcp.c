// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dhcp.h"
#include "dnsmasq.h"
#include "domain.h"
#include "error.h"
#include "json.h"
#include "memory.h"
#include "process.h"
#include "reconcile.h"

#define DHCP_ALIAS	ALIAS_PREFIX "dhcp"

enum {
	RETRY_MAX	= 60000,	/* milliseconds between two attempts */
	SOUND_MS	= 30000,	/* who ran that long failed for another reason */
};

/**
 * struct dhcp - the server of a network
 * @agent: that has it
 * @next: another
 * @domain: name of the domain
 * @segment: name of the segment
 * @net: what guests are told of it
 * @netns: where it is
 * @process: dnsmasq
 * @args: with which it runs
 * @guests: that it answers
 * @wanted: it is to be
 * @started: when it was last, by loop_now()
 * @retry: not before this, by loop_now()
 * @backoff: of that
 * @error: why it does not run
 */
struct dhcp {
	struct agent *agent;
	struct dhcp *next;
	char domain[NAME_SIZE];
	char segment[NAME_SIZE];
	struct dnsmasq_net net;
	struct netns netns;
	struct process process;
	json_t *args;
	unsigned int guests;
	bool wanted;
	uint64_t started;
	uint64_t retry;
	struct backoff backoff;
	char error[512];
};

bool dhcp_is_port(const struct link *l)
{
	return !strcmp(l->alias, DHCP_ALIAS);
}

static struct domain *domain_of(const struct dhcp *h)
{
	struct domain *d = h->agent->domains;

	while (d && strcmp(d->config.name, h->domain))
		d = d->next;
	return d;
}

/* ------------------------------------------------------------------- failures */

static void failed(struct dhcp *h, const char *why)
{
	bool is_news = strcmp(h->error, why);
	struct domain *d = domain_of(h);
	uint64_t now = loop_now(), wait;

	if (h->started && now > h->started + SOUND_MS) {
		backoff_reset(&h->backoff);
		is_news = true;
	}
	h->started = 0;
	wait = backoff_next(&h->backoff, RETRY_MAX, backoff_random());
	h->retry = now + wait;
	snprintf(h->error, sizeof(h->error), "%s", why);
	if (d && is_news)
		domain_say(d, "no DHCP in segment %s: %s", h->segment, why);
	agent_sync(h->agent, wait + 1);
}

static void on_end(void *arg, const char *how)
{
	struct dhcp *h = arg;
	char why[128];

	snprintf(why, sizeof(why), "dnsmasq %s", how);
	failed(h, why);
	/* What does not run is told. */
	agent_sync(h->agent, 0);
}

static void not_run(struct dhcp *h, int err)
{
	const char *program = h->agent->setup.dnsmasq;
	char why[512];

	if (err == -ENOENT)
		snprintf(why, sizeof(why),
			 "there is no %.200s: install dnsmasq-base, or set \"dnsmasq = PATH\" or \"dhcp = no\" in %.200s",
			 program, h->agent->conf);
	else
		snprintf(why, sizeof(why), "cannot run %.200s: %s", program, strerror(-err));
	failed(h, why);
}

/* ------------------------------------------------------------- start and stop */

static void stop(struct dhcp *h, struct kernel *k)
{
	process_kill(&h->process);
	netns_close(&h->netns, k);
}

static bool open_netns(struct dhcp *h, struct kernel *k, unsigned int net)
{
	/*
	 * Of the link-local prefix nobody chooses the first 256 addresses (RFC 3927,
	 * section 2.1); the MAC address is a local one.
	 */
	const struct netns_nic nic = {
		.name = DNSMASQ_NIC, .mac = { 0x02, 'v', 'm', 'n', 'e', 't' },
		.addr = { htonl(0xa9fe0043) }, .guests = h->net.base, .len = h->net.len,
	};
	char port[IF_NAMESIZE];

	if (h->netns.fd >= 0)
		return true;
	snprintf(port, sizeof(port), "dhcp%u", net);
	if (!netns_open(&h->netns, k, net, port, DHCP_ALIAS, &nic))
		return true;
	failed(h, k->error);
	return false;
}

/* Somebody deleted its port, or it is of another network now. */
static bool is_moved(const struct dhcp *h, const struct kernel *k, unsigned int net,
		     const struct dnsmasq_net *want)
{
	const struct link *port = kernel_link(k, h->netns.port);

	return h->netns.fd >= 0 &&
	       (h->netns.net != net || !port || port->master != net ||
		h->net.base.s_addr != want->base.s_addr || h->net.len != want->len);
}

static void start(struct dhcp *h, struct kernel *k, unsigned int net)
{
	int err;

	if (!open_netns(h, k, net))
		return;
	err = process_start(&h->process, h->args, DNSMASQ_USER, &h->netns);
	if (err)
		not_run(h, err);
	else
		h->started = loop_now();
}

/* Takes @args. */
static void apply(struct dhcp *h, struct kernel *k, unsigned int net,
		  const struct dnsmasq_net *want, json_t *args)
{
	if (is_moved(h, k, net, want))
		stop(h, k);
	/* It remembers nothing that it would not know again. */
	if (!json_equal(h->args, args)) {
		process_kill(&h->process);
		h->retry = 0;
	}
	json_decref(h->args);
	h->args = args;
	h->net = *want;
	if (!h->process.pid && loop_now() >= h->retry)
		start(h, k, net);
}

/* ------------------------------------------------------------- what is wanted */

static struct dhcp *find(struct agent *a, const struct domain *d, const char *segment)
{
	struct dhcp *h = a->dhcp;

	while (h && (strcmp(h->domain, d->config.name) || strcmp(h->segment, segment)))
		h = h->next;
	if (h)
		return h;
	h = memory_new(sizeof(*h));
	*h = (struct dhcp){ .agent = a, .next = a->dhcp, .netns.fd = -1 };
	snprintf(h->domain, sizeof(h->domain), "%s", d->config.name);
	snprintf(h->segment, sizeof(h->segment), "%s", segment);
	process_init(&h->process, &a->loop, on_end, h);
	a->dhcp = h;
	return h;
}

/* Adds the VMs of this host. Returns how many. */
static unsigned int add_vms(struct domain *d, const char *segment,
			    const struct dnsmasq_net *net, json_t *args)
{
	json_t *seen = json_object(), *vm;
	unsigned int n = 0;
	const char *key;

	json_object_foreach(d->db.vms, key, vm) {
		if (strcmp(json_text(vm, "segment"), segment) ||
		    strcmp(json_text(vm, "host"), d->config.host) || !*json_text(vm, "ipv4"))
			continue;
		if (dnsmasq_add(args, seen, net, json_text(vm, "mac"), json_text(vm, "ipv4")))
			n++;
		else
			d->db.ignored++;
	}
	json_decref(seen);
	return n;
}

static void sync_segment(struct domain *d, struct kernel *k, const char *segment,
			 const json_t *o)
{
	const struct link *link = reconcile_net(d, k, segment);
	struct dnsmasq_net net;
	struct dhcp *h;
	unsigned int n;
	json_t *args;

	if (!link || !dnsmasq_net(o, link->mtu, &net))
		return;
	args = dnsmasq_args(d->agent->setup.dnsmasq, &net);
	n = add_vms(d, segment, &net, args);
	if (!n) {
		json_decref(args);
		return;
	}
	h = find(d->agent, d, segment);
	h->wanted = true;
	h->guests = n;
	apply(h, k, link->index, &net, args);
	if (!h->process.pid) {
		char text[640];

		snprintf(text, sizeof(text), "no DHCP in segment %s: %s", segment, h->error);
		json_array_append_new(d->differs, json_string(text));
	}
}

static void free_dhcp(struct dhcp *h, struct kernel *k)
{
	stop(h, k);
	json_decref(h->args);
	free(h);
}

void dhcp_sync(struct agent *a, struct kernel *k)
{
	struct dhcp **p = &a->dhcp, *h;
	const char *segment;
	struct domain *d;
	json_t *o;

	for (h = a->dhcp; h; h = h->next)
		h->wanted = false;
	for (d = a->domains; d && a->setup.dhcp; d = d->next) {
		json_object_foreach(d->db.segments, segment, o) {
			sync_segment(d, k, segment, o);
		}
	}
	while ((h = *p)) {
		if (h->wanted) {
			p = &h->next;
			continue;
		}
		*p = h->next;
		free_dhcp(h, k);
	}
}

void dhcp_close(struct agent *a)
{
	struct kernel k;

	kernel_begin(&k);
	while (a->dhcp) {
		struct dhcp *h = a->dhcp;

		a->dhcp = h->next;
		free_dhcp(h, &k);
	}
	kernel_end(&k);
}

json_t *dhcp_status(const struct domain *d)
{
	json_t *list = json_array();
	char port[IF_NAMESIZE];
	const struct dhcp *h;

	for (h = d->agent->dhcp; h; h = h->next) {
		if (strcmp(h->domain, d->config.name))
			continue;
		if (!h->netns.port || !if_indextoname(h->netns.port, port))
			*port = '\0';
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:i, s:i}", "segment",
						      h->segment, "port", port, "running",
						      h->process.pid != 0, "pid",
						      (int)h->process.pid, "addresses",
						      (int)h->guests));
	}
	return list;
}
