// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <string.h>

#include "error.h"
#include "event.h"
#include "vm.h"

/* Many events come together. */
#define GATHER_MS	50

static int join(struct events *e, const char *family, const char *group)
{
	struct nlk ask;
	int id, grp;

	if (!nlk_open_family(&ask, family))
		return 0;
	id = ask.family;
	grp = genl_ctrl_resolve_grp(ask.sock, family, group);
	nlk_close(&ask);
	if (grp < 0 || nl_socket_add_membership(e->genl.sock, grp) < 0) {
		complain("cannot listen to the events of %s", family);
		return 0;
	}
	return id;
}

static void check_vms(struct events *e)
{
	struct domain *d;

	for (d = e->agent->domains; d; d = d->next)
		vm_check(d, 2 * GATHER_MS);
}

/* An address behind a port may be that of a guest that nobody knew. */
static void vmnet_event(struct events *e, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1], *fdb[VMNET_A_FDB_MAX + 1];

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_EVENT])
		return;
	switch (nlk_uint(tb[VMNET_A_EVENT])) {
	case VMNET_EV_FDB_NEW:
	case VMNET_EV_FDB_MOVE:
		if (!tb[VMNET_A_FDB])
			return;
		nlk_nest_parse(tb[VMNET_A_FDB], fdb, VMNET_A_FDB_MAX);
		if (fdb[VMNET_A_FDB_PORT])
			check_vms(e);
		return;
	case VMNET_EV_PEER_DEL:
		agent_sync(e->agent, GATHER_MS);
		return;
	}
}

static void control_event(struct events *e, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (nlk_genl_parse(nlh, tb, CTRL_ATTR_MAX) || !tb[CTRL_ATTR_FAMILY_NAME])
		return;
	if (!nla_strcmp(tb[CTRL_ATTR_FAMILY_NAME], VMNET_GENL_NAME)) {
		if (genl->cmd == CTRL_CMD_NEWFAMILY)
			e->vmnet = join(e, VMNET_GENL_NAME, VMNET_GENL_MCGRP_EVENTS);
		else if (genl->cmd == CTRL_CMD_DELFAMILY)
			e->vmnet = 0;
	}
	agent_sync(e->agent, GATHER_MS);
}

static void on_genl(void *arg, uint32_t what)
{
	struct events *e = arg;
	ssize_t n = nlk_receive(&e->genl);
	struct nlmsghdr *nlh = e->genl.buffer;
	int left = n;

	(void)what;
	/* What was lost is found by looking. */
	if (n == -ENOBUFS)
		agent_sync(e->agent, GATHER_MS);
	for (; n > 0 && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type == GENL_ID_CTRL)
			control_event(e, nlh);
		else if (e->vmnet && nlh->nlmsg_type == e->vmnet)
			vmnet_event(e, nlh);
	}
}

static void on_link(void *arg, uint32_t what)
{
	struct events *e = arg;

	(void)what;
	(void)nlk_receive(&e->links);
	/* A device that comes, goes, or has another master; a network that is deleted. */
	agent_sync(e->agent, GATHER_MS);
}

void events_open(struct events *e, struct agent *a)
{
	*e = (struct events){ .agent = a };
	nlk_open(&e->links, NETLINK_ROUTE, sizeof(struct ifinfomsg));
	nlk_open(&e->genl, NETLINK_GENERIC, GENL_HDRLEN);
	if (nl_socket_add_membership(e->links.sock, RTNLGRP_LINK) < 0)
		die(STATUS_REFUSED, "cannot listen to the events of links");
	join(e, "nlctrl", "notify");
	e->vmnet = join(e, VMNET_GENL_NAME, VMNET_GENL_MCGRP_EVENTS);
	e->link_fd = (struct loop_fd){ e->links.fd, on_link, e };
	e->genl_fd = (struct loop_fd){ e->genl.fd, on_genl, e };
	loop_add(&a->loop, &e->link_fd, EPOLLIN);
	loop_add(&a->loop, &e->genl_fd, EPOLLIN);
}

void events_close(struct events *e)
{
	loop_remove(&e->agent->loop, &e->link_fd);
	loop_remove(&e->agent->loop, &e->genl_fd);
	nlk_close(&e->links);
	nlk_close(&e->genl);
}
