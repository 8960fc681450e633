// SPDX-License-Identifier: GPL-2.0
/* Ports for rtnetlink: bridge vlan add, del, show; bridge link set, show. */
#include <linux/if_bridge.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>

#include "event.h"
#include "port.h"
#include "port_rtnl.h"
#include "vlan.h"

/**
 * struct vmnet_port_ref - what a request is about
 * @vm: network
 * @port: port of it, NULL for its host NIC
 * @dest: that as a destination
 */
struct vmnet_port_ref {
	struct vmnet *vm;
	struct vmnet_port *port;
	struct vmnet_dest *dest;
};

static bool vmnet_port_ref_get(struct vmnet_port_ref *ref,
			       const struct net_device *dev)
{
	ref->port = vmnet_port_of(dev);
	if (ref->port) {
		ref->vm = ref->port->vm;
		ref->dest = &ref->port->dest;
		return true;
	}
	if (!vmnet_is_device(dev))
		return false;
	ref->vm = netdev_priv(dev);
	ref->dest = &ref->vm->local;
	return true;
}

/* ---- VLANs ---- */

/* One VLAN, or from @first on. */
static int vmnet_port_rtnl_range(struct vmnet_vlans *vlans, u16 first,
				 const struct bridge_vlan_info *last, bool del,
				 struct netlink_ext_ack *extack)
{
	u16 vid;

	if (!first || last->vid >= VLAN_VID_MASK || first > last->vid) {
		NL_SET_ERR_MSG(extack, "VLAN ids are from 1 to 4094");
		return -EINVAL;
	}
	if (last->flags & BRIDGE_VLAN_INFO_PVID && first != last->vid) {
		NL_SET_ERR_MSG(extack, "there is but one PVID: give one VLAN");
		return -EINVAL;
	}
	for (vid = first; vid <= last->vid; vid++) {
		if (vlans->pvid == vid)
			vlans->pvid = 0;
		__assign_bit(vid, vlans->member, !del);
		__assign_bit(vid, vlans->untagged, !del &&
			     last->flags & BRIDGE_VLAN_INFO_UNTAGGED);
	}
	if (!del && last->flags & BRIDGE_VLAN_INFO_PVID)
		vlans->pvid = last->vid;
	return 0;
}

static int vmnet_port_rtnl_vlan(struct vmnet_vlans *vlans,
				const struct nlattr *attr, u16 *first, bool del,
				struct netlink_ext_ack *extack)
{
	const struct bridge_vlan_info *info = nla_data(attr);
	u16 from;

	if (nla_len(attr) != sizeof(*info)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a VLAN is a VLAN id and flags");
		return -EINVAL;
	}
	if (info->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
		if (*first || !info->vid) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a range of VLANs begins where none is open, with a VLAN id from 1 to 4094");
			return -EINVAL;
		}
		*first = info->vid;
		return 0;
	}
	if (!*first != !(info->flags & BRIDGE_VLAN_INFO_RANGE_END)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "a range of VLANs has a begin and then an end");
		return -EINVAL;
	}
	from = *first ?: info->vid;
	*first = 0;
	return vmnet_port_rtnl_range(vlans, from, info, del, extack);
}

/* Adds the VLANs of an IFLA_AF_SPEC to @vlans, or deletes them. */
static int vmnet_port_rtnl_spec(struct vmnet_vlans *vlans,
				const struct nlattr *spec, bool del,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	u16 first = 0;
	int rem, err;

	nla_for_each_nested(attr, spec, rem) {
		if (nla_type(attr) == IFLA_BRIDGE_FLAGS)
			continue;
		if (nla_type(attr) != IFLA_BRIDGE_VLAN_INFO) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "of a bridge's settings for ports this network knows VLANs, isolated and learning");
			return -EOPNOTSUPP;
		}
		err = vmnet_port_rtnl_vlan(vlans, attr, &first, del, extack);
		if (err)
			return err;
	}
	if (!first)
		return vmnet_vlans_check(vlans, extack);
	NL_SET_ERR_MSG(extack, "a range of VLANs has a begin and then an end");
	return -EINVAL;
}

