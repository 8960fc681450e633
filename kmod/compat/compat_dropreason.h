/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reasons for kfree_skb_reason(): those of the kernel's core, as a module has no
 * honest way to have its own. Since 6.4 subsystems register lists of reasons, but
 * under numbers of enum skb_drop_reason_subsys, which has one for each subsystem
 * of the kernel and none to spare: drop_reasons_register_subsys() refuses others
 * with a warning, and to take the number of another subsystem would put its name
 * on what it has not done.
 */
#ifndef _COMPAT_DROPREASON_H
#define _COMPAT_DROPREASON_H

#include <linux/skbuff.h>
#include <linux/version.h>

/* Reasons that came later, or the nearest of before. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define COMPAT_DROP_SOCKET_CLOSE	SKB_DROP_REASON_NOT_SPECIFIED
#else
#define COMPAT_DROP_SOCKET_CLOSE	SKB_DROP_REASON_SOCKET_CLOSE
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define COMPAT_DROP_INVALID_SOURCE	SKB_DROP_REASON_NOT_SPECIFIED
#define COMPAT_DROP_LOCAL_MAC		SKB_DROP_REASON_NOT_SPECIFIED
#define COMPAT_DROP_NO_TX_TARGET	SKB_DROP_REASON_NOT_SPECIFIED
#define COMPAT_DROP_TUNNEL_ECN		SKB_DROP_REASON_NOT_SPECIFIED
#define COMPAT_DROP_VXLAN_HDR		SKB_DROP_REASON_NOT_SPECIFIED
#define COMPAT_DROP_VXLAN_VNI		SKB_DROP_REASON_NOT_SPECIFIED
#else
#define COMPAT_DROP_INVALID_SOURCE	SKB_DROP_REASON_MAC_INVALID_SOURCE
#define COMPAT_DROP_LOCAL_MAC		SKB_DROP_REASON_LOCAL_MAC
#define COMPAT_DROP_NO_TX_TARGET	SKB_DROP_REASON_NO_TX_TARGET
#define COMPAT_DROP_TUNNEL_ECN		SKB_DROP_REASON_IP_TUNNEL_ECN
#define COMPAT_DROP_VXLAN_HDR		SKB_DROP_REASON_VXLAN_INVALID_HDR
#define COMPAT_DROP_VXLAN_VNI		SKB_DROP_REASON_VXLAN_VNI_NOT_FOUND
#endif

#endif /* _COMPAT_DROPREASON_H */
