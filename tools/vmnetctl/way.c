// SPDX-License-Identifier: GPL-2.0
/* The way to a peer: whether it is one link, which RRDP needs. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rrdp.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>

#include "vmnetctl.h"

/* The device, if there is no router in between. */
static int read_route(const struct nlmsghdr *nlh, void *arg)
{
	const struct rtmsg *rt = nlmsg_data(nlh);
	struct nlattr *tb[RTA_MAX + 1];
	unsigned int *dev = arg;

	if (nlh->nlmsg_type != RTM_NEWROUTE ||
	    nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*rt), tb, RTA_MAX, NULL) < 0)
		return -EBADMSG;
	if (rt->rtm_type == RTN_UNICAST && tb[RTA_OIF] && !tb[RTA_GATEWAY] &&
	    !tb[RTA_VIA] && !tb[RTA_ENCAP])
		*dev = nlk_uint(tb[RTA_OIF]);
	return 0;
}

/* Device by which the host is reached directly; 0 if a router is, or nothing. */
static unsigned int direct_dev(const struct endpoint *ep)
{
	const size_t len = ep->family == AF_INET ? sizeof(ep->v4) : sizeof(ep->v6);
	const struct rtmsg rt = {
		.rtm_family = ep->family, .rtm_dst_len = 8 * len,
	};
	struct nl_msg *msg = route_request(RTM_GETROUTE, NLM_F_ACK, &rt, sizeof(rt));
	unsigned int dev = 0;
	struct nlk nl;

	nlk_open(&nl, NETLINK_ROUTE, sizeof(rt));
	nla_put(msg, RTA_DST, len, &ep->v4);
	/* An address without a route is refused: it is no link either. */
	if (nlk_transact(&nl, msg, read_route, &dev))
		dev = 0;
	nlmsg_free(msg);
	nlk_close(&nl);
	return dev;
}

/**
 * struct search - of a device among those that have the host's own number
 * @dev: device
 * @found: it is there
 */
struct search {
	unsigned int dev;
	bool found;
};

static int read_node(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[RRDP_A_MAX + 1];
	struct search *s = arg;

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX))
		return -EBADMSG;
	if (tb[RRDP_A_LOCAL] && tb[RRDP_A_IFINDEX] &&
	    nlk_uint(tb[RRDP_A_IFINDEX]) == s->dev)
		s->found = true;
	return 0;
}

bool way_is_link(const struct endpoint *ep)
{
	struct search s = { .dev = direct_dev(ep) };
	struct nl_msg *msg;
	struct nlk nl;

	if (!s.dev || !nlk_open_family(&nl, RRDP_GENL_NAME))
		return false;
	msg = nlk_genl_request(&nl, RRDP_CMD_NODE_GET, NLM_F_DUMP);
	if (nlk_transact(&nl, msg, read_node, &s))
		s.found = false;
	nlmsg_free(msg);
	nlk_close(&nl);
	return s.found;
}
