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

static const struct vmnet_ext ext_hello = {
	.vni = 0x123456, .hello = VMNET_HELLO_ALIVE, .node = 0x789abcde,
	.counter = 0xf0123456,
};

static const struct vmnet_ext ext_frame = {
	.vni = 0x123456, .node = 0x789abcde, .counter = 0xf0123456,
};

static void ext_test_build(struct kunit *test)
{
	static const u8 frame[] = {
		0x48, 0, 0, 0, 0x12, 0x34, 0x56, 0,
		0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56,
	};
	static const u8 hello[] = {
		0x68, 3, 0, 0, 0x12, 0x34, 0x56, 0,
		0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56,
	};
	u8 p[sizeof(frame) + VMNET_INNER_HLEN] = {};
	struct vmnet_ext got = {};

	vmnet_ext_build(p, &ext_frame);
	KUNIT_EXPECT_EQ(test, memcmp(p, frame, sizeof(frame)), 0);
	KUNIT_EXPECT_TRUE(test, vmnet_encap_has_ext(p, sizeof(p)));
	KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, sizeof(p), sizeof(p), &got),
			VMNET_ENCAP_OK);
	KUNIT_EXPECT_EQ(test, memcmp(&got, &ext_frame, sizeof(got)), 0);

	vmnet_ext_build(p, &ext_hello);
	KUNIT_EXPECT_EQ(test, memcmp(p, hello, sizeof(hello)), 0);
	KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, sizeof(hello), sizeof(hello),
					      &got), VMNET_ENCAP_OK);
	KUNIT_EXPECT_EQ(test, memcmp(&got, &ext_hello, sizeof(got)), 0);
}

static void ext_test_length(struct kunit *test)
{
	u8 p[VMNET_HLEN + VMNET_EXT_HLEN + VMNET_INNER_HLEN] = {};
	struct vmnet_ext got;
	unsigned int len;

	vmnet_ext_build(p, &ext_frame);
	KUNIT_EXPECT_FALSE(test, vmnet_encap_has_ext(p, 0));
	for (len = 0; len < sizeof(p); len++)
		KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, len, len, &got),
				VMNET_ENCAP_TRUNCATED);
	/* A flag without what it promises, in a message that is long enough. */
	KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, VMNET_HLEN, 1000, &got),
			VMNET_ENCAP_TRUNCATED);

	vmnet_ext_build(p, &ext_hello);
	for (len = 0; len < VMNET_HLEN + VMNET_EXT_HLEN; len++)
		KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, len, len, &got),
				VMNET_ENCAP_TRUNCATED);
	while (++len <= sizeof(p))
		KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, len, len, &got),
				VMNET_ENCAP_RESERVED);
}

/* What each bit of the header may be, but those of the VNI and the extension. */
static void ext_test_bits(struct kunit *test)
{
	u8 p[VMNET_HLEN + VMNET_EXT_HLEN + VMNET_INNER_HLEN] = {};
	enum vmnet_encap want;
	struct vmnet_ext got;
	unsigned int bit;

	vmnet_ext_build(p, &ext_frame);
	for (bit = 0; bit < 8 * VMNET_HLEN; bit++) {
		p[bit / 8] ^= 1 << bit % 8;
		/* A message without a frame would have a kind and no more. */
		want = p[0] == 0x68 ? VMNET_ENCAP_RESERVED :
		       bit < 8 ? VMNET_ENCAP_FLAGS :
		       bit / 8 >= 4 && bit / 8 <= 6 ? VMNET_ENCAP_OK :
		       VMNET_ENCAP_RESERVED;
		KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, sizeof(p), sizeof(p),
						      &got), want);
		p[bit / 8] ^= 1 << bit % 8;
	}
	vmnet_encap_put32(p + VMNET_HLEN, 0);
	KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, sizeof(p), sizeof(p), &got),
			VMNET_ENCAP_RESERVED);
}

static void ext_test_kinds(struct kunit *test)
{
	u8 p[VMNET_HLEN + VMNET_EXT_HLEN];
	struct vmnet_ext got;
	unsigned int kind;

	vmnet_ext_build(p, &ext_hello);
	for (kind = 0; kind < 256; kind++) {
		p[1] = kind;
		KUNIT_EXPECT_EQ(test, vmnet_ext_parse(p, sizeof(p), sizeof(p),
						      &got),
				kind >= VMNET_HELLO_PROBE &&
				kind <= VMNET_HELLO_ALIVE ?
				VMNET_ENCAP_OK : VMNET_ENCAP_RESERVED);
	}
}

static void forward_test_verdict(struct kunit *test)
{
	struct vmnet_dest local = { .kind = VMNET_DEST_LOCAL };
	struct vmnet_dest port[4] = {
		{ .kind = VMNET_DEST_PORT },
		{ .kind = VMNET_DEST_PORT, .isolated = true },
		{ .kind = VMNET_DEST_PORT, .isolated = true },
		{ .kind = VMNET_DEST_PORT, .confined = true },
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
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[3], &port[0]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[0], &port[3]), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[3], &local), VMNET_PASS);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&port[3], &peer[0]),
			VMNET_DROP_CONFINED);
	KUNIT_EXPECT_EQ(test, vmnet_verdict(&peer[0], &port[3]),
			VMNET_DROP_CONFINED);
	KUNIT_EXPECT_TRUE(test, vmnet_reaches_peers(&port[1]));
	KUNIT_EXPECT_TRUE(test, vmnet_reaches_peers(&local));
	KUNIT_EXPECT_FALSE(test, vmnet_reaches_peers(&port[3]));
	KUNIT_EXPECT_FALSE(test, vmnet_reaches_peers(&peer[0]));
}

static struct kunit_case encap_test_cases[] = {
	KUNIT_CASE(encap_test_build),
	KUNIT_CASE(encap_test_short),
	KUNIT_CASE(encap_test_bits),
	KUNIT_CASE(ext_test_build),
	KUNIT_CASE(ext_test_length),
	KUNIT_CASE(ext_test_bits),
	KUNIT_CASE(ext_test_kinds),
	KUNIT_CASE(forward_test_verdict),
	{}
};

static struct kunit_suite encap_test_suite = {
	.name = "vmnet_encap",
	.test_cases = encap_test_cases,
};

kunit_test_suite(encap_test_suite);
