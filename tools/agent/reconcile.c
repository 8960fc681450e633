// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/vmnet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "domain.h"
#include "error.h"
#include "json.h"
#include "reconcile.h"

/* What cannot be done about a network is said once, and not of each of its peers. */
#define DIFFERS_MAX	100

/* ------------------------------------------------------------- what should be */

static const struct setup_network *network_of(const struct domain *d, const char *segment)
{
	unsigned int i;

	for (i = 0; i < d->config.network_count; i++)
		if (!strcmp(d->config.networks[i].segment, segment))
			return &d->config.networks[i];
	return NULL;
}

bool reconcile_wants(const struct domain *d, const char *segment)
{
	return !d->leaving && (!d->config.network_count || network_of(d, segment));
}

static void alias_of(const struct domain *d, const char *segment, char alias[ALIAS_SIZE])
{
	snprintf(alias, ALIAS_SIZE, ALIAS_PREFIX "%s/%s", d->config.name, segment);
}

static uint32_t number(const json_t *o, const char *name, uint32_t max)
{
	json_int_t n = json_integer_value(json_object_get(o, name));

	return n > 0 && n <= max ? n : 0;
}

/* The network as it should be; its VNI is 0 if the segment makes no sense. */
static struct link wanted_net(const struct domain *d, const char *segment, const json_t *o)
{
	const struct setup_network *n = network_of(d, segment);
	const json_t *self = json_object_get(d->db.hosts, d->config.host);
	struct link l = {
		.is_net = true,
		.vni = number(o, "vni", VMNET_VNI_MAX),
		.node = d->node,
		.subnet = number(self, "subnet", UINT32_MAX),
	};

	alias_of(d, segment, l.alias);
	if (n && *n->device)
		snprintf(l.name, sizeof(l.name), "%s", n->device);
	else
		snprintf(l.name, sizeof(l.name), "vmnet%u", l.vni);
	return l;
}

/* One that bears the alias, or else one of the number: that is somebody else's. */
static const struct link *find_net(const struct kernel *k, const char *alias, uint32_t vni)
{
	const struct link *found = NULL;
	unsigned int i;

	for (i = 0; i < k->link_count; i++) {
		const struct link *l = &k->links[i];

		if (l->is_net && !strcmp(l->alias, alias))
			return l;
		if (l->is_net && l->vni == vni &&
		    strncmp(l->alias, ALIAS_PREFIX, strlen(ALIAS_PREFIX)))
			found = l;
	}
	return found;
}

const struct link *reconcile_net(const struct domain *d, const struct kernel *k,
				 const char *segment)
{
	const json_t *o = json_object_get(d->db.segments, segment);
	char alias[ALIAS_SIZE];

	if (!o || !reconcile_wants(d, segment))
		return NULL;
	alias_of(d, segment, alias);
	return find_net(k, alias, number(o, "vni", VMNET_VNI_MAX));
}

static bool offers_rrdp(const json_t *host)
{
	const json_t *list = json_object_get(host, "transports");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (s && !strcmp(s, "rrdp"))
			return true;
	}
	return false;
}

bool reconcile_peer(const struct domain *d, const json_t *o, struct peer *p)
{
	const json_t *self = json_object_get(d->db.hosts, d->config.host);
	const json_t *list = json_object_get(o, "addresses");
	uint32_t subnet = number(o, "subnet", UINT32_MAX);
	uint32_t node = number(o, "node", UINT32_MAX);
	size_t i;

	*p = (struct peer){ };
	/* Both ends see the same, and so choose alike. */
	if (node && offers_rrdp(self) && offers_rrdp(o) &&
	    subnet == number(self, "subnet", UINT32_MAX)) {
		p->transport = VMNET_TRANSPORT_RRDP;
		p->node = node;
		p->subnet = subnet;
		return true;
	}
	p->transport = VMNET_TRANSPORT_UDP;
	p->number = node;
	p->subnet = subnet;
	for (i = 0; i < json_array_size(list); i++)
		if (address_endpoint(json_string_value(json_array_get(list, i)),
				     &p->endpoint) &&
		    address_usable(self, p->endpoint.family))
			return true;
	return false;
}

/* ---------------------------------------------------------------- complaints */

static void differs(struct domain *d, const char *text)
{
	if (json_array_size(d->differs) < DIFFERS_MAX)
		json_array_append_new(d->differs, json_string(text));
}

static void differs_net(struct domain *d, const struct link *is, const struct link *want)
{
	char text[256];

	if (is->node == want->node && is->subnet == want->subnet)
		return;
	snprintf(text, sizeof(text),
		 "network %s has node %u and subnet %u, not %u and %u: delete it (\"vmnetctl del-net %s\"), and it is made anew",
		 is->name, is->node, is->subnet, want->node, want->subnet, is->name);
	differs(d, text);
}

/* -------------------------------------------------------------------- peers */

/**
 * struct plan - of the peers of a network
 * @d: domain
 * @k: kernel
 * @net: the network
 * @want: names of hosts by the key of the peer
 */
