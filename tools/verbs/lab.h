/* SPDX-License-Identifier: GPL-2.0 */
/* Labs: guests and networks that come and go as one. */
#ifndef VERBS_LAB_H
#define VERBS_LAB_H

#include "record.h"
#include "topology.h"
#include "verbs.h"

/**
 * struct lab - a lab that something is done about
 * @place: board and domain
 * @rsh: what reaches other hosts
 * @t: what the file says, if there is one
 * @record: what is known of it: "lab", "domain", "id": of this time that it was begun, "rsh",
 *	"segments": names, "refused": hosts that have not begun, "guests": of each "name",
 *	"host", and "nics" with "network", "segment", "mac", "ipv4"
 */
struct lab {
	struct place place;
	const char *rsh;
	struct topology t;
	json_t *record;
};

/* Makes it run, or with @is_dry only says what would. Returns the exit status. */
int lab_up(struct lab *l, bool is_dry);

/* Undoes what the record says, as far as it was done. Returns whether all is gone. */
bool lab_down(struct lab *l);

/* What a hand is asked about it. */
json_t *lab_request(const struct lab *l, const char *cmd);

/* Names of the hosts of the domain that are there. */
json_t *lab_hosts(const struct lab *l);

/* Writes the guests of a record; their states are in "state". */
int lab_print(const json_t *records);

/* Has @array a text like that? */
bool lab_has(const json_t *array, const char *text);

#endif /* VERBS_LAB_H */
