/* SPDX-License-Identifier: GPL-2.0 */
/* What can be wrong with a request (RFC 9457). The codes are part of the API. */
#ifndef BOARD_PROBLEM_H
#define BOARD_PROBLEM_H

#include <stdbool.h>

#include "buf.h"
#include "compiler.h"

enum problem_code {
	PROBLEM_NONE,
	BAD_REQUEST,
	BAD_JSON,
	TOO_DEEP,
	BAD_MEMBER,
	TOO_LARGE,
	NO_TOKEN,
	WRONG_TOKEN,
	EXPIRED_TOKEN,
	FORBIDDEN,
	NOT_FOUND,
	BAD_METHOD,
	OVERLAP,
	VNI_TAKEN,
	NODE_TAKEN,
	ADDRESS_TAKEN,
	MAC_TAKEN,
	SEGMENT_FULL,
	IN_USE,
	HOST_UNKNOWN,
	VM_ELSEWHERE,
	CONTENTION,
	REVISION_GONE,
	RATE_LIMITED,
	TOO_MANY_WATCHERS,
	NO_SPACE,
	STORE_FAILED,
	STORE_UNREACHABLE,
	STORE_LIMIT,
	SHUTTING_DOWN,
	PROBLEM_CODES,
};

/**
 * struct problem - why a request was refused
 * @code: PROBLEM_NONE if it was not
 * @detail: what to do about it
 */
struct problem {
	enum problem_code code;
	char detail[256];
};

/* Sets the problem and returns false. */
__printf(3, 4)
bool problem_set(struct problem *p, enum problem_code code, const char *fmt, ...);

/* HTTP status of a problem. */
unsigned int problem_status(enum problem_code code);

/* Its name. */
const char *problem_name(enum problem_code code);

/* Adds the body of the answer, application/problem+json. */
void problem_write(const struct problem *p, struct buf *b);

#endif /* BOARD_PROBLEM_H */
