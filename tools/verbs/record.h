/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of labs on this host, in two directories of vmnetd's state: "labs" of
 * those that were begun here, "guests" of those that have guests here. A file each, whole
 * at any time; so after a boot it is still known what there was.
 */
#ifndef VERBS_RECORD_H
#define VERBS_RECORD_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#include "setup.h"

#define RECORD_LABS	"labs"
#define RECORD_GUESTS	"guests"

/* NULL if there is none. Dies if it cannot be read. */
json_t *record_read(const struct setup *s, const char *kind, const char *lab);

/* Returns 0 or -errno. */
int record_write(const struct setup *s, const char *kind, const char *lab,
		 const json_t *record);
void record_remove(const struct setup *s, const char *kind, const char *lab);

/* Directory for other files of a lab, which is made. Returns 0 or -errno. */
int record_dir(const struct setup *s, const char *kind, const char *lab,
	       char path[PATH_MAX]);

/* Removes it, and all in it. */
void record_dir_remove(const struct setup *s, const char *kind, const char *lab);

/* Names of all labs that there are records of: an array. */
json_t *record_list(const struct setup *s, const char *kind);

/*
 * Until this program ends, no other one has this lock. If another one has it, waits for
 * its end if @wait says so, and else dies.
 */
void record_lock(const struct setup *s, const char *kind, const char *lab, bool wait);

#endif /* VERBS_RECORD_H */
