// SPDX-License-Identifier: GPL-2.0
/* Domains: hosts and networks that one administrator has. */
#include <string.h>

#include "model.h"

static void domain_key(const struct ask *a, char key[TXN_KEY_MAX])
{
	key_format(key, "domain/%s", a->domain);
}

bool domain_put(struct ask *a)
{
	static const char *const members[] = { "description", NULL };
	const struct record *old;
	const char *description;
	char key[TXN_KEY_MAX];

	if (!ask_members(a, members) || !ask_string(a, "description", &description))
		return false;
	domain_key(a, key);
	old = view_find(a->view, key);
	a->created = !old;
	txn_check(&a->txn, CHECK_MODIFIED, key, old ? old->modified : 0);
	ask_put(a, key,
		json_pack("{ss ss}", "name", a->domain, "description",
			  description ? description : ""), false);
	return true;
}

bool domain_get(struct ask *a)
{
	char key[TXN_KEY_MAX];

	domain_key(a, key);
	return ask_show(a, key, "domain");
}

/* Who is in one domain sees no other. */
static bool may_see(struct ask *a, const struct record *r)
{
	return !*a->caller->domain ||
	       !strcmp(r->key + strlen("domain/"), a->caller->domain);
}

bool domain_list(struct ask *a)
{
	return ask_list(a, "domain/", NULL, may_see);
}

/* A domain of the same name, later, is another one. */
static void delete_tokens(struct ask *a)
{
	const struct record *r;

	for (r = view_next(a->view, "token/", NULL); r;
	     r = view_next(a->view, "token/", r->key)) {
		json_t *token = record_json(r);

		if (!strcmp(json_text(token, "domain"), a->domain))
			txn_delete(&a->txn, r->key);
		json_decref(token);
	}
}

bool domain_delete(struct ask *a)
{
	const struct record *r = ask_domain(a);
	static const char *const below[] = { "segment", "host" };
	char key[TXN_KEY_MAX];
	unsigned int i;

	if (!r)
		return false;
	txn_check(&a->txn, CHECK_CREATED, r->key, r->created);
	for (i = 0; i < ARRAY_SIZE(below); i++) {
		key_format(key, "%s/%s/", below[i], a->domain);
		if (view_next(a->view, key, NULL))
			return problem_set(&a->problem, IN_USE,
					   "domain \"%s\" has %ss: delete them first",
					   a->domain, below[i]);
		txn_check(&a->txn, CHECK_EMPTY, key, 0);
	}
	txn_delete(&a->txn, r->key);
	key_format(key, "guard/%s", a->domain);
	txn_delete(&a->txn, key);
	delete_tokens(a);
	return true;
}
