// SPDX-License-Identifier: GPL-2.0
#include "compat_dropreason.h"
#include "drop.h"
#include "trace.h"

/* 0 where none of them is near: those of TCP would tell of a TCP segment. */
static const u16 core_reasons[RRDP_STAT_COUNT] = {
	[RRDP_STAT_DROP_OTHERHOST] = SKB_DROP_REASON_OTHERHOST,
	[RRDP_STAT_DROP_GROUP] = SKB_DROP_REASON_UNICAST_IN_L2_MULTICAST,
	[RRDP_STAT_DROP_SHORT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[RRDP_STAT_DROP_VERSION] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[RRDP_STAT_DROP_HLEN] = SKB_DROP_REASON_HDR_TRUNC,
	[RRDP_STAT_DROP_FLAGS] = SKB_DROP_REASON_INVALID_PROTO,
	[RRDP_STAT_DROP_LENGTH] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[RRDP_STAT_DROP_CSUM] = SKB_DROP_REASON_SKB_CSUM,
	[RRDP_STAT_DROP_NO_CONN] = SKB_DROP_REASON_NO_SOCKET,
	[RRDP_STAT_DROP_FULL] = SKB_DROP_REASON_SOCKET_RCVBUFF,
	[RRDP_STAT_DROP_NOMEM] = SKB_DROP_REASON_NOMEM,
	[RRDP_STAT_DROP_TX] = SKB_DROP_REASON_DEV_READY,
	[RRDP_STAT_DROP_UNREAD] = COMPAT_DROP_SOCKET_CLOSE,
};

static enum skb_drop_reason core_reason(enum rrdp_stat why)
{
	return core_reasons[why] ?: SKB_DROP_REASON_NOT_SPECIFIED;
}

void rrdp_drop(struct rrdp_net *rn, struct sk_buff *skb, enum rrdp_stat why)
{
	rrdp_stat_add(rn->mib, why, 1);
	trace_rrdp_drop(rn, skb, why);
	if (skb)
		kfree_skb_reason(skb, core_reason(why));
}
