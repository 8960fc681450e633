// SPDX-License-Identifier: GPL-2.0
#include "body.h"

#define DEPTH_MAX	16

/* Brackets open at a time, outside of strings; jansson would go deep for each. */
static bool is_deep(const struct buf *b)
{
	unsigned int depth = 0;
	bool string = false;
	size_t i;

	for (i = 0; i < b->len; i++) {
		char c = b->p[i];

		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (!string && (c == '{' || c == '[') && ++depth > DEPTH_MAX)
			return true;
		else if (!string && (c == '}' || c == ']') && depth)
			depth--;
	}
	return false;
}

json_t *body_parse(const struct buf *b, struct problem *p)
{
	json_error_t error;
	json_t *o;

	if (is_deep(b)) {
		problem_set(p, TOO_DEEP, "nothing that is asked is deeper than %d", DEPTH_MAX);
		return NULL;
	}
	o = json_loadb(b->p, b->len, JSON_REJECT_DUPLICATES, &error);
	if (!o) {
		problem_set(p, BAD_JSON, "line %d, column %d: %.160s", error.line,
			    error.column, error.text);
		return NULL;
	}
	if (!json_is_object(o)) {
		json_decref(o);
		problem_set(p, BAD_JSON, "the body must be an object");
		return NULL;
	}
	return o;
}
