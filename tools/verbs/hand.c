// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "guest.h"
#include "hand.h"
#include "json.h"
#include "memory.h"
#include "record.h"

enum {
	NETWORK_TRIES	= 300,		/* of a fifth of a second, for vmnetd to make it */
	RSH_WORDS	= 32,
};

/* --------------------------------------------------------------- those who ask */

/* Words of the command that reaches another host, which @text keeps. */
static unsigned int split(char *text, const char **argv)
{
	unsigned int count = 0;
	char *word, *rest;

	for (word = strtok_r(text, " \t", &rest); word && count < RSH_WORDS;
	     word = strtok_r(NULL, " \t", &rest))
		argv[count++] = word;
	return count;
}

void hand_ask(struct hand *h, const struct place *p, const char *host, const char *rsh,
	      const json_t *request)
{
	char *text = json_dumps(request, JSON_COMPACT), *words = memory_string(rsh);
	const char *argv[RSH_WORDS + 6] = { };
	char self[PATH_MAX];
	unsigned int n = 0;
	ssize_t len;

	*h = (struct hand){ .host = host };
	if (!text)
		die(STATUS_REFUSED, "not enough memory");
	if (strcmp(host, p->domain->host)) {
		n = split(words, argv);
		argv[n++] = host;
		argv[n++] = "vmnetctl";
	} else {
		len = readlink("/proc/self/exe", self, sizeof(self) - 1);
		if (len < 0)
			die(STATUS_REFUSED, "cannot find where this program is: %s",
			    strerror(errno));
		self[len] = '\0';
		argv[n++] = self;
	}
	argv[n++] = "lab";
	argv[n++] = "hand";
	if (!strcmp(host, p->domain->host)) {
		argv[n++] = "config";
		argv[n++] = p->conf;
	}
	task_start(&h->task, argv, text, true);
	free(words);
	free(text);
}

