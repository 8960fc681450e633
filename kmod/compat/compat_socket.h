/* SPDX-License-Identifier: GPL-2.0 */
/* Socket operations whose arguments have changed. */
#ifndef _COMPAT_SOCKET_H
#define _COMPAT_SOCKET_H

#include <linux/net.h>
#include <linux/version.h>

/* 6.19: addresses are given with a size that the compiler knows. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
typedef struct sockaddr compat_sockaddr;
#else
typedef struct sockaddr_unsized compat_sockaddr;
#endif

/* 6.10: accept() gets its arguments in a struct. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define COMPAT_ACCEPT(name, fn)						\
static int name(struct socket *sock, struct socket *newsock, int flags,	\
		bool kern)						\
{									\
	return fn(sock, newsock, flags);				\
}
#else
#define COMPAT_ACCEPT(name, fn)						\
static int name(struct socket *sock, struct socket *newsock,		\
		struct proto_accept_arg *arg)				\
{									\
	return fn(sock, newsock, arg->flags);				\
}
#endif

#endif /* _COMPAT_SOCKET_H */