struct plan {
	struct domain *d;
	struct kernel *k;
	const struct link *net;
	json_t *want;
};

static bool has_segment(const json_t *host, const char *segment)
{
	const json_t *list = json_object_get(host, "segments");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		if (s && !strcmp(s, segment))
			return true;
	}
	return false;
}

static void want_peers(struct plan *plan, const char *segment)
{
	struct domain *d = plan->d;
	char key[PEER_KEY_SIZE];
	const char *name;
	struct peer p;
	json_t *o;

	json_object_foreach(d->db.hosts, name, o) {
		if (!strcmp(name, d->config.host) || !has_segment(o, segment))
			continue;
		if (!reconcile_peer(d, o, &p)) {
			d->db.ignored++;
			continue;
		}
		peer_key(&p, key);
		json_object_set_new(plan->want, key, json_string(name));
	}
}

/* Those of another port are not ours. */
static bool is_candidate(const struct plan *plan, const struct member *m)
{
	return m->net == plan->net->index &&
	       (m->peer.transport != VMNET_TRANSPORT_UDP ||
		m->peer.endpoint.port == plan->net->port);
}

/* It is who it should be, but not what: that cannot be changed. */
static bool is_stale(const struct plan *plan, const struct member *m, const json_t *host)
{
	struct peer p;

	return reconcile_peer(plan->d, host, &p) &&
	       p.transport == m->peer.transport &&
	       (p.number != m->peer.number || p.subnet != m->peer.subnet);
}

static uint32_t number_of(const struct peer *p)
{
	return p->transport == VMNET_TRANSPORT_RRDP ? p->node : p->number;
}

/* Its host is to be reached otherwise; a network has one peer of a number. */
static bool is_replaced(const struct plan *plan, const struct member *m)
{
	uint32_t n = number_of(&m->peer);
	const char *key;
	json_t *name;

	json_object_foreach(plan->want, key, name) {
		const char *host = json_string_value(name);
		struct peer p;

		if (n && reconcile_peer(plan->d, json_object_get(plan->d->db.hosts, host), &p) &&
		    number_of(&p) == n)
			return true;
	}
	return false;
}

static void delete_peer(struct plan *plan, const struct member *m, const char *key)
{
	if (kernel_del_peer(plan->k, plan->net->index, &m->peer))
		differs(plan->d, plan->k->error);
	else
		made_remove(&plan->d->agent->made, plan->net->index, key);
}

/* Whether a peer of ours, of the host @name if it is wanted, has to go. */
static bool is_wrong(const struct plan *plan, const struct member *m, const char *name,
		     bool last)
{
	return name ? !last && is_stale(plan, m, json_object_get(plan->d->db.hosts, name)) :
		      last || is_replaced(plan, m);
}

/*
 * Looks at what is there: what is as it should be is not missing. Deletes what is ours
 * and in the way of what is to come; if @last, what is ours and not wanted.
 */
static void compare_peers(struct plan *plan, json_t *missing, bool last)
{
	struct made *made = &plan->d->agent->made;
	char key[PEER_KEY_SIZE];
	const char *name;
	unsigned int i;

	for (i = 0; i < plan->k->member_count; i++) {
		const struct member *m = &plan->k->members[i];

		if (!is_candidate(plan, m))
			continue;
		peer_key(&m->peer, key);
		name = json_string_value(json_object_get(plan->want, key));
		if (made_has(made, plan->net->index, key) && is_wrong(plan, m, name, last))
			delete_peer(plan, m, key);
		else if (name)
			json_object_del(missing, key);
	}
}

static void add_peers(struct plan *plan, const json_t *missing)
{
	struct made *made = &plan->d->agent->made;
	const char *key;
	json_t *name;
	struct peer p;
	int err;

	json_object_foreach((json_t *)missing, key, name) {
		made_add(made, plan->net->index, key);
	}
	err = made_save(made);
	if (err) {
		char text[PATH_MAX + 64];

		snprintf(text, sizeof(text), "cannot write %s: %s", made->file, strerror(-err));
		differs(plan->d, text);
		return;
	}
	json_object_foreach((json_t *)missing, key, name) {
		const json_t *o = json_object_get(plan->d->db.hosts, json_string_value(name));

		if (!reconcile_peer(plan->d, o, &p) ||
		    !kernel_add_peer(plan->k, plan->net->index, &p))
			continue;
		differs(plan->d, plan->k->error);
		made_remove(made, plan->net->index, key);
	}
}

static void reconcile_peers(struct domain *d, struct kernel *k, const struct link *net,
			    const char *segment)
{
	struct plan plan = { d, k, net, json_object() };
	json_t *missing;

	want_peers(&plan, segment);
	missing = json_copy(plan.want);
	compare_peers(&plan, missing, false);
	/*
	 * First those who come. Only a host that is reached otherwise than before is out of
	 * reach in between, as the kernel takes its number but once.
	 */
	add_peers(&plan, missing);
	compare_peers(&plan, missing, true);
	json_decref(missing);
	json_decref(plan.want);
}

