/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IGMP and MLD snooping (RFC 4541): what frames tell of listeners to IP multicast and
 * of its routers.
 */
#ifndef _VMNET_SNOOP_H
#define _VMNET_SNOOP_H

#include <linux/igmp.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/ipv6.h>

#include "device.h"

/* What a frame means to snooping. */
enum vmnet_snoop_kind {
	VMNET_SNOOP_NONE,	/* nothing: it is for everybody */
	VMNET_SNOOP_DATA,	/* for the listeners to its group */
	VMNET_SNOOP_REPORT,	/* a listener joins, stays or leaves */
	VMNET_SNOOP_QUERY,	/* a querier asks who listens */
	VMNET_SNOOP_ROUTER,	/* a multicast router makes itself known */
};

/* What a record of a report of IGMPv3 or MLDv2 says, sources set aside. */
enum vmnet_snoop_record {
	VMNET_RECORD_NOTHING,
	VMNET_RECORD_JOIN,
	VMNET_RECORD_LEAVE,
};

/**
 * vmnet_snoop_record - meaning of a record (RFC 3376, section 4.2.12)
 * @type: IGMPV3_*, which are those of MLDv2, too
 * @sources: how many it names
 *
 * Groups are told apart, sources are not: who wants some sources of a group is given
 * all.
 */
static inline enum vmnet_snoop_record vmnet_snoop_record(u8 type,
							 unsigned int sources)
{
	switch (type) {
	case IGMPV3_MODE_IS_INCLUDE:
	case IGMPV3_CHANGE_TO_INCLUDE:
		return sources ? VMNET_RECORD_JOIN : VMNET_RECORD_LEAVE;
	case IGMPV3_MODE_IS_EXCLUDE:
	case IGMPV3_CHANGE_TO_EXCLUDE:
	case IGMPV3_ALLOW_NEW_SOURCES:
		return VMNET_RECORD_JOIN;
	default:
		return VMNET_RECORD_NOTHING;
	}
}

/* Tenths of a second of a code of IGMPv3 (RFC 3376, section 4.1.1). */
static inline unsigned int vmnet_igmp_delay(u8 code)
{
	if (code < 0x80)
		return code;
	return ((code & 0xf) | 0x10) << (((code >> 4) & 0x7) + 3);
}

/* Milliseconds of a code of MLDv2 (RFC 3810, section 5.1.3). */
static inline unsigned int vmnet_mld_delay(u16 code)
{
	if (code < 0x8000)
		return code;
	return ((code & 0xfff) | 0x1000) << (((code >> 12) & 0x7) + 3);
}

/*
 * Groups that no host reports and everybody is given: of RFC 4541, section 2.1.2, and
 * of RFC 3810, section 6.
 */
static inline bool vmnet_snoop_exempt_v4(__be32 group)
{
	return !ipv4_is_multicast(group) || ipv4_is_local_multicast(group);
}

static inline bool vmnet_snoop_exempt_v6(const struct in6_addr *group)
{
	return !ipv6_addr_is_multicast(group) ||
	       IPV6_ADDR_MC_SCOPE(group) <= IPV6_ADDR_SCOPE_NODELOCAL ||
	       ipv6_addr_is_ll_all_nodes(group);
}

/*
 * Learns what a multicast frame from @from, a peer, port or the host, tells. May move
 * the head of @skb. Softirq, RCU read lock held.
 */
void vmnet_snoop_learn(struct vmnet *vm, struct sk_buff *skb, u16 vid,
		       struct vmnet_dest *from);

/*
 * A multicast frame is to go on. Learns from it, if it came from a port or the host.
 * Returns true if it is only for those of @set, false if it is for everybody. May move
 * the head of @skb. Softirq, RCU read lock held.
 */
bool vmnet_snoop(struct vmnet *vm, struct sk_buff *skb, u16 vid,
		 struct vmnet_dest *from, struct vmnet_mdb_set *set);

/* Turns it on, or off and forgets everything. rtnl lock held; may sleep. */
void vmnet_snoop_enable(struct vmnet *vm, bool on);

/* All: rtnl lock held; may sleep. Started again, it goes by new times. */
void vmnet_snoop_init(struct vmnet *vm);
void vmnet_snoop_start(struct vmnet *vm);
void vmnet_snoop_stop(struct vmnet *vm);

#endif /* _VMNET_SNOOP_H */
