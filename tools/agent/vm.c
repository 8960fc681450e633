// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "dhcp.h"
#include "domain.h"
#include "json.h"
#include "kernel.h"
#include "reconcile.h"
#include "vm.h"

enum {
	KEY_SIZE	= 2 * NAME_SIZE,
	AGAIN_MS	= 1000,		/* after the kernel could not be read */
	DHCP_MS		= 50,		/* until its address is to be given to it */
	LATER_MS	= 60000,	/* for which it is known that a VM was refused */
};

/**
 * struct step - what is to be done about a VM
 * @key: "SEGMENT/NAME"
 * @port: that it is behind; "": it is given away
 * @method: of HTTP
 * @body: taken by who asks; NULL if there is none
 */
struct step {
	char key[KEY_SIZE];
	char port[IF_NAMESIZE];
	const char *method;
	json_t *body;
};

/* Refused not long ago. */
static bool is_later(const struct domain *d, const char *key)
{
	const json_t *o = json_object_get(d->vm_later, key);

	return o && (uint64_t)json_integer_value(json_object_get(o, "when")) > loop_now();
}

static bool is_here(const struct domain *d, const json_t *vm)
{
	return !strcmp(json_text(vm, "host"), d->config.host);
}

/* ------------------------------------------------------------------- whose port */

/* The address behind a port if there is one and no other: of several NICs none stands for all. */
static bool mac_behind(const struct kernel *k, unsigned int port, char mac[18])
{
	const struct mac *found = NULL;
	unsigned int i;

	for (i = 0; i < k->mac_count; i++) {
		if (k->macs[i].port != port)
			continue;
		if (found && memcmp(found->addr, k->macs[i].addr, sizeof(found->addr)))
			return false;
		found = &k->macs[i];
	}
	if (found)
		snprintf(mac, 18, "%02x:%02x:%02x:%02x:%02x:%02x", found->addr[0],
			 found->addr[1], found->addr[2], found->addr[3], found->addr[4],
			 found->addr[5]);
	return found;
}

/* The VM of that address, NULL if the board knows none. */
static const char *find_mac(const struct domain *d, const char *segment, const char *mac)
{
	const char *key;
	json_t *vm;

	json_object_foreach(d->db.vms, key, vm) {
		if (!strcmp(json_text(vm, "mac"), mac) &&
		    !strcmp(json_text(vm, "segment"), segment))
			return key;
	}
	return NULL;
}

/* The name of a VM that nobody named. False if that would be none. */
static bool own_name(const struct domain *d, const struct link *port, char name[NAME_SIZE])
{
	int len = snprintf(name, NAME_SIZE, "%s.%s", d->config.host, port->name);

	return len < NAME_SIZE && name_valid(name);
}

static bool is_own_name(const struct domain *d, const char *key)
{
	const char *name = strchr(key, '/') + 1;
	size_t len = strlen(d->config.host);

	return !strncmp(name, d->config.host, len) && name[len] == '.';
}

/* Says in @mac what is behind the port, "" if that is not known. */
static bool key_of(const struct domain *d, const struct kernel *k, const char *segment,
		   const struct link *port, char key[KEY_SIZE], char mac[18])
{
	char name[NAME_SIZE];
	const char *known;

	*mac = '\0';
	mac_behind(k, port->index, mac);
	if (name_valid(port->alias)) {
		snprintf(key, KEY_SIZE, "%s/%.*s", segment, NAME_LEN, port->alias);
		return true;
	}
	/* Until a guest has said something it is nobody. */
	if (!*mac)
		return false;
	known = find_mac(d, segment, mac);
	if (known) {
		snprintf(key, KEY_SIZE, "%s", known);
		return true;
	}
	if (!own_name(d, port, name))
		return false;
	snprintf(key, KEY_SIZE, "%s/%s", segment, name);
	return true;
}

/* ------------------------------------------------------------------ what to do */