void hand_wait(struct hand *h)
{
	struct buf said = { };
	int status = task_end(&h->task, &said);
	const char *start = strchr(said.p, '{');

	/* A remote shell may have something to say before. */
	h->answer = start ? json_loads(start, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	if (!h->answer)
		snprintf(h->error, sizeof(h->error), "host %s: %.400s", h->host,
			 *said.p ? task_reason(&said) : status == TASK_NONE ?
			 "the remote shell cannot be started" : "it cannot be reached");
	else if (*json_text(h->answer, "error"))
		snprintf(h->error, sizeof(h->error), "host %s: %.400s", h->host,
			 json_text(h->answer, "error"));
	buf_free(&said);
}

/* ---------------------------------------------------------------- those who do */

/* Device of the network of a segment, "" if there is none. */
static const char *device_of(const json_t *status, const char *domain, const char *segment)
{
	const json_t *domains = json_object_get(status, "domains");
	size_t i, j;

	for (i = 0; i < json_array_size(domains); i++) {
		const json_t *d = json_array_get(domains, i);
		const json_t *nets = json_object_get(d, "nets");

		if (strcmp(json_text(d, "domain"), domain))
			continue;
		for (j = 0; j < json_array_size(nets); j++)
			if (!strcmp(json_text(json_array_get(nets, j), "segment"), segment))
				return json_text(json_array_get(nets, j), "device");
	}
	return "";
}

/* Writes devices into the NICs of guests. False if one has none, whose segment is *@missing. */
static bool find_devices(json_t *guests, const json_t *status, const char *domain,
			 const char **missing)
{
	size_t i, j;

	for (i = 0; i < json_array_size(guests); i++) {
		const json_t *nics = json_object_get(json_array_get(guests, i), "nics");

		for (j = 0; j < json_array_size(nics); j++) {
			json_t *nic = json_array_get(nics, j);
			const char *segment = json_text(nic, "segment");
			const char *device = device_of(status, domain, segment);

			*missing = segment;
			if (!*device)
				return false;
			json_object_set_new(nic, "device", json_string(device));
		}
	}
	return true;
}

/* vmnetd takes one of the segment's number that others made, but then it may lead anywhere. */
static bool is_own(const char *device, const char *domain, const char *segment)
{
	const char *const argv[] = { "ip", "-j", "link", "show", "dev", device, NULL };
	char alias[2 * NAME_SIZE + 8];
	struct buf said = { };
	json_t *links;
	bool own;

	/* As vmnetd(8) says */
	snprintf(alias, sizeof(alias), "vmnetd %.63s/%.63s", domain, segment);
	task_run(argv, "", &said);
	links = json_loads(said.p, 0, NULL);
	own = !strcmp(json_text(json_array_get(links, 0), "ifalias"), alias);
	json_decref(links);
	buf_free(&said);
	return own;
}

/* NULL if all devices are vmnetd's. */
static json_t *check_devices(const json_t *guests, const char *domain)
{
	size_t i, j;

	for (i = 0; i < json_array_size(guests); i++) {
		const json_t *nics = json_object_get(json_array_get(guests, i), "nics");

		for (j = 0; j < json_array_size(nics); j++) {
			const json_t *nic = json_array_get(nics, j);
			const char *segment = json_text(nic, "segment");
			const char *device = json_text(nic, "device");

			if (!is_own(device, domain, segment))
				return json_error("device %s has the number of segment %s but %s",
						  device, segment,
						  "vmnetd did not make it: delete it, or give the network another \"vni\"");
		}
	}
	return NULL;
}

/* Who asks has made the segments a moment ago: vmnetd may not have got to know of them yet. */
static json_t *wait_for_networks(const struct setup *s, json_t *guests, const char *domain)
{
	const char *missing = "";
	unsigned int i;

	for (i = 0; i < NETWORK_TRIES; i++) {
		json_t *status = agent_ask(s, "status");
		bool good;

		if (!status)
			return json_error("vmnetd does not answer at %s: %s", s->socket,
					  "start it, and see \"vmnetctl status\"");
		good = find_devices(guests, status, domain, &missing);
		json_decref(status);
		if (good)
			return check_devices(guests, domain);
		usleep(200000);
	}
	return json_error("vmnetd does not make the network of segment %s: %s", missing,
			  "see \"vmnetctl status\" there");
}

static bool is_begun(const json_t *guest)
{
	return json_is_true(json_object_get(guest, "begun"));
}

static json_t *state_of(const struct guest *g)
{
	return json_pack("{s:O, s:s}", "name", json_object_get(g->o, "name"), "state",
			 is_begun(g->o) && g->ops->is_alive(g) ? "running" : "dead");
}

/* Calls for each guest; stops at the first error if that is said. */
static json_t *each(const json_t *guests, struct guest *g,
		    bool (*fn)(const struct guest *g, char error[GUEST_ERROR_SIZE]),
		    bool all)
{
	char error[GUEST_ERROR_SIZE], first[GUEST_ERROR_SIZE] = "";
	size_t i;

	for (i = 0; i < json_array_size(guests) && (all || !*first); i++) {
		g->o = json_array_get(guests, i);
		if (!fn(g, error) && !*first)
			memcpy(first, error, sizeof(first));
	}
	return *first ? json_error("%s", first) : NULL;
}

static json_t *states(const json_t *guests, struct guest *g)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < json_array_size(guests); i++) {
		g->o = json_array_get(guests, i);
		json_array_append_new(list, state_of(g));
	}
	return json_pack("{s:o}", "guests", list);
}

static json_t *cannot_write(int err)
{
	return json_error("cannot write the record of the lab: %s", strerror(-err));
}

/* An error after which nothing is to be undone. */
static json_t *refused(json_t *error)
{
	json_object_set_new(error, "refused", json_true());
	return error;
}

/* Each is known to have begun before it does; what else has its name is not ended later. */
static json_t *start_guests(const struct setup *s, const json_t *request, struct guest *g)
{
	const json_t *guests = json_object_get(request, "guests");
	char error[GUEST_ERROR_SIZE];
	size_t i;
	int err;

	for (i = 0; i < json_array_size(guests); i++) {
		json_t *o = json_array_get(guests, i);

		g->o = o;
		if (!g->ops->is_free(g, error))
			return json_error("%s", error);
		json_object_set_new(o, "begun", json_true());
		err = record_write(s, RECORD_GUESTS, g->lab, request);
		if (err)
			return cannot_write(err);
		if (!g->ops->start(g, error))
			return json_error("%s", error);
	}
	return NULL;
}

