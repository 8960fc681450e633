// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "buf.h"
#include "compiler.h"
#include "document.h"
#include "error.h"
#include "memory.h"

/**
 * struct reader - a document that is read
 * @file: its name
 * @parser: libyaml's part
 * @event: what comes next
 * @error: where to say what is wrong
 */
struct reader {
	const char *file;
	yaml_parser_t parser;
	yaml_event_t event;
	char *error;
};

/* Returns false. */
__printf(3, 4) static bool fail(struct reader *r, size_t line, const char *fmt, ...)
{
	va_list ap;
	int len;

	len = snprintf(r->error, DOCUMENT_ERROR_SIZE, "%.200s:%zu: ", r->file, line + 1);
	va_start(ap, fmt);
	vsnprintf(r->error + len, DOCUMENT_ERROR_SIZE - len, fmt, ap);
	va_end(ap);
	return false;
}

static bool next(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return true;
	/* It does not know the line of what is not UTF-8. */
	if (p->error == YAML_READER_ERROR)
		return fail(r, p->mark.line, "%s: the file has to be text of UTF-8",
			    p->problem ? p->problem : "it cannot be read");
	return fail(r, p->problem_mark.line, "%s%s%s", p->problem ? p->problem : "no YAML",
		    p->context ? " " : "", p->context ? p->context : "");
}

static bool is_plain_data(struct reader *r, const yaml_char_t *anchor,
			  const yaml_char_t *tag)
{
	size_t line = r->event.start_mark.line;

	if (anchor)
		return fail(r, line, "anchors such as \"&%.40s\" are not taken: write it out",
			    (const char *)anchor);
	if (tag)
		return fail(r, line, "tags such as \"%.40s\" are not taken: leave it out",
			    (const char *)tag);
	return true;
}

/* A string without NUL inside. */
static bool take_text(struct reader *r, char **text)
{
	const char *value = (const char *)r->event.data.scalar.value;

	if (!is_plain_data(r, r->event.data.scalar.anchor, r->event.data.scalar.tag))
		return false;
	if (strlen(value) != r->event.data.scalar.length)
		return fail(r, r->event.start_mark.line, "a text has a NUL character in it");
	*text = memory_string(value);
	return true;
}

static bool take_key(struct reader *r, const struct node *map, struct node *member)
{
	size_t line = r->event.start_mark.line;
	unsigned int i;

	if (r->event.type == YAML_ALIAS_EVENT)
		return fail(r, line, "aliases such as \"*%.40s\" are not taken: write it out",
			    (const char *)r->event.data.alias.anchor);
	if (r->event.type != YAML_SCALAR_EVENT)
		return fail(r, line, "a key has to be a word, not a list or a mapping");
	if (!take_text(r, &member->key))
		return false;
	for (i = 0; i + 1 < map->count; i++)
		if (!strcmp(map->members[i].key, member->key))
			return fail(r, line, "\"%.80s\" is there twice, first in line %u",
				    member->key, map->members[i].line);
	return next(r);
}

static bool take_node(struct reader *r, struct node *n, unsigned int depth);

static bool take_members(struct reader *r, struct node *n, yaml_event_type_t end,
			 unsigned int depth)
{
	if (depth == DOCUMENT_DEPTH_MAX)
		return fail(r, r->event.start_mark.line, "it is nested deeper than %d levels",
			    DOCUMENT_DEPTH_MAX);
	for (;;) {
		struct node *member;

		if (!next(r))
			return false;
		if (r->event.type == end)
			return true;
		if (n->count == DOCUMENT_MEMBERS_MAX)
			return fail(r, r->event.start_mark.line, "more than %d members",
				    DOCUMENT_MEMBERS_MAX);
		n->members = memory_grow(n->members, n->count, sizeof(*n));
		member = &n->members[n->count++];
		*member = (struct node){ .line = r->event.start_mark.line + 1 };
		if (n->kind == NODE_MAP && !take_key(r, n, member))
			return false;
		if (!take_node(r, member, depth + 1))
			return false;
	}
}

/* The line of a member of a mapping is that of its key. */
static bool take_node(struct reader *r, struct node *n, unsigned int depth)
{
	const yaml_event_t *e = &r->event;

	if (!n->key)
		n->line = e->start_mark.line + 1;
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		n->kind = NODE_TEXT;
		return take_text(r, &n->text);
	case YAML_SEQUENCE_START_EVENT:
		n->kind = NODE_LIST;
		return is_plain_data(r, e->data.sequence_start.anchor,
				     e->data.sequence_start.tag) &&
		       take_members(r, n, YAML_SEQUENCE_END_EVENT, depth);
	case YAML_MAPPING_START_EVENT:
		n->kind = NODE_MAP;
		return is_plain_data(r, e->data.mapping_start.anchor,
				     e->data.mapping_start.tag) &&
		       take_members(r, n, YAML_MAPPING_END_EVENT, depth);
	case YAML_ALIAS_EVENT:
		return fail(r, e->start_mark.line,
			    "aliases such as \"*%.40s\" are not taken: write it out",
			    (const char *)e->data.alias.anchor);
	default:
		return fail(r, e->start_mark.line, "the file is empty");
	}
}

static bool take_document(struct reader *r, struct node *root)
{
	/* The stream, the document, what is in it, and the ends of both */
	if (!next(r) || !next(r))
		return false;
	if (r->event.type != YAML_DOCUMENT_START_EVENT)
		return fail(r, 0, "the file is empty");
	if (!next(r) || !take_node(r, root, 0) || !next(r) || !next(r))
		return false;
	if (r->event.type != YAML_STREAM_END_EVENT)
		return fail(r, r->event.start_mark.line, "a second document begins: one is enough");
	return true;
}

bool document_parse(const char *file, const char *data, size_t len, struct node *root,
		    char error[DOCUMENT_ERROR_SIZE])
{
	struct reader r = { .file = file, .error = error };
	bool good;

	*root = (struct node){ };
	*error = '\0';
	if (len > DOCUMENT_SIZE_MAX)
		return fail(&r, 0, "the file is larger than %d octets", DOCUMENT_SIZE_MAX);
	if (!yaml_parser_initialize(&r.parser))
		die(STATUS_REFUSED, "not enough memory");
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)data, len);
	good = take_document(&r, root);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return good;
}

bool document_read(const char *file, struct node *root, char error[DOCUMENT_ERROR_SIZE])
{
	int fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	struct buf data = { };
	ssize_t n = -1;
	bool good;

	*root = (struct node){ };
	while (fd >= 0 && data.len <= DOCUMENT_SIZE_MAX) {
		n = read(fd, buf_room(&data, 65536), 65536);
		if (n <= 0)
			break;
		data.len += n;
	}
	if (fd < 0 || n < 0)
		snprintf(error, DOCUMENT_ERROR_SIZE, "cannot read %.200s: %s", file,
			 strerror(errno));
	if (fd > STDIN_FILENO)
		close(fd);
	good = fd >= 0 && n >= 0 &&
	       document_parse(fd == STDIN_FILENO ? "standard input" : file,
			      data.p ? data.p : "", data.len, root, error);
	buf_free(&data);
	return good;
}

void node_free(struct node *n)
{
	unsigned int i;

	for (i = 0; i < n->count; i++)
		node_free(&n->members[i]);
	free(n->members);
	free(n->key);
	free(n->text);
	*n = (struct node){ };
}
