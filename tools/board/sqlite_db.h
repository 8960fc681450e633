/* SPDX-License-Identifier: GPL-2.0 */
/* The database of store_sqlite: its schema and its statements. */
#ifndef BOARD_SQLITE_DB_H
#define BOARD_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "store.h"

/* Of the schema. One that is newer was written by a newer program. */
#define DB_VERSION	1

enum db_statement {
	DB_BEGIN,
	DB_COMMIT,
	DB_ROLLBACK,
	DB_DATA_VERSION,
	DB_GET_STATE,
	DB_SET_STATE,
	DB_GET,
	DB_PUT,
	DB_PREFIX,
	DB_SINCE,
	DB_OF_LEASE,
	DB_LEASES,
	DB_ADD_LEASE,
	DB_DEL_LEASE,
	DB_TOMBSTONES,
	DB_OLD_TOMBSTONE,
	DB_COMPACT,
	DB_STATEMENTS,
};

/**
 * struct db - an open database
 * @sql: SQLite's part
 * @stmt: prepared statements
 */
struct db {
	struct sqlite3 *sql;
	struct sqlite3_stmt *stmt[DB_STATEMENTS];
};

/* Returns false after it wrote to @why what to do. */
bool db_open(struct db *db, const char *path, char *why, size_t size);
void db_close(struct db *db);

/*
 * Binds @ints to the statement, after @key if that is not NULL, and steps.
 * Returns SQLite's code, SQLITE_ROW if there is one; then db_next() is due.
 */
int db_step(struct db *db, enum db_statement what, const char *key,
	    unsigned int count, const int64_t *ints);

/* The next row: SQLITE_ROW, or SQLITE_DONE and the statement is reset. */
int db_next(struct db *db, enum db_statement what);

/* Steps a statement to its end. */
int db_run(struct db *db, enum db_statement what, const char *key,
	   unsigned int count, const int64_t *ints);

/* Integer of a row of the statement. */
int64_t db_int(struct db *db, enum db_statement what, int column);

/* A row of DB_SINCE or DB_OF_LEASE; the texts live until the next step. */
struct event db_event(struct db *db, enum db_statement what);

/* Writes a record; @value NULL leaves a tombstone. */
int db_put(struct db *db, const struct event *e);

#endif /* BOARD_SQLITE_DB_H */
