// SPDX-License-Identifier: GPL-2.0
#include <linux/vmnet.h>
#include <string.h>

#include "nlk.h"
#include "peer.h"

void put_peer(struct nl_msg *msg, int attr, const struct peer *p)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	const struct endpoint *ep = &p->endpoint;

	nla_put_u8(msg, VMNET_A_PEER_TRANSPORT, p->transport);
	if (p->transport == VMNET_TRANSPORT_RRDP)
		nla_put_u32(msg, VMNET_A_PEER_NODE, p->node);
	else if (ep->family == AF_INET)
		nla_put(msg, VMNET_A_PEER_IPV4, sizeof(ep->v4), &ep->v4);
	else
		nla_put(msg, VMNET_A_PEER_IPV6, sizeof(ep->v6), &ep->v6);
	if (ep->port)
		nla_put_u16(msg, VMNET_A_PEER_PORT, ep->port);
	if (p->plain)
		nla_put_flag(msg, VMNET_A_PEER_PLAIN);
	if (p->number)
		nla_put_u32(msg, VMNET_A_PEER_NODE, p->number);
	if (p->subnet)
		nla_put_u32(msg, VMNET_A_PEER_SUBNET, p->subnet);
	if (p->leaving)
		nla_put_u8(msg, VMNET_A_PEER_LEAVING, *p->leaving);
	nla_nest_end(msg, nest);
}

bool peer_endpoint(struct nlattr **tb, struct endpoint *ep)
{
	const struct nlattr *v4 = tb[VMNET_A_PEER_IPV4];
	const struct nlattr *v6 = tb[VMNET_A_PEER_IPV6];

	memset(ep, 0, sizeof(*ep));
	if (v4 && nla_len(v4) == sizeof(ep->v4)) {
		ep->family = AF_INET;
		memcpy(&ep->v4, nla_data(v4), sizeof(ep->v4));
	} else if (v6 && nla_len(v6) == sizeof(ep->v6)) {
		ep->family = AF_INET6;
		memcpy(&ep->v6, nla_data(v6), sizeof(ep->v6));
	} else {
		return false;
	}
	if (tb[VMNET_A_PEER_PORT])
		ep->port = nlk_uint(tb[VMNET_A_PEER_PORT]);
	return true;
}
