/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One table, several forms: columns for people, an array of objects for
 * programs, and the same for events, which come one by one.
 *
 * A row is a set of cells, each with a number that the program chose. A table
 * lists the cells it shows; the others of a row are ignored, so that one
 * decoder serves several tables.
 */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "compiler.h"

#define TABLE_CELLS	128	/* a cell's number is below this */
#define TABLE_SCRATCH	1024	/* octets of formatted cells in a row */

enum column_where {
	COL_BOTH,
	COL_TEXT,	/* composed for people */
	COL_JSON,	/* its parts for programs */
};

/**
 * struct column - a column of a table
 * @cell: number of the cell it shows
 * @where: forms in which it appears
 * @width: characters to pad to; negative: aligned to the right
 * @key: name in JSON and in events
 * @title: heading in text
 */
struct column {
	unsigned char cell;
	unsigned char where;
	signed char width;
	const char *key;
	const char *title;
};

enum table_style {
	TABLE_TEXT,
	TABLE_JSON,
	TABLE_EVENT_TEXT,	/* the first @lead values, then key and value */
	TABLE_EVENT_JSON,	/* one object a line */
};

struct cell {
	enum { CELL_STRING, CELL_NUMBER, CELL_FLAG } kind;
	const char *string;
	uint64_t number;
};

struct table {
	struct buf *out;
	const struct column *columns;
	unsigned int count;
	unsigned int lead;
	enum table_style style;
	unsigned int rows;
	bool present[TABLE_CELLS];
	struct cell cells[TABLE_CELLS];
	size_t scratch_len;
	char scratch[TABLE_SCRATCH];
};

void table_begin(struct table *t, struct buf *out, enum table_style style,
		 const struct column *columns, unsigned int count);
void table_end(struct table *t);

/*
 * Cells of the row being made. The string of table_string() is not copied: it
 * must live until table_row(). The others keep their own until then;
 * two return it, NULL if the row is full.
 */
void table_string(struct table *t, unsigned int cell, const char *s);
const char *table_copy(struct table *t, unsigned int cell, const char *s);
void table_number(struct table *t, unsigned int cell, uint64_t v);
void table_flag(struct table *t, unsigned int cell, bool v);
void table_mac(struct table *t, unsigned int cell, const uint8_t mac[6]);
__printf(3, 4)
const char *table_format(struct table *t, unsigned int cell, const char *fmt, ...);

/* Ends the row: writes it and forgets its cells. */
void table_row(struct table *t);

#endif /* TOOLS_TABLE_H */
