/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sysctls of a network namespace: since 6.6 a table is told its size, since 6.11
 * it must not end with an empty entry.
 */
#ifndef _COMPAT_SYSCTL_H
#define _COMPAT_SYSCTL_H

#include <linux/sysctl.h>
#include <linux/version.h>
#include <net/net_namespace.h>

/* @table has @n entries, and behind them an empty one for older kernels. */
static inline struct ctl_table_header *
compat_register_net_sysctl(struct net *net, const char *path,
			   struct ctl_table *table, size_t n)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return register_net_sysctl(net, path, table);
#else
	return register_net_sysctl_sz(net, path, table, n);
#endif
}

#endif /* _COMPAT_SYSCTL_H */
