/* SPDX-License-Identifier: GPL-2.0 */
/* What is thrown away, and why. */
#ifndef _RRDP_DROP_H
#define _RRDP_DROP_H

#include <linux/skbuff.h>

#include "net.h"

/**
 * rrdp_drop() - throw a frame or a message away
 * @rn: namespace
 * @skb: what; NULL if it never got as far as a buffer, or is gone already
 * @why: one of RRDP_STAT_DROP_*
 *
 * Counts it, tells the tracepoint rrdp_drop, and frees it with the nearest of the
 * kernel's drop reasons (compat_dropreason.h says why that is not one of ours).
 *
 * Context: softirq or bottom halves off.
 */
void rrdp_drop(struct rrdp_net *rn, struct sk_buff *skb, enum rrdp_stat why);

#endif /* _RRDP_DROP_H */
