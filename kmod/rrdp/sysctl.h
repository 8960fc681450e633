/* SPDX-License-Identifier: GPL-2.0 */
/* net.rrdp.*, in each network namespace. */
#ifndef _RRDP_SYSCTL_H
#define _RRDP_SYSCTL_H

struct rrdp_net;

/* Sets the values that RRDP begins with. May sleep; 0 or -ENOMEM. */
int rrdp_sysctl_net_init(struct rrdp_net *rn);
void rrdp_sysctl_net_exit(struct rrdp_net *rn);

#endif /* _RRDP_SYSCTL_H */
