// SPDX-License-Identifier: GPL-2.0
#include <linux/if_link.h>
#include <string.h>

#include "error.h"
#include "rtnl.h"

struct nl_msg *route_request(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (!msg || nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO) < 0)
		die(STATUS_REFUSED, "not enough memory for a netlink message");
	return msg;
}

const char *link_kind(const struct nlattr *linkinfo)
{
	const struct nlattr *kind = NULL;

	if (linkinfo)
		kind = nla_find(nla_data(linkinfo), nla_len(linkinfo), IFLA_INFO_KIND);
	/* padded with NULs to the next attribute, if not ended by one */
	if (!kind || !memchr(nla_data(kind), 0, NLA_ALIGN(nla_len(kind))))
		return "";
	return nla_data(kind);
}
