// SPDX-License-Identifier: GPL-2.0
#include "dhcp.h"
#include "domain.h"
#include "kernel.h"
#include "report.h"
#include "status.h"

static const char *state_of(const struct domain *d)
{
	if (d->leaving)
		return "leaving";
	if (!d->reachable_since)
		return "unreachable";
	return d->registered && loop_now() < d->lease_end ? "registered" : "unregistered";
}

static json_t *vms_of(const struct domain *d)
{
	json_t *list = json_array(), *port;
	const char *key;

	json_object_foreach(d->db.ports, key, port) {
		json_t *vm = json_object_get(d->db.vms, key);

		if (vm)
			json_array_append_new(list, json_pack("{s:O, s:O}", "port", port, "vm",
							      vm));
	}
	return list;
}

static json_t *status_domain(const struct domain *d, struct kernel *k)
{
	uint64_t now = loop_now();
	json_int_t lease = d->registered && d->lease_end > now ?
			   (json_int_t)(d->lease_end - now) : 0;
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I}",
		      "domain", d->config.name, "host", d->config.host, "board",
		      domain_board(d)->url, "state", state_of(d), "reachable_since",
		      (json_int_t)d->reachable_since, "node", (json_int_t)d->node, "revision",
		      (json_int_t)d->db.revision, "lease_ms", lease, "hosts",
		      (json_int_t)json_object_size(d->db.hosts), "saved", !d->save_error,
		      "held", (json_int_t)json_object_size(d->db.held), "ignored",
		      (json_int_t)d->db.ignored);
	if (*d->error) {
		json_object_set_new(o, "error", json_string(d->error));
		json_object_set_new(o, "error_at", json_integer(d->error_at));
	}
	json_object_set(o, "differs", d->differs);
	json_object_set_new(o, "nets", report_nets(d, k));
	json_object_set_new(o, "vms", vms_of(d));
	json_object_set_new(o, "dhcp", dhcp_status(d));
	json_object_set(o, "refused", d->vm_later);
	return o;
}

json_t *status_make(struct agent *a)
{
	json_t *domains = json_array();
	struct domain *d;
	struct kernel k;

	kernel_begin(&k);
	kernel_read_peers(&k);
	kernel_read_macs(&k);
	kernel_read_ports(&k);
	for (d = a->domains; d; d = d->next)
		json_array_append_new(domains, status_domain(d, &k));
	kernel_end(&k);
	return json_pack("{s:s, s:o, s:s}", "version", VERSION, "domains", domains,
			 "kernel_error", a->kernel_error);
}
