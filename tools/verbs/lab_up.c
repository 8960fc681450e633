// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "hand.h"
#include "json.h"
#include "lab.h"
#include "memory.h"
#include "parse.h"
#include "resolve.h"

enum {
	VNI_MAX	= 16777215,
	VNI_OWN	= 1 << 23,		/* from here on those that are chosen */
	ID_SIZE	= 17,
};

static bool stopped;

static bool is_stopped(void)
{
	return __atomic_load_n(&stopped, __ATOMIC_RELAXED);
}

static void on_signal(int number)
{
	(void)number;
	__atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
}

/* From now on what was begun is undone, not left. */
static void catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		sigaction(numbers[i], &act, NULL);
}

/* ----------------------------------------------------------------------- plans */

/* Each guest gets a host that is there. */
static void place_guests(struct lab *l)
{
	json_t *hosts = lab_hosts(l);
	size_t count = json_array_size(hosts), i;
	const char **names = memory_new((count + 1) * sizeof(*names));

	for (i = 0; i < count; i++)
		names[i] = json_string_value(json_array_get(hosts, i));
	for (i = 0; i < l->t.guest_count; i++) {
		const struct topology_guest *g = &l->t.guests[i];

		if (*g->host && !lab_has(hosts, g->host))
			die(STATUS_REFUSED,
			    "%s:%u: host \"%s\" is not there; \"vmnetctl show-hosts\" lists those that are",
			    l->t.file, g->host_line, g->host);
	}
	if (!count)
		die(STATUS_REFUSED, "domain \"%s\" has no host: \"vmnetctl status\" may say why",
		    l->place.domain->name);
	resolve_place(&l->t, names, count);
	free(names);
	json_decref(hosts);
}

static void add_segment(void *arg, const json_t *o)
{
	json_object_set(arg, json_text(o, "name"), (json_t *)o);
}

static json_t *segments_of(const struct lab *l)
{
	json_t *segments = json_object();
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/v1/domains/%s/segments", l->place.domain->name);
	place_list(&l->place, path, add_segment, segments);
	return segments;
}

static bool vni_taken(const struct lab *l, json_t *segments, uint64_t vni)
{
	const char *name;
	unsigned int i;
	json_t *o;

	for (i = 0; i < l->t.network_count; i++)
		if (l->t.networks[i].vni == vni)
			return true;
	json_object_foreach(segments, name, o) {
		if ((uint64_t)json_integer_value(json_object_get(o, "vni")) == vni)
			return true;
	}
	return false;
}

/*
 * A number that is free in the domain. What people make by hand, or other domains have on
 * the same hosts, is seldom near it.
 */
static uint64_t choose_vni(const struct lab *l, json_t *segments, const char *segment)
{
	const char *domain = l->place.domain->name;
	uint32_t hash = name_hash(name_hash(name_hash(NAME_HASH, domain), "/"), segment);
	uint64_t vni = VNI_OWN + hash % (VNI_MAX + 1 - VNI_OWN);

	/* There are more than a board has segments. */
	while (vni_taken(l, segments, vni))
		vni = vni < VNI_MAX ? vni + 1 : VNI_OWN;
	return vni;
}

/* None of the networks is there already, and each has a number. */
static void number_networks(struct lab *l)
{
	json_t *segments = segments_of(l);
	unsigned int i;

	for (i = 0; i < l->t.network_count; i++) {
		struct topology_network *net = &l->t.networks[i];

		if (json_object_get(segments, net->segment))
			die(STATUS_REFUSED,
			    "%s:%u: segment \"%s\" is there already: the lab runs from another host, or is left of one; \"vmnetctl lab down %s\" removes it",
			    l->t.file, net->line, net->segment, l->t.file);
		if (!net->vni)
			net->vni = choose_vni(l, segments, net->segment);
	}
	json_decref(segments);
}

/* -------------------------------------------------------------------- the record */

static json_t *guest_record(const struct topology *t, const struct topology_guest *g)
{
	json_t *nics = json_array();
	unsigned int i;

	for (i = 0; i < g->nic_count; i++) {
		const struct topology_network *net = &t->networks[g->nics[i].network];

		json_array_append_new(nics, json_pack("{s:s, s:s, s:s, s:s}", "network",
						      net->name, "segment", net->segment, "mac",
						      g->nics[i].mac, "ipv4", g->nics[i].ipv4));
	}
	return json_pack("{s:s, s:s, s:o}", "name", g->name, "host", g->host, "nics", nics);
}

/* From then on hosts may have guests. */
static void make_record(struct lab *l)
{
	json_t *guests = json_array();
	unsigned int i;

	for (i = 0; i < l->t.guest_count; i++)
		json_array_append_new(guests, guest_record(&l->t, &l->t.guests[i]));
	json_object_set_new(l->record, "guests", guests);
}

