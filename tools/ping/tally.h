/* SPDX-License-Identifier: GPL-2.0 */
/* What has come back so far. */
#ifndef PING_TALLY_H
#define PING_TALLY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct tally - round trips so far
 * @sent: messages, those included that no connection took
 * @received: of them, those that came back
 * @errors: what went wrong on the way
 * @min: shortest round trip, nanoseconds
 * @max: longest
 * @mean: of all
 * @squares: sum of the squares of their distances from the mean
 *
 * The sum is kept as Welford does, for the difference of two large ones would be
 * noise.
 */
struct tally {
	uint64_t sent;
	uint64_t received;
	uint64_t errors;
	uint64_t min;
	uint64_t max;
	double mean;
	double squares;
};

void tally_add(struct tally *t, uint64_t ns);

/* Standard deviation of the round trips, nanoseconds. */
double tally_deviation(const struct tally *t);

/* Part of those sent that did not come back, in percent. */
double tally_loss(const struct tally *t);

/*
 * Exit status as ping's: 0 if something came back, but all @count must where both
 * this and a deadline were given; else 1.
 */
int tally_status(const struct tally *t, uint64_t count, bool deadline);

#endif /* PING_TALLY_H */
