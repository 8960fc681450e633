/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Work on the hosts of a lab. "vmnetctl lab hand" reads a request from standard input,
 *
 *	{"cmd": "start" | "stop" | "status", "lab": LAB, "domain": DOMAIN, "id": ID,
 *	 "guests": [...]}
 *
 * of which "start" has the guests that are to run on its host, and answers
 *
 *	{"guests": [{"name": GUEST, "state": "running" | "dead"}]} or {"error": TEXT}
 *
 * An error of "start" has "refused": true, too, if nothing was begun. The others are about
 * the lab of that domain and ID, of the domain alone without an ID; another one of the
 * same name is as if it were not there. It needs vmnetd of its host, and no board.
 */
#ifndef VERBS_HAND_H
#define VERBS_HAND_H

#include "args.h"
#include "task.h"
#include "verbs.h"

/* With what others are reached if nothing else is said. */
#define HAND_RSH	"ssh -o BatchMode=yes -o ConnectTimeout=10"

/**
 * struct hand - a request to a host
 * @host: its name
 * @task: that carries it
 * @answer: NULL if there is none that is good
 * @error: why, "" if there is
 */
struct hand {
	const char *host;
	struct task task;
	json_t *answer;
	char error[512];
};

/* Begins; several hosts work at the same time. @rsh is not used for this host itself. */
void hand_ask(struct hand *h, const struct place *p, const char *host, const char *rsh,
	      const json_t *request);

/* Waits for the answer. */
void hand_wait(struct hand *h);

/* The verb. */
int hand_serve(struct args *a);

#endif /* VERBS_HAND_H */
