/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A question to the board: who asks what, and what came of it. Those who answer,
 * domain.h to vm.h, look at the view only; what they want to be changed they say as
 * a transaction. If that fails because somebody else was faster, they are asked again.
 */
#ifndef BOARD_ASK_H
#define BOARD_ASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "json.h"
#include "name.h"
#include "pool.h"
#include "problem.h"
#include "txn.h"
#include "view.h"

/* What a token allows; each also what those before it do. */
enum role {
	ROLE_NONE,
	ROLE_READ,
	ROLE_HOST,
	ROLE_ADMIN,
};

/**
 * struct caller - who asks
 * @role: what is allowed
 * @domain: where; "" is everywhere
 * @host: whose records, if @role is ROLE_HOST
 */
struct caller {
	enum role role;
	char domain[NAME_SIZE];
	char host[NAME_SIZE];
};

struct history;
struct reports;

/**
 * struct ask - a question
 * @view: all that is known
 * @pool: for free addresses
 * @reports: of hosts
 * @history: what happened
 * @caller: who asks
 * @domain: in the path, NULL if it has none; so @segment and @name
 * @body: what came with it, NULL if there was nothing
 * @after: of a list, what is after this name; may be NULL
 * @host: of a list of VMs, those of this host; may be NULL
 * @limit: of a list, how long it may be
 * @txn: the change; none if it is empty
 * @renew: without change, the lease to renew; 0 if none
 * @created: what is put was not there
 * @answer: JSON; an object, to which the revision is added, if there is a change
 * @problem: why not
 */
struct ask {
	const struct view *view;
	struct pool *pool;
	struct reports *reports;
	struct history *history;
	const struct caller *caller;
	const char *domain;
	const char *segment;
	const char *name;
	const json_t *body;
	const char *after;
	const char *host;
	unsigned int limit;
	struct txn txn;
	uint64_t renew;
	bool created;
	struct buf answer;
	struct problem problem;
};

/* Answers; returns false and sets the problem if it cannot. */
typedef bool (*ask_fn)(struct ask *a);

/* Makes ready to be asked again. */
void ask_reset(struct ask *a);

/* The body has no members but these (ended by NULL). */
bool ask_members(struct ask *a, const char *const *names);

/* A member of the body; *@s is NULL if it is not there. */
bool ask_string(struct ask *a, const char *name, const char **s);

/* A member of the body, @min to @max; *@v stays as it is if it is not there. */
bool ask_number(struct ask *a, const char *name, uint64_t min, uint64_t max,
		uint64_t *v);

/* An array of strings in the body; NULL if it is not there. */
bool ask_strings(struct ask *a, const char *name, unsigned int max,
		 const json_t **list);

/* The record of something in the path; a problem if it is not there. */
const struct record *ask_domain(struct ask *a);
const struct record *ask_segment(struct ask *a, const char *segment);

/* The caller may write what @host owns. */
bool ask_owns(struct ask *a, const char *host);

/* Parses the value of a record. Free it with json_decref(). */
json_t *record_json(const struct record *r);

/* Puts @value, which it takes, under the key and into the answer. */
void ask_put(struct ask *a, const char *key, json_t *value, bool leased);

/* Adds a record as JSON object. */
void answer_record(struct buf *b, const struct record *r);

/* The answer to a GET of one, and of a list of those below @prefix. */
bool ask_show(struct ask *a, const char *key, const char *what);
bool ask_list(struct ask *a, const char *prefix,
	      void (*write)(struct ask *a, const struct record *r),
	      bool (*wanted)(struct ask *a, const struct record *r));

#endif /* BOARD_ASK_H */