static bool save(struct lab *l)
{
	int err = record_write(&l->place.setup, RECORD_LABS, l->t.name, l->record);

	if (err)
		complain("cannot write the record of lab %s in %s: %s", l->t.name,
			 l->place.setup.state, strerror(-err));
	return !err;
}

/* ----------------------------------------------------------------- what it makes */

/* The record has the name first: if this ends in the middle it is known. */
static bool make_network(struct lab *l, const struct topology_network *net)
{
	json_t *segments = json_object_get(l->record, "segments"), *body;
	char prefix[PREFIX_STRLEN], path[PATH_SIZE];
	struct http_answer a;
	bool good;

	json_array_append_new(segments, json_string(net->segment));
	if (!save(l))
		return false;
	prefix_format(&net->prefix, prefix);
	body = json_pack("{s:I, s:s}", "vni", (json_int_t)net->vni, "ipv4", prefix);
	snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s", l->place.domain->name,
		 net->segment);
	good = place_try(&l->place, "PUT", path, body, ANSWER_TIMEOUT, &a);
	if (!good)
		complain("%s:%u: network \"%s\": %s", l->t.file, net->line, net->name, a.error);
	else if (a.status != 201)
		complain("%s:%u: segment \"%s\" is somebody else's, who made it at the same time",
			 l->t.file, net->line, net->segment);
	/* What is refused, or somebody else's, is not to be removed. */
	if (a.status && (!good || a.status != 201)) {
		json_array_remove(segments, json_array_size(segments) - 1);
		good = false;
	}
	json_decref(body);
	http_answer_free(&a);
	return good;
}

/* They become part of command lines, and of files that others read. */
static bool is_nic(const json_t *o)
{
	struct in_addr ip;
	uint8_t mac[6];

	return parse_mac(json_text(o, "mac"), mac) &&
	       inet_pton(AF_INET, json_text(o, "ipv4"), &ip) == 1;
}

static bool make_nic(struct lab *l, const struct topology_guest *g, struct topology_nic *nic)
{
	json_t *body = *nic->ipv4 ? json_pack("{s:s}", "ipv4", nic->ipv4) : json_object();
	char path[PATH_SIZE];
	struct http_answer a;
	bool good;

	snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s/vms/%s",
		 l->place.domain->name, l->t.networks[nic->network].segment, g->name);
	good = place_try(&l->place, "PUT", path, body, ANSWER_TIMEOUT, &a);
	if (!good)
		complain("%s:%u: guest \"%s\": %s", l->t.file, nic->line, g->name, a.error);
	else if (!is_nic(a.json))
		complain("%s:%u: guest \"%s\": the board answers with \"%.40s\" and \"%.40s\": %s",
			 l->t.file, nic->line, g->name, json_text(a.json, "mac"),
			 json_text(a.json, "ipv4"), "these are no MAC and IPv4 address");
	good = good && is_nic(a.json);
	if (good) {
		snprintf(nic->ipv4, sizeof(nic->ipv4), "%s", json_text(a.json, "ipv4"));
		snprintf(nic->mac, sizeof(nic->mac), "%s", json_text(a.json, "mac"));
	}
	json_decref(body);
	http_answer_free(&a);
	return good;
}

/* Addresses that are given first: else others might get them. */
static bool make_nics(struct lab *l)
{
	unsigned int i, j, given;

	for (given = 2; given--;) {
		for (i = 0; i < l->t.guest_count && !is_stopped(); i++) {
			struct topology_guest *g = &l->t.guests[i];

			for (j = 0; j < g->nic_count; j++)
				if ((*g->nics[j].ipv4 != '\0') == given && !*g->nics[j].mac &&
				    !make_nic(l, g, &g->nics[j]))
					return false;
		}
	}
	make_record(l);
	return save(l);
}

/* Guests that ask for their addresses get it with them; it is known only now. */
static bool set_gateway(struct lab *l, unsigned int index)
{
	const struct topology_network *net = &l->t.networks[index];
	const char *gateway = resolve_gateway(&l->t, index);
	char prefix[PREFIX_STRLEN], path[PATH_SIZE];
	struct http_answer a;
	json_t *body;
	bool good;

	if (!gateway)
		return true;
	prefix_format(&net->prefix, prefix);
	body = json_pack("{s:I, s:s, s:s}", "vni", (json_int_t)net->vni, "ipv4", prefix,
			 "gateway", gateway);
	snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s", l->place.domain->name,
		 net->segment);
	good = place_try(&l->place, "PUT", path, body, ANSWER_TIMEOUT, &a);
	if (!good)
		complain("%s:%u: gateway of network \"%s\": %s", l->t.file, net->gateway_line,
			 net->name, a.error);
	json_decref(body);
	http_answer_free(&a);
	return good;
}

