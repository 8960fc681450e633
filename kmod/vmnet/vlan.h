/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VLANs (IEEE 802.1Q): which of them a port or the host NIC is in, and the tags
 * of frames on the way in and out.
 *
 * Inside a network, which is also in the tunnel, a frame is in the VLAN of its
 * outer 802.1Q tag, and without one in none, which is VLAN 0. What is in all
 * VLANs hands frames on as they are.
 */
#ifndef _VMNET_VLAN_H
#define _VMNET_VLAN_H

#include <linux/bitmap.h>
#include <linux/if_vlan.h>
#include <linux/rcupdate.h>
#include <linux/skbuff.h>

#include "device.h"

/**
 * struct vmnet_vlans - VLANs that a port or the host NIC is in
 * @member: those it is in, of 1 to 4094
 * @untagged: those of @member whose frames it is given without their tag
 * @pvid: that of @member in which its frames without tag are, 0 = they are
 *	dropped
 * @rcu: frees it
 *
 * It does not change once readers can see it: another takes its place.
 */
struct vmnet_vlans {
	DECLARE_BITMAP(member, VLAN_N_VID);
	DECLARE_BITMAP(untagged, VLAN_N_VID);
	u16 pvid;
	struct rcu_head rcu;
};

/**
 * vmnet_vlans_classify - the VLAN that a frame is in which comes in
 * @vlans: of where it comes from
 * @vid: VLAN id of its tag, 0 = it has none, or one for the priority only
 *
 * Return: VLAN id, or 0 when the frame must not come in.
 */
static inline u16 vmnet_vlans_classify(const struct vmnet_vlans *vlans, u16 vid)
{
	if (!vid)
		return vlans->pvid;
	return test_bit(vid, vlans->member) ? vid : 0;
}

/**
 * vmnet_vlan_carries - is @to in the VLAN
 * @to: port, peer or host NIC
 * @vid: VLAN id, 0 = none
 *
 * Context: RCU read lock held.
 */
static inline bool vmnet_vlan_carries(const struct vmnet_dest *to, u16 vid)
{
	const struct vmnet_vlans *vlans = rcu_dereference(to->vlans);

	return likely(!vlans) || test_bit(vid, vlans->member);
}

/* VLAN of the tag beside the frame, 0 if there is none. */
static inline u16 vmnet_vlan_tag(const struct sk_buff *skb)
{
	if (!skb_vlan_tag_present(skb) ||
	    skb->vlan_proto != htons(ETH_P_8021Q))
		return 0;
	return skb_vlan_tag_get_id(skb);
}

/**
 * vmnet_vlan_of - the VLAN that a frame inside the network is in
 * @vm: network
 * @skb: frame, whose outer 802.1Q tag is beside it, not in it
 *
 * A network where nothing has VLANs learns and looks up without them.
 */
static inline u16 vmnet_vlan_of(const struct vmnet *vm,
				const struct sk_buff *skb)
{
	return READ_ONCE(vm->n_vlans) ? vmnet_vlan_tag(skb) : 0;
}

/* Is there a tag in the frame that vmnet_vlan_of() would not see? */
static inline bool vmnet_vlan_is_inside(const struct vmnet *vm,
					const struct sk_buff *skb)
{
	return READ_ONCE(vm->n_vlans) && !skb_vlan_tag_present(skb) &&
	       skb->protocol == htons(ETH_P_8021Q);
}

/*
 * Is it not known in which VLAN the frame is, though it has a tag? A network without
 * VLANs hands tags on and does not know what is in which; nor does one with VLANs know
 * those of service providers. @vid as of vmnet_vlan_of().
 */
static inline bool vmnet_vlan_is_unknown(const struct sk_buff *skb, u16 vid)
{
	return !vid && skb_vlan_tag_present(skb);
}

/*
 * Takes the 802.1Q tag that is in the frame and puts it beside it. skb->data is
 * at the Ethernet header. Returns NULL, having consumed @skb, when memory runs
 * out or the frame is cut off.
 */
struct sk_buff *vmnet_vlan_take_out(struct sk_buff *skb);

/*
 * A frame that comes in: gives it the tag of its VLAN. skb->data is at the
 * Ethernet header. Returns 0; -EPERM when it must not come in; or -ENOMEM, and
 * then *@pskb is gone. Softirq or bottom halves off.
 */
int vmnet_vlan_ingress(const struct vmnet_vlans *vlans, struct sk_buff **pskb);

/*
 * A frame that goes out to @to, which is in its VLAN: takes the tag from it if
 * @to wants none. RCU read lock held.
 */
void vmnet_vlan_egress(const struct vmnet_dest *to, struct sk_buff *skb);

/* ---- configuration; rtnl lock held, may sleep ---- */

/* VLANs of @dest to be changed, or an empty set, or NULL. kfree() frees it. */
struct vmnet_vlans *vmnet_vlans_copy(const struct vmnet_dest *dest);

/* 0, or -EINVAL when that cannot be the VLANs of a port. */
int vmnet_vlans_check(const struct vmnet_vlans *vlans,
		      struct netlink_ext_ack *extack);

/*
 * Puts @vlans, which it takes over, in place of those of @dest, and forgets
 * what was learned from @dest in others. NULL: @dest is in all VLANs.
 */
void vmnet_vlans_replace(struct vmnet *vm, struct vmnet_dest *dest,
			 struct vmnet_vlans *vlans);

#endif /* _VMNET_VLAN_H */
