/* SPDX-License-Identifier: GPL-2.0 */
/* The multicast database for generic netlink. */
#ifndef _VMNET_MDB_NL_H
#define _VMNET_MDB_NL_H

#include <net/netlink.h>

#include "device.h"

/* Adds a VMNET_A_MDB. RCU read lock held. Returns 0 or -EMSGSIZE. */
int vmnet_mdb_nl_put(struct sk_buff *msg, const struct vmnet *vm,
		     const struct vmnet_listener *l);

#endif /* _VMNET_MDB_NL_H */
