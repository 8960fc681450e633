// SPDX-License-Identifier: GPL-2.0
/* IGMP and MLD snooping (RFC 4541). */
#include <linux/icmpv6.h>
#include <linux/if_vlan.h>
#include <linux/igmp.h>
#include <linux/ip.h>
#include <linux/jiffies.h>
#include <net/ipv6.h>
#include <net/mld.h>

#include "snoop.h"
#include "vlan.h"

/* All PIM routers, and all snoopers (RFC 4286). */
#define VMNET_PIM_ROUTERS_V4	htonl(0xe000000d)
#define VMNET_SNOOPERS_V4	htonl(0xe000006a)

/* Version 2 and type 0 of PIM (RFC 7761, section 4.9). */
#define VMNET_PIM_HELLO		0x20

/**
 * struct vmnet_snoop_frame - a frame that is looked at
 * @vm: network
 * @skb: frame
 * @key: its group, zeros if it has none that could be listened to
 */
struct vmnet_snoop_frame {
	struct vmnet *vm;
	struct sk_buff *skb;
	struct vmnet_mdb_key key;
};

/* ---- what is it? ---- */

static u8 vmnet_snoop_octet(const struct sk_buff *skb, unsigned int offset)
{
	u8 buf, *octet = skb_header_pointer(skb, offset, sizeof(buf), &buf);

	return octet ? *octet : 0;
}

static enum vmnet_snoop_kind vmnet_snoop_kind_igmp(u8 type, __be32 group)
{
	switch (type) {
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
	case IGMPV3_HOST_MEMBERSHIP_REPORT:
	case IGMP_HOST_LEAVE_MESSAGE:
		return VMNET_SNOOP_REPORT;
	case IGMP_HOST_MEMBERSHIP_QUERY:
		return VMNET_SNOOP_QUERY;
	case IGMP_MRDISC_ADV:
		return group == VMNET_SNOOPERS_V4 ? VMNET_SNOOP_ROUTER :
		       VMNET_SNOOP_NONE;
	default:
		return VMNET_SNOOP_NONE;
	}
}

static enum vmnet_snoop_kind vmnet_snoop_kind_v4(struct vmnet_snoop_frame *f)
{
	unsigned int offset = skb_network_offset(f->skb);
	const struct iphdr *iph;
	struct iphdr buf;
	u8 type;

	iph = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	if (!iph || iph->version != 4 || iph->ihl < 5 ||
	    !ipv4_is_multicast(iph->daddr))
		return VMNET_SNOOP_NONE;
	type = vmnet_snoop_octet(f->skb, offset + iph->ihl * 4);
	if (iph->protocol == IPPROTO_IGMP)
		return vmnet_snoop_kind_igmp(type, iph->daddr);
	if (iph->protocol == IPPROTO_PIM &&
	    iph->daddr == VMNET_PIM_ROUTERS_V4 && type == VMNET_PIM_HELLO)
		return VMNET_SNOOP_ROUTER;
	if (vmnet_snoop_exempt_v4(iph->daddr))
		return VMNET_SNOOP_NONE;
	ipv6_addr_set_v4mapped(iph->daddr, &f->key.addr);
	return VMNET_SNOOP_DATA;
}

static enum vmnet_snoop_kind vmnet_snoop_kind_mld(u8 type)
{
	switch (type) {
	case ICMPV6_MGM_REPORT:
	case ICMPV6_MGM_REDUCTION:
	case ICMPV6_MLD2_REPORT:
		return VMNET_SNOOP_REPORT;
	case ICMPV6_MGM_QUERY:
		return VMNET_SNOOP_QUERY;
	case ICMPV6_MRDISC_ADV:
		return VMNET_SNOOP_ROUTER;
	default:
		return VMNET_SNOOP_DATA;
	}
}

