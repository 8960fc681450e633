// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "verbs.h"

static void none_joined(const struct place *p)
{
	die(STATUS_REFUSED,
	    "this host is in no domain: \"vmnetctl join\" joins one, and says so in %s",
	    p->conf);
}

void args_place(struct args *a, struct keyword *kw, unsigned int count)
{
	kw[0] = (struct keyword){ .name = "domain", .value = "DOMAIN" };
	kw[1] = (struct keyword){ .name = "config", .value = "FILE" };
	args_keywords(a, kw, count);
}

void place_open(struct place *p, const struct keyword *kw)
{
	char error[512];
	int err;

	*p = (struct place){ .conf = kw[1].given ? kw[1].text : SETUP_FILE };
	err = setup_read(&p->setup, p->conf, error);
	if (err && err != -ENOENT)
		die(err == -EINVAL ? STATUS_USAGE : STATUS_REFUSED, "%s%s", error,
		    err == -EACCES ? "; only root may" : "");
	if (!p->setup.domain_count)
		none_joined(p);
	if (kw[0].given) {
		p->domain = setup_find(&p->setup, kw[0].text);
		if (!p->domain)
			die(STATUS_REFUSED,
			    "this host is not in domain \"%s\"; \"vmnetctl status\" lists those it is in",
			    kw[0].text);
	} else if (p->setup.domain_count == 1) {
		p->domain = &p->setup.domains[0];
	} else {
		die(STATUS_USAGE, "this host is in %u domains: say \"domain DOMAIN\"",
		    p->setup.domain_count);
	}
}

void place_close(struct place *p)
{
	setup_free(&p->setup);
}

bool place_try(const struct place *p, const char *method, const char *path,
	       const json_t *body, unsigned int timeout, struct http_answer *a)
{
	const struct setup_domain *d = p->domain;
	unsigned int i;

	for (i = 0; i < d->board_count; i++) {
		if (i)
			http_answer_free(a);
		if (http_ask(&d->boards[i], method, path, body, timeout, a))
			return true;
		/* What one refuses the others would, too. */
		if (a->status && a->status < 500)
			break;
	}
	return false;
}

void place_ask(const struct place *p, const char *method, const char *path,
	       const json_t *body, unsigned int timeout, struct http_answer *a)
{
	if (!place_try(p, method, path, body, timeout, a))
		die(STATUS_REFUSED, "%s", a->error);
}

void place_list(const struct place *p, const char *path,
		void (*fn)(void *arg, const json_t *item), void *arg)
{
	char after[2 * NAME_SIZE] = "", full[PATH_SIZE + sizeof(after)];
	struct http_answer a;
	const json_t *items;
	size_t i;

	do {
		snprintf(full, sizeof(full), "%s%s%s", path, *after ? "?after=" : "", after);
		place_ask(p, "GET", full, NULL, ANSWER_TIMEOUT, &a);
		items = json_object_get(a.json, "items");
		for (i = 0; i < json_array_size(items); i++)
			fn(arg, json_array_get(items, i));
		snprintf(after, sizeof(after), "%s", json_text(a.json, "next"));
		http_answer_free(&a);
	} while (*after);
}

const char *args_name(struct args *a, const char *what)
{
	const char *name = args_take(a, what);

	if (!name_valid(name))
		usage_error(a,
			    "expected %s of up to %d letters, digits, \"-\", \".\" and \"_\", not \"%s\"",
			    what, NAME_LEN, name);
	return name;
}

int print_table(struct table *t)
{
	int err;

	table_end(t);
	err = buf_flush(t->out, STDOUT_FILENO);
	buf_free(t->out);
	if (!err)
		return STATUS_OK;
	complain("cannot write: %s", strerror(-err));
	return STATUS_REFUSED;
}

void text_cell(struct table *t, unsigned int cell, const json_t *o, const char *name)
{
	if (*json_text(o, name))
		table_string(t, cell, json_text(o, name));
}

void number_cell(struct table *t, unsigned int cell, const json_t *o, const char *name)
{
	const json_t *n = json_object_get(o, name);

	if (json_is_integer(n) && json_integer_value(n) >= 0)
		table_number(t, cell, json_integer_value(n));
}

void list_cell(struct table *t, unsigned int cell, const json_t *o, const char *name)
{
	const json_t *list = json_object_get(o, name);
	char text[TABLE_SCRATCH / 2] = "";
	size_t i, len = 0;

	for (i = 0; i < json_array_size(list) && len < sizeof(text); i++) {
		const char *s = json_string_value(json_array_get(list, i));

		len += snprintf(text + len, sizeof(text) - len, "%s%s", i ? "," : "",
				s ? s : "?");
	}
	/* What is cut off is marked. */
	if (len >= sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	if (*text)
		table_copy(t, cell, text);
}
