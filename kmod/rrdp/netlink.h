/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink family "rrdp" (Documentation/netlink/specs/rrdp.yaml). */
#ifndef _RRDP_NETLINK_H
#define _RRDP_NETLINK_H

#include <linux/if_ether.h>
#include <linux/types.h>
#include <uapi/linux/rrdp.h>

struct rrdp_dev;
struct rrdp_net;
struct rrdp_node;

/**
 * struct rrdp_conn_info - what netlink says of a connection
 * @state: enum rrdp_conn_state
 * @local_port: port of this host
 * @peer_node: number of the other host
 * @peer_port: its port
 * @options: RRDP_OPT_* in force
 * @srtt: smoothed round-trip time, microseconds
 * @rttvar: its variation, microseconds
 * @rto: retransmission timeout, microseconds
 * @cwnd: congestion window, segments
 * @credit: segments the peer can take
 * @inflight: segments sent and not acknowledged
 * @tx_segs: segments sent
 * @rx_segs: segments received
 * @retrans: segments sent again
 */
struct rrdp_conn_info {
	u8 state;
	u16 local_port;
	u32 peer_node;
	u16 peer_port;
	u32 options;
	u32 srtt;
	u32 rttvar;
	u32 rto;
	u32 cwnd;
	u32 credit;
	u32 inflight;
	u64 tx_segs;
	u64 rx_segs;
	u64 retrans;
};

/*
 * Tell the listeners of the group "events", if there are any. An event that
 * cannot be sent is lost, and its listeners see ENOBUFS.
 */

/* RRDP_EV_NODE_*; rrdp_net.lock held, may sleep. */
void rrdp_netlink_notify_node(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_node *node);
/*
 * RRDP_EV_NODE_CONFLICT: @node, which another host or this one has, was claimed
 * by @mac on @rd. The same.
 */
void rrdp_netlink_notify_conflict(struct rrdp_net *rn, u32 node,
				  const struct rrdp_dev *rd,
				  const u8 mac[ETH_ALEN]);
/* RRDP_EV_CONN_*; any context but hard interrupt. */
void rrdp_netlink_notify_conn(struct rrdp_net *rn, enum rrdp_event_type event,
			      const struct rrdp_conn_info *info);
/* Whether a struct rrdp_conn_info is worth filling in. Any context. */
bool rrdp_netlink_has_listeners(struct rrdp_net *rn);

int rrdp_netlink_init(void);
void rrdp_netlink_exit(void);

#endif /* _RRDP_NETLINK_H */