/* ------------------------------------------------------------------ networks */

static void reconcile_segment(struct domain *d, struct kernel *k, const char *segment,
			      const json_t *o)
{
	struct link want = wanted_net(d, segment, o);
	const struct link *net;

	if (!want.vni) {
		d->db.ignored++;
		return;
	}
	net = find_net(k, want.alias, want.vni);
	if (!net) {
		/* Other hosts know this one by its number. */
		if (!d->node)
			return;
		if (kernel_add_net(k, &want) || kernel_read_links(k)) {
			differs(d, k->error);
			return;
		}
		net = find_net(k, want.alias, want.vni);
		if (!net)
			return;
		made_add(&d->agent->made, net->index, MADE_NET);
		complain("domain %s: made network %s for segment %s", d->config.name,
			 want.name, segment);
	}
	if (d->node)
		differs_net(d, net, &want);
	reconcile_peers(d, k, net, segment);
}

/* Networks of ours for segments that are not there, or not wanted. */
static void delete_nets(struct domain *d, struct kernel *k)
{
	char prefix[ALIAS_SIZE];
	unsigned int i;

	alias_of(d, "", prefix);
	for (i = 0; i < k->link_count; i++) {
		const struct link *l = &k->links[i];
		const char *segment = l->alias + strlen(prefix);

		if (!l->is_net || strncmp(l->alias, prefix, strlen(prefix)) ||
		    (reconcile_wants(d, segment) &&
		     json_object_get(d->db.segments, segment)))
			continue;
		if (kernel_del_net(k, l->index))
			differs(d, k->error);
		else
			complain("domain %s: deleted network %s", d->config.name, l->name);
	}
}

/* Peers of ours in networks of others that are for this domain no more. */
static void delete_peers(struct domain *d, struct kernel *k)
{
	struct made *made = &d->agent->made;
	const char *segment;
	json_t *o;

	json_object_foreach(d->db.segments, segment, o) {
		char alias[ALIAS_SIZE];
		const struct link *net;
		struct plan plan;

		if (reconcile_wants(d, segment))
			continue;
		alias_of(d, segment, alias);
		net = find_net(k, alias, number(o, "vni", VMNET_VNI_MAX));
		if (!net || !strcmp(net->alias, alias))
			continue;
		plan = (struct plan){ d, k, net, json_object() };
		compare_peers(&plan, plan.want, true);
		json_decref(plan.want);
	}
	made_save(made);
}

/* Returns whether the kernel has the number of this host, and so RRDP can be offered. */
static bool set_node(struct domain *d, struct kernel *k)
{
	const json_t *self = json_object_get(d->db.hosts, d->config.host);
	const char *address = json_string_value(json_array_get(json_object_get(self, "addresses"),
							       0));
	unsigned int dev;

	if (!d->config.rrdp || !d->node || d->leaving)
		return false;
	if (!k->has_rrdp) {
		differs(d, "the module rrdp is not loaded; \"modprobe rrdp\" loads it");
		return false;
	}
	if (k->local_node == d->node)
		return true;
	if (k->local_node) {
		char text[160];

		snprintf(text, sizeof(text),
			 "this host has number %u for RRDP, and %u in this domain: set \"node = %u\", or leave RRDP out",
			 k->local_node, d->node, k->local_node);
		differs(d, text);
		return false;
	}
	dev = address_device(address);
	if (!dev)
		differs(d, "no device has this host's address in the underlay");
	else if (kernel_add_node(k, d->node, dev))
		differs(d, k->error);
	return k->local_node;
}

void reconcile_domain(struct domain *d, struct kernel *k)
{
	const char *segment;
	bool ready;
	json_t *o;

	json_array_clear(d->differs);
	if (!k->has_vmnet) {
		differs(d, "the module vmnet is not loaded; \"modprobe vmnet\" loads it");
		return;
	}
	ready = set_node(d, k);
	if (ready != d->rrdp_ready) {
		d->rrdp_ready = ready;
		domain_renew(d);
	}
	json_object_foreach(d->db.segments, segment, o) {
		if (reconcile_wants(d, segment))
			reconcile_segment(d, k, segment, o);
	}
	delete_nets(d, k);
	delete_peers(d, k);
}

void reconcile_strangers(struct agent *a, struct kernel *k)
{
	unsigned int i;

	for (i = 0; i < k->link_count; i++) {
		const struct link *l = &k->links[i];
		const char *name = l->alias + strlen(ALIAS_PREFIX);
		size_t len = strcspn(name, "/");
		const struct domain *d;

		/* Another vmnetd may have made it. */
		if (!l->is_net || !made_has(&a->made, l->index, MADE_NET) ||
		    strncmp(l->alias, ALIAS_PREFIX, strlen(ALIAS_PREFIX)))
			continue;
		for (d = a->domains; d; d = d->next)
			if (strlen(d->config.name) == len &&
			    !strncmp(d->config.name, name, len))
				break;
		if (!d && !kernel_del_net(k, l->index))
			complain("deleted network %s: this host is in its domain no more",
				 l->name);
	}
}