/* MLD and MRD are behind a hop-by-hop option, which tells routers to look. */
static enum vmnet_snoop_kind
vmnet_snoop_kind_options(const struct vmnet_snoop_frame *f, int offset)
{
	u8 nexthdr = NEXTHDR_HOP;
	__be16 frag_off;

	offset = ipv6_skip_exthdr(f->skb, offset, &nexthdr, &frag_off);
	if (offset < 0 || nexthdr != IPPROTO_ICMPV6 || frag_off)
		return VMNET_SNOOP_DATA;
	return vmnet_snoop_kind_mld(vmnet_snoop_octet(f->skb, offset));
}

static enum vmnet_snoop_kind vmnet_snoop_kind_v6(struct vmnet_snoop_frame *f)
{
	static const struct in6_addr pim_routers = {{{
		0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0d
	}}};
	unsigned int offset = skb_network_offset(f->skb);
	enum vmnet_snoop_kind kind = VMNET_SNOOP_DATA;
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;

	ip6h = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6 ||
	    !ipv6_addr_is_multicast(&ip6h->daddr))
		return VMNET_SNOOP_NONE;
	offset += sizeof(buf);
	if (ip6h->nexthdr == NEXTHDR_HOP)
		kind = vmnet_snoop_kind_options(f, offset);
	else if (ip6h->nexthdr == IPPROTO_PIM &&
		 ipv6_addr_equal(&ip6h->daddr, &pim_routers) &&
		 vmnet_snoop_octet(f->skb, offset) == VMNET_PIM_HELLO)
		kind = VMNET_SNOOP_ROUTER;
	if (kind != VMNET_SNOOP_DATA)
		return kind;
	if (vmnet_snoop_exempt_v6(&ip6h->daddr))
		return VMNET_SNOOP_NONE;
	f->key.addr = ip6h->daddr;
	return VMNET_SNOOP_DATA;
}

/* Only looks at the frame. */
static enum vmnet_snoop_kind vmnet_snoop_kind(struct vmnet_snoop_frame *f)
{
	f->key.proto = f->skb->protocol;
	switch (f->skb->protocol) {
	case htons(ETH_P_IP):
		return vmnet_snoop_kind_v4(f);
	case htons(ETH_P_IPV6):
		return vmnet_snoop_kind_v6(f);
	default:
		return VMNET_SNOOP_NONE;
	}
}

/* ---- ageing ---- */

/*
 * What is too old is not used: ageing only tidies up, and sends events. These are to
 * come soon after a guest has left.
 */
static unsigned long vmnet_snoop_interval(const struct vmnet *vm)
{
	unsigned long least = min(READ_ONCE(vm->mdb.membership),
				  READ_ONCE(vm->mdb.querier));

	return clamp(least / 8, HZ / 10, 1UL * HZ);
}

static void vmnet_snoop_schedule(struct vmnet *vm)
{
	if (!delayed_work_pending(&vm->mdb_work))
		queue_delayed_work(vmnet_wq, &vm->mdb_work,
				   vmnet_snoop_interval(vm));
}

static void vmnet_snoop_work(struct work_struct *work)
{
	struct vmnet *vm = container_of(to_delayed_work(work), struct vmnet,
					mdb_work);

	vmnet_mdb_age(&vm->mdb, jiffies);
	if (!xa_empty(&vm->mdb.ids) && netif_running(vm->dev))
		vmnet_snoop_schedule(vm);
}

/* ---- learning ---- */

static void vmnet_snoop_join(struct vmnet_snoop_frame *f,
			     struct vmnet_dest *from)
{
	switch (vmnet_mdb_join(&f->vm->mdb, &f->key, from, jiffies)) {
	case VMNET_JOIN_FULL:
		vmnet_count(f->vm, VMNET_STAT_MDB_FULL);
		break;
	case VMNET_JOIN_DEST_FULL:
		vmnet_count(f->vm, VMNET_STAT_MDB_PORT_FULL);
		break;
	case VMNET_JOIN_OK:
		break;
	}
}