static bool set_gateways(struct lab *l)
{
	unsigned int i;

	for (i = 0; i < l->t.network_count; i++)
		if (is_stopped() || !set_gateway(l, i))
			return false;
	return true;
}

static json_t *guest_request(const struct topology *t, const struct topology_guest *g)
{
	json_t *o = guest_record(t, g);
	struct buf append = { };

	resolve_append(t, g, &append);
	buf_putc(&append, '\0');
	json_object_update_new(o, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "memory",
					    (json_int_t)g->memory, "vcpus",
					    (json_int_t)g->vcpus, "kernel", g->kernel, "initrd",
					    g->initrd, "disk", g->disk, "append",
					    *g->kernel ? append.p : ""));
	buf_free(&append);
	return o;
}

/* The guests of a host that are to run, NULL if there are none. */
static json_t *host_request(const struct lab *l, const char *host)
{
	json_t *guests = json_array(), *request = lab_request(l, "start");
	unsigned int i;

	for (i = 0; i < l->t.guest_count; i++)
		if (!strcmp(l->t.guests[i].host, host))
			json_array_append_new(guests, guest_request(&l->t, &l->t.guests[i]));
	json_object_set_new(request, "guests", guests);
	return request;
}

/* All hosts at the same time. */
static bool start_guests(struct lab *l)
{
	struct hand *hands = memory_new(l->t.guest_count * sizeof(*hands));
	json_t *refused = json_object_get(l->record, "refused");
	unsigned int count = 0, i, j;
	bool good = true;

	for (i = 0; i < l->t.guest_count; i++) {
		const char *host = l->t.guests[i].host;
		json_t *request;

		for (j = 0; j < count && strcmp(hands[j].host, host); j++)
			;
		if (j < count)
			continue;
		request = host_request(l, host);
		hand_ask(&hands[count++], &l->place, host, l->rsh, request);
		json_decref(request);
	}
	for (i = 0; i < count; i++) {
		hand_wait(&hands[i]);
		if (*hands[i].error)
			complain("%s", hands[i].error);
		good = good && !*hands[i].error;
		if (json_is_true(json_object_get(hands[i].answer, "refused")))
			json_array_append_new(refused, json_string(hands[i].host));
		json_decref(hands[i].answer);
	}
	free(hands);
	if (json_array_size(refused))
		save(l);
	return good;
}

static bool make(struct lab *l)
{
	unsigned int i;

	if (!save(l))
		return false;
	for (i = 0; i < l->t.network_count; i++)
		if (is_stopped() || !make_network(l, &l->t.networks[i]))
			return false;
	return !is_stopped() && make_nics(l) && set_gateways(l) && !is_stopped() &&
	       start_guests(l) && !is_stopped();
}

static int print(struct lab *l, const char *state)
{
	const json_t *guests = json_object_get(l->record, "guests");
	json_t *records = json_pack("[O]", l->record);
	int status;
	size_t i;

	for (i = 0; i < json_array_size(guests); i++)
		json_object_set_new(json_array_get(guests, i), "state", json_string(state));
	status = lab_print(records);
	json_decref(records);
	return status;
}

/* Nobody else has it: by that hosts know which of several labs of a name is meant. */
static void make_id(char id[ID_SIZE])
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		die(STATUS_REFUSED, "cannot have a random number: %s", strerror(errno));
	snprintf(id, ID_SIZE, "%016" PRIx64, number);
}

int lab_up(struct lab *l, bool is_dry)
{
	char id[ID_SIZE];

	if (record_read(&l->place.setup, RECORD_LABS, l->t.name))
		die(STATUS_REFUSED,
		    "lab %s was begun here already: \"vmnetctl lab status\" says how it is, \"vmnetctl lab down %s\" ends it",
		    l->t.name, l->t.name);
	place_guests(l);
	number_networks(l);
	make_id(id);
	l->record = json_pack("{s:s, s:s, s:s, s:s, s:[], s:[], s:[]}", "lab", l->t.name, "domain",
			      l->place.domain->name, "id", id, "rsh", l->rsh, "segments",
			      "refused", "guests");
	if (is_dry) {
		make_record(l);
		return print(l, "planned");
	}
	catch_signals();
	if (make(l))
		return print(l, "running");
	complain("lab %s is not up: what was done is undone", l->t.name);
	if (!lab_down(l))
		complain("some of it is left: \"vmnetctl lab down %s\" tries again", l->t.name);
	return STATUS_REFUSED;
}
