// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

static bool table_is_json(const struct table *t)
{
	return t->style == TABLE_JSON || t->style == TABLE_EVENT_JSON;
}

static bool column_shown(const struct table *t, const struct column *c)
{
	return c->where == COL_BOTH ||
	       c->where == (table_is_json(t) ? COL_JSON : COL_TEXT);
}

/* Pads what was written since @start, which is a column's text. */
static void pad_column(struct buf *out, size_t start, int width, bool last)
{
	size_t len = out->len - start, want = abs(width);

	if (len < want && width < 0) {
		buf_pad(out, want - len);
		memmove(out->p + start + want - len, out->p + start, len);
		memset(out->p + start, ' ', want - len);
	} else if (len < want && !last) {
		buf_pad(out, want - len);
	}
	if (!last)
		buf_pad(out, 2);
}

static bool is_last(const struct table *t, unsigned int i)
{
	while (++i < t->count)
		if (column_shown(t, &t->columns[i]))
			return false;
	return true;
}

static void text_heading(struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->count; i++) {
		const struct column *c = &t->columns[i];
		size_t start = t->out->len;

		if (!column_shown(t, c))
			continue;
		buf_puts(t->out, c->title);
		pad_column(t->out, start, c->width, is_last(t, i));
	}
	buf_putc(t->out, '\n');
}

void table_begin(struct table *t, struct buf *out, enum table_style style,
		 const struct column *columns, unsigned int count)
{
	memset(t, 0, sizeof(*t));
	t->out = out;
	t->style = style;
	t->columns = columns;
	t->count = count;
	if (style == TABLE_JSON)
		buf_putc(out, '[');
	else if (style == TABLE_TEXT)
		text_heading(t);
}

void table_end(struct table *t)
{
	if (t->style == TABLE_JSON)
		buf_puts(t->out, t->rows ? "\n]\n" : "]\n");
}

static struct cell *table_cell(struct table *t, unsigned int cell)
{
	t->present[cell] = true;
	return &t->cells[cell];
}

void table_string(struct table *t, unsigned int cell, const char *s)
{
	struct cell *c = table_cell(t, cell);

	c->kind = CELL_STRING;
	c->string = s;
}

void table_number(struct table *t, unsigned int cell, uint64_t v)
{
	struct cell *c = table_cell(t, cell);

	c->kind = CELL_NUMBER;
	c->number = v;
}

void table_flag(struct table *t, unsigned int cell, bool v)
{
	struct cell *c = table_cell(t, cell);

	c->kind = CELL_FLAG;
	c->number = v;
}

/* Room for @n octets that live as long as the row, NULL if it is full. */
static char *row_room(struct table *t, size_t n)
{
	char *s = t->scratch + t->scratch_len;

	if (sizeof(t->scratch) - t->scratch_len < n)
		return NULL;
	t->scratch_len += n;
	return s;
}

const char *table_copy(struct table *t, unsigned int cell, const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = row_room(t, n);

	if (copy)
		table_string(t, cell, memcpy(copy, s, n));
	return copy;
}

void table_mac(struct table *t, unsigned int cell, const uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	char *s = row_room(t, 18);
	int i;

	if (!s)
		return;
	table_string(t, cell, s);
	for (i = 0; i < 6; i++) {
		*s++ = hex[mac[i] >> 4];
		*s++ = hex[mac[i] & 15];
		*s++ = i < 5 ? ':' : '\0';
	}
}

const char *table_format(struct table *t, unsigned int cell, const char *fmt, ...)
{
	char s[TABLE_SCRATCH];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	return table_copy(t, cell, s);
}

static void put_text(struct buf *out, const struct cell *c)
{
	switch (c->kind) {
	case CELL_STRING:
		buf_text(out, c->string);
		break;
	case CELL_NUMBER:
		buf_u64(out, c->number);
		break;
	case CELL_FLAG:
		buf_puts(out, c->number ? "yes" : "-");
		break;
	}
}

static void put_json(struct buf *out, const struct cell *c)
{
	switch (c->kind) {
	case CELL_STRING:
		buf_json_string(out, c->string);
		break;
	case CELL_NUMBER:
		buf_u64(out, c->number);
		break;
	case CELL_FLAG:
		buf_puts(out, c->number ? "true" : "false");
		break;
	}
}

static const struct cell *column_cell(const struct table *t,
				      const struct column *c)
{
	if (!column_shown(t, c) || !t->present[c->cell])
		return NULL;
	return &t->cells[c->cell];
}

static void row_json(struct table *t)
{
	bool first = true;
	unsigned int i;

	if (t->style == TABLE_JSON)
		buf_puts(t->out, t->rows ? ",\n" : "\n");
	buf_putc(t->out, '{');
	for (i = 0; i < t->count; i++) {
		const struct cell *c = column_cell(t, &t->columns[i]);

		if (!c)
			continue;
		if (!first)
			buf_putc(t->out, ',');
		first = false;
		buf_json_string(t->out, t->columns[i].key);
		buf_putc(t->out, ':');
		put_json(t->out, c);
	}
	buf_putc(t->out, '}');
}

static void row_text(struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->count; i++) {
		const struct column *col = &t->columns[i];
		const struct cell *c = column_cell(t, col);
		size_t start = t->out->len;

		if (!column_shown(t, col))
			continue;
		if (c)
			put_text(t->out, c);
		if (t->out->len == start)
			buf_putc(t->out, '-');
		pad_column(t->out, start, col->width, is_last(t, i));
	}
}

static void row_event(struct table *t)
{
	unsigned int i;

	for (i = 0; i < t->count; i++) {
		const struct cell *c = column_cell(t, &t->columns[i]);

		if (!c || (c->kind == CELL_FLAG && !c->number))
			continue;
		if (i)
			buf_putc(t->out, ' ');
		if (i >= t->lead)
			buf_puts(t->out, t->columns[i].key);
		if (c->kind == CELL_FLAG)
			continue;
		if (i >= t->lead)
			buf_putc(t->out, ' ');
		put_text(t->out, c);
	}
}

void table_row(struct table *t)
{
	if (table_is_json(t))
		row_json(t);
	else if (t->style == TABLE_TEXT)
		row_text(t);
	else
		row_event(t);
	if (t->style != TABLE_JSON)
		buf_putc(t->out, '\n');
	t->rows++;
	memset(t->present, 0, sizeof(t->present));
	t->scratch_len = 0;
}
