/* SPDX-License-Identifier: GPL-2.0 */
/* Segments as they are on the wire. Pure: no state, no allocation. */
#ifndef _RRDP_CORE_WIRE_H
#define _RRDP_CORE_WIRE_H

#include "types.h"

#define RRDP_VERSION		1

#define RRDP_HDR_LEN		14	/* without the variable part */
#define RRDP_CSUM_OFF		12	/* offset of the checksum */
#define RRDP_EACK_WORDS_MAX	32	/* most that we send in one segment */

/* Words of a SYN's variable part: RFC 908's three, and the epoch. */
#define RRDP_SYN_WORDS_BASE	3
#define RRDP_SYN_WORDS		5

/* Bits of the first octet of the header. */
#define RRDP_F_SYN		0x80
#define RRDP_F_ACK		0x40
#define RRDP_F_EACK		0x20
#define RRDP_F_RST		0x10
#define RRDP_F_NUL		0x08
#define RRDP_F_MORE		0x04
#define RRDP_F_ALL		0xfc

/**
 * struct rrdp_seg - a segment's header, in host byte order
 * @flags: RRDP_F_*
 * @sport: source port
 * @dport: destination port
 * @len: octets of data
 * @seq: sequence number
 * @ack: last sequence number received in order, with %RRDP_F_ACK
 * @csum: checksum as received
 * @syn: with %RRDP_F_SYN: what the sender offers
 * @syn.max_out: segments it accepts without acknowledging
 * @syn.max_size: octets of the largest segment it accepts, header included
 * @syn.options: RRDP_OPT_*
 * @syn.epoch: number of this incarnation of the connection, 0 if absent
 * @extra: segments that follow in the same buffer, their data behind this one's:
 *	the next numbers, each as long as this but for the last, all parts of one
 *	message; %RRDP_F_MORE is the last one's, the others have it anyway
 * @plain: leave XSEQ out of the checksum although it is in force
 * @nvar: words of the variable part of other segments
 * @var: these words: a credit if RRDP_OPT_CREDIT is in force, then the EACK
 *	list. Points into the packet (big endian, unaligned) after parsing
 */
struct rrdp_seg {
	u8 flags;
	u8 nvar;
	u8 extra;
	bool plain;
	u16 sport;
	u16 dport;
	u16 len;
	u16 seq;
	u16 ack;
	u16 csum;
	struct {
		u16 max_out;
		u16 max_size;
		u16 options;
		u32 epoch;
	} syn;
	const u8 *var;
};

/* Why a segment is not one; the device counts each by itself. */
enum rrdp_wire_error {
	RRDP_WIRE_OK,
	RRDP_WIRE_SHORT,	/* shorter than a header */
	RRDP_WIRE_VERSION,	/* another protocol version */
	RRDP_WIRE_HLEN,		/* header length impossible */
	RRDP_WIRE_FLAGS,	/* flags that exclude each other */
	RRDP_WIRE_LENGTH,	/* longer than the frame, or data where none may be */
};

/**
 * rrdp_wire_hlen_peek() - octets of the header at @p
 * @p: at least %RRDP_HDR_LEN octets
 *
 * For callers that must make the header linear before they parse it.
 */
static inline unsigned int rrdp_wire_hlen_peek(const u8 *p)
{
	return p[1] * 2u;
}

/**
 * rrdp_wire_parse() - read and check a header
 * @seg: result
 * @p: start of the segment; the whole header must be readable
 * @avail: octets readable at @p
 * @total: octets of the frame from @p on, Ethernet padding included
 *
 * Return: %RRDP_WIRE_OK or what is wrong.
 */
enum rrdp_wire_error rrdp_wire_parse(struct rrdp_seg *seg, const u8 *p,
				     size_t avail, size_t total);

/* Octets that rrdp_wire_build() will write for @seg. */
static inline unsigned int rrdp_wire_hlen(const struct rrdp_seg *seg)
{
	unsigned int words = seg->flags & RRDP_F_SYN ? RRDP_SYN_WORDS
						     : seg->nvar;

	return RRDP_HDR_LEN + 2 * words;
}

/**
 * rrdp_wire_build() - write a header
 * @p: rrdp_wire_hlen() octets
 * @seg: the header; seg->csum is written as it is
 */
void rrdp_wire_build(u8 *p, const struct rrdp_seg *seg);

/* RFC 1071: one's complement sums kept in 32 bits, and their 16-bit fold. */
static inline u32 rrdp_csum_add(u32 a, u32 b)
{
	a += b;
	return a + (a < b);
}

static inline u16 rrdp_csum_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/* The same of what is wider than a word: 65536 is 1 modulo 65535, at any place. */
static inline u16 rrdp_csum_fold64(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	return rrdp_csum_fold((u32)sum);
}

/*
 * Sum of the pseudo-header's two node numbers (and of anything else that is
 * 32 bits wide) as 16-bit words.
 */
static inline u32 rrdp_csum_u32(u32 v)
{
	return (v >> 16) + (v & 0xffff);
}

/* Sum over @len octets as big-endian words; an odd last octet is a high one. */
u32 rrdp_csum_data(const u8 *p, size_t len, u32 sum);

#endif /* _RRDP_CORE_WIRE_H */