static void vmnet_snoop_apply(struct vmnet_snoop_frame *f,
			      enum vmnet_snoop_record what,
			      struct vmnet_dest *from)
{
	if (what == VMNET_RECORD_JOIN)
		vmnet_snoop_join(f, from);
	else if (what == VMNET_RECORD_LEAVE)
		vmnet_mdb_leave(&f->vm->mdb, &f->key, from, jiffies);
}

static void vmnet_snoop_apply_v4(struct vmnet_snoop_frame *f, __be32 group,
				 enum vmnet_snoop_record what,
				 struct vmnet_dest *from)
{
	if (vmnet_snoop_exempt_v4(group))
		return;
	ipv6_addr_set_v4mapped(group, &f->key.addr);
	vmnet_snoop_apply(f, what, from);
}

static void vmnet_snoop_apply_v6(struct vmnet_snoop_frame *f,
				 const struct in6_addr *group,
				 enum vmnet_snoop_record what,
				 struct vmnet_dest *from)
{
	if (vmnet_snoop_exempt_v6(group))
		return;
	f->key.addr = *group;
	vmnet_snoop_apply(f, what, from);
}

/* False if there are fewer records than it says, and what there are were taken. */
static bool vmnet_snoop_records_v4(struct vmnet_snoop_frame *f,
				   struct vmnet_dest *from)
{
	unsigned int offset = skb_transport_offset(f->skb);
	unsigned int end = offset + ip_transport_len(f->skb);
	unsigned int n = ntohs(igmpv3_report_hdr(f->skb)->ngrec);
	const struct igmpv3_grec *rec;
	struct igmpv3_grec buf;
	unsigned int sources;

	for (offset += sizeof(struct igmpv3_report); n--; ) {
		if (offset + sizeof(buf) > end)
			return false;
		rec = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
		if (!rec)
			return false;
		sources = ntohs(rec->grec_nsrcs);
		offset += sizeof(buf) + (sources + rec->grec_auxwords) * 4;
		if (offset > end)
			return false;
		vmnet_snoop_apply_v4(f, rec->grec_mca,
				     vmnet_snoop_record(rec->grec_type, sources),
				     from);
	}
	return true;
}

static bool vmnet_snoop_records_v6(struct vmnet_snoop_frame *f,
				   struct vmnet_dest *from)
{
	unsigned int offset = skb_transport_offset(f->skb);
	unsigned int end = offset + ipv6_transport_len(f->skb);
	const struct mld2_grec *rec;
	unsigned int n, sources;
	struct mld2_grec buf;

	n = ntohs(((struct mld2_report *)icmp6_hdr(f->skb))->mld2r_ngrec);
	for (offset += sizeof(struct mld2_report); n--; ) {
		if (offset + sizeof(buf) > end)
			return false;
		rec = skb_header_pointer(f->skb, offset, sizeof(buf), &buf);
		if (!rec)
			return false;
		sources = ntohs(rec->grec_nsrcs);
		offset += sizeof(buf) + sources * sizeof(struct in6_addr) +
			  rec->grec_auxwords * 4;
		if (offset > end)
			return false;
		vmnet_snoop_apply_v6(f, &rec->grec_mca,
				     vmnet_snoop_record(rec->grec_type, sources),
				     from);
	}
	return true;
}

/* @key of the frame is that which is asked for, or zeros if all are. */
static void vmnet_snoop_query(struct vmnet_snoop_frame *f,
			      struct vmnet_dest *from, bool general,
			      unsigned long delay)
{
	vmnet_count(f->vm, VMNET_STAT_QUERIES);
	if (!general)
		vmnet_mdb_last_call(&f->vm->mdb, &f->key, delay, jiffies);
	else if (vmnet_mdb_query(&f->vm->mdb, &f->key, from, delay, jiffies))
		vmnet_count(f->vm, VMNET_STAT_MDB_FULL);
}

