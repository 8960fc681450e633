/* SPDX-License-Identifier: GPL-2.0 */
/* What listeners are told of, through the multicast group "events". */
#ifndef _VMNET_EVENT_H
#define _VMNET_EVENT_H

#include "device.h"
#include "peer.h"

/* RCU read lock or rtnl lock held; any context but hard interrupt. */
void vmnet_event_peer(const struct vmnet_peer *peer,
		      enum vmnet_event_type event);
void vmnet_event_port(const struct vmnet *vm, const struct net_device *dev,
		      enum vmnet_event_type event);

/* What can be set of the network was. rtnl lock held. */
void vmnet_event_net(const struct vmnet *vm);

/* A &vmnet_mdb_notify_t: the lock of the database is held. */
void vmnet_event_mdb(struct vmnet_mdb *mdb, const struct vmnet_listener *l,
		     enum vmnet_event_type event);

/* A &vmnet_fdb_notify_t: the lock of the database is held. */
void vmnet_event_fdb(struct vmnet_fdb *fdb, const struct vmnet_fdb_entry *entry,
		     enum vmnet_event_type event);

#endif /* _VMNET_EVENT_H */
