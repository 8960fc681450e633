/* SPDX-License-Identifier: GPL-2.0 */
/* Messages that leave at their times, and what becomes of them. */
#ifndef PING_PING_H
#define PING_PING_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "pending.h"
#include "report.h"
#include "tally.h"

/**
 * struct ping - all that it takes
 * @link: the connection
 * @report: what is shown
 * @tally: what came back
 * @pending: what is on its way
 * @count: messages to send, 0: no end
 * @interval: nanoseconds from one to the next, 0: each when the last is back
 * @deadline: nanoseconds after which all ends, 0: none
 * @timeout: nanoseconds to wait for a message, or for a connection
 * @start: when it began
 * @due: when the next one leaves
 * @waits: the last one has not left: there is no connection yet
 * @since: when it began to wait
 */
struct ping {
	struct link link;
	struct report report;
	struct tally tally;
	struct pending pending;
	uint64_t count;
	uint64_t interval;
	uint64_t deadline;
	uint64_t timeout;
	uint64_t start;
	uint64_t due;
	bool waits;
	uint64_t since;
};

/*
 * Until it is over, or a signal ends it. Returns 0; or -errno if it cannot begin:
 * -EMSGSIZE where the other end takes no message as large, else what this host lacks.
 */
int ping_run(struct ping *p);

#endif /* PING_PING_H */
