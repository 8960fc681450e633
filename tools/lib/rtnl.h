/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of NETLINK_ROUTE. */
#ifndef TOOLS_RTNL_H
#define TOOLS_RTNL_H

#include <netlink/attr.h>
#include <netlink/msg.h>

/* Starts a request with its header of @len octets. Dies without memory. */
struct nl_msg *route_request(int type, int flags, const void *header, size_t len);

/* Kind of link that a message describes by IFLA_LINKINFO, "" if it has none. */
const char *link_kind(const struct nlattr *linkinfo);

#endif /* TOOLS_RTNL_H */
