// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sqlite_db.h"

/* "vmBd", in the header of the file: what it belongs to */
#define APPLICATION_ID	0x766d4264

/* How long another program, which adds a token, may keep us waiting. */
#define BUSY_MS		10000

/*
 * A record without value is a tombstone: watchers that come back are told of the
 * deletion until it is compacted.
 */
static const char schema[] =
	"CREATE TABLE record (key TEXT PRIMARY KEY, value TEXT,\n"
	"created INTEGER NOT NULL, modified INTEGER NOT NULL,\n"
	"lease INTEGER NOT NULL) WITHOUT ROWID;\n"
	"CREATE INDEX record_modified ON record (modified);\n"
	"CREATE INDEX record_lease ON record (lease) WHERE lease <> 0;\n"
	"CREATE INDEX record_deleted ON record (modified) WHERE value IS NULL;\n"
	"CREATE TABLE lease (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL);\n"
	"CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1),\n"
	"revision INTEGER NOT NULL, compacted INTEGER NOT NULL);\n"
	"INSERT INTO state VALUES (1, 0, 0);";

#define COLUMNS "SELECT key, value, created, modified, lease FROM record "

static const char *const statements[DB_STATEMENTS] = {
	[DB_BEGIN] = "BEGIN IMMEDIATE",
	[DB_COMMIT] = "COMMIT",
	[DB_ROLLBACK] = "ROLLBACK",
	[DB_DATA_VERSION] = "PRAGMA data_version",
	[DB_GET_STATE] = "SELECT revision, compacted FROM state",
	[DB_SET_STATE] = "UPDATE state SET revision = ?, compacted = ?",
	[DB_GET] = "SELECT value IS NOT NULL, created, modified FROM record WHERE key = ?",
	[DB_PUT] = "INSERT INTO record (key, created, modified, lease, value)\n"
		   "VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET\n"
		   "value = excluded.value, created = excluded.created,\n"
		   "modified = excluded.modified, lease = excluded.lease",
	/* No key has a character above '~'. */
	[DB_PREFIX] = "SELECT 1 FROM record WHERE key >= ?1 AND key < ?1 || x'7f'\n"
		      "AND value IS NOT NULL LIMIT 1",
	[DB_SINCE] = COLUMNS "WHERE modified > ? ORDER BY modified",
	[DB_OF_LEASE] = COLUMNS "WHERE lease = ? AND lease <> 0 ORDER BY key",
	[DB_LEASES] = "SELECT id, ttl FROM lease",
	[DB_ADD_LEASE] = "INSERT INTO lease VALUES (?, ?)",
	[DB_DEL_LEASE] = "DELETE FROM lease WHERE id = ?",
	[DB_TOMBSTONES] = "SELECT count(*) FROM record WHERE value IS NULL",
	[DB_OLD_TOMBSTONE] = "SELECT modified FROM record WHERE value IS NULL\n"
			     "ORDER BY modified LIMIT 1 OFFSET ?",
	[DB_COMPACT] = "DELETE FROM record WHERE value IS NULL AND modified <= ?",
};

