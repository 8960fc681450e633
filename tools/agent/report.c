// SPDX-License-Identifier: GPL-2.0
#include <linux/vmnet.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "domain.h"
#include "json.h"
#include "kernel.h"
#include "reconcile.h"
#include "report.h"

enum {
	CHANGED_MS	= 5000,		/* between reports that differ */
	SAME_MS		= 30000,	/* and those that do not */
	REFUSED_MS	= 60000,	/* the board wants none */
	FDB_MAX		= 1000,		/* addresses of a network in a report */
	REPORT_MAX	= 60000,	/* octets; a board takes bodies of 65536 */
};

static const char *const transports[] = {
	[VMNET_TRANSPORT_UDP] = "udp",
	[VMNET_TRANSPORT_RRDP] = "rrdp",
};

static const char *const states[] = {
	[VMNET_PEER_DOWN] = "down",
	[VMNET_PEER_CONNECTING] = "connecting",
	[VMNET_PEER_UP] = "up",
};

#define NAME_OF(names, i) \
	((i) < ARRAY_SIZE(names) && (names)[i] ? (names)[i] : "?")

/* -------------------------------------------------------------------- parts */

/* The host that a peer is, or what it is called in the kernel. */
static json_t *name_of(const json_t *names, const struct peer *p)
{
	char key[PEER_KEY_SIZE];
	json_t *name;

	peer_key(p, key);
	name = json_object_get(names, key);
	return name ? json_incref(name) : json_string(key);
}

/* Names of hosts by the keys of the peers that they are. */
static json_t *names_of(const struct domain *d)
{
	json_t *names = json_object(), *o;
	char key[PEER_KEY_SIZE];
	const char *name;
	struct peer p;

	json_object_foreach(d->db.hosts, name, o) {
		if (!reconcile_peer(d, o, &p))
			continue;
		peer_key(&p, key);
		json_object_set_new(names, key, json_string(name));
	}
	return names;
}

static json_t *peers_of(const struct kernel *k, const struct link *net, const json_t *names)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < k->member_count; i++) {
		const struct member *m = &k->members[i];

		if (m->net != net->index)
			continue;
		json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:I, s:I}", "node",
						      name_of(names, &m->peer), "transport",
						      NAME_OF(transports, m->peer.transport),
						      "state", NAME_OF(states, m->state),
						      "tx_frames", (json_int_t)m->tx_frames,
						      "rx_frames", (json_int_t)m->rx_frames));
	}
	return list;
}

static void mac_text(const uint8_t addr[6], char text[18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", addr[0], addr[1], addr[2],
		 addr[3], addr[4], addr[5]);
}

/* The first address behind a port, "" if none is known. */
static void port_mac(const struct kernel *k, unsigned int port, char text[18])
{
	unsigned int i;

	*text = '\0';
	for (i = 0; i < k->mac_count && !*text; i++)
		if (k->macs[i].port == port)
			mac_text(k->macs[i].addr, text);
}

static json_t *ports_of(const struct kernel *k, const struct link *net)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < k->port_count; i++) {
		const struct port *p = &k->ports[i];
		const struct link *l = kernel_link(k, p->index);
		char mac[18];

		if (p->net != net->index || p->index == net->index || !l)
			continue;
		port_mac(k, p->index, mac);
		json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "name", l->name,
						      "mac", mac, "rx_frames",
						      (json_int_t)p->rx_frames, "tx_frames",
						      (json_int_t)p->tx_frames));
	}
	return list;
}

/* Where an address is: a port's name, or a host's. */
static json_t *via_of(const struct kernel *k, const struct mac *m, const json_t *names)
{
	const struct link *l = m->port ? kernel_link(k, m->port) : NULL;

	if (l)
		return json_string(l->name);
	return m->peer.transport ? name_of(names, &m->peer) : json_string("this host");
}

static json_t *fdb_of(const struct kernel *k, const struct link *net, const json_t *names,
		      unsigned int *total)
{
	json_t *list = json_array();
	unsigned int i;

	*total = 0;
	for (i = 0; i < k->mac_count; i++) {
		const struct mac *m = &k->macs[i];
		char text[18];

		if (m->net != net->index || ++*total > FDB_MAX)
			continue;
		mac_text(m->addr, text);
		json_array_append_new(list, json_pack("{s:s, s:i, s:o}", "mac", text, "vlan",
						      m->vlan, "via", via_of(k, m, names)));
	}
	return list;
}

/* Who forwards for subnet @subnet; this host if it is its own and nobody else does. */
static json_t *subnet_of(const struct domain *d, const struct kernel *k,
			 const struct link *net, uint32_t subnet, const json_t *names)
{
	bool own = subnet == net->subnet, all_hear = true, is_silent = false;
	json_t *forwarder = NULL, *o;
	unsigned int i;

	for (i = 0; i < k->member_count; i++) {
		const struct member *m = &k->members[i];

		if (m->net != net->index || m->peer.subnet != subnet)
			continue;
		if (m->role == VMNET_ROLE_FORWARDER && !forwarder)
			forwarder = name_of(names, &m->peer);
		if (m->role == VMNET_ROLE_SILENT)
			is_silent = true;
		/* Others are sent what is for many one by one, as all else. */
		if (m->peer.transport == VMNET_TRANSPORT_UDP)
			all_hear = all_hear && m->hears;
	}
	if (!forwarder)
		forwarder = own ? json_string(d->config.host) : json_null();
	o = json_pack("{s:I, s:o, s:s, s:s}", "subnet", (json_int_t)subnet, "forwarder",
		      forwarder, "reason", is_silent ? "others are silent" : "elected", "mode",
		      !own ? "relay" : all_hear ? "multicast" : "unicast");
	return o;
}