static bool vmnet_port_rtnl_has_vlans(const struct nlattr *spec)
{
	const struct nlattr *attr;
	int rem;

	if (!spec)
		return false;
	nla_for_each_nested(attr, spec, rem)
		if (nla_type(attr) != IFLA_BRIDGE_FLAGS)
			return true;
	return false;
}

/* VLANs that @ref is to have after what @spec asks for, or an error. */
static struct vmnet_vlans *vmnet_port_rtnl_vlans(const struct vmnet_port_ref *ref,
						 const struct nlattr *spec,
						 bool del,
						 struct netlink_ext_ack *extack)
{
	struct vmnet_vlans *vlans = vmnet_vlans_copy(ref->dest);
	int err;

	if (!vlans)
		return ERR_PTR(-ENOMEM);
	err = vmnet_port_rtnl_spec(vlans, spec, del, extack);
	if (!err)
		return vlans;
	kfree(vlans);
	return ERR_PTR(err);
}

/* ---- flags ---- */

/* Flags of IFLA_PROTINFO that are known here; all others are refused. */
static int vmnet_port_rtnl_flags(const struct vmnet_port_ref *ref,
				 struct nlattr *info, struct nlattr **tb,
				 struct netlink_ext_ack *extack)
{
	static const struct nla_policy policy[IFLA_BRPORT_MAX + 1] = {
		[IFLA_BRPORT_LEARNING] = NLA_POLICY_MAX(NLA_U8, 1),
		[IFLA_BRPORT_ISOLATED] = NLA_POLICY_MAX(NLA_U8, 1),
	};

	const struct nlattr *attr;
	int rem;

	if (!ref->port) {
		NL_SET_ERR_MSG(extack,
			       "of the vmnet device itself only the VLANs can be set: the rest is for ports");
		return -EOPNOTSUPP;
	}
	nla_for_each_nested(attr, info, rem) {
		if (nla_type(attr) < ARRAY_SIZE(policy) &&
		    policy[nla_type(attr)].type)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "of a bridge's settings for ports this network knows VLANs, isolated and learning");
		return -EOPNOTSUPP;
	}
	return nla_parse_nested(tb, IFLA_BRPORT_MAX, info, policy, extack);
}

static void vmnet_port_rtnl_apply(struct vmnet_port *port, struct nlattr **tb)
{
	if (tb[IFLA_BRPORT_LEARNING])
		WRITE_ONCE(port->no_learning,
			   !nla_get_u8(tb[IFLA_BRPORT_LEARNING]));
	if (tb[IFLA_BRPORT_ISOLATED])
		WRITE_ONCE(port->dest.isolated,
			   nla_get_u8(tb[IFLA_BRPORT_ISOLATED]));
}

/* ---- what the core calls ---- */

