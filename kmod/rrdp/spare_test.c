// SPDX-License-Identifier: GPL-2.0
/* KUnit: buffers that are used again. */
#include <kunit/test.h>

#include "spare.h"

#define SIZE	100

static struct sk_buff *sent(struct kunit *test, struct rrdp_spares *spares)
{
	struct sk_buff *skb = rrdp_spare_get(spares, SIZE);

	if (!skb)
		skb = alloc_skb_fclone(SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 40);
	skb_put(skb, 8);
	__skb_header_release(skb);
	return skb;
}

static void kept_and_empty(struct kunit *test)
{
	struct rrdp_spares spares = {};
	struct sk_buff *skb = sent(test, &spares), *clone, *again;
	unsigned int truesize = skb->truesize;

	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	skb_push(clone, 14);
	consume_skb(clone);
	rrdp_spare_put(&spares, skb);

	again = rrdp_spare_get(&spares, SIZE);
	KUNIT_EXPECT_PTR_EQ(test, again, skb);
	KUNIT_EXPECT_EQ(test, again->len, 0);
	KUNIT_EXPECT_EQ(test, skb_headroom(again), 0);
	KUNIT_EXPECT_GE(test, skb_tailroom(again), SIZE);
	KUNIT_EXPECT_FALSE(test, skb_cloned(again));
	KUNIT_EXPECT_FALSE(test, skb_header_cloned(again));
	KUNIT_EXPECT_EQ(test, again->truesize, truesize);
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, SIZE));
	consume_skb(again);
}

static void not_kept_while_a_clone_lives(struct kunit *test)
{
	struct rrdp_spares spares = {};
	struct sk_buff *skb = sent(test, &spares), *clone;

	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	rrdp_spare_put(&spares, skb);
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, SIZE));
	KUNIT_EXPECT_EQ(test, clone->len, 8);
	consume_skb(clone);
}

static void not_kept_if_others_made_it(struct kunit *test)
{
	struct rrdp_spares spares = {};
	struct sk_buff *skb = alloc_skb(SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	rrdp_spare_put(&spares, skb);
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, 1));
}

static void not_kept_after_a_train(struct kunit *test)
{
	struct rrdp_spares spares = {};
	struct sk_buff *skb = sent(test, &spares);

	skb_shinfo(skb)->gso_size = 4;
	rrdp_spare_put(&spares, skb);
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, 1));
}

static void too_small(struct kunit *test)
{
	struct rrdp_spares spares = {};

	rrdp_spare_put(&spares, sent(test, &spares));
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, 100000));
	/* It made way for a larger one. */
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, SIZE));
}

static void no_more_than_there_are_slots(struct kunit *test)
{
	struct sk_buff *skbs[RRDP_SPARES + 2];
	struct rrdp_spares spares = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(skbs); i++)
		skbs[i] = sent(test, &spares);
	for (i = 0; i < ARRAY_SIZE(skbs); i++)
		rrdp_spare_put(&spares, skbs[i]);
	for (i = 0; i < RRDP_SPARES; i++)
		KUNIT_EXPECT_NOT_NULL(test, spares.slot[i]);
	rrdp_spares_free(&spares);
	KUNIT_EXPECT_NULL(test, rrdp_spare_get(&spares, SIZE));
}

static void go_when_idle(struct kunit *test)
{
	struct rrdp_spares spares = {};

	rrdp_spare_put(&spares, sent(test, &spares));
	rrdp_spare_put(&spares, sent(test, &spares));
	KUNIT_EXPECT_NOT_NULL(test, spares.slot[0]);
	rrdp_spares_age(&spares);
	KUNIT_EXPECT_NOT_NULL(test, spares.slot[0]);
	rrdp_spares_age(&spares);
	KUNIT_EXPECT_NULL(test, spares.slot[0]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(kept_and_empty),
	KUNIT_CASE(not_kept_while_a_clone_lives),
	KUNIT_CASE(not_kept_if_others_made_it),
	KUNIT_CASE(not_kept_after_a_train),
	KUNIT_CASE(too_small),
	KUNIT_CASE(no_more_than_there_are_slots),
	KUNIT_CASE(go_when_idle),
	{}
};

static struct kunit_suite suite = {
	.name = "rrdp_spare",
	.test_cases = cases,
};

kunit_test_suite(suite);
