// SPDX-License-Identifier: GPL-2.0
#include <math.h>

#include "tally.h"

void tally_add(struct tally *t, uint64_t ns)
{
	double off = (double)ns - t->mean;

	if (!t->received || ns < t->min)
		t->min = ns;
	if (ns > t->max)
		t->max = ns;
	t->received++;
	t->mean += off / (double)t->received;
	t->squares += off * ((double)ns - t->mean);
}

double tally_deviation(const struct tally *t)
{
	return t->received ? sqrt(t->squares / (double)t->received) : 0;
}

double tally_loss(const struct tally *t)
{
	if (!t->sent)
		return 0;
	return 100.0 * (double)(t->sent - t->received) / (double)t->sent;
}

int tally_status(const struct tally *t, uint64_t count, bool deadline)
{
	if (count && deadline)
		return t->received < count;
	return !t->received;
}
