// SPDX-License-Identifier: GPL-2.0
/* What listeners are told of, through the multicast group "events". */
#include <net/genetlink.h>

#include "event.h"
#include "fdb_rtnl.h"
#include "mdb_nl.h"
#include "net_nl.h"
#include "netlink.h"

/* Large enough for any event; those of peers are the largest. */
#define VMNET_EVENT_SIZE	512

static struct sk_buff *vmnet_event_new(const struct vmnet *vm,
				       enum vmnet_event_type event, void **hdr)
{
	struct sk_buff *msg;

	/* While it is being made or after it has gone a device has no events. */
	if (vm->dev->reg_state != NETREG_REGISTERED ||
	    !genl_has_listeners(&vmnet_genl_family, dev_net(vm->dev), 0))
		return NULL;
	msg = genlmsg_new(VMNET_EVENT_SIZE, GFP_ATOMIC);
	if (!msg) {
		/* Who listens is told that it has missed something. */
		genl_set_err(&vmnet_genl_family, dev_net(vm->dev), 0, 0, -ENOBUFS);
		return NULL;
	}
	*hdr = genlmsg_put(msg, 0, 0, &vmnet_genl_family, 0, VMNET_CMD_EVENT);
	if (!*hdr ||
	    nla_put_u32(msg, VMNET_A_IFINDEX, vm->dev->ifindex) ||
	    nla_put_u32(msg, VMNET_A_EVENT, event)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void vmnet_event_send(const struct vmnet *vm, struct sk_buff *msg,
			     void *hdr, int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&vmnet_genl_family, dev_net(vm->dev), msg, 0, 0,
				GFP_ATOMIC);
}

void vmnet_event_peer(const struct vmnet_peer *peer,
		      enum vmnet_event_type event)
{
	struct sk_buff *msg;
	void *hdr;

	msg = vmnet_event_new(peer->vm, event, &hdr);
	if (msg)
		vmnet_event_send(peer->vm, msg, hdr,
				 vmnet_nl_put_peer(msg, VMNET_A_PEER, peer));
}

void vmnet_event_port(const struct vmnet *vm, const struct net_device *dev,
		      enum vmnet_event_type event)
{
	struct sk_buff *msg;
	void *hdr;

	msg = vmnet_event_new(vm, event, &hdr);
	if (msg)
		vmnet_event_send(vm, msg, hdr,
				 nla_put_u32(msg, VMNET_A_PORT, dev->ifindex));
}

void vmnet_event_net(const struct vmnet *vm)
{
	struct sk_buff *msg;
	void *hdr;

	msg = vmnet_event_new(vm, VMNET_EV_NET_CHANGED, &hdr);
	if (msg)
		vmnet_event_send(vm, msg, hdr, vmnet_net_nl_put(msg, vm));
}

void vmnet_event_mdb(struct vmnet_mdb *mdb, const struct vmnet_listener *l,
		     enum vmnet_event_type event)
{
	struct vmnet *vm = container_of(mdb, struct vmnet, mdb);
	struct sk_buff *msg;
	void *hdr;

	rcu_read_lock();
	msg = vmnet_event_new(vm, event, &hdr);
	if (msg)
		vmnet_event_send(vm, msg, hdr, vmnet_mdb_nl_put(msg, vm, l));
	rcu_read_unlock();
}

void vmnet_event_fdb(struct vmnet_fdb *fdb, const struct vmnet_fdb_entry *entry,
		     enum vmnet_event_type event)
{
	struct vmnet *vm = container_of(fdb, struct vmnet, fdb);
	struct sk_buff *msg;
	void *hdr;

	rcu_read_lock();
	msg = vmnet_event_new(vm, event, &hdr);
	if (msg)
		vmnet_event_send(vm, msg, hdr, vmnet_nl_put_fdb(msg, vm, entry));
	vmnet_fdb_rtnl_notify(vm, entry, event);
	rcu_read_unlock();
}
