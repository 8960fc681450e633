// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "error.h"
#include "file.h"
#include "json.h"
#include "name.h"

enum {
	VERSION_NOW	= 1,		/* of the file */
	HOLD_MIN	= 30000,	/* milliseconds */
	TTL_MAX		= 3600,		/* seconds */
	KEY_SIZE	= 2 * NAME_SIZE,
};

static json_t *object(void)
{
	json_t *o = json_object();

	if (!o)
		die(STATUS_REFUSED, "not enough memory");
	return o;
}

void database_open(struct database *db)
{
	*db = (struct database){
		.segments = object(),
		.hosts = object(),
		.vms = object(),
		.ports = object(),
		.held = object(),
	};
}

void database_close(struct database *db)
{
	json_decref(db->segments);
	json_decref(db->hosts);
	json_decref(db->vms);
	json_decref(db->ports);
	json_decref(db->held);
	*db = (struct database){ };
}

/* ----------------------------------------------------------------- holding */

static uint64_t hold_time(const json_t *o)
{
	json_int_t ttl = json_integer_value(json_object_get(o, "ttl"));

	if (ttl > TTL_MAX)
		ttl = TTL_MAX;
	return ttl > HOLD_MIN / 1000 ? ttl * 1000 : HOLD_MIN;
}

static void hold(struct database *db, const char *kind, const char *name,
		 const json_t *o, uint64_t now)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s/%s", kind, name);
	if (!json_object_get(db->held, key))
		json_object_set_new(db->held, key, json_integer(now + hold_time(o)));
}

static void unhold(struct database *db, const char *kind, const char *name)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s/%s", kind, name);
	json_object_del(db->held, key);
}

/* All that may not be told again. */
static void hold_all(struct database *db, uint64_t now)
{
	const char *name;
	json_t *o;

	json_object_foreach(db->hosts, name, o) {
		hold(db, "host", name, o, now);
	}
	json_object_foreach(db->segments, name, o) {
		hold(db, "segment", name, o, now);
	}
}

bool database_expire(struct database *db, uint64_t now, uint64_t *next)
{
	const char *key, *slash;
	bool changed = false;
	json_t *until;
	void *tmp;

	*next = 0;
	json_object_foreach_safe(db->held, tmp, key, until) {
		uint64_t due = json_integer_value(until);

		if (due > now) {
			if (!*next || due < *next)
				*next = due;
			continue;
		}
		slash = strchr(key, '/');
		json_object_del(key[0] == 'h' ? db->hosts : db->segments, slash + 1);
		json_object_del(db->held, key);
		changed = true;
	}
	return changed;
}

/* ------------------------------------------------------------------ events */

/**
 * struct kind - what an event may be about
 * @name: as it says so
 * @of: where that is in the database
 */
struct kind {
	const char *name;
	json_t *of;
};

static void set(json_t *of, const char *key, json_t *o, bool *changed)
{
	if (json_equal(json_object_get(of, key), o))
		return;
	*changed = true;
	json_object_set(of, key, o);
}

static bool take_event(struct database *db, const json_t *event, bool *changed)
{
	const struct kind kinds[] = {
		{ "segment", db->segments },
		{ "host", db->hosts },
		{ "vm", db->vms },
	};
	const char *kind = json_text(event, "kind"), *name = json_text(event, "name");
	const char *segment = json_text(event, "segment"), *type = json_text(event, "type");
	json_t *o = json_object_get(event, "object");
	bool is_put = !strcmp(type, "put");
	char key[KEY_SIZE];
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, kind))
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]) || !name_valid(name) ||
	    (is_put ? !json_is_object(o) : strcmp(type, "delete")))
		return false;
	snprintf(key, sizeof(key), "%s", name);
	if (kinds[i].of == db->vms) {
		if (!name_valid(segment))
			return false;
		snprintf(key, sizeof(key), "%s/%s", segment, name);
	} else {
		unhold(db, kind, name);
	}
	if (is_put)
		set(kinds[i].of, key, o, changed);
	else if (!json_object_del(kinds[i].of, key))
		*changed = true;
	return true;
}