int vmnet_port_rtnl_setlink(struct net_device *dev, struct nlmsghdr *nlh,
			    u16 flags, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[IFLA_BRPORT_MAX + 1] = {};
	struct vmnet_vlans *vlans = NULL;
	struct nlattr *spec, *info;
	struct vmnet_port_ref ref;
	int err;

	if (!vmnet_port_ref_get(&ref, dev))
		return -EOPNOTSUPP;
	err = vmnet_may_change(ref.vm, NULL, extack);
	if (err)
		return err;
	spec = nlmsg_find_attr(nlh, sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	info = nlmsg_find_attr(nlh, sizeof(struct ifinfomsg), IFLA_PROTINFO);
	if (info) {
		err = vmnet_port_rtnl_flags(&ref, info, tb, extack);
		if (err)
			return err;
	}
	if (vmnet_port_rtnl_has_vlans(spec)) {
		vlans = vmnet_port_rtnl_vlans(&ref, spec, false, extack);
		if (IS_ERR(vlans))
			return PTR_ERR(vlans);
	}
	if (vlans)
		vmnet_vlans_replace(ref.vm, ref.dest, vlans);
	if (ref.port)
		vmnet_port_rtnl_apply(ref.port, tb);
	vmnet_event_port(ref.vm, dev, VMNET_EV_PORT_CHANGED);
	return 0;
}

int vmnet_port_rtnl_dellink(struct net_device *dev, struct nlmsghdr *nlh,
			    u16 flags)
{
	struct vmnet_vlans *vlans;
	struct vmnet_port_ref ref;
	struct nlattr *spec;
	int err;

	if (!vmnet_port_ref_get(&ref, dev))
		return -EOPNOTSUPP;
	err = vmnet_may_change(ref.vm, NULL, NULL);
	if (err)
		return err;
	spec = nlmsg_find_attr(nlh, sizeof(struct ifinfomsg), IFLA_AF_SPEC);
	if (!vmnet_port_rtnl_has_vlans(spec))
		return -EINVAL;
	/* To take one from all is not what is meant: none was chosen yet. */
	if (!rtnl_dereference(ref.dest->vlans))
		return -ENOENT;
	vlans = vmnet_port_rtnl_vlans(&ref, spec, true, NULL);
	if (IS_ERR(vlans))
		return PTR_ERR(vlans);
	vmnet_vlans_replace(ref.vm, ref.dest, vlans);
	vmnet_event_port(ref.vm, dev, VMNET_EV_PORT_CHANGED);
	return 0;
}

static u16 vmnet_port_rtnl_vid_flags(const struct vmnet_vlans *vlans, u16 vid)
{
	return (vid == vlans->pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
	       (test_bit(vid, vlans->untagged) ? BRIDGE_VLAN_INFO_UNTAGGED : 0);
}

static int vmnet_port_rtnl_put_range(struct sk_buff *skb, u16 first, u16 last,
				     u16 flags)
{
	struct bridge_vlan_info info = { .vid = first, .flags = flags };

	if (first != last) {
		info.flags |= BRIDGE_VLAN_INFO_RANGE_BEGIN;
		if (nla_put(skb, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info))
			return -EMSGSIZE;
		info.vid = last;
		info.flags = flags | BRIDGE_VLAN_INFO_RANGE_END;
	}
	return nla_put(skb, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
}

/* Always as ranges: 4094 single ones would not fit a message. */
static int vmnet_port_rtnl_put_vlans(struct sk_buff *skb,
				     struct net_device *dev, u32 filter_mask)
{
	const struct vmnet_vlans *vlans;
	struct vmnet_port_ref ref;
	u16 first, last, flags;

	if (!(filter_mask & (RTEXT_FILTER_BRVLAN |
			     RTEXT_FILTER_BRVLAN_COMPRESSED)) ||
	    !vmnet_port_ref_get(&ref, dev))
		return 0;
	vlans = rtnl_dereference(ref.dest->vlans);
	if (!vlans)
		return 0;
	for_each_set_bit(first, vlans->member, VLAN_N_VID) {
		flags = vmnet_port_rtnl_vid_flags(vlans, first);
		last = first;
		while (test_bit(last + 1, vlans->member) &&
		       vmnet_port_rtnl_vid_flags(vlans, last + 1) == flags)
			last++;
		if (vmnet_port_rtnl_put_range(skb, first, last, flags))
			return -EMSGSIZE;
		first = last;
	}
	return 0;
}

int vmnet_port_rtnl_getlink(struct sk_buff *skb, u32 portid, u32 seq,
			    struct net_device *dev, u32 filter_mask,
			    int nlflags)
{
	struct vmnet_port_ref ref;

	if (!vmnet_port_ref_get(&ref, dev))
		return -EOPNOTSUPP;
	return ndo_dflt_bridge_getlink(skb, portid, seq, dev, BRIDGE_MODE_UNDEF,
				       ref.port && !ref.port->no_learning ?
				       BR_LEARNING : 0,
				       ref.port ? BR_LEARNING : 0, nlflags,
				       filter_mask, vmnet_port_rtnl_put_vlans);
}
