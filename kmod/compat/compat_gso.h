/* SPDX-License-Identifier: GPL-2.0 */
/* Where segmentation in software is declared: a header of its own since 6.5. */
#ifndef _COMPAT_GSO_H
#define _COMPAT_GSO_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/netdevice.h>
#else
#include <net/gso.h>
#endif

#endif /* _COMPAT_GSO_H */