static bool has_subnet(const json_t *list, uint32_t subnet)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (json_integer_value(json_object_get(json_array_get(list, i), "subnet")) ==
		    subnet)
			return true;
	return false;
}

static json_t *subnets_of(const struct domain *d, const struct kernel *k,
			  const struct link *net, const json_t *names)
{
	json_t *list = json_array();
	unsigned int i;

	if (net->subnet)
		json_array_append_new(list, subnet_of(d, k, net, net->subnet, names));
	for (i = 0; i < k->member_count && net->subnet; i++) {
		const struct member *m = &k->members[i];

		if (m->net == net->index && m->peer.subnet &&
		    !has_subnet(list, m->peer.subnet))
			json_array_append_new(list,
					      subnet_of(d, k, net, m->peer.subnet, names));
	}
	return list;
}

json_t *report_nets(const struct domain *d, struct kernel *k)
{
	json_t *list = json_array(), *names = names_of(d), *o;
	const char *segment;
	unsigned int total;

	json_object_foreach(d->db.segments, segment, o) {
		const struct link *net = reconcile_net(d, k, segment);
		json_t *fdb;

		if (!net)
			continue;
		fdb = fdb_of(k, net, names, &total);
		json_array_append_new(list, json_pack("{s:s, s:I, s:s, s:o, s:o, s:o, s:o, s:i}",
						      "segment", segment, "vni",
						      (json_int_t)net->vni, "device",
						      net->name, "subnets",
						      subnets_of(d, k, net, names), "peers",
						      peers_of(k, net, names), "ports",
						      ports_of(k, net), "fdb", fdb,
						      "fdb_total", (int)total));
	}
	json_decref(names);
	return list;
}

/* --------------------------------------------------------------------- report */

static void module_version(const char *module, char text[64])
{
	char path[128];
	FILE *f;

	*text = '\0';
	snprintf(path, sizeof(path), "/sys/module/%s/version", module);
	f = fopen(path, "re");
	if (f && fgets(text, 64, f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
}

/* Leaves out what others can do without, until the board takes it. */
static void fit(json_t *report)
{
	static const char *const parts[] = { "fdb", "ports", "peers" };
	const json_t *nets = json_object_get(report, "nets");
	unsigned int i;
	size_t n;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (json_dumpb(report, NULL, 0, JSON_COMPACT) <= REPORT_MAX)
			return;
		for (n = 0; n < json_array_size(nets); n++)
			json_array_clear(json_object_get(json_array_get(nets, n), parts[i]));
	}
}

static json_t *make_report(struct domain *d)
{
	char rrdp[64], vmnet[64];
	struct utsname uts = { };
	struct kernel k;
	json_t *o;

	uname(&uts);
	module_version("rrdp", rrdp);
	module_version("vmnet", vmnet);
	/* What cannot be read is not told. */
	kernel_begin(&k);
	kernel_read_peers(&k);
	kernel_read_macs(&k);
	kernel_read_ports(&k);
	o = json_pack("{s:{s:s, s:s, s:s, s:s}, s:o, s:O}", "versions", "kernel", uts.release,
		      "rrdp", *rrdp ? rrdp : k.has_rrdp ? "loaded" : "", "vmnet",
		      *vmnet ? vmnet : k.has_vmnet ? "loaded" : "", "agent", VERSION, "nets",
		      report_nets(d, &k), "events", d->events);
	kernel_end(&k);
	fit(o);
	return o;
}

static void on_report(void *arg, const struct http_answer *a)
{
	struct domain *d = arg;

	d->reported_at = loop_now();
	if (!*a->error) {
		loop_after(&d->agent->loop, &d->report_timer, CHANGED_MS);
		return;
	}
	/* A board that takes none is as good as one that does. */
	json_decref(d->reported);
	d->reported = NULL;
	loop_after(&d->agent->loop, &d->report_timer, REFUSED_MS);
}

static void on_report_timer(void *arg)
{
	struct domain *d = arg;
	char path[DOMAIN_PATH_SIZE];
	json_t *report;

	if (d->report.exchange || !d->registered || d->leaving)
		return;
	loop_after(&d->agent->loop, &d->report_timer, CHANGED_MS);
	report = make_report(d);
	if (json_equal(report, d->reported) && loop_now() < d->reported_at + SAME_MS) {
		json_decref(report);
		return;
	}
	json_decref(d->reported);
	/* What is in the list of events changes later. */
	d->reported = json_deep_copy(report);
	domain_path(d, path, "/hosts/%s/report", d->config.host);
	domain_ask(d, &d->report, "PUT", path, report);
	json_decref(report);
}

void report_soon(struct domain *d)
{
	if (!d->report_timer.armed && !d->report.exchange)
		loop_after(&d->agent->loop, &d->report_timer,
			   backoff_random() % CHANGED_MS);
}

void report_open(struct domain *d)
{
	d->report = (struct question){ .fn = on_report, .arg = d };
	d->report_timer = (struct loop_timer){ .fn = on_report_timer, .arg = d };
}

void report_close(struct domain *d)
{
	json_decref(d->reported);
}
