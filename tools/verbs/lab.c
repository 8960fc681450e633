// SPDX-License-Identifier: GPL-2.0
/* lab */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hand.h"
#include "json.h"
#include "lab.h"

enum { CELL_LAB, CELL_GUEST, CELL_HOST, CELL_STATE, CELL_ADDRESSES, CELL_MACS };

static const struct column columns[] = {
	{ CELL_LAB,	  COL_BOTH, 12, "lab",		"LAB" },
	{ CELL_GUEST,	  COL_BOTH, 15, "guest",	"GUEST" },
	{ CELL_HOST,	  COL_BOTH, 15, "host",		"HOST" },
	{ CELL_STATE,	  COL_BOTH, 8,	"state",	"STATE" },
	{ CELL_ADDRESSES, COL_BOTH, 0,	"addresses",	"ADDRESSES" },
	{ CELL_MACS,	  COL_JSON, 0,	"macs",		NULL },
};

/* What each NIC has, with the name of its network: "lan=10.1.0.1" */
static void nics_cell(struct table *t, unsigned int cell, const json_t *guest,
		      const char *member)
{
	const json_t *nics = json_object_get(guest, "nics");
	char text[TABLE_SCRATCH / 3] = "";
	size_t i, len = 0;

	for (i = 0; i < json_array_size(nics) && len < sizeof(text); i++) {
		const json_t *nic = json_array_get(nics, i);
		const char *value = json_text(nic, member);

		len += snprintf(text + len, sizeof(text) - len, "%s%.20s=%s", i ? "," : "",
				json_text(nic, "network"), *value ? value : "?");
	}
	table_copy(t, cell, text);
}

int lab_print(const json_t *records)
{
	struct buf out = { };
	struct table t;
	size_t i, j;

	table_begin(&t, &out, want_json ? TABLE_JSON : TABLE_TEXT, columns,
		    ARRAY_SIZE(columns));
	for (i = 0; i < json_array_size(records); i++) {
		const json_t *lab = json_array_get(records, i);
		const json_t *guests = json_object_get(lab, "guests");

		for (j = 0; j < json_array_size(guests); j++) {
			const json_t *guest = json_array_get(guests, j);

			text_cell(&t, CELL_LAB, lab, "lab");
			text_cell(&t, CELL_GUEST, guest, "name");
			text_cell(&t, CELL_HOST, guest, "host");
			text_cell(&t, CELL_STATE, guest, "state");
			nics_cell(&t, CELL_ADDRESSES, guest, "ipv4");
			nics_cell(&t, CELL_MACS, guest, "mac");
			table_row(&t);
		}
	}
	return print_table(&t);
}

/* ------------------------------------------------------------- the command line */

/* Verbs take as many of these as they know. */
enum { KW_RSH = PLACE_KEYWORDS, KW_TOKEN, KW_DRY, KW_COUNT };

static void lab_keywords(struct args *a, struct keyword kw[KW_COUNT], unsigned int count)
{
	kw[KW_RSH] = (struct keyword){ .name = "rsh", .value = "COMMAND" };
	kw[KW_TOKEN] = (struct keyword){ .name = "token", .value = "FILE" };
	kw[KW_DRY] = (struct keyword){ .name = "dry-run" };
	args_place(a, kw, count);
	if (kw[KW_RSH].given && !kw[KW_RSH].text[strspn(kw[KW_RSH].text, " \t")])
		usage_error(a, "expected COMMAND such as \"ssh -p 2222\"");
}

/* The token with which segments may be made, instead of that of this host. */
static void read_token(struct lab *l, const char *file)
{
	FILE *f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	char line[HTTP_TOKEN_SIZE] = "";
	unsigned int i;

	if (!f || !fgets(line, sizeof(line), f))
		die(STATUS_REFUSED, "cannot read a token from %s: %s", file,
		    f && !ferror(f) ? "it is empty" : strerror(errno));
	if (f != stdin)
		fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	if (!*line || strpbrk(line, " \t"))
		die(STATUS_REFUSED,
		    "%s: the first line has to be a token, as \"vmnet-board token add\" prints it",
		    file);
	for (i = 0; i < l->place.domain->board_count; i++)
		memcpy(l->place.domain->boards[i].token, line, sizeof(line));
}

static void lab_open(struct lab *l, const struct keyword *kw)
{
	place_open(&l->place, kw);
	l->rsh = kw[KW_RSH].given ? kw[KW_RSH].text : HAND_RSH;
}

static void lab_close(struct lab *l)
{
	json_decref(l->record);
	topology_free(&l->t);
	place_close(&l->place);
}

static void read_file(struct lab *l, const char *file)
{
	char error[DOCUMENT_ERROR_SIZE];

	if (!topology_read(&l->t, file, error))
		die(STATUS_USAGE, "%s", error);
}

/* ------------------------------------------------------------------------ verbs */

static int verb_check(struct args *a)
{
	const char *file = args_take(a, "FILE");
	struct lab l = { };

	args_end(a);
	read_file(&l, file);
	topology_free(&l.t);
	return STATUS_OK;
}

static int verb_up(struct args *a)
{
	const char *file = args_take(a, "FILE");
	struct keyword kw[KW_COUNT];
	struct lab l = { };
	int status;

	lab_keywords(a, kw, ARRAY_SIZE(kw));
	/* A file that is wrong is so without a board, too. */
	read_file(&l, file);
	lab_open(&l, kw);
	if (kw[KW_TOKEN].given)
		read_token(&l, kw[KW_TOKEN].text);
	record_lock(&l.place.setup, RECORD_LABS, l.t.name, false);
	status = lab_up(&l, kw[KW_DRY].given);
	lab_close(&l);
	return status;
}

