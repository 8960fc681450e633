// SPDX-License-Identifier: GPL-2.0
/* KUnit: how much a port may flood, and how often an address may move. */
#include <kunit/test.h>

#include "dest.h"
#include "move.h"
#include "storm.h"

/* Frames of @frames that pass at @now. */
static unsigned int passed(struct vmnet_storm *s, unsigned int frames, s64 now)
{
	unsigned int n = 0;

	while (frames--)
		n += vmnet_storm_pass(s, 1, now);
	return n;
}

static void storm_test_rate(struct kunit *test)
{
	s64 now = 5 * NSEC_PER_SEC;
	struct vmnet_storm s = {};
	unsigned int i, n = 0;

	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now), 1000);
	vmnet_storm_set(&s, 1000);
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now), 100);
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now), 0);
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now + NSEC_PER_MSEC), 1);
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now + 11 * NSEC_PER_MSEC), 10);
	/* A bucket is never more than full. */
	now += 100 * (s64)NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now), 100);

	for (i = 0; i < 2000; i++)
		n += vmnet_storm_pass(&s, 1, now += NSEC_PER_MSEC / 2);
	KUNIT_EXPECT_EQ(test, n, 1000);

	vmnet_storm_set(&s, 0);
	KUNIT_EXPECT_EQ(test, passed(&s, 1000, now), 1000);
}

static void storm_test_extremes(struct kunit *test)
{
	s64 now = 5 * NSEC_PER_SEC;
	struct vmnet_storm s = {};

	vmnet_storm_set(&s, 1);
	KUNIT_EXPECT_EQ(test, passed(&s, 100, now), VMNET_STORM_BURST_MIN);
	KUNIT_EXPECT_EQ(test, passed(&s, 100, now + NSEC_PER_SEC), 1);

	vmnet_storm_set(&s, VMNET_STORM_MAX);
	now += 100 * (s64)NSEC_PER_SEC;
	KUNIT_EXPECT_EQ(test, passed(&s, VMNET_STORM_MAX / 5, now),
			VMNET_STORM_MAX / 10);
}

/* A super-frame takes as much as its segments, at most the whole bucket. */
static void storm_test_super(struct kunit *test)
{
	s64 now = 5 * NSEC_PER_SEC;
	struct vmnet_storm s = {};

	vmnet_storm_set(&s, 1000);
	KUNIT_EXPECT_TRUE(test, vmnet_storm_pass(&s, 60, now));
	KUNIT_EXPECT_FALSE(test, vmnet_storm_pass(&s, 60, now));
	KUNIT_EXPECT_TRUE(test, vmnet_storm_pass(&s, 40, now));
	now += NSEC_PER_SEC;
	KUNIT_EXPECT_TRUE(test, vmnet_storm_pass(&s, 65535, now));
	KUNIT_EXPECT_FALSE(test, vmnet_storm_pass(&s, 1, now));
}

/* Moves at each of these times, back and forth; how many were believed. */
static unsigned int moves(struct vmnet_moves *m, struct vmnet_dest *at,
			  unsigned int n, unsigned long now, unsigned long step)
{
	unsigned int ok = 0;

	for (; n--; now += step)
		ok += vmnet_moves_next(m, at, now) == VMNET_MOVE_OK;
	return ok;
}

static void move_test_damp(struct kunit *test)
{
	struct vmnet_dest home = { .kind = VMNET_DEST_PORT };
	struct vmnet_dest other = { .kind = VMNET_DEST_PORT };
	/* Across the wrap of jiffies. */
	unsigned long now = -10UL;
	struct vmnet_moves m = {};

	KUNIT_EXPECT_EQ(test, vmnet_moves_next(&m, &home, now), VMNET_MOVE_OK);
	KUNIT_EXPECT_EQ(test, moves(&m, &other, VMNET_MOVES_MAX - 1, now, 5),
			VMNET_MOVES_MAX - 1);
	KUNIT_EXPECT_FALSE(test, vmnet_moves_held(&m, now));
	now += 30;
	KUNIT_EXPECT_EQ(test, vmnet_moves_next(&m, &other, now),
			VMNET_MOVE_DAMP);
	KUNIT_EXPECT_PTR_EQ(test, m.home, &home);
	KUNIT_EXPECT_EQ(test, vmnet_moves_next(&m, &home, now),
			VMNET_MOVE_HELD);
	now += VMNET_MOVES_HOLD - 1;
	KUNIT_EXPECT_TRUE(test, vmnet_moves_held(&m, now));
	KUNIT_EXPECT_EQ(test, vmnet_moves_next(&m, &home, now),
			VMNET_MOVE_HELD);

	/* Then it begins anew. */
	now++;
	KUNIT_EXPECT_FALSE(test, vmnet_moves_held(&m, now));
	KUNIT_EXPECT_EQ(test, moves(&m, &other, 10, now, 0), VMNET_MOVES_MAX);
	KUNIT_EXPECT_PTR_EQ(test, m.home, &other);
	KUNIT_EXPECT_TRUE(test, vmnet_moves_held(&m, now));
}

/* A guest that migrates now and then is never held. */
static void move_test_slow(struct kunit *test)
{
	struct vmnet_dest at = { .kind = VMNET_DEST_PORT };
	struct vmnet_moves m = {};

	KUNIT_EXPECT_EQ(test, moves(&m, &at, 100, 1000,
				    VMNET_MOVES_WINDOW / VMNET_MOVES_MAX), 100);
	KUNIT_EXPECT_FALSE(test, m.held);
}

static struct kunit_case limit_test_cases[] = {
	KUNIT_CASE(storm_test_rate),
	KUNIT_CASE(storm_test_extremes),
	KUNIT_CASE(storm_test_super),
	KUNIT_CASE(move_test_damp),
	KUNIT_CASE(move_test_slow),
	{}
};

static struct kunit_suite limit_test_suite = {
	.name = "vmnet_limit",
	.test_cases = limit_test_cases,
};

kunit_test_suite(limit_test_suite);
