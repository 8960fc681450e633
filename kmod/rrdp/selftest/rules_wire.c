// SPDX-License-Identifier: GPL-2.0
/* Tests of wire.c. */

#include "rules.h"

/* RFC 908, 3.2: what may stand together, written as a list of its own. */
static bool may_stand_together(u8 flags)
{
	static const u8 valid[] = {
		RRDP_F_SYN,
		RRDP_F_SYN | RRDP_F_ACK,
		RRDP_F_ACK,
		RRDP_F_ACK | RRDP_F_EACK,
		RRDP_F_ACK | RRDP_F_MORE,
		RRDP_F_ACK | RRDP_F_EACK | RRDP_F_MORE,
		RRDP_F_RST,
		RRDP_F_RST | RRDP_F_ACK,
		RRDP_F_NUL | RRDP_F_ACK,
	};
	unsigned int i;

	for (i = 0; i < sizeof(valid); i++)
		if (flags == valid[i])
			return true;
	return false;
}

static bool same(const struct rrdp_seg *a, const struct rrdp_seg *b)
{
	if (a->flags != b->flags || a->sport != b->sport ||
	    a->dport != b->dport || a->len != b->len || a->seq != b->seq ||
	    a->ack != b->ack || a->csum != b->csum)
		return false;
	if (a->flags & RRDP_F_SYN)
		return !memcmp(&a->syn, &b->syn, sizeof(a->syn));
	return a->nvar == b->nvar && !memcmp(a->var, b->var, 2 * a->nvar);
}

/* Every combination of flags: built, parsed, the same; or refused. */
void rrdp_test_wire_flags(void)
{
	u8 var[] = { 1, 2, 3, 4, 5, 6 }, bytes[64];
	unsigned int i;

	for (i = 0; i < 64; i++) {
		u8 flags = (u8)(i << 2);
		bool data = !(flags & (RRDP_F_SYN | RRDP_F_RST | RRDP_F_NUL));
		struct rrdp_seg in, out = {
			.flags = flags,
			.nvar = flags & RRDP_F_SYN ? 0 : 3,
			.sport = 0x1234, .dport = 0xfedc,
			.len = data ? 5 : 0,
			.seq = 0x8001, .ack = 0x7ffe, .csum = 0xbeef,
			.syn = { .max_out = 8191, .max_size = 1500,
				 .options = 0x3f, .epoch = 0xdeadbeef },
			.var = var,
		};
		enum rrdp_wire_error err;

		memset(&in, 0, sizeof(in));
		rrdp_wire_build(bytes, &out);
		err = rrdp_wire_parse(&in, bytes, rrdp_wire_hlen(&out),
				      sizeof(bytes));
		if (may_stand_together(flags))
			CHECK(err == RRDP_WIRE_OK && same(&in, &out));
		else
			CHECK(err == RRDP_WIRE_FLAGS);
	}
}

static void bad_lengths(u8 *bytes)
{
	struct rrdp_seg seg;
	unsigned int n;

	for (n = 0; n < RRDP_HDR_LEN; n++) {
		CHECK(rrdp_wire_parse(&seg, bytes, n, 64) == RRDP_WIRE_SHORT);
		CHECK(rrdp_wire_parse(&seg, bytes, 64, n) == RRDP_WIRE_SHORT);
	}
	for (n = 0; n < 256; n++) {
		bytes[1] = (u8)n;
		CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) ==
		      (n < 7 || n > 32 ? RRDP_WIRE_HLEN : RRDP_WIRE_OK));
	}
	bytes[1] = 7;
	rrdp_put16(bytes + 6, 50);
	CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) == RRDP_WIRE_OK);
	CHECK(seg.len == 50);
	CHECK(rrdp_wire_parse(&seg, bytes, 14, 64) == RRDP_WIRE_OK);
	CHECK(rrdp_wire_parse(&seg, bytes, 64, 63) == RRDP_WIRE_LENGTH);
	rrdp_put16(bytes + 6, 0xffff);
	CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) == RRDP_WIRE_LENGTH);
	rrdp_put16(bytes + 6, 0);
}

/* Rule 2; nor has a NUL any. */
void rrdp_test_rule2_no_data_in_syn_or_rst(void)
{
	static const u8 empty[] = {
		RRDP_F_RST, RRDP_F_RST | RRDP_F_ACK, RRDP_F_NUL | RRDP_F_ACK,
		RRDP_F_SYN, RRDP_F_SYN | RRDP_F_ACK,
	};
	u8 bytes[64] = { 0, 7 + RRDP_SYN_WORDS };
	struct rrdp_seg seg;
	unsigned int i;

	for (i = 0; i < sizeof(empty); i++) {
		bytes[0] = RRDP_VERSION | empty[i];
		rrdp_put16(bytes + 6, 0);
		CHECK(!rrdp_wire_parse(&seg, bytes, 64, 64));
		rrdp_put16(bytes + 6, 1);
		CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) ==
		      RRDP_WIRE_LENGTH);
	}
}

void rrdp_test_rule5_eack_comes_with_ack(void)
{
	u8 bytes[64] = { RRDP_VERSION | RRDP_F_EACK, 8 };
	struct rrdp_seg seg;

	CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) == RRDP_WIRE_FLAGS);
	bytes[0] |= RRDP_F_ACK;
	CHECK(!rrdp_wire_parse(&seg, bytes, 64, 64));
	CHECK(seg.nvar == 1);
}

void rrdp_test_wire_malformed(void)
{
	u8 bytes[64] = { RRDP_VERSION | RRDP_F_ACK, 7 };
	struct rrdp_seg seg;
	unsigned int n;

	bad_lengths(bytes);

	for (n = 0; n < 4; n++) {
		bytes[0] = (u8)(RRDP_F_ACK | n);
		bytes[1] = 7;
		CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) ==
		      (n == 1 ? RRDP_WIRE_OK : RRDP_WIRE_VERSION));
	}
	/* A SYN has RFC 908's three words, and may lack the epoch. */
	bytes[0] = RRDP_VERSION | RRDP_F_SYN;
	for (n = 0; n <= RRDP_SYN_WORDS; n++) {
		bytes[1] = (u8)(7 + n);
		CHECK(rrdp_wire_parse(&seg, bytes, 64, 64) ==
		      (n < 3 ? RRDP_WIRE_HLEN : RRDP_WIRE_OK));
	}
}

/* RFC 1071: its example, odd lengths, and every bit is noticed. */
void rrdp_test_wire_checksum(void)
{
	u8 bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7, 0x80 };
	unsigned int bit, n;

	CHECK(rrdp_csum_fold(rrdp_csum_data(bytes, 8, 0)) == 0xddf2);
	CHECK(rrdp_csum_fold(rrdp_csum_data(bytes, 9, 0)) == 0x5df3);
	CHECK(rrdp_csum_fold(rrdp_csum_data(bytes, 0, 0)) == 0);
	CHECK(rrdp_csum_fold(rrdp_csum_data(bytes, 2, 0xffffffff)) == 1);

	for (n = 1; n <= sizeof(bytes); n++) {
		u16 right = rrdp_csum_fold(rrdp_csum_data(bytes, n, 0));

		for (bit = 0; bit < 8 * n; bit++) {
			bytes[bit / 8] ^= (u8)(1 << bit % 8);
			CHECK(rrdp_csum_fold(rrdp_csum_data(bytes, n, 0)) !=
			      right);
			bytes[bit / 8] ^= (u8)(1 << bit % 8);
		}
	}
}