/* A lab of which there is no record: what the file says that it has. */
static json_t *record_of_file(const struct lab *l)
{
	json_t *segments = json_array();
	unsigned int i;

	for (i = 0; i < l->t.network_count; i++)
		json_array_append_new(segments, json_string(l->t.networks[i].segment));
	return json_pack("{s:s, s:o}", "lab", l->t.name, "segments", segments);
}

/* Its own words hold unless others are given. */
static void use_record(struct lab *l, struct keyword *kw)
{
	const char *rsh = json_text(l->record, "rsh"), *domain = json_text(l->record, "domain");

	if (!kw[KW_RSH].given && *rsh)
		l->rsh = rsh;
	if (!kw[0].given && *domain && setup_find(&l->place.setup, domain))
		l->place.domain = setup_find(&l->place.setup, domain);
}

/* A name of a lab, unless there is a file of that name. */
static int verb_down(struct args *a)
{
	const char *what = args_take(a, "FILE or NAME"), *name = what;
	struct keyword kw[KW_COUNT];
	struct lab l = { };
	bool good;

	lab_keywords(a, kw, KW_DRY);
	if (!name_valid(what) || !access(what, F_OK)) {
		read_file(&l, what);
		name = l.t.name;
	}
	lab_open(&l, kw);
	record_lock(&l.place.setup, RECORD_LABS, name, false);
	l.record = record_read(&l.place.setup, RECORD_LABS, name);
	if (l.record) {
		use_record(&l, kw);
		if (strcmp(json_text(l.record, "domain"), l.place.domain->name))
			die(STATUS_REFUSED,
			    "lab %s is in domain \"%s\": this host has to be in it, and no other one given",
			    name, json_text(l.record, "domain"));
	} else if (*l.t.name) {
		l.record = record_of_file(&l);
	} else {
		die(STATUS_REFUSED,
		    "no lab %s was begun here; \"vmnetctl lab down FILE\" ends what was begun elsewhere",
		    name);
	}
	if (kw[KW_TOKEN].given)
		read_token(&l, kw[KW_TOKEN].text);
	good = lab_down(&l);
	lab_close(&l);
	return good ? STATUS_OK : STATUS_REFUSED;
}

static void set_state(json_t *guest, const struct hand *h)
{
	const char *name = json_text(guest, "name"), *state = *h->error ? "unknown" : "missing";
	const json_t *answers = json_object_get(h->answer, "guests");
	size_t i;

	for (i = 0; i < json_array_size(answers); i++)
		if (!strcmp(json_text(json_array_get(answers, i), "name"), name))
			state = json_text(json_array_get(answers, i), "state");
	json_object_set_new(guest, "state", json_string(state));
}

/* Asks each host, one after the other: what takes long is guests that start. */
static bool ask_states(struct lab *l)
{
	const json_t *guests = json_object_get(l->record, "guests");
	json_t *request = lab_request(l, "status");
	bool good = true;
	size_t i, j;

	for (i = 0; i < json_array_size(guests); i++) {
		json_t *guest = json_array_get(guests, i);
		struct hand hand;

		if (json_object_get(guest, "state"))
			continue;
		hand_ask(&hand, &l->place, json_text(guest, "host"), l->rsh, request);
		hand_wait(&hand);
		if (*hand.error)
			complain("%s", hand.error);
		good = good && !*hand.error;
		for (j = i; j < json_array_size(guests); j++) {
			json_t *other = json_array_get(guests, j);

			if (!strcmp(json_text(other, "host"), hand.host))
				set_state(other, &hand);
		}
		json_decref(hand.answer);
	}
	json_decref(request);
	return good;
}

static int verb_lab_status(struct args *a)
{
	const char *only = NULL, *name;
	struct keyword kw[KW_COUNT];
	json_t *records = json_array(), *names;
	struct lab l = { };
	bool good = true;
	int result;
	size_t i;

	if (*a->words && strcmp(*a->words, "rsh") && strcmp(*a->words, "domain") &&
	    strcmp(*a->words, "config"))
		only = args_name(a, "NAME");
	lab_keywords(a, kw, KW_TOKEN);
	lab_open(&l, kw);
	names = record_list(&l.place.setup, RECORD_LABS);
	if (only && !lab_has(names, only))
		die(STATUS_REFUSED, "no lab %s was begun here", only);
	for (i = 0; i < json_array_size(names); i++) {
		name = json_string_value(json_array_get(names, i));
		l.record = !only || !strcmp(only, name) ?
			   record_read(&l.place.setup, RECORD_LABS, name) : NULL;
		if (!l.record)
			continue;
		use_record(&l, kw);
		good = ask_states(&l) && good;
		json_array_append_new(records, l.record);
	}
	l.record = NULL;
	result = lab_print(records);
	json_decref(records);
	json_decref(names);
	lab_close(&l);
	return result == STATUS_OK && !good ? STATUS_REFUSED : result;
}

int verb_lab(struct args *a)
{
	static const struct {
		const char *name;
		int (*run)(struct args *a);
	} words[] = {
		{ "up", verb_up }, { "down", verb_down }, { "status", verb_lab_status },
		{ "check", verb_check },
		{ "hand", hand_serve },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (args_accept(a, words[i].name))
			return words[i].run(a);
	if (*a->words)
		usage_error(a, "expected \"up\", \"down\", \"status\" or \"check\", not \"%s\"",
			    *a->words);
	usage_error(a, "expected \"up\", \"down\", \"status\" or \"check\" at the end");
}