/*
 * An IGMPv1 query has no code and means 10 s. One about sources, or one that is only
 * to be answered, says nothing of how long others still listen.
 */
static void vmnet_snoop_query_v4(struct vmnet_snoop_frame *f,
				 struct vmnet_dest *from)
{
	const struct igmphdr *ih = igmp_hdr(f->skb);
	const struct igmpv3_query *q = igmpv3_query_hdr(f->skb);
	unsigned int tenths = vmnet_igmp_delay(ih->code ?: 100);

	if (ih->group && vmnet_snoop_exempt_v4(ih->group))
		return;
	if (ih->group && ip_transport_len(f->skb) >= sizeof(*q) &&
	    (q->nsrcs || q->suppress))
		return;
	if (ih->group)
		ipv6_addr_set_v4mapped(ih->group, &f->key.addr);
	vmnet_snoop_query(f, from, !ih->group, tenths * HZ / 10);
}

static void vmnet_snoop_query_v6(struct vmnet_snoop_frame *f,
				 struct vmnet_dest *from)
{
	const struct mld_msg *mld = (struct mld_msg *)icmp6_hdr(f->skb);
	const struct mld2_query *q = (struct mld2_query *)icmp6_hdr(f->skb);
	bool v2 = ipv6_transport_len(f->skb) >= sizeof(*q);
	unsigned int code = ntohs(mld->mld_maxdelay);
	bool general = ipv6_addr_any(&mld->mld_mca);

	if (!general && vmnet_snoop_exempt_v6(&mld->mld_mca))
		return;
	if (!general && v2 && (q->mld2q_nsrcs || q->mld2q_suppress))
		return;
	f->key.addr = mld->mld_mca;
	vmnet_snoop_query(f, from, general,
			  msecs_to_jiffies(v2 ? vmnet_mld_delay(code) : code));
}

/* The checked message, whose transport header is set; false if it is malformed. */
static bool vmnet_snoop_igmp(struct vmnet_snoop_frame *f,
			     struct vmnet_dest *from)
{
	const struct igmphdr *ih = igmp_hdr(f->skb);

	switch (ih->type) {
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
		vmnet_snoop_apply_v4(f, ih->group, VMNET_RECORD_JOIN, from);
		break;
	case IGMP_HOST_LEAVE_MESSAGE:
		vmnet_snoop_apply_v4(f, ih->group, VMNET_RECORD_LEAVE, from);
		break;
	case IGMPV3_HOST_MEMBERSHIP_REPORT:
		return vmnet_snoop_records_v4(f, from);
	case IGMP_HOST_MEMBERSHIP_QUERY:
		vmnet_snoop_query_v4(f, from);
		break;
	}
	return true;
}

static bool vmnet_snoop_mld(struct vmnet_snoop_frame *f,
			    struct vmnet_dest *from)
{
	const struct mld_msg *mld = (struct mld_msg *)icmp6_hdr(f->skb);

	switch (mld->mld_type) {
	case ICMPV6_MGM_REPORT:
		vmnet_snoop_apply_v6(f, &mld->mld_mca, VMNET_RECORD_JOIN, from);
		break;
	case ICMPV6_MGM_REDUCTION:
		vmnet_snoop_apply_v6(f, &mld->mld_mca, VMNET_RECORD_LEAVE,
				     from);
		break;
	case ICMPV6_MLD2_REPORT:
		return vmnet_snoop_records_v6(f, from);
	case ICMPV6_MGM_QUERY:
		vmnet_snoop_query_v6(f, from);
		break;
	}
	return true;
}

static void vmnet_snoop_router(struct vmnet_snoop_frame *f,
			       struct vmnet_dest *from)
{
	if (vmnet_mdb_router(&f->vm->mdb, &f->key, from, jiffies))
		vmnet_count(f->vm, VMNET_STAT_MDB_FULL);
}