static void claim(struct step *s, const char *key, const char *port, const char *mac)
{
	snprintf(s->key, sizeof(s->key), "%s", key);
	snprintf(s->port, sizeof(s->port), "%s", port);
	s->method = "PUT";
	s->body = *mac ? json_pack("{s:s}", "mac", mac) : json_object();
}

static bool port_step(struct domain *d, const struct kernel *k, const char *segment,
		      const struct link *port, json_t *there, struct step *s)
{
	char key[KEY_SIZE], mac[18];
	const json_t *vm;
	bool done;

	if (!key_of(d, k, segment, port, key, mac)) {
		/* Who was there has been silent for long, but not gone. */
		const char *was;
		json_t *name;

		json_object_foreach(d->db.ports, was, name) {
			if (!strcmp(json_string_value(name), port->name))
				json_object_set_new(there, was, json_true());
		}
		return false;
	}
	json_object_set_new(there, key, json_true());
	vm = json_object_get(d->db.vms, key);
	done = vm && is_here(d, vm) && json_is_true(json_object_get(vm, "live")) &&
	       (!*mac || !strcmp(json_text(vm, "mac"), mac));
	if (done) {
		if (!json_object_get(d->db.ports, key)) {
			json_object_set_new(d->db.ports, key, json_string(port->name));
			domain_save(d);
		}
		return false;
	}
	if (is_later(d, key))
		return false;
	claim(s, key, port->name, mac);
	return true;
}

/* A VM here whose port is gone: what was ours alone is deleted. */
static bool gone_step(struct domain *d, const json_t *there, struct step *s)
{
	const char *key;
	json_t *o;

	json_object_foreach(d->db.ports, key, o) {
		const json_t *vm = json_object_get(d->db.vms, key);

		if (json_object_get(there, key) || is_later(d, key))
			continue;
		if (!vm || !is_here(d, vm)) {
			json_object_del(d->db.ports, key);
			return gone_step(d, there, s);
		}
		snprintf(s->key, sizeof(s->key), "%s", key);
		*s->port = '\0';
		s->method = is_own_name(d, key) ? "DELETE" : "PUT";
		s->body = is_own_name(d, key) ? NULL : json_pack("{s:n}", "host");
		return true;
	}
	return false;
}

/* One that the board gave this host, and then forgot with it. */
static bool lost_step(struct domain *d, struct step *s)
{
	const char *key;
	json_t *vm;

	json_object_foreach(d->db.vms, key, vm) {
		if (!is_here(d, vm) || !json_is_false(json_object_get(vm, "live")) ||
		    is_later(d, key) || is_own_name(d, key))
			continue;
		claim(s, key, "", "");
		return true;
	}
	return false;
}

static bool next_step(struct domain *d, const struct kernel *k, struct step *s)
{
	json_t *there = json_object(), *o;
	const char *segment;
	bool found = false;
	unsigned int i;

	json_object_foreach(d->db.segments, segment, o) {
		const struct link *net = reconcile_net(d, k, segment);

		for (i = 0; net && i < k->link_count && !found; i++)
			if (k->links[i].master == net->index &&
			    !dhcp_is_port(&k->links[i]))
				found = port_step(d, k, segment, &k->links[i], there, s);
	}
	if (!found)
		found = gone_step(d, there, s) || lost_step(d, s);
	json_decref(there);
	return found;
}

/* ---------------------------------------------------------------------- asking */

static void later(struct domain *d, const struct http_answer *a)
{
	json_t *o = json_object_get(d->vm_later, d->vm_key);
	struct backoff b = {
		.failures = json_integer_value(json_object_get(o, "failures")),
	};
	uint64_t wait = backoff_next(&b, domain_patience(d), backoff_random());

	if (strcmp(json_text(o, "error"), a->error))
		domain_say(d, "VM %s: %s", d->vm_key, a->error);
	json_object_set_new(d->vm_later, d->vm_key,
			    json_pack("{s:I, s:I, s:s}", "when",
				      (json_int_t)loop_now() + (json_int_t)wait, "failures",
				      (json_int_t)b.failures, "error", a->error));
	vm_check(d, wait + 1);
}

