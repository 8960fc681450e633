/* SPDX-License-Identifier: GPL-2.0 */
/* What client and server say to each other, and how long that takes. */
#ifndef PERF_EXCHANGE_H
#define PERF_EXCHANGE_H

#include "note.h"
#include "transport.h"
#include "zerocopy.h"

#define PERF_SIZE_MAX	NOTE_SIZE_MAX
#define PERF_BATCH_MAX	64

/**
 * struct trips - round trips of one client
 * @ns: nanoseconds of each, in order of length
 * @count: how many came back
 * @lost: how many did not
 */
struct trips {
	uint64_t *ns;
	size_t count;
	uint64_t lost;
};

/**
 * struct load - messages to send one way, as fast as they go
 * @size: octets of each
 * @batch: messages in a call
 * @count: how many; 0: for about @seconds
 * @seconds: see @count
 * @zerocopy: how they are not copied
 */
struct load {
	size_t size;
	unsigned int batch;
	uint64_t count;
	unsigned int seconds;
	enum zerocopy zerocopy;
};

/**
 * struct flow - messages of one client that the server saw
 * @sent: messages sent
 * @received: messages received
 * @ns: nanoseconds from the first received to the last
 * @copied: messages that were not to be copied, but were
 */
struct flow {
	uint64_t sent;
	uint64_t received;
	uint64_t ns;
	uint64_t copied;
};

/* Serves one client after the other, for ever unless @once. */
void exchange_serve(const struct transport *t, const struct place *at, bool once);

/* Sends @count messages of @size octets, each when the last has come back. */
void exchange_trips(const struct transport *t, const struct place *at,
		    size_t size, size_t count, struct trips *trips);

void exchange_flow(const struct transport *t, const struct place *at,
		   const struct load *load, struct flow *flow);

#endif /* PERF_EXCHANGE_H */
