// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "history.h"
#include "model.h"
#include "report.h"
#include "route.h"

#define DOMAIN	"/v1/domains/{d}"
#define SEGMENT	DOMAIN "/segments/{s}"
#define HOST	DOMAIN "/hosts/{n}"
#define VM	SEGMENT "/vms/{n}"

static const struct route routes[] = {
	{ "GET", "/", ROUTE_PORTAL, ROLE_NONE },
	{ "GET", "/portal/{n}", ROUTE_PORTAL, ROLE_NONE },
	{ "GET", "/healthz", ROUTE_HEALTH, ROLE_NONE },
	{ "GET", "/metrics", ROUTE_METRICS, ROLE_READ },
	{ "GET", "/v1/token", ROUTE_READ, ROLE_READ, false, token_show },
	{ "GET", "/v1/domains", ROUTE_READ, ROLE_READ, false, domain_list },
	{ "GET", DOMAIN, ROUTE_READ, ROLE_READ, false, domain_get },
	{ "PUT", DOMAIN, ROUTE_WRITE, ROLE_ADMIN, true, domain_put },
	{ "DELETE", DOMAIN, ROUTE_WRITE, ROLE_ADMIN, true, domain_delete },
	{ "GET", DOMAIN "/watch", ROUTE_WATCH, ROLE_READ },
	{ "GET", DOMAIN "/events", ROUTE_READ, ROLE_READ, false, history_list },
	{ "GET", DOMAIN "/reports", ROUTE_READ, ROLE_READ, false, report_list },
	{ "GET", DOMAIN "/segments", ROUTE_READ, ROLE_READ, false, segment_list },
	{ "GET", SEGMENT, ROUTE_READ, ROLE_READ, false, segment_get },
	{ "PUT", SEGMENT, ROUTE_WRITE, ROLE_ADMIN, false, segment_put },
	{ "DELETE", SEGMENT, ROUTE_WRITE, ROLE_ADMIN, false, segment_delete },
	{ "GET", DOMAIN "/hosts", ROUTE_READ, ROLE_READ, false, host_list },
	{ "GET", HOST, ROUTE_READ, ROLE_READ, false, host_get },
	{ "PUT", HOST, ROUTE_WRITE, ROLE_HOST, false, host_put },
	{ "DELETE", HOST, ROUTE_WRITE, ROLE_HOST, false, host_delete },
	{ "POST", HOST "/renew", ROUTE_WRITE, ROLE_HOST, false, host_renew },
	{ "GET", HOST "/report", ROUTE_READ, ROLE_READ, false, report_get },
	{ "PUT", HOST "/report", ROUTE_REPORT, ROLE_HOST, false, report_put, REPORT_BODY_MAX },
	{ "GET", DOMAIN "/vms", ROUTE_READ, ROLE_READ, false, vm_list },
	{ "GET", SEGMENT "/vms", ROUTE_READ, ROLE_READ, false, vm_list },
	{ "GET", VM, ROUTE_READ, ROLE_READ, false, vm_get },
	{ "PUT", VM, ROUTE_WRITE, ROLE_HOST, false, vm_put },
	{ "DELETE", VM, ROUTE_WRITE, ROLE_HOST, false, vm_delete },
};

/* Cuts the path at its slashes. */
static bool cut_path(struct request *r)
{
	char *s = r->path;

	while (*s == '/') {
		if (r->part_count == PATH_PARTS)
			return false;
		*s++ = '\0';
		r->parts[r->part_count++] = s;
		s += strcspn(s, "/");
	}
	return !*s;
}

/* Compares with a pattern, and takes what is in the place of "{d}" and so on. */
static bool matches(struct request *r, const char *pattern)
{
	struct ask *a = &r->ask;
	unsigned int i;

	a->domain = NULL;
	a->segment = NULL;
	a->name = NULL;
	for (i = 0; i < r->part_count; i++) {
		size_t len = strcspn(++pattern, "/");

		if (len && !strncmp(pattern, "{d}", len))
			a->domain = r->parts[i];
		else if (len && !strncmp(pattern, "{s}", len))
			a->segment = r->parts[i];
		else if (len && !strncmp(pattern, "{n}", len))
			a->name = r->parts[i];
		else if (strlen(r->parts[i]) != len || strncmp(pattern, r->parts[i], len))
			return false;
		pattern += len;
		if (i + 1 < r->part_count && !*pattern)
			return false;
	}
	return !*pattern;
}

static bool names_valid(struct ask *a)
{
	const char *const names[] = { a->domain, a->segment, a->name };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && !name_valid(names[i]))
			return problem_set(&a->problem, BAD_REQUEST,
					   "\"%.63s\" is no name: 1 to %d letters, digits and, inside, \"-\", \"_\", \".\"",
					   names[i], NAME_LEN);
	return true;
}

bool route_find(struct request *r, const char *method, char *allow, size_t size)
{
	bool good = cut_path(r);
	unsigned int i;
	size_t len = 0;

	*allow = '\0';
	for (i = 0; i < ARRAY_SIZE(routes) && good; i++) {
		if (!matches(r, routes[i].path))
			continue;
		if (!strcmp(routes[i].method, method)) {
			r->route = &routes[i];
			return names_valid(&r->ask);
		}
		len += snprintf(allow + len, size - len, "%s%s", len ? ", " : "",
				routes[i].method);
	}
	if (*allow)
		return problem_set(&r->ask.problem, BAD_METHOD, "use one of: %s", allow);
	return problem_set(&r->ask.problem, NOT_FOUND,
			   "there is no such path; see Documentation/vmnet-board.yaml");
}
