// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "memory.h"

void ask_reset(struct ask *a)
{
	txn_clear(&a->txn);
	a->renew = 0;
	a->created = false;
	a->answer.len = 0;
	a->problem = (struct problem){ };
}

bool ask_members(struct ask *a, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a->body, key, value) {
		unsigned int i;

		for (i = 0; names[i] && strcmp(names[i], key); i++)
			;
		if (!names[i])
			return problem_set(&a->problem, BAD_MEMBER,
					   "there is no member \"%.64s\" in this", key);
	}
	return true;
}

bool ask_string(struct ask *a, const char *name, const char **s)
{
	const json_t *value = json_object_get(a->body, name);

	*s = NULL;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value))
		return problem_set(&a->problem, BAD_MEMBER, "\"%s\" must be a string", name);
	*s = json_string_value(value);
	return true;
}

bool ask_number(struct ask *a, const char *name, uint64_t min, uint64_t max,
		uint64_t *v)
{
	const json_t *value = json_object_get(a->body, name);
	json_int_t n = json_integer_value(value);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return problem_set(&a->problem, BAD_MEMBER,
				   "\"%s\" must be a number from %llu to %llu", name,
				   (unsigned long long)min, (unsigned long long)max);
	*v = n;
	return true;
}

bool ask_strings(struct ask *a, const char *name, unsigned int max,
		 const json_t **list)
{
	const json_t *value = json_object_get(a->body, name);
	size_t i;

	*list = NULL;
	if (!value || json_is_null(value))
		return true;
	if (!json_is_array(value) || json_array_size(value) > max)
		goto err;
	for (i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			goto err;
	*list = value;
	return true;
err:
	return problem_set(&a->problem, BAD_MEMBER,
			   "\"%s\" must be an array of at most %u strings", name, max);
}

const struct record *ask_domain(struct ask *a)
{
	const struct record *r;
	char key[TXN_KEY_MAX];

	key_format(key, "domain/%s", a->domain);
	r = view_find(a->view, key);
	if (!r)
		problem_set(&a->problem, NOT_FOUND, "there is no domain \"%s\"", a->domain);
	return r;
}

const struct record *ask_segment(struct ask *a, const char *segment)
{
	const struct record *r = NULL;
	char key[TXN_KEY_MAX];

	if (name_valid(segment)) {
		key_format(key, "segment/%s/%s", a->domain, segment);
		r = view_find(a->view, key);
	}
	if (!r)
		problem_set(&a->problem, NOT_FOUND,
			    "there is no segment \"%.63s\" in domain \"%s\"", segment,
			    a->domain);
	return r;
}

bool ask_owns(struct ask *a, const char *host)
{
	if (a->caller->role == ROLE_ADMIN ||
	    (a->caller->role == ROLE_HOST && !strcmp(a->caller->host, host)))
		return true;
	return problem_set(&a->problem, FORBIDDEN,
			   "this belongs to host \"%s\", the token to \"%s\"", host,
			   a->caller->host);
}

json_t *record_json(const struct record *r)
{
	json_t *o = json_loads(r->value, 0, NULL);

	/* We wrote it. */
	return o ? o : json_object();
}

void ask_put(struct ask *a, const char *key, json_t *value, bool leased)
{
	char *text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (leased)
		txn_put_leased(&a->txn, key, text);
	else
		txn_put(&a->txn, key, text);
	buf_puts(&a->answer, text);
	free(text);
}

void answer_record(struct buf *b, const struct record *r)
{
	buf_add(b, r->value, strlen(r->value) - 1);
	buf_puts(b, ",\"revision\":");
	buf_u64(b, r->modified);
	buf_putc(b, '}');
}

bool ask_show(struct ask *a, const char *key, const char *what)
{
	const struct record *r = view_find(a->view, key);

	if (!r)
		return problem_set(&a->problem, NOT_FOUND, "there is no %s \"%s\"", what,
				   a->name ? a->name : a->segment ? a->segment : a->domain);
	answer_record(&a->answer, r);
	return true;
}

bool ask_list(struct ask *a, const char *prefix,
	      void (*write)(struct ask *a, const struct record *r),
	      bool (*wanted)(struct ask *a, const struct record *r))
{
	const struct record *r, *last = NULL;
	unsigned int count = 0;
	char key[TXN_KEY_MAX];

	if (a->after && strlen(a->after) > 2 * NAME_SIZE)
		return problem_set(&a->problem, BAD_REQUEST, "\"after\" is no name");
	key_format(key, "%s%s", prefix, a->after ? a->after : "");
	buf_puts(&a->answer, "{\"items\":[");
	for (r = view_next(a->view, prefix, key); r && count < a->limit;
	     r = view_next(a->view, prefix, r->key)) {
		if (wanted && !wanted(a, r))
			continue;
		if (count++)
			buf_putc(&a->answer, ',');
		if (write)
			write(a, r);
		else
			answer_record(&a->answer, r);
		last = r;
	}
	buf_putc(&a->answer, ']');
	if (r && last) {
		buf_puts(&a->answer, ",\"next\":");
		buf_json_string(&a->answer, last->key + strlen(prefix));
	}
	buf_puts(&a->answer, ",\"revision\":");
	buf_u64(&a->answer, a->view->revision);
	buf_putc(&a->answer, '}');
	return true;
}
