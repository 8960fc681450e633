// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <linux/vmnet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "error.h"
#include "netns.h"
#include "rtnl.h"

#define OWN_NETNS	"/proc/thread-self/ns/net"

static int fail(struct kernel *k, const char *what)
{
	int err = errno;

	snprintf(k->error, sizeof(k->error), "%s: %s", what, strerror(err));
	return -err;
}

int netns_enter(const struct netns *n)
{
	int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC), err;

	if (home < 0)
		return -errno;
	if (!setns(n->fd, CLONE_NEWNET))
		return home;
	err = errno;
	close(home);
	return -err;
}

void netns_leave(int home)
{
	/* All that this program does would be about the wrong devices. */
	if (setns(home, CLONE_NEWNET))
		die(STATUS_REFUSED, "cannot go back to the network namespace of this host: %s",
		    strerror(errno));
	close(home);
}

/* -------------------------------------------------------------- outside of it */

/* A pair: the port, still down, and the NIC, in the namespace. */
static int add_port(struct netns *n, struct kernel *k, const char *port,
		    const struct netns_nic *nic)
{
	const struct ifinfomsg ifi = { };
	struct nl_msg *msg = route_request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
					   &ifi, sizeof(ifi));
	struct nlattr *info, *data, *peer;
	char what[64];

	nla_put_string(msg, IFLA_IFNAME, port);
	nla_put_u32(msg, IFLA_MASTER, n->net);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	peer = nla_nest_start(msg, VETH_INFO_PEER);
	nlmsg_append(msg, (void *)&ifi, sizeof(ifi), NLMSG_ALIGNTO);
	nla_put_string(msg, IFLA_IFNAME, nic->name);
	nla_put(msg, IFLA_ADDRESS, sizeof(nic->mac), nic->mac);
	nla_put_u32(msg, IFLA_NET_NS_FD, n->fd);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	snprintf(what, sizeof(what), "cannot make port %s", port);
	return kernel_ask(k, &k->route, msg, what, NULL);
}

static int delete_link(struct kernel *k, unsigned int index)
{
	const struct ifinfomsg ifi = { .ifi_index = index };

	return kernel_ask(k, &k->route,
			  route_request(RTM_DELLINK, NLM_F_ACK, &ifi, sizeof(ifi)),
			  "cannot delete a port", NULL);
}

static int delete_left(struct kernel *k, const char *port, const char *alias)
{
	unsigned int i;

	for (i = 0; i < k->link_count; i++)
		if (!strcmp(k->links[i].name, port) && !strcmp(k->links[i].alias, alias))
			return delete_link(k, k->links[i].index);
	return 0;
}

static int keep_local(const struct netns *n, struct kernel *k)
{
	struct nl_msg *msg = nlk_genl_request(&k->vmnet, VMNET_CMD_PORT_SET, NLM_F_ACK);
	struct nlattr *nest;

	nla_put_u32(msg, VMNET_A_IFINDEX, n->net);
	nest = nla_nest_start(msg, VMNET_A_PORT_INFO);
	nla_put_u32(msg, VMNET_A_PORT_IFINDEX, n->port);
	nla_put_u8(msg, VMNET_A_PORT_CONFINED, 1);
	nla_nest_end(msg, nest);
	return kernel_ask(k, &k->vmnet, msg, "cannot confine a port to this host", NULL);
}

/* So that no guest can say that it has that address. */
static int fix_mac(const struct netns *n, struct kernel *k, const struct netns_nic *nic)
{
	struct nl_msg *msg = nlk_genl_request(&k->vmnet, VMNET_CMD_FDB_NEW, NLM_F_ACK);
	struct nlattr *nest;

	nla_put_u32(msg, VMNET_A_IFINDEX, n->net);
	nest = nla_nest_start(msg, VMNET_A_FDB);
	nla_put(msg, VMNET_A_FDB_LLADDR, sizeof(nic->mac), nic->mac);
	nla_put_u32(msg, VMNET_A_FDB_PORT, n->port);
	nla_put_flag(msg, VMNET_A_FDB_STATIC);
	nla_nest_end(msg, nest);
	return kernel_ask(k, &k->vmnet, msg, "cannot fix the address of a server", NULL);
}