static int64_t pragma(struct db *db, const char *sql)
{
	struct sqlite3_stmt *stmt;
	int64_t v = -1;

	if (sqlite3_prepare_v2(db->sql, sql, -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return v;
}

static bool run(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool create(struct db *db)
{
	char sql[sizeof(schema) + 128];

	snprintf(sql, sizeof(sql), "%sPRAGMA application_id=%d; PRAGMA user_version=%d;",
		 schema, APPLICATION_ID, DB_VERSION);
	return run(db, sql);
}

/* Makes the schema, or makes sure that it is the one we know. */
static bool check_schema(struct db *db, const char *path, char *why, size_t size)
{
	int64_t tables, version, id;

	if (!run(db, "BEGIN IMMEDIATE"))
		goto err;
	tables = pragma(db, "SELECT count(*) FROM sqlite_master");
	version = pragma(db, "PRAGMA user_version");
	id = pragma(db, "PRAGMA application_id");
	if (!tables && !create(db))
		goto err;
	if (tables && id != APPLICATION_ID) {
		snprintf(why, size,
			 "%s is the database of another program: set \"state\" to another directory",
			 path);
		return false;
	}
	if (tables && version > DB_VERSION) {
		snprintf(why, size,
			 "%s has version %lld, and this vmnet-board knows none above %d: install the version that wrote it, or a newer one",
			 path, (long long)version, DB_VERSION);
		return false;
	}
	if (run(db, "COMMIT"))
		return true;
err:
	snprintf(why, size, "cannot use the database %s: %s", path,
		 sqlite3_errmsg(db->sql));
	return false;
}

static bool prepare(struct db *db, char *why, size_t size)
{
	int i;

	for (i = 0; i < DB_STATEMENTS; i++) {
		if (sqlite3_prepare_v3(db->sql, statements[i], -1,
				       SQLITE_PREPARE_PERSISTENT, &db->stmt[i],
				       NULL) == SQLITE_OK)
			continue;
		snprintf(why, size, "the database is damaged: %s; restore it from a copy",
			 sqlite3_errmsg(db->sql));
		return false;
	}
	return true;
}

bool db_open(struct db *db, const char *path, char *why, size_t size)
{
	/* What is in it lets one into the domains. */
	mode_t mask = umask(077);
	int err;

	*db = (struct db){ };
	err = sqlite3_open_v2(path, &db->sql,
			      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	umask(mask);
	if (err != SQLITE_OK) {
		snprintf(why, size,
			 "cannot open the database %s: %s; is its directory there and writable?",
			 path, db->sql ? sqlite3_errmsg(db->sql) : "no memory");
		goto err;
	}
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	mask = umask(077);
	if (!run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")) {
		snprintf(why, size, "cannot use the database %s: %s", path,
			 sqlite3_errmsg(db->sql));
		umask(mask);
		goto err;
	}
	umask(mask);
	if (check_schema(db, path, why, size) && prepare(db, why, size))
		return true;
err:
	db_close(db);
	return false;
}

void db_close(struct db *db)
{
	int i;

	for (i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(db->stmt[i]);
	sqlite3_close(db->sql);
	*db = (struct db){ };
}

int db_next(struct db *db, enum db_statement what)
{
	int err = sqlite3_step(db->stmt[what]);

	if (err != SQLITE_ROW)
		sqlite3_reset(db->stmt[what]);
	return err;
}

int db_step(struct db *db, enum db_statement what, const char *key,
	    unsigned int count, const int64_t *ints)
{
	struct sqlite3_stmt *stmt = db->stmt[what];
	unsigned int i, at = 1;

	sqlite3_reset(stmt);
	if (key)
		sqlite3_bind_text(stmt, at++, key, -1, SQLITE_STATIC);
	for (i = 0; i < count; i++)
		sqlite3_bind_int64(stmt, at++, ints[i]);
	return db_next(db, what);
}

int db_run(struct db *db, enum db_statement what, const char *key,
	   unsigned int count, const int64_t *ints)
{
	int err = db_step(db, what, key, count, ints);

	sqlite3_reset(db->stmt[what]);
	return err == SQLITE_ROW ? SQLITE_DONE : err;
}

int64_t db_int(struct db *db, enum db_statement what, int column)
{
	return sqlite3_column_int64(db->stmt[what], column);
}

struct event db_event(struct db *db, enum db_statement what)
{
	struct sqlite3_stmt *stmt = db->stmt[what];

	return (struct event){
		.key = (const char *)sqlite3_column_text(stmt, 0),
		.value = (const char *)sqlite3_column_text(stmt, 1),
		.created = sqlite3_column_int64(stmt, 2),
		.modified = sqlite3_column_int64(stmt, 3),
		.lease = sqlite3_column_int64(stmt, 4),
	};
}

int db_put(struct db *db, const struct event *e)
{
	const int64_t ints[] = { e->created, e->modified, e->lease };
	struct sqlite3_stmt *stmt = db->stmt[DB_PUT];

	sqlite3_reset(stmt);
	if (e->value)
		sqlite3_bind_text(stmt, 5, e->value, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, 5);
	return db_run(db, DB_PUT, e->key, 3, ints);
}
