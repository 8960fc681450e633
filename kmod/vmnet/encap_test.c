// SPDX-License-Identifier: GPL-2.0
/* KUnit: the tunnel header, and which way a frame may go. */
#include <kunit/test.h>

#include "dest.h"
#include "encap.h"

static void encap_test_build(struct kunit *test)
{
	static const u8 want[VMNET_HLEN] = { 8, 0, 0, 0, 0x12, 0x34, 0x56, 0 };
	u8 p[VMNET_HLEN + VMNET_INNER_HLEN] = {};
	u32 vni;

	vmnet_encap_build(p, 0x123456);
	KUNIT_EXPECT_EQ(test, memcmp(p, want, sizeof(want)), 0);
	KUNIT_EXPECT_EQ(test, vmnet_encap_parse(p, sizeof(p), sizeof(p), &vni),
			VMNET_ENCAP_OK);
	KUNIT_EXPECT_EQ(test, vni, 0x123456);
}

static void encap_test_short(struct kunit *test)
{
	u8 p[VMNET_HLEN + VMNET_INNER_HLEN] = {};
	unsigned int len;
	u32 vni = 77;

	vmnet_encap_build(p, 1);
	for (len = 0; len < sizeof(p); len++)
		KUNIT_EXPECT_EQ(test, vmnet_encap_parse(p, len, len, &vni),
				VMNET_ENCAP_TRUNCATED);
	KUNIT_EXPECT_EQ(test, vni, 77);
}

/* Each bit of the header but those of the VNI has one right value. */
static void encap_test_bits(struct kunit *test)
{
	u8 p[VMNET_HLEN + VMNET_INNER_HLEN] = {};
	enum vmnet_encap want, got;
	unsigned int bit;
	u32 vni;

	vmnet_encap_build(p, 0x555555);
	for (bit = 0; bit < 8 * VMNET_HLEN; bit++) {
		want = bit < 8 ? VMNET_ENCAP_FLAGS :
		       bit / 8 >= 4 && bit / 8 <= 6 ? VMNET_ENCAP_OK :
		       VMNET_ENCAP_RESERVED;
		p[bit / 8] ^= 1 << bit % 8;
		got = vmnet_encap_parse(p, sizeof(p), sizeof(p), &vni);
		KUNIT_EXPECT_EQ(test, got, want);
		if (got == VMNET_ENCAP_OK)
			KUNIT_EXPECT_NE(test, vni, 0x555555);
		p[bit / 8] ^= 1 << bit % 8;
	}
}

static void forward_test_verdict(struct kunit *test)
{
	struct vmnet_dest local = { .kind = VMNET_DEST_LOCAL };
	struct vmnet_dest port[3] = {
		{ .kind = VMNET_DEST_PORT },
		{ .kind = VMNET_DEST_PORT, .isolated = true },
		{ .kind = VMNET_DEST_PORT, .isolated = true },
	};
	struct vmnet_dest peer[2] = {
		{ .kind = VMNET_DEST_PEER }, { .kind = VMNET_DEST_PEER },
	};

	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[0], &port[1]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[0], &peer[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&peer[0], &port[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&peer[0], &local), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&local, &peer[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[0], &port[0]),
			VMNET_DROP_SAME);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&peer[0], &peer[0]),
			VMNET_DROP_SAME);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&peer[0], &peer[1]),
			VMNET_DROP_SPLIT);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[1], &port[2]),
			VMNET_DROP_ISOLATED);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[1], &port[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[1], &peer[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[1], &local), VMNET_PASS);
}

static struct kunit_case encap_test_cases[] = {
	KUNIT_CASE(encap_test_build),
	KUNIT_CASE(encap_test_short),
	KUNIT_CASE(encap_test_bits),
	KUNIT_CASE(forward_test_verdict),
	{}
};

static struct kunit_suite encap_test_suite = {
	.name = "vmnet_encap",
	.test_cases = encap_test_cases,
};

kunit_test_suite(encap_test_suite);
