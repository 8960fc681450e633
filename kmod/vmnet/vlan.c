// SPDX-License-Identifier: GPL-2.0
/* VLANs of ports and of the host NIC. */
#include <linux/etherdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "vlan.h"

struct sk_buff *vmnet_vlan_take_out(struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	__skb_pull(skb, ETH_HLEN);
	skb = skb_vlan_untag(skb);
	if (likely(skb))
		skb_push(skb, ETH_HLEN);
	return skb;
}

int vmnet_vlan_ingress(const struct vmnet_vlans *vlans, struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	u16 vid, tci;

	if (skb_vlan_tag_present(skb) &&
	    skb->vlan_proto != htons(ETH_P_8021Q))
		/* An 802.1ad tag is of another's VLANs: payload here. */
		skb = __vlan_hwaccel_push_inside(skb);
	else if (!skb_vlan_tag_present(skb) &&
		 skb->protocol == htons(ETH_P_8021Q))
		skb = vmnet_vlan_take_out(skb);
	*pskb = skb;
	if (unlikely(!skb))
		return -ENOMEM;

	/* Of a priority tag the priority stays. */
	tci = skb_vlan_tag_present(skb) ? skb_vlan_tag_get(skb) : 0;
	vid = vmnet_vlans_classify(vlans, tci & VLAN_VID_MASK);
	if (unlikely(!vid))
		return -EPERM;
	__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
			       (tci & ~VLAN_VID_MASK) | vid);
	return 0;
}

void vmnet_vlan_egress(const struct vmnet_dest *to, struct sk_buff *skb)
{
	const struct vmnet_vlans *vlans = rcu_dereference(to->vlans);

	if (vlans && test_bit(vmnet_vlan_tag(skb), vlans->untagged))
		__vlan_hwaccel_clear_tag(skb);
}

struct vmnet_vlans *vmnet_vlans_copy(const struct vmnet_dest *dest)
{
	const struct vmnet_vlans *old = rtnl_dereference(dest->vlans);

	return old ? kmemdup(old, sizeof(*old), GFP_KERNEL_ACCOUNT) :
		     kzalloc(sizeof(*old), GFP_KERNEL_ACCOUNT);
}

int vmnet_vlans_check(const struct vmnet_vlans *vlans,
		      struct netlink_ext_ack *extack)
{
	if (test_bit(0, vlans->member) ||
	    test_bit(VLAN_VID_MASK, vlans->member)) {
		NL_SET_ERR_MSG(extack, "VLAN ids are from 1 to 4094");
		return -EINVAL;
	}
	if (!bitmap_subset(vlans->untagged, vlans->member, VLAN_N_VID)) {
		NL_SET_ERR_MSG(extack,
			       "a VLAN without tags must be one of the port's VLANs");
		return -EINVAL;
	}
	if (vlans->pvid && !test_bit(vlans->pvid, vlans->member)) {
		NL_SET_ERR_MSG(extack,
			       "the PVID must be one of the port's VLANs");
		return -EINVAL;
	}
	return 0;
}

void vmnet_vlans_replace(struct vmnet *vm, struct vmnet_dest *dest,
			 struct vmnet_vlans *vlans)
{
	struct vmnet_vlans *old = rtnl_dereference(dest->vlans);

	/*
	 * Counted as long as there are any, so that no frame in a VLAN is taken
	 * for one in none.
	 */
	if (vlans && !old)
		WRITE_ONCE(vm->n_vlans, vm->n_vlans + 1);
	rcu_assign_pointer(dest->vlans, vlans);
	if (!vlans && old)
		WRITE_ONCE(vm->n_vlans, vm->n_vlans - 1);
	if (vlans) {
		/* Who learns now may have looked at the old ones. */
		synchronize_net();
		vmnet_fdb_flush_vlans(&vm->fdb, dest, vlans->member);
		vmnet_mdb_flush_vlans(&vm->mdb, dest, vlans->member);
	}
	kfree_rcu(old, rcu);
}
