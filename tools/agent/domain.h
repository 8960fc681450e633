/* SPDX-License-Identifier: GPL-2.0 */
/* A domain: Membership and node query. */
#ifndef AGENT_DOMAIN_H
#define AGENT_DOMAIN_H

#include "agent.h"
#include "compiler.h"

/* Begins, with what is on the disk. */
struct domain *domain_open(struct agent *a, const struct setup_domain *config);

/* Ends, and changes nothing at the board and in the kernel. */
void domain_close(struct domain *d);

/* This host is to be in it no more: says so to the board, then closes it. */
void domain_leave(struct domain *d);

/* Something that it says of this host may have changed. */
void domain_renew(struct domain *d);

/* Writes the database to the disk. */
void domain_save(struct domain *d);

/* The path of something in the domain, below /v1/domains/NAME. */
#define DOMAIN_PATH_SIZE	512
__printf(3, 4)
void domain_path(const struct domain *d, char path[DOMAIN_PATH_SIZE], const char *fmt, ...);

/* The board that is asked now. */
const struct http_board *domain_board(const struct domain *d);

/* Asks it. */
void domain_ask(struct domain *d, struct question *q, const char *method, const char *path,
		const json_t *body);

/* It did not answer @q, or not well: says so if that is news, and asks another. */
void domain_failed(struct domain *d, const struct question *q, const char *what,
		   const struct http_answer *a);

/* Tells the log, and those who read reports. */
__printf(2, 3) void domain_say(struct domain *d, const char *fmt, ...);

/* The longest time between two attempts, in milliseconds. */
uint64_t domain_patience(const struct domain *d);

#endif /* AGENT_DOMAIN_H */
