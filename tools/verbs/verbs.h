/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What vmnetctl does with boards and with vmnetd. It is a program of its own, which
 * vmnetctl starts: what it needs takes longer to load than the other verbs run.
 */
#ifndef VERBS_VERBS_H
#define VERBS_VERBS_H

#include "args.h"
#include "error.h"
#include "setup.h"
#include "table.h"

/* --json was given. */
extern bool want_json;

enum {
	ANSWER_TIMEOUT = 15,	/* seconds */
	PATH_SIZE = 512,
};

/**
 * struct place - which board is asked, about which domain
 * @conf: configuration file
 * @setup: what is in it
 * @domain: the domain
 */
struct place {
	const char *conf;
	struct setup setup;
	struct setup_domain *domain;
};

/* Keywords that come first: "domain DOMAIN" and "config FILE". */
#define PLACE_KEYWORDS	2

/* Takes keywords, of which the first two are filled in by it. */
void args_place(struct args *a, struct keyword *kw, unsigned int count);

/*
 * Reads the configuration that @kw names, and finds its domain, which need not be
 * named if there is but one. Dies if that cannot be.
 */
void place_open(struct place *p, const struct keyword *kw);
void place_close(struct place *p);

/* Asks the boards of a domain in turn until one answers. Dies if none does so well. */
void place_ask(const struct place *p, const char *method, const char *path,
	       const json_t *body, unsigned int timeout, struct http_answer *a);

/* The same; returns whether one answers well, and does not die. */
bool place_try(const struct place *p, const char *method, const char *path,
	       const json_t *body, unsigned int timeout, struct http_answer *a);

/* Calls @fn for each item of a list that comes in pages. */
void place_list(const struct place *p, const char *path,
		void (*fn)(void *arg, const json_t *item), void *arg);

/* Takes a NAME of what is called @what. */
const char *args_name(struct args *a, const char *what);

/* Asks vmnetd. Returns its answer, NULL if there is no vmnetd, with why in errno. */
json_t *agent_ask(const struct setup *s, const char *cmd);

/* Has vmnetd read its configuration. Returns false if there is none that runs. */
bool agent_reload(const struct setup *s);

/* Writes the table that was made. Returns the exit status. */
int print_table(struct table *t);

/* Members of objects as cells; such as are not there make none. */
void text_cell(struct table *t, unsigned int cell, const json_t *o, const char *name);
void number_cell(struct table *t, unsigned int cell, const json_t *o, const char *name);
void list_cell(struct table *t, unsigned int cell, const json_t *o, const char *name);

int verb_join(struct args *a);
int verb_leave(struct args *a);
int verb_show_domains(struct args *a);
int verb_show_hosts(struct args *a);
int verb_show_vms(struct args *a);
int verb_add_vm(struct args *a);
int verb_del_vm(struct args *a);
int verb_watch(struct args *a);
int verb_status(struct args *a);
int verb_lab(struct args *a);

#endif /* VERBS_VERBS_H */
