// SPDX-License-Identifier: GPL-2.0
/*
 * What a board tells vmnetd, and what is on the disk of it. The first octet says what the
 * JSON behind it is; more than one line of answers to a watch follow one another.
 */
#include "database.h"
#include "dnsmasq.h"
#include "file.h"
#include "json.h"
#include "made.h"
#include "reconcile.h"

enum kind {
	KIND_WATCH	= 'w',		/* an answer to a watch */
	KIND_DATABASE	= 'd',		/* the database */
	KIND_MADE	= 'm',		/* the list of what was made */
	KIND_PROBLEM	= 'p',		/* an answer to anything */
};

static void check_guests(const struct database *db, const struct dnsmasq_net *net)
{
	json_t *args = dnsmasq_args("/d", net), *seen = json_object(), *vm;
	const char *key;
	size_t i;

	json_object_foreach(db->vms, key, vm) {
		dnsmasq_add(args, seen, net, json_text(vm, "mac"), json_text(vm, "ipv4"));
	}
	/* Each is one word of a command line, and none is another option. */
	for (i = 1; i < json_array_size(args); i++) {
		const char *arg = json_string_value(json_array_get(args, i));

		must(arg && !strncmp(arg, "--", 2) && !strpbrk(arg, "\n\t "),
		     "an argument of dnsmasq");
	}
	json_decref(seen);
	json_decref(args);
}

/* All that is known is used. */
static void use(struct domain *d)
{
	struct dnsmasq_net net;
	char key[PEER_KEY_SIZE];
	struct peer p;
	const char *name;
	json_t *o;

	json_object_foreach(d->db.hosts, name, o) {
		must(name_valid(name), "the name of a host");
		if (reconcile_peer(d, o, &p)) {
			peer_key(&p, key);
			must(*key, "a peer that is nobody");
		}
	}
	json_object_foreach(d->db.segments, name, o) {
		if (dnsmasq_net(o, 1450, &net))
			check_guests(&d->db, &net);
	}
}

static void watch(struct domain *d, char *text)
{
	uint64_t now = 1000, next;
	char *line;

	while ((line = strtok_r(text, "\n", &text))) {
		json_t *o = json_loads(line, 0, NULL);
		uint64_t ignored = d->db.ignored;
		bool changed;

		if (!database_take(&d->db, o, now, &changed))
			must(!changed && d->db.ignored == ignored, "a refusal with a change");
		database_expire(&d->db, now, &next);
		must(!next || next > now, "what was to expire has not");
		now += 1000;
		json_decref(o);
	}
}

static void load(struct domain *d, const char *text)
{
	int err = database_load(&d->db, file_of(text, strlen(text)));

	must(err || !d->db.revision, "what was read is believed");
}

static void made(const char *text)
{
	struct made m;

	made_open(&m, file_of(text, strlen(text)));
	made_has(&m, 7, "rrdp 2");
	made_add(&m, 7, "rrdp 2");
	must(made_has(&m, 7, "rrdp 2"), "what was made is not known");
	made_remove(&m, 7, "rrdp 2");
	must(!made_has(&m, 7, "rrdp 2"), "what was removed is known");
	made_close(&m);
}

static void problem(const char *text)
{
	static const struct http_board board = { .url = "https://192.0.2.1" };
	struct http_request r;
	struct http_answer a;

	http_make(&r, &board, "GET", "/", NULL, 1);
	buf_puts(&r.answer, text);
	http_read(&r, CURLE_OK, &a);
	/* Without a connection there is no status, and that is no good one. */
	must(*a.error, "a bad answer is good");
	http_answer_free(&a);
	http_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain d = { .config.host = "a" };
	char *text;

	if (!size)
		return 0;
	text = input_text(data + 1, size - 1);
	database_open(&d.db);
	switch (*data) {
	case KIND_DATABASE:
		load(&d, text);
		use(&d);
		break;
	case KIND_MADE:
		made(text);
		break;
	case KIND_PROBLEM:
		problem(text);
		break;
	case KIND_WATCH:
		watch(&d, text);
		use(&d);
		break;
	}
	database_close(&d.db);
	free(text);
	return 0;
}
