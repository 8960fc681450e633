/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink of newer kernels for older ones. */
#ifndef _COMPAT_NETLINK_H
#define _COMPAT_NETLINK_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/version.h>
#include <net/genetlink.h>

/*
 * Before 6.2 an extack message is a pointer that must stay good until the
 * answer has been built, which is after the handler returned. A few static
 * buffers taken in turn serve: a message is only spoilt when as many
 * others fail in that short time, and is a string even then, as nothing
 * writes the last octet.
 */
#ifndef NL_SET_ERR_MSG_FMT
#define NETLINK_MAX_FMTMSG_LEN	80

static inline __printf(2, 3)
void compat_extack_fmt(struct netlink_ext_ack *extack, const char *fmt, ...)
{
	static char buf[16][NETLINK_MAX_FMTMSG_LEN];
	static atomic_t turn;
	unsigned int i = atomic_inc_return(&turn);
	va_list args;

	if (!extack)
		return;
	i %= ARRAY_SIZE(buf);
	va_start(args, fmt);
	vsnprintf(buf[i], sizeof(buf[i]), fmt, args);
	va_end(args);
	extack->_msg = buf[i];
}

#define NL_SET_ERR_MSG_FMT(extack, fmt, ...) \
	compat_extack_fmt(extack, fmt, ##__VA_ARGS__)
#endif

/* Attributes of the request that a dump answers. */
static inline struct nlattr **compat_genl_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

#endif /* _COMPAT_NETLINK_H */
