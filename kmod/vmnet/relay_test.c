// SPDX-License-Identifier: GPL-2.0
/* KUnit: the election of forwarders, and frames received twice. */
#include <kunit/test.h>

#include "dup.h"
#include "elect.h"

/* Time after which an origin may have started again. */
#define EXPIRY	100

/* The order is part of the protocol: these numbers must never change. */
static void elect_test_protocol(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, vmnet_elect_score(1, 1), 0x30b0cc45U);
	KUNIT_EXPECT_EQ(test, vmnet_elect_score(42, 7), 0xcf180ee6U);
	KUNIT_EXPECT_EQ(test, vmnet_elect_score(0xffffff, 0xffffffff),
			0x1a7b8830U);
}

static void elect_test_order(struct kunit *test)
{
	u32 a, b;

	for (a = 1; a <= 64; a++) {
		KUNIT_EXPECT_FALSE(test, vmnet_elect_before(42, a, a));
		for (b = a + 1; b <= 64; b++)
			KUNIT_EXPECT_NE(test, vmnet_elect_before(42, a, b),
					vmnet_elect_before(42, b, a));
	}
}

/* Which of hosts @first to @last comes first. */
static u32 elect_first(u32 vni, u32 first, u32 last)
{
	u32 node, best = first;

	for (node = first + 1; node <= last; node++) {
		if (vmnet_elect_before(vni, node, best))
			best = node;
	}
	return best;
}

/* Of many networks each host forwards for about as many. */
static void elect_test_spread(struct kunit *test)
{
	unsigned int times[8] = {}, i;
	u32 vni;

	for (vni = 1; vni <= 4096; vni++)
		times[elect_first(vni, 1, 8) - 1]++;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		KUNIT_EXPECT_GE(test, times[i], 4096 / 8 * 3 / 4);
		KUNIT_EXPECT_LE(test, times[i], 4096 / 8 * 5 / 4);
	}
}

/* A host that comes takes over itself, or changes nothing. */
static void elect_test_stable(struct kunit *test)
{
	u32 vni, before, after;

	for (vni = 1; vni <= 256; vni++) {
		before = elect_first(vni, 1, 8);
		after = elect_first(vni, 1, 9);
		KUNIT_EXPECT_TRUE(test, after == before || after == 9);
	}
}

static void dup_expect(struct kunit *test, struct vmnet_dup *dup, u32 counter,
		       unsigned long now, enum vmnet_dup_verdict want)
{
	KUNIT_EXPECT_EQ_MSG(test, vmnet_dup_check(dup, counter, now, EXPIRY),
			    want, "counter %u at %lu", counter, now);
}

static void dup_test_once(struct kunit *test)
{
	struct vmnet_dup dup = {};
	u32 counter;

	/* Over the end of the counter, too. */
	for (counter = -3000; counter != 3000; counter++) {
		dup_expect(test, &dup, counter, 0, VMNET_DUP_NEW);
		dup_expect(test, &dup, counter, 0, VMNET_DUP_SEEN);
	}
}

static void dup_test_reordered(struct kunit *test)
{
	struct vmnet_dup dup = {};
	u32 i;

	dup_expect(test, &dup, 7, 0, VMNET_DUP_NEW);
	dup_expect(test, &dup, 7 + VMNET_DUP_WINDOW - 1, 0, VMNET_DUP_NEW);
	for (i = 1; i < VMNET_DUP_WINDOW - 1; i++) {
		dup_expect(test, &dup, 7 + i, 0, VMNET_DUP_NEW);
		dup_expect(test, &dup, 7 + i, 0, VMNET_DUP_SEEN);
	}
	dup_expect(test, &dup, 7, 0, VMNET_DUP_SEEN);
	/* Before the first that was seen, but near. */
	dup_expect(test, &dup, 6, 0, VMNET_DUP_OLD);
}

static void dup_test_jump(struct kunit *test)
{
	struct vmnet_dup dup = {};
	u32 counter = 5;
	u32 i;

	dup_expect(test, &dup, counter, 0, VMNET_DUP_NEW);
	for (i = 1; i < 5 * VMNET_DUP_WINDOW; i += 97) {
		counter += i;
		dup_expect(test, &dup, counter, 0, VMNET_DUP_NEW);
		dup_expect(test, &dup, counter - 1, 0,
			   i == 1 ? VMNET_DUP_SEEN : VMNET_DUP_NEW);
		dup_expect(test, &dup, counter - 1, 0, VMNET_DUP_SEEN);
		dup_expect(test, &dup, counter - VMNET_DUP_WINDOW, 0,
			   VMNET_DUP_OLD);
	}
}

static void dup_test_restart(struct kunit *test)
{
	struct vmnet_dup dup = {};

	dup_expect(test, &dup, 100000, 0, VMNET_DUP_NEW);
	dup_expect(test, &dup, 100001, 50, VMNET_DUP_NEW);
	dup_expect(test, &dup, 5, 50 + EXPIRY - 1, VMNET_DUP_OLD);
	/* What was not new keeps nothing waiting. */
	dup_expect(test, &dup, 100001, 50 + EXPIRY - 1, VMNET_DUP_SEEN);
	dup_expect(test, &dup, 6, 50 + EXPIRY, VMNET_DUP_NEW);
	dup_expect(test, &dup, 6, 50 + EXPIRY, VMNET_DUP_SEEN);
	dup_expect(test, &dup, 5, 50 + EXPIRY, VMNET_DUP_NEW);
	dup_expect(test, &dup, 100002, 50 + EXPIRY, VMNET_DUP_NEW);
}

static struct kunit_case relay_test_cases[] = {
	KUNIT_CASE(elect_test_protocol),
	KUNIT_CASE(elect_test_order),
	KUNIT_CASE(elect_test_spread),
	KUNIT_CASE(elect_test_stable),
	KUNIT_CASE(dup_test_once),
	KUNIT_CASE(dup_test_reordered),
	KUNIT_CASE(dup_test_jump),
	KUNIT_CASE(dup_test_restart),
	{}
};

static struct kunit_suite relay_test_suite = {
	.name = "vmnet_relay",
	.test_cases = relay_test_cases,
};

kunit_test_suite(relay_test_suite);
