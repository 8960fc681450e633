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

/* Octets of the header, and of the Ethernet header that must follow it. */
#define VMNET_HLEN		8
#define VMNET_INNER_HLEN	14

/* The one flag defined by the RFC: the VNI is valid. */
#define VMNET_FLAG_VNI		0x08

/* Over RRDP: a super-frame and its description follow (super.h). */
#define VMNET_FLAG_SUPER	0x10

enum vmnet_encap {
	VMNET_ENCAP_OK,
	VMNET_ENCAP_TRUNCATED,	/* no room for both headers */
	VMNET_ENCAP_FLAGS,	/* no VNI, or a flag of some extension */
	VMNET_ENCAP_RESERVED,	/* octets that must be zero are not */
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

/* Writes the %VMNET_HLEN octets of the header at @p. */
static inline void vmnet_encap_build(__u8 *p, __u32 vni)
{
	p[0] = VMNET_FLAG_VNI;
	p[1] = 0;
	p[2] = 0;
	p[3] = 0;
	p[4] = vni >> 16;
	p[5] = vni >> 8;
	p[6] = vni;
	p[7] = 0;
}

#endif /* _VMNET_ENCAP_H */