/* What is known of VMs does nothing here that could not wait to be told again. */
static void begin_anew(struct database *db, uint64_t now, json_t **vms)
{
	*vms = db->vms;
	db->vms = object();
	hold_all(db, now);
}

bool database_take(struct database *db, const json_t *answer, uint64_t now,
		   bool *changed)
{
	const json_t *events = json_object_get(answer, "events");
	const json_t *revision = json_object_get(answer, "revision");
	json_t *vms = NULL;
	size_t i;

	*changed = false;
	if (!json_is_array(events) || !json_is_integer(revision) ||
	    json_integer_value(revision) < 0)
		return false;
	if (!db->revision)
		begin_anew(db, now, &vms);
	for (i = 0; i < json_array_size(events); i++)
		if (!take_event(db, json_array_get(events, i), changed))
			db->ignored++;
	if (vms && !json_equal(vms, db->vms))
		*changed = true;
	json_decref(vms);
	db->revision = json_integer_value(revision);
	return true;
}

void database_set_vm(struct database *db, const char *key, const json_t *vm)
{
	if (vm)
		json_object_set(db->vms, key, (json_t *)vm);
	else
		json_object_del(db->vms, key);
}

/* -------------------------------------------------------------------- file */

/* "SEGMENT/NAME" */
static bool is_vm(const char *key)
{
	const char *slash = strchr(key, '/');
	char segment[NAME_SIZE];

	if (!slash || slash - key >= NAME_SIZE)
		return false;
	snprintf(segment, sizeof(segment), "%.*s", (int)(slash - key), key);
	return name_valid(segment) && name_valid(slash + 1);
}

static bool take_objects(json_t **to, const json_t *from, const char *name,
			 bool (*valid)(const char *key))
{
	json_t *o = json_object_get(from, name), *item;
	const char *key;

	if (!json_is_object(o))
		return false;
	json_object_foreach(o, key, item) {
		if (!json_is_object(item) || !valid(key))
			return false;
	}
	json_decref(*to);
	*to = json_incref(o);
	return true;
}

static bool take_ports(struct database *db, const json_t *file)
{
	json_t *o = json_object_get(file, "ports"), *item;
	const char *key;

	if (!json_is_object(o))
		return false;
	json_object_foreach(o, key, item) {
		if (!json_is_string(item) || !is_vm(key))
			return false;
	}
	json_decref(db->ports);
	db->ports = json_incref(o);
	return true;
}

int database_load(struct database *db, const char *file)
{
	struct database got;
	json_error_t error;
	json_t *all;
	bool good;
	FILE *f;

	f = fopen(file, "re");
	if (!f)
		return -errno;
	all = json_loadf(f, 0, &error);
	fclose(f);
	database_open(&got);
	good = json_integer_value(json_object_get(all, "version")) == VERSION_NOW &&
	       take_objects(&got.segments, all, "segments", name_valid) &&
	       take_objects(&got.hosts, all, "hosts", name_valid) &&
	       take_objects(&got.vms, all, "vms", is_vm) && take_ports(&got, all);
	json_decref(all);
	if (!good) {
		database_close(&got);
		return -EINVAL;
	}
	/* Much may have been since: revision 0, the board is to tell all. */
	database_close(db);
	*db = got;
	return 0;
}

int database_save(const struct database *db, const char *file)
{
	json_t *all = json_pack("{s:i, s:I, s:O, s:O, s:O, s:O}", "version", VERSION_NOW,
				"revision", (json_int_t)db->revision, "segments",
				db->segments, "hosts", db->hosts, "vms", db->vms, "ports",
				db->ports);
	char *text = all ? json_dumps(all, JSON_INDENT(1)) : NULL;
	int err;

	if (!text)
		die(STATUS_REFUSED, "not enough memory");
	err = file_replace(file, text, strlen(text));
	free(text);
	json_decref(all);
	return err;
}