/* Up, and with its alias, if that is not NULL. */
static int set_up(struct kernel *k, struct nlk *route, unsigned int index, const char *alias)
{
	const struct ifinfomsg ifi = {
		.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct nl_msg *msg = route_request(RTM_NEWLINK, NLM_F_ACK, &ifi, sizeof(ifi));

	if (alias)
		nla_put(msg, IFLA_IFALIAS, strlen(alias), alias);
	return kernel_ask(k, route, msg, "cannot set a port up", NULL);
}

/* ------------------------------------------------------------------ inside it */

/**
 * struct inside - what was opened in it, and is of it wherever it is used
 * @route: rtnetlink
 * @sock: for ioctl()
 */
struct inside {
	struct nlk route;
	int sock;
};

/* It is to say nothing by itself. */
static void silence(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	/* A kernel without IPv6 has no such file. */
	if (fd < 0)
		return;
	if (write(fd, "1", 1) != 1)
		complain("cannot have a network namespace without IPv6: %s", strerror(errno));
	close(fd);
}

/* Has this thread make it, and come back. */
static int unshare_net(struct netns *n, struct kernel *k, struct inside *in)
{
	int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);

	if (home < 0 || unshare(CLONE_NEWNET)) {
		int err = fail(k, "cannot make a network namespace");

		close(home);
		return err;
	}
	n->fd = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	silence();
	nlk_open(&in->route, NETLINK_ROUTE, sizeof(struct ifinfomsg));
	in->sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	netns_leave(home);
	return n->fd < 0 || in->sock < 0 ? fail(k, "cannot use a network namespace") : 0;
}

static int add_address(struct inside *in, struct kernel *k, unsigned int nic,
		       struct in_addr addr)
{
	const struct ifaddrmsg ifa = {
		.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = nic,
		.ifa_scope = RT_SCOPE_LINK,
	};
	struct nl_msg *msg = route_request(RTM_NEWADDR,
					   NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &ifa,
					   sizeof(ifa));

	nla_put(msg, IFA_LOCAL, sizeof(addr), &addr);
	return kernel_ask(k, &in->route, msg, "cannot add the address of a server", NULL);
}

static int add_route(struct inside *in, struct kernel *k, unsigned int index,
		     const struct netns_nic *nic)
{
	const struct rtmsg rtm = {
		.rtm_family = AF_INET, .rtm_dst_len = nic->len, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct nl_msg *msg = route_request(RTM_NEWROUTE,
					   NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &rtm,
					   sizeof(rtm));

	nla_put(msg, RTA_DST, sizeof(nic->guests), &nic->guests);
	nla_put_u32(msg, RTA_OIF, index);
	return kernel_ask(k, &in->route, msg, "cannot add the route of a server", NULL);
}

/*
 * There are guests that read answers from a packet socket, and believe that a checksum
 * which is left to a NIC is wrong.
 */
static void make_checksums(const struct inside *in, const char *name)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM };
	struct ifreq ifr = { .ifr_data = (char *)&off };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(in->sock, SIOCETHTOOL, &ifr))
		complain("checksums of DHCP are left to NICs: %s", strerror(errno));
}

static int configure(struct inside *in, struct kernel *k, const struct netns_nic *nic)
{
	struct ifreq ifr = { };
	unsigned int index;
	int err;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", nic->name);
	if (ioctl(in->sock, SIOCGIFINDEX, &ifr))
		return fail(k, "cannot find the NIC of a server");
	index = ifr.ifr_ifindex;
	make_checksums(in, nic->name);
	err = add_address(in, k, index, nic->addr);
	if (!err)
		err = set_up(k, &in->route, index, NULL);
	return err ? err : add_route(in, k, index, nic);
}

/* ----------------------------------------------------------------------- both */

static int connect_to(struct netns *n, struct kernel *k, struct inside *in,
		      const char *port, const char *alias, const struct netns_nic *nic)
{
	int err = delete_left(k, port, alias);

	if (!err)
		err = add_port(n, k, port, nic);
	if (err)
		return err;
	n->port = if_nametoindex(port);
	/* Nothing passes before it is confined. */
	err = keep_local(n, k);
	if (!err)
		err = fix_mac(n, k, nic);
	if (!err)
		err = configure(in, k, nic);
	return err ? err : set_up(k, &k->route, n->port, alias);
}

int netns_open(struct netns *n, struct kernel *k, unsigned int net, const char *port,
	       const char *alias, const struct netns_nic *nic)
{
	struct inside in = { .sock = -1 };
	int err;

	*n = (struct netns){ .fd = -1, .net = net };
	err = unshare_net(n, k, &in);
	if (!err)
		err = connect_to(n, k, &in, port, alias, nic);
	if (in.route.sock)
		nlk_close(&in.route);
	close(in.sock);
	if (err) {
		char why[sizeof(k->error)];

		memcpy(why, k->error, sizeof(why));
		netns_close(n, k);
		memcpy(k->error, why, sizeof(why));
	}
	return err;
}

void netns_close(struct netns *n, struct kernel *k)
{
	/* It goes with the namespace as well, but later. */
	if (k && n->port)
		delete_link(k, n->port);
	if (n->fd >= 0)
		close(n->fd);
	*n = (struct netns){ .fd = -1 };
}
