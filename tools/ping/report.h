/* SPDX-License-Identifier: GPL-2.0 */
/* What is said of the round trips, in the words of ping(8) or in JSON. */
#ifndef PING_REPORT_H
#define PING_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tally.h"

/**
 * struct report - how to say it
 * @out: where
 * @node: who is asked
 * @port: where it answers
 * @size: octets of a message
 * @json: an object a line
 * @quiet: only the summary
 */
struct report {
	FILE *out;
	uint32_t node;
	uint16_t port;
	size_t size;
	bool json;
	bool quiet;
};

void report_begin(const struct report *r);

/* Message @seq is back after @ns nanoseconds. */
void report_reply(const struct report *r, uint64_t seq, uint64_t ns);

/* Message @seq is not, and why. */
void report_trouble(const struct report *r, uint64_t seq, const char *why);

/* The summary, after @ns nanoseconds. */
void report_end(const struct report *r, const struct tally *t, uint64_t ns);

#endif /* PING_REPORT_H */
