/* SPDX-License-Identifier: GPL-2.0 */
/* Messages between the hosts of a network: who hears whom. */
#ifndef _VMNET_HELLO_H
#define _VMNET_HELLO_H

#include "encap.h"
#include "subnet.h"

/* Probes are sent at this interval, to the group and to silent forwarders. */
#define VMNET_HELLO_INTERVAL	HZ

/* A peer that left this many probes unanswered does not hear the group. */
#define VMNET_HELLO_LOST	3

/*
 * A relay copy is acknowledged at once, but to each source at most so often: later
 * ones together when that time is over.
 */
#define VMNET_ACK_INTERVAL	msecs_to_jiffies(50)

/* A forwarder is silent that has not acknowledged a relay copy for so long. */
#define VMNET_SILENCE		msecs_to_jiffies(150)

/*
 * A message from @from; @group: it was sent to the group of the network. Returns
 * why it is bad, or -1. Softirq, RCU read lock held.
 */
int vmnet_hello_receive(struct vmnet_peer *from, const struct vmnet_ext *ext,
			bool group);

/* Asks @m to acknowledge. Bottom halves off, RCU read lock held. */
void vmnet_hello_ask(struct vmnet_member *m);

/* A relay copy came from @origin, or it asks. Softirq, RCU read lock held. */
void vmnet_hello_acknowledge(struct vmnet_member *origin, u32 counter);

/* Acknowledges what is still to be. Returns true when there will be more. */
bool vmnet_hello_acknowledge_due(struct vmnet *vm);

/*
 * Probing starts with the device and with the first member, and stops with the
 * device. vmnet_hello_start(): rtnl lock held.
 */
void vmnet_hello_init(struct vmnet *vm);
void vmnet_hello_start(struct vmnet *vm);
void vmnet_hello_stop(struct vmnet *vm);

#endif /* _VMNET_HELLO_H */