/* Who reports or asks. The checks set the transport header, and may move the head. */
static void vmnet_snoop_message(struct vmnet_snoop_frame *f,
				struct vmnet_dest *from)
{
	bool v4 = f->key.proto == htons(ETH_P_IP);
	int err = v4 ? ip_mc_check_igmp(f->skb) : ipv6_mc_check_mld(f->skb);

	if (err || !(v4 ? vmnet_snoop_igmp(f, from) : vmnet_snoop_mld(f, from)))
		vmnet_count(f->vm, VMNET_STAT_BAD_REPORT);
}

static void vmnet_snoop_take(struct vmnet_snoop_frame *f,
			     enum vmnet_snoop_kind kind,
			     struct vmnet_dest *from)
{
	switch (kind) {
	case VMNET_SNOOP_NONE:
	case VMNET_SNOOP_DATA:
		return;
	case VMNET_SNOOP_REPORT:
		vmnet_count(f->vm, VMNET_STAT_REPORTS);
		fallthrough;
	case VMNET_SNOOP_QUERY:
		vmnet_snoop_message(f, from);
		break;
	case VMNET_SNOOP_ROUTER:
		vmnet_snoop_router(f, from);
		break;
	}
	vmnet_snoop_schedule(f->vm);
}

static bool vmnet_snoop_ignores(const struct vmnet *vm,
				const struct sk_buff *skb, u16 vid)
{
	return !READ_ONCE(vm->mdb.enabled) ||
	       vmnet_vlan_is_unknown(skb, vid);
}

void vmnet_snoop_learn(struct vmnet *vm, struct sk_buff *skb, u16 vid,
		       struct vmnet_dest *from)
{
	struct vmnet_snoop_frame f = { .vm = vm, .skb = skb, .key.vid = vid };

	if (!vmnet_snoop_ignores(vm, skb, vid))
		vmnet_snoop_take(&f, vmnet_snoop_kind(&f), from);
}

bool vmnet_snoop(struct vmnet *vm, struct sk_buff *skb, u16 vid,
		 struct vmnet_dest *from, struct vmnet_mdb_set *set)
{
	struct vmnet_snoop_frame f = { .vm = vm, .skb = skb, .key.vid = vid };
	enum vmnet_snoop_kind kind;

	if (vmnet_snoop_ignores(vm, skb, vid))
		return false;
	kind = vmnet_snoop_kind(&f);
	/* What came from a peer was learned where it was known from which. */
	if (from->kind != VMNET_DEST_PEER)
		vmnet_snoop_take(&f, kind, from);
	if (kind != VMNET_SNOOP_DATA && kind != VMNET_SNOOP_REPORT)
		return false;
	return vmnet_mdb_lookup(&vm->mdb, &f.key, kind == VMNET_SNOOP_REPORT,
				jiffies, set);
}

/* ---- start and end ---- */

void vmnet_snoop_enable(struct vmnet *vm, bool on)
{
	if (on == vm->mdb.enabled)
		return;
	WRITE_ONCE(vm->mdb.enabled, on);
	if (on)
		return;
	/* Who learns now may not have seen it. */
	synchronize_net();
	vmnet_mdb_flush_kind(&vm->mdb, VMNET_DEST_PORT);
	vmnet_mdb_flush_kind(&vm->mdb, VMNET_DEST_PEER);
	vmnet_mdb_flush_kind(&vm->mdb, VMNET_DEST_LOCAL);
}

void vmnet_snoop_init(struct vmnet *vm)
{
	INIT_DELAYED_WORK(&vm->mdb_work, vmnet_snoop_work);
}

void vmnet_snoop_start(struct vmnet *vm)
{
	if (netif_running(vm->dev))
		mod_delayed_work(vmnet_wq, &vm->mdb_work,
				 vmnet_snoop_interval(vm));
}

void vmnet_snoop_stop(struct vmnet *vm)
{
	cancel_delayed_work_sync(&vm->mdb_work);
}
