// SPDX-License-Identifier: GPL-2.0
/* Segments as they are on the wire: figure 4 of the paper, RFC 908 section 3. */

#include "wire.h"

/*
 * What may stand together. SYN and RST carry no data (RFC 908, 3.2), EACK
 * comes with ACK (3.2.3), NUL is empty (3.2.5), and MORE is said of data.
 */
static bool flags_valid(u8 flags)
{
	switch (flags & (RRDP_F_SYN | RRDP_F_RST | RRDP_F_NUL)) {
	case RRDP_F_SYN:
	case RRDP_F_RST:
		return !(flags & (RRDP_F_EACK | RRDP_F_MORE));
	case RRDP_F_NUL:
		return (flags & RRDP_F_ACK) &&
		       !(flags & (RRDP_F_EACK | RRDP_F_MORE));
	case 0:
		return flags & RRDP_F_ACK;
	default:
		return false;
	}
}

static enum rrdp_wire_error parse_syn(struct rrdp_seg *seg)
{
	if (seg->nvar < RRDP_SYN_WORDS_BASE)
		return RRDP_WIRE_HLEN;

	seg->syn.max_out = rrdp_get16(seg->var);
	seg->syn.max_size = rrdp_get16(seg->var + 2);
	seg->syn.options = rrdp_get16(seg->var + 4);
	seg->syn.epoch = 0;
	if (seg->nvar >= RRDP_SYN_WORDS)
		seg->syn.epoch = (u32)rrdp_get16(seg->var + 6) << 16 |
				 rrdp_get16(seg->var + 8);
	return RRDP_WIRE_OK;
}

enum rrdp_wire_error rrdp_wire_parse(struct rrdp_seg *seg, const u8 *p,
				     size_t avail, size_t total)
{
	unsigned int hlen;

	if (avail < RRDP_HDR_LEN || total < RRDP_HDR_LEN)
		return RRDP_WIRE_SHORT;
	if ((p[0] & 3) != RRDP_VERSION)
		return RRDP_WIRE_VERSION;

	hlen = rrdp_wire_hlen_peek(p);
	if (hlen < RRDP_HDR_LEN || hlen > avail || hlen > total)
		return RRDP_WIRE_HLEN;

	seg->flags = p[0] & RRDP_F_ALL;
	seg->plain = false;
	seg->sport = rrdp_get16(p + 2);
	seg->dport = rrdp_get16(p + 4);
	seg->len = rrdp_get16(p + 6);
	seg->seq = rrdp_get16(p + 8);
	seg->ack = rrdp_get16(p + 10);
	seg->csum = rrdp_get16(p + RRDP_CSUM_OFF);
	seg->var = p + RRDP_HDR_LEN;
	seg->nvar = (u8)((hlen - RRDP_HDR_LEN) / 2);
	seg->extra = 0;

	if (unlikely(!flags_valid(seg->flags)))
		return RRDP_WIRE_FLAGS;
	if (hlen + seg->len > total)
		return RRDP_WIRE_LENGTH;
	if (seg->flags & (RRDP_F_SYN | RRDP_F_RST | RRDP_F_NUL)) {
		if (seg->len)
			return RRDP_WIRE_LENGTH;
		if (seg->flags & RRDP_F_SYN)
			return parse_syn(seg);
	}
	return RRDP_WIRE_OK;
}

void rrdp_wire_build(u8 *p, const struct rrdp_seg *seg)
{
	p[0] = seg->flags | RRDP_VERSION;
	p[1] = (u8)(rrdp_wire_hlen(seg) / 2);
	rrdp_put16(p + 2, seg->sport);
	rrdp_put16(p + 4, seg->dport);
	rrdp_put16(p + 6, seg->len);
	rrdp_put16(p + 8, seg->seq);
	rrdp_put16(p + 10, seg->ack);
	rrdp_put16(p + RRDP_CSUM_OFF, seg->csum);
	p += RRDP_HDR_LEN;

	if (seg->flags & RRDP_F_SYN) {
		rrdp_put16(p, seg->syn.max_out);
		rrdp_put16(p + 2, seg->syn.max_size);
		rrdp_put16(p + 4, seg->syn.options);
		rrdp_put16(p + 6, (u16)(seg->syn.epoch >> 16));
		rrdp_put16(p + 8, (u16)seg->syn.epoch);
	} else if (seg->nvar) {
		memcpy(p, seg->var, 2 * seg->nvar);
	}
}

u32 rrdp_csum_data(const u8 *p, size_t len, u32 sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum = rrdp_csum_add(sum, rrdp_get16(p));
	if (len)
		sum = rrdp_csum_add(sum, (u32)*p << 8);
	return sum;
}