/* The record comes first: what has begun to run is known, whatever happens then. */
static json_t *start(const struct setup *s, json_t *request, struct guest *g)
{
	json_t *guests = json_object_get(request, "guests");
	char dir[PATH_MAX];
	json_t *error;
	int err;

	/* The host may be another one by then, without Xen. */
	json_object_set_new(request, "kind", json_string(g->ops->name));
	error = each(guests, g, guest_check, false);
	if (!error)
		error = each(guests, g, g->ops->is_free, false);
	if (!error)
		error = wait_for_networks(s, guests, json_text(request, "domain"));
	if (error)
		return refused(error);
	err = record_dir(s, RECORD_GUESTS, g->lab, dir);
	if (!err)
		err = record_write(s, RECORD_GUESTS, g->lab, request);
	if (err)
		return refused(cannot_write(err));
	g->dir = dir;
	error = start_guests(s, request, g);
	return error ? error : states(guests, g);
}

static bool stop_begun(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	return !is_begun(g->o) || g->ops->stop(g, error);
}

static json_t *stop(const struct setup *s, const json_t *record, struct guest *g)
{
	json_t *error = each(json_object_get(record, "guests"), g, stop_begun, true);

	if (error)
		return error;
	record_dir_remove(s, RECORD_GUESTS, g->lab);
	record_remove(s, RECORD_GUESTS, g->lab);
	return json_pack("{s:[]}", "guests");
}

/* Another lab may have the same name: of another domain, or begun by somebody else. */
static bool is_about(const json_t *request, const json_t *record)
{
	const char *id = json_text(request, "id");

	return !strcmp(json_text(request, "domain"), json_text(record, "domain")) &&
	       (!*id || !strcmp(id, json_text(record, "id")));
}

static json_t *serve(const struct setup *s, json_t *request)
{
	const char *cmd = json_text(request, "cmd"), *lab = json_text(request, "lab");
	struct guest g = { .lab = lab, .ops = guest_here() };
	json_t *record, *answer;
	char dir[PATH_MAX];
	int err;

	if (!name_valid(lab))
		return json_error("the request is none of vmnetctl's");
	/* Who was interrupted may have left one that still starts guests, which are to end. */
	if (strcmp(cmd, "status"))
		record_lock(s, RECORD_GUESTS, lab, true);
	record = record_read(s, RECORD_GUESTS, lab);
	if (!strcmp(cmd, "start") && !record)
		return start(s, request, &g);
	if (!strcmp(cmd, "start"))
		return refused(json_error("it has guests of a lab %s already: %s", lab,
					  "\"vmnetctl lab down\" ends them"));
	if (!record || !is_about(request, record))
		return json_pack("{s:[]}", "guests");
	err = record_dir(s, RECORD_GUESTS, lab, dir);
	g.dir = dir;
	g.ops = guest_ops_of(json_text(record, "kind"));
	answer = err ? cannot_write(err) : !strcmp(cmd, "stop") ? stop(s, record, &g) :
		 states(json_object_get(record, "guests"), &g);
	json_decref(record);
	return answer;
}

int hand_serve(struct args *a)
{
	struct keyword kw[] = { { .name = "config", .value = "FILE" } };
	json_t *request, *answer;
	struct setup setup;
	char error[512];
	int err;

	args_keywords(a, kw, ARRAY_SIZE(kw));
	err = setup_read(&setup, kw[0].given ? kw[0].text : SETUP_FILE, error);
	if (err)
		die(STATUS_REFUSED, "%s", error);
	request = json_loadf(stdin, 0, NULL);
	answer = serve(&setup, request);
	json_dumpf(answer, stdout, JSON_COMPACT);
	putchar('\n');
	err = *json_text(answer, "error") ? STATUS_REFUSED : STATUS_OK;
	json_decref(request);
	json_decref(answer);
	setup_free(&setup);
	return err;
}
