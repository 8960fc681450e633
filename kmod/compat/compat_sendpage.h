/* SPDX-License-Identifier: GPL-2.0 */
/* How a page is sent without a copy: a call of its own before Linux 6.5. */
#ifndef _COMPAT_SENDPAGE_H
#define _COMPAT_SENDPAGE_H

#include <linux/bvec.h>
#include <linux/net.h>
#include <linux/version.h>

/*
 * What splice() and sendfile() set, and user space cannot: the pages may be taken
 * by reference; and before 6.5, more of them follow.
 */
#ifdef MSG_SENDPAGE_NOTLAST
#define COMPAT_MSG_NOTLAST	MSG_SENDPAGE_NOTLAST
#else
#define COMPAT_MSG_NOTLAST	0
#endif
#ifdef MSG_SPLICE_PAGES
#define COMPAT_MSG_SPLICE	(MSG_SPLICE_PAGES | COMPAT_MSG_NOTLAST)
#else
#define COMPAT_MSG_SPLICE	COMPAT_MSG_NOTLAST
#endif

static inline int compat_send_page(struct socket *sock, struct page *page,
				   unsigned int len)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
	return kernel_sendpage(sock, page, 0, len, MSG_NOSIGNAL);
#else
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL | MSG_SPLICE_PAGES };
	struct bio_vec bvec;

	bvec_set_page(&bvec, page, len, 0);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, len);
	return sock_sendmsg(sock, &msg);
#endif
}

#endif /* _COMPAT_SENDPAGE_H */
