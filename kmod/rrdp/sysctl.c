// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "compat_sysctl.h"
#include "core/pcb.h"
#include "net.h"
#include "sysctl.h"

static unsigned int rto_min_least = 100;
static unsigned int rto_min_most = 1000000;

int rrdp_sysctl_net_init(struct rrdp_net *rn)
{
	const struct ctl_table entries[] = {
		{
			.procname = "rto_min_us",
			.data = &rn->rto_min_us,
			.maxlen = sizeof(rn->rto_min_us),
			.mode = 0644,
			.proc_handler = proc_douintvec_minmax,
			.extra1 = &rto_min_least,
			.extra2 = &rto_min_most,
		},
		{ }
	};
	void *table;

	rn->rto_min_us = RRDP_RTO_MIN / RRDP_USEC;
	if (!IS_ENABLED(CONFIG_SYSCTL))
		return 0;

	table = kmemdup(entries, sizeof(entries), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	rn->sysctl = compat_register_net_sysctl(rn->net, "net/rrdp", table,
						ARRAY_SIZE(entries) - 1);
	if (rn->sysctl)
		return 0;
	kfree(table);
	return -ENOMEM;
}

void rrdp_sysctl_net_exit(struct rrdp_net *rn)
{
	const struct ctl_table *table;

	if (!rn->sysctl)
		return;
	table = rn->sysctl->ctl_table_arg;
	unregister_net_sysctl_table(rn->sysctl);
	kfree(table);
}
