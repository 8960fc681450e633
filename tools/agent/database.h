/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of a domain: segments, hosts and VMs, as the board told, and which VM
 * is behind which port here. It is on the disk as well, so that a host which boots while
 * the board is down finds the others.
 *
 * The board is believed at once if it says that a host is gone. If it lists all hosts
 * and one is missing, that may be because the board lost it, not the host: it is held
 * for as long as its lease would be, within which it registers again.
 */
#ifndef AGENT_DATABASE_H
#define AGENT_DATABASE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct database - of one domain
 * @segments: by name
 * @hosts: by name
 * @vms: by "SEGMENT/NAME"
 * @ports: names of ports here by the "SEGMENT/NAME" of the VM behind it
 * @held: of hosts and segments, by "KIND/NAME": until when, if they are not told again
 * @revision: of the board; 0: it is to tell all
 * @ignored: what the board told that makes no sense
 */
struct database {
	json_t *segments;
	json_t *hosts;
	json_t *vms;
	json_t *ports;
	json_t *held;
	uint64_t revision;
	uint64_t ignored;
};

void database_open(struct database *db);
void database_close(struct database *db);

/*
 * Takes the answer to a watch since db->revision, at @now of loop_now(). Returns false if
 * that is no such answer; else says in @changed if something is different.
 */
bool database_take(struct database *db, const json_t *answer, uint64_t now,
		   bool *changed);

/* Has a VM as the board has just answered, or no more (NULL). */
void database_set_vm(struct database *db, const char *key, const json_t *vm);

/*
 * Forgets what has been held for long enough; not to be asked while the board does not
 * answer, as then nobody can register again. Returns whether something was, and when
 * there will be more in @next, 0 for never.
 */
bool database_expire(struct database *db, uint64_t now, uint64_t *next);

/*
 * Read and write @file. Return 0 or -errno; -EINVAL if it is no database. What is read is
 * of revision 0: the board is to tell all.
 */
int database_load(struct database *db, const char *file);
int database_save(const struct database *db, const char *file);

#endif /* AGENT_DATABASE_H */
