// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "file.h"
#include "made.h"

static json_t *net_of(const struct made *m, unsigned int net)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", net);
	return json_object_get(m->nets, name);
}

void made_open(struct made *m, const char *file)
{
	const char *key;
	json_t *net;
	void *tmp;

	*m = (struct made){ };
	snprintf(m->file, sizeof(m->file), "%s", file);
	/* Without it, or if it is broken, all that is there is somebody else's. */
	m->nets = json_load_file(file, 0, NULL);
	if (!json_is_object(m->nets)) {
		json_decref(m->nets);
		m->nets = json_object();
	}
	json_object_foreach_safe(m->nets, tmp, key, net) {
		if (!json_is_object(net))
			json_object_del(m->nets, key);
	}
}

void made_close(struct made *m)
{
	json_decref(m->nets);
}

bool made_has(const struct made *m, unsigned int net, const char *key)
{
	return json_object_get(net_of(m, net), key);
}

void made_add(struct made *m, unsigned int net, const char *key)
{
	json_t *peers = net_of(m, net);
	char name[16];

	if (!peers) {
		peers = json_object();
		snprintf(name, sizeof(name), "%u", net);
		json_object_set_new(m->nets, name, peers);
	}
	if (!json_object_get(peers, key))
		m->dirty = true;
	json_object_set_new(peers, key, json_true());
}

void made_remove(struct made *m, unsigned int net, const char *key)
{
	if (!json_object_del(net_of(m, net), key))
		m->dirty = true;
}

void made_prune(struct made *m, bool (*is_there)(void *arg, unsigned int net), void *arg)
{
	const char *key;
	json_t *net;
	void *tmp;

	json_object_foreach_safe(m->nets, tmp, key, net) {
		if (is_there(arg, strtoul(key, NULL, 10)))
			continue;
		json_object_del(m->nets, key);
		m->dirty = true;
	}
}

int made_save(struct made *m)
{
	char *text;
	int err;

	if (!m->dirty)
		return 0;
	text = json_dumps(m->nets, JSON_COMPACT);
	if (!text)
		die(STATUS_REFUSED, "not enough memory");
	err = file_replace(m->file, text, strlen(text));
	free(text);
	m->dirty = err;
	return err;
}