static void done(struct domain *d, const struct http_answer *a)
{
	bool is_here_now = *d->vm_port || !d->vm_gives;

	json_object_del(d->vm_later, d->vm_key);
	if (!is_here_now) {
		json_object_del(d->db.ports, d->vm_key);
		database_set_vm(&d->db, d->vm_key, json_object_get(a->json, "name") ?
				a->json : NULL);
		domain_say(d, "VM %s is here no more", d->vm_key);
	} else {
		database_set_vm(&d->db, d->vm_key, a->json);
		if (*d->vm_port)
			json_object_set_new(d->db.ports, d->vm_key,
					    json_string(d->vm_port));
		domain_say(d, "VM %s is here%s%s: %s %s", d->vm_key,
			   *d->vm_port ? ", behind port " : "", d->vm_port,
			   json_text(a->json, "mac"), json_text(a->json, "ipv4"));
	}
	domain_save(d);
	vm_check(d, 0);
	agent_sync(d->agent, DHCP_MS);
}

static void on_vm(void *arg, const struct http_answer *a)
{
	struct domain *d = arg;

	/* That is not about this VM. */
	if (!a->status || a->status == 429 || a->status >= 500) {
		loop_after(&d->agent->loop, &d->vm_timer,
			   backoff_next(&d->vm_backoff, domain_patience(d),
					backoff_random()));
		return;
	}
	backoff_reset(&d->vm_backoff);
	if (!*a->error || (d->vm_gives && a->status == 404))
		done(d, a);
	else
		later(d, a);
}

/* A VM that nobody asks for any more is not refused any more. */
static void prune_later(struct domain *d)
{
	const char *key;
	void *tmp;
	json_t *o;

	json_object_foreach_safe(d->vm_later, tmp, key, o) {
		uint64_t when = json_integer_value(json_object_get(o, "when"));

		if (when + LATER_MS < loop_now())
			json_object_del(d->vm_later, key);
	}
}

static void on_vm_timer(void *arg)
{
	struct domain *d = arg;
	char path[DOMAIN_PATH_SIZE];
	struct step s = { };
	struct kernel k;
	bool found = false;
	int err;

	/* Who is not registered has no VMs, and who has not watched does not know. */
	if (d->vm.exchange || !d->registered || d->leaving || !d->watching)
		return;
	prune_later(d);
	/* What cannot be read is not gone, nor is it while the module is loaded again. */
	err = kernel_begin(&k);
	if (!err)
		err = kernel_read_macs(&k);
	if (!err)
		found = k.has_vmnet ? next_step(d, &k, &s) : lost_step(d, &s);
	kernel_end(&k);
	if (err)
		vm_check(d, AGAIN_MS);
	if (!found)
		return;
	memcpy(d->vm_key, s.key, sizeof(d->vm_key));
	memcpy(d->vm_port, s.port, sizeof(d->vm_port));
	d->vm_gives = !s.body || json_object_get(s.body, "host");
	domain_path(d, path, "/segments/%.*s/vms/%s", (int)strcspn(s.key, "/"), s.key,
		    strchr(s.key, '/') + 1);
	domain_ask(d, &d->vm, s.method, path, s.body);
	json_decref(s.body);
}

void vm_check(struct domain *d, unsigned int ms)
{
	loop_within(&d->agent->loop, &d->vm_timer, ms);
}

void vm_open(struct domain *d)
{
	d->vm = (struct question){ .fn = on_vm, .arg = d };
	d->vm_timer = (struct loop_timer){ .fn = on_vm_timer, .arg = d };
	d->vm_later = json_object();
}

void vm_close(struct domain *d)
{
	json_decref(d->vm_later);
}
