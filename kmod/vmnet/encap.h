/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The header in front of a tunnelled frame: that of VXLAN (RFC 7348, section 5),
 * over UDP and over RRDP alike.
 *
 * Pure functions over octets: they also compile outside the kernel.
 */
#ifndef _VMNET_ENCAP_H
#define _VMNET_ENCAP_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* Octets of the header, and of the Ethernet header that must follow it. */
#define VMNET_HLEN		8
#define VMNET_INNER_HLEN	14

/* Octets of the extension between them. */
#define VMNET_EXT_HLEN		8

/* The one flag defined by the RFC: the VNI is valid. */
#define VMNET_FLAG_VNI		0x08
/* Between vmnet hosts: the extension follows. */
#define VMNET_FLAG_EXT		0x40
/* With that: no frame follows it, the message is between the hosts themselves. */
#define VMNET_FLAG_HELLO	0x20

/* Over RRDP: a super-frame and its description follow (super.h). */
#define VMNET_FLAG_SUPER	0x10

enum vmnet_encap {
	VMNET_ENCAP_OK,
	VMNET_ENCAP_TRUNCATED,	/* no room for both headers */
	VMNET_ENCAP_FLAGS,	/* no VNI, or a flag of some extension */
	VMNET_ENCAP_RESERVED,	/* octets that must be zero are not */
};

/* What a message between the hosts says; in the second octet of the header. */
enum vmnet_hello_kind {
	VMNET_HELLO_NONE,	/* it is a frame */
	VMNET_HELLO_PROBE,	/* who gets this, say so */
	VMNET_HELLO_HEARD,	/* a probe to the group got here */
	VMNET_HELLO_ALIVE,	/* relay copies, or a probe, get here */
};

/**
 * struct vmnet_ext - a header with the extension
 * @vni: network identifier
 * @hello: enum vmnet_hello_kind
 * @node: node number of the host that the frame comes from; not 0
 * @counter: of the frame, counted by that host. Of %VMNET_HELLO_ALIVE that of
 *	the last relay copy, of other messages without a frame 0
 */
struct vmnet_ext {
	__u32 vni;
	__u8 hello;
	__u32 node;
	__u32 counter;
};

/**
 * vmnet_encap_parse - check the header of a tunnelled frame
 * @p: first octet of the header
 * @avail: octets there are at @p
 * @len: octets of the whole message
 * @vni: network identifier found, set only with %VMNET_ENCAP_OK
 *
 * The RFC would have reserved bits ignored. Like Linux's vxlan device this
 * does not: a frame with an extension that this end does not know cannot be
 * taken for one without.
 */
static inline enum vmnet_encap
vmnet_encap_parse(const __u8 *p, unsigned long avail, unsigned long len,
		  __u32 *vni)
{
	if (avail < VMNET_HLEN || len < VMNET_HLEN + VMNET_INNER_HLEN)
		return VMNET_ENCAP_TRUNCATED;
	if (p[0] != VMNET_FLAG_VNI)
		return VMNET_ENCAP_FLAGS;
	if (p[1] || p[2] || p[3] || p[7])
		return VMNET_ENCAP_RESERVED;

	*vni = (__u32)p[4] << 16 | (__u32)p[5] << 8 | p[6];
	return VMNET_ENCAP_OK;
}

/* Does the header say that the extension follows? @avail octets are at @p. */
static inline bool vmnet_encap_has_ext(const __u8 *p, unsigned long avail)
{
	return avail && p[0] & VMNET_FLAG_EXT;
}

static inline __u32 vmnet_encap_get32(const __u8 *p)
{
	return (__u32)p[0] << 24 | (__u32)p[1] << 16 | (__u32)p[2] << 8 | p[3];
}

static inline void vmnet_encap_put32(__u8 *p, __u32 value)
{
	p[0] = value >> 24;
	p[1] = value >> 16 & 0xff;
	p[2] = value >> 8 & 0xff;
	p[3] = value & 0xff;
}

/**
 * vmnet_ext_parse - check a header with the extension
 * @p: first octet of the header
 * @avail: octets there are at @p
 * @len: octets of the whole message
 * @ext: what it says, set only with %VMNET_ENCAP_OK
 *
 * Nothing may follow a message without a frame.
 */
static inline enum vmnet_encap
vmnet_ext_parse(const __u8 *p, unsigned long avail, unsigned long len,
		struct vmnet_ext *ext)
{
	const unsigned long hlen = VMNET_HLEN + VMNET_EXT_HLEN;
	bool hello;

	if (avail < hlen || len < hlen)
		return VMNET_ENCAP_TRUNCATED;
	hello = p[0] & VMNET_FLAG_HELLO;
	if ((p[0] & ~VMNET_FLAG_HELLO) != (VMNET_FLAG_VNI | VMNET_FLAG_EXT))
		return VMNET_ENCAP_FLAGS;
	if (!hello && len < hlen + VMNET_INNER_HLEN)
		return VMNET_ENCAP_TRUNCATED;
	if (hello ? !p[1] || p[1] > VMNET_HELLO_ALIVE || len != hlen : p[1])
		return VMNET_ENCAP_RESERVED;
	if (p[2] || p[3] || p[7] || !vmnet_encap_get32(p + VMNET_HLEN))
		return VMNET_ENCAP_RESERVED;

	ext->vni = vmnet_encap_get32(p + 4) >> 8;
	ext->hello = p[1];
	ext->node = vmnet_encap_get32(p + VMNET_HLEN);
	ext->counter = vmnet_encap_get32(p + VMNET_HLEN + 4);
	return VMNET_ENCAP_OK;
}

/* Writes the %VMNET_HLEN octets of the header at @p. */
static inline void vmnet_encap_build(__u8 *p, __u32 vni)
{
	vmnet_encap_put32(p, (__u32)VMNET_FLAG_VNI << 24);
	vmnet_encap_put32(p + 4, vni << 8);
}

/* Writes header and extension at @p. */
static inline void vmnet_ext_build(__u8 *p, const struct vmnet_ext *ext)
{
	vmnet_encap_build(p, ext->vni);
	p[0] |= VMNET_FLAG_EXT;
	if (ext->hello)
		p[0] |= VMNET_FLAG_HELLO;
	p[1] = ext->hello;
	vmnet_encap_put32(p + VMNET_HLEN, ext->node);
	vmnet_encap_put32(p + VMNET_HLEN + 4, ext->counter);
}

#endif /* _VMNET_ENCAP_H */
