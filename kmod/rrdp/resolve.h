/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Node resolution: who is where, asked and told on the wire, as ARP does it
 * for IP. What others say is queued, and judged by a worker, who also asks,
 * lets entries age, and sees to connections that wait (wait.c).
 */
#ifndef _RRDP_RESOLVE_H
#define _RRDP_RESOLVE_H

#include "device.h"
#include "net.h"

/* The worker has something to do. Any context. */
void rrdp_resolve_kick(struct rrdp_net *rn);

/*
 * @rd takes part, if it is not the loopback device, or does no more.
 * rrdp_net.lock held.
 */
void rrdp_resolve_join(struct rrdp_dev *rd);
void rrdp_resolve_leave(struct rrdp_dev *rd);

/* The device came up or went down, or others shall hear of it (@tell). rtnl held. */
void rrdp_resolve_dev_event(struct rrdp_net *rn, const struct net_device *dev,
			    bool tell);

/*
 * A segment came from @mac, whose node we do not know: tells it who we are. If
 * it knows us it asks for us, and we learn who it is. Softirq, RCU read side.
 */
void rrdp_resolve_introduce(struct rrdp_dev *rd, const u8 mac[ETH_ALEN]);

/* The worker does now what there is to do. May sleep. */
void rrdp_resolve_flush(struct rrdp_net *rn);

/*
 * exit: no device takes part any more, and no connection waits. Both may
 * sleep.
 */
void rrdp_resolve_net_init(struct rrdp_net *rn);
void rrdp_resolve_net_exit(struct rrdp_net *rn);

int rrdp_resolve_init(void);
void rrdp_resolve_exit(void);

#endif /* _RRDP_RESOLVE_H */
