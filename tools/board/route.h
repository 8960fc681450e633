/* SPDX-License-Identifier: GPL-2.0 */
/* Which paths there are. */
#ifndef BOARD_ROUTE_H
#define BOARD_ROUTE_H

#include "request.h"

enum route_kind {
	ROUTE_READ,	/* answered from the view */
	ROUTE_WRITE,	/* changes something */
	ROUTE_WATCH,
	ROUTE_REPORT,	/* kept in memory */
	ROUTE_HEALTH,
	ROUTE_METRICS,
	ROUTE_PORTAL,
};

/**
 * struct route - what can be done with a path
 * @method: HTTP's
 * @path: with "{d}", "{s}", "{n}" where the names of a domain, a segment and
 *	something in it are
 * @kind: how it is done
 * @role: who may
 * @everywhere: only whose token is for all domains
 * @ask: what does it
 * @body_max: octets of the body; 0: as the configuration says
 */
struct route {
	const char *method;
	const char *path;
	enum route_kind kind;
	enum role role;
	bool everywhere;
	ask_fn ask;
	uint64_t body_max;
};

/*
 * Finds the route of a request, and the names in its path. A problem if there is
 * none; then @allow has the methods that there are, if any.
 */
bool route_find(struct request *r, const char *method, char *allow, size_t size);

#endif /* BOARD_ROUTE_H */
