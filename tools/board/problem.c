// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "problem.h"

static const struct {
	unsigned int status;
	const char *name;
	const char *title;
} problems[PROBLEM_CODES] = {
	[PROBLEM_NONE]	= { 200, "none", "No problem" },
	[BAD_REQUEST]	= { 400, "bad_request", "The request makes no sense" },
	[BAD_JSON]	= { 400, "bad_json", "The body is not JSON" },
	[TOO_DEEP]	= { 400, "too_deep", "The body is nested too deeply" },
	[BAD_MEMBER]	= { 400, "bad_member", "A member of the body is wrong" },
	[TOO_LARGE]	= { 413, "too_large", "The body is too large" },
	[NO_TOKEN]	= { 401, "no_token", "A token is needed" },
	[WRONG_TOKEN]	= { 401, "wrong_token", "The token is not known" },
	[EXPIRED_TOKEN]	= { 401, "expired_token", "The token has expired" },
	[FORBIDDEN]	= { 403, "forbidden", "The token does not allow this" },
	[NOT_FOUND]	= { 404, "not_found", "There is no such thing" },
	[BAD_METHOD]	= { 405, "bad_method", "That cannot be done with this" },
	[OVERLAP]	= { 409, "overlap", "Two segments overlap" },
	[VNI_TAKEN]	= { 409, "vni_taken", "Another segment has this VNI" },
	[NODE_TAKEN]	= { 409, "node_taken", "Another host has this node number" },
	[ADDRESS_TAKEN]	= { 409, "address_taken", "Another VM has this address" },
	[MAC_TAKEN]	= { 409, "mac_taken", "Another VM has this MAC address" },
	[SEGMENT_FULL]	= { 409, "segment_full", "The segment has no free address" },
	[IN_USE]	= { 409, "in_use", "It is in use" },
	[HOST_UNKNOWN]	= { 409, "host_unknown", "The host is not registered" },
	[VM_ELSEWHERE]	= { 409, "vm_elsewhere", "The VM runs on another host" },
	[CONTENTION]	= { 503, "contention", "Others were always faster" },
	[REVISION_GONE]	= { 410, "revision_gone", "The revision is too old" },
	[RATE_LIMITED]	= { 429, "rate_limited", "Too many requests" },
	[TOO_MANY_WATCHERS] = { 503, "too_many_watchers", "Too many watchers" },
	[NO_SPACE]	= { 507, "no_space", "The disk is full" },
	[STORE_FAILED]	= { 503, "store_failed", "The store does not work" },
	[STORE_UNREACHABLE] = { 503, "store_unreachable", "The store cannot be reached" },
	[STORE_LIMIT]	= { 507, "store_limit", "The store takes less at once" },
	[SHUTTING_DOWN]	= { 503, "shutting_down", "The board ends" },
};

bool problem_set(struct problem *p, enum problem_code code, const char *fmt, ...)
{
	va_list ap;

	p->code = code;
	va_start(ap, fmt);
	vsnprintf(p->detail, sizeof(p->detail), fmt, ap);
	va_end(ap);
	return false;
}

unsigned int problem_status(enum problem_code code)
{
	return problems[code].status;
}

const char *problem_name(enum problem_code code)
{
	return problems[code].name;
}

void problem_write(const struct problem *p, struct buf *b)
{
	buf_puts(b, "{\"type\":\"about:blank\",\"title\":");
	buf_json_string(b, problems[p->code].title);
	buf_puts(b, ",\"status\":");
	buf_u64(b, problems[p->code].status);
	buf_puts(b, ",\"code\":");
	buf_json_string(b, problems[p->code].name);
	buf_puts(b, ",\"detail\":");
	buf_json_string(b, p->detail);
	buf_puts(b, "}\n");
}
