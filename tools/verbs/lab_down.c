// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hand.h"
#include "json.h"
#include "lab.h"
#include "memory.h"
#include "name.h"

enum {
	REMOVE_TRIES	= 150,		/* of a fifth of a second, for vmnetd to let VMs go */
};

static void add_host(void *arg, const json_t *o)
{
	const char *name = json_text(o, "name");

	/* It becomes a word of a command line. */
	if (!name_valid(name))
		die(STATUS_REFUSED,
		    "the board lists a host \"%.64s\", which is no name: it is not to be trusted",
		    name);
	json_array_append_new(arg, json_string(name));
}

json_t *lab_hosts(const struct lab *l)
{
	json_t *hosts = json_array();
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/v1/domains/%s/hosts", l->place.domain->name);
	place_list(&l->place, path, add_host, hosts);
	return hosts;
}

bool lab_has(const json_t *array, const char *text)
{
	size_t i;

	for (i = 0; i < json_array_size(array); i++) {
		const char *s = json_string_value(json_array_get(array, i));

		if (s && !strcmp(s, text))
			return true;
	}
	return false;
}

json_t *lab_request(const struct lab *l, const char *cmd)
{
	const char *domain = json_text(l->record, "domain");

	return json_pack("{s:s, s:s, s:s, s:s}", "cmd", cmd, "lab", json_text(l->record, "lab"),
			 "domain", *domain ? domain : l->place.domain->name, "id",
			 json_text(l->record, "id"));
}

/* Hosts that may have guests: of a lab whose guests are not known any, but those that refused. */
static json_t *hosts_of(const struct lab *l, const json_t *live)
{
	const json_t *guests = json_object_get(l->record, "guests");
	json_t *hosts = json_array();
	size_t i;

	for (i = 0; i < json_array_size(guests); i++) {
		const char *host = json_text(json_array_get(guests, i), "host");

		if (*host && !lab_has(hosts, host) &&
		    !lab_has(json_object_get(l->record, "refused"), host))
			json_array_append_new(hosts, json_string(host));
	}
	if (!guests)
		json_array_extend(hosts, (json_t *)live);
	return hosts;
}

/* Ends the guests on all hosts at the same time, but those that are @away. */
static bool stop_guests(const struct lab *l, json_t *away)
{
	json_t *live = lab_hosts(l), *hosts = hosts_of(l, live), *request;
	size_t count = json_array_size(hosts), i;
	struct hand *hands = memory_new((count + 1) * sizeof(*hands));
	bool good = true;

	request = lab_request(l, "stop");
	for (i = 0; i < count; i++) {
		const char *host = json_string_value(json_array_get(hosts, i));

		hands[i].host = NULL;
		if (lab_has(live, host) || !strcmp(host, l->place.domain->host))
			hand_ask(&hands[i], &l->place, host, l->rsh, request);
		else
			json_array_append_new(away, json_string(host));
	}
	for (i = 0; i < count; i++) {
		if (!hands[i].host)
			continue;
		hand_wait(&hands[i]);
		if (*hands[i].error)
			complain("%s", hands[i].error);
		good = good && !*hands[i].error;
		json_decref(hands[i].answer);
	}
	free(hands);
	json_decref(request);
	json_decref(hosts);
	json_decref(live);
	return good;
}

static bool delete_path(const struct place *p, const char *path, char code[32])
{
	struct http_answer a;
	bool good = place_try(p, "DELETE", path, NULL, ANSWER_TIMEOUT, &a);

	snprintf(code, 32, "%s", a.code);
	if (!good && strcmp(code, "not_found") && strcmp(code, "in_use"))
		complain("%s", a.error);
	http_answer_free(&a);
	return good || !strcmp(code, "not_found");
}

/* All VMs of a segment that are there now. Returns false if there is no asking. */
static bool delete_vms(const struct place *p, const char *segment)
{
	char path[PATH_SIZE], code[32];
	struct http_answer a;
	const json_t *items;
	bool good;
	size_t i;

	snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s/vms", p->domain->name,
		 segment);
	good = place_try(p, "GET", path, NULL, ANSWER_TIMEOUT, &a);
	if (!good && strcmp(a.code, "not_found"))
		complain("%s", a.error);
	else
		good = true;
	items = json_object_get(a.json, "items");
	for (i = 0; i < json_array_size(items) && good; i++) {
		snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s/vms/%s",
			 p->domain->name, segment, json_text(json_array_get(items, i), "name"));
		good = delete_path(p, path, code);
	}
	http_answer_free(&a);
	return good;
}

/* vmnetd gives VMs away when their ports are gone, and may be about to. */
static bool remove_segment(const struct place *p, const char *segment)
{
	char path[PATH_SIZE], code[32] = "";
	unsigned int i;

	snprintf(path, sizeof(path), "/v1/domains/%s/segments/%s", p->domain->name, segment);
	for (i = 0; i < REMOVE_TRIES; i++) {
		if (!delete_vms(p, segment))
			return false;
		if (delete_path(p, path, code))
			return true;
		if (strcmp(code, "in_use"))
			return false;
		usleep(200000);
	}
	complain("segment %s still has VMs: \"vmnetctl show-vms segment %s\" says where", segment,
		 segment);
	return false;
}

/* Of a lab that is gone elsewhere, hosts that are not there may still have guests. */
static void keep_away(struct lab *l, const json_t *away)
{
	const char *name = json_text(l->record, "lab");
	json_t *guests = json_object_get(l->record, "guests");
	size_t i;
	int err;

	for (i = json_array_size(guests); i--;)
		if (!lab_has(away, json_text(json_array_get(guests, i), "host")))
			json_array_remove(guests, i);
	json_array_clear(json_object_get(l->record, "segments"));
	err = record_write(&l->place.setup, RECORD_LABS, name, l->record);
	if (err)
		complain("cannot write the record of lab %s in %s: %s", name,
			 l->place.setup.state, strerror(-err));
	for (i = 0; i < json_array_size(away); i++)
		complain("host %s is not there, and may have guests: %s %s\" %s %s/%s/%s.json",
			 json_string_value(json_array_get(away, i)),
			 "once it is, \"vmnetctl lab down", name,
			 "ends them; if it never is again, remove",
			 l->place.setup.state, RECORD_LABS, name);
}

bool lab_down(struct lab *l)
{
	const json_t *segments = json_object_get(l->record, "segments");
	json_t *away = json_array();
	bool good = stop_guests(l, away);
	size_t i;

	for (i = 0; i < json_array_size(segments) && good; i++)
		good = remove_segment(&l->place, json_string_value(json_array_get(segments, i)));
	if (good && json_array_size(away)) {
		keep_away(l, away);
		good = false;
	} else if (good) {
		record_remove(&l->place.setup, RECORD_LABS, json_text(l->record, "lab"));
	}
	json_decref(away);
	return good;
}
