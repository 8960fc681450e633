/* SPDX-License-Identifier: GPL-2.0 */
/* Ports for generic netlink: what is set and what is shown of them. */
#ifndef _VMNET_PORT_NL_H
#define _VMNET_PORT_NL_H

#include <net/netlink.h>

#include "port.h"

/* Attributes of VMNET_A_PORT_INFO that a request may have. */
extern const struct nla_policy vmnet_port_policy[VMNET_A_PORT_CONFINED + 1];

/*
 * Sets what @nest, a VMNET_A_PORT_INFO or NULL, says: all of it or, with an
 * error, nothing. rtnl lock held, may sleep.
 */
int vmnet_port_nl_set(struct vmnet *vm, struct nlattr *nest,
		      struct netlink_ext_ack *extack);

/*
 * Adds a VMNET_A_PORT_INFO of @port, or if that is NULL of the host NIC. rtnl
 * lock held. Returns 0 or -EMSGSIZE.
 */
int vmnet_port_nl_put(struct sk_buff *msg, const struct vmnet *vm,
		      const struct vmnet_port *port);

#endif /* _VMNET_PORT_NL_H */
