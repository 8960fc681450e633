// SPDX-License-Identifier: GPL-2.0
/* Events: monitor. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/rrdp.h>
#include <linux/rtnetlink.h>
#include <linux/vmnet.h>
#include <netlink/genl/ctrl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "event.h"

/**
 * struct family - a generic netlink family to listen to
 * @name: its name, and its events' source
 * @group: its multicast group
 * @row: makes a row of an event
 * @id: its number, 0 while it does not exist
 */
struct family {
	const char *name;
	const char *group;
	row_fn row;
	int id;
};

static struct family families[] = {
	{ RRDP_GENL_NAME, RRDP_GENL_MCGRP_EVENTS, rrdp_event_row },
	{ VMNET_GENL_NAME, VMNET_GENL_MCGRP_EVENTS, vmnet_event_row },
};

/* Joins a group of a family that may have appeared just now. */
static bool join(struct nlk *events, struct family *f)
{
	struct nlk ask;
	int group;

	if (!nlk_open_family(&ask, f->name))
		return false;
	f->id = ask.family;
	group = genl_ctrl_resolve_grp(ask.sock, f->name, f->group);
	nlk_close(&ask);
	if (group < 0 || nl_socket_add_membership(events->sock, group) < 0)
		die(STATUS_REFUSED, "cannot listen to the events of %s", f->name);
	return true;
}

static void listen_genl(struct nlk *events)
{
	struct family control = { "nlctrl", "notify" };
	unsigned int i;

	nlk_open(events, NETLINK_GENERIC, GENL_HDRLEN);
	join(events, &control);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (!join(events, &families[i]))
			complain("the kernel module %s is not loaded; waiting until it is",
				 families[i].name);
}

static void listen_links(struct nlk *events)
{
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, NLM_F_DUMP);
	struct ifinfomsg ifi = { };

	if (!msg || nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0)
		die(STATUS_REFUSED, "not enough memory for a netlink message");
	nlk_open(events, NETLINK_ROUTE, sizeof(ifi));
	/* a name that is not learned here is looked up when it is needed */
	nlk_transact(events, msg, link_learn, NULL);
	nlmsg_free(msg);
	if (nl_socket_add_membership(events->sock, RTNLGRP_LINK) < 0)
		die(STATUS_REFUSED, "cannot listen to the events of links");
}

/* A family came or went. */
static void control_event(struct nlk *events, struct table *t,
			  const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = nlmsg_data(nlh);
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	unsigned int i;

	if (nlk_genl_parse(nlh, tb, CTRL_ATTR_MAX) || !tb[CTRL_ATTR_FAMILY_NAME])
		return;
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		struct family *f = &families[i];

		if (nla_strcmp(tb[CTRL_ATTR_FAMILY_NAME], f->name))
			continue;
		if (genl->cmd == CTRL_CMD_NEWFAMILY && join(events, f))
			event_row(t, f->name, "loaded");
		if (genl->cmd == CTRL_CMD_DELFAMILY) {
			f->id = 0;
			event_row(t, f->name, "unloaded");
		}
	}
}

static void genl_event(struct nlk *events, struct table *t,
		       const struct nlmsghdr *nlh)
{
	unsigned int i;

	if (nlh->nlmsg_type == GENL_ID_CTRL)
		control_event(events, t, nlh);
	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].id && nlh->nlmsg_type == families[i].id)
			families[i].row(t, nlh);
}

static void link_event(struct nlk *events, struct table *t,
		       const struct nlmsghdr *nlh)
{
	(void)events;
	link_event_row(t, nlh);
}

typedef void (*event_fn)(struct nlk *events, struct table *t,
			 const struct nlmsghdr *nlh);

static void read_events(struct nlk *events, struct table *t,
			const char *source, event_fn event)
{
	ssize_t n = nlk_receive(events);
	struct nlmsghdr *nlh = events->buffer;
	int left = n;

	if (n == -ENOBUFS)
		event_row(t, source, "lost");
	else if (n < 0)
		die(STATUS_REFUSED, "cannot receive events: %s", strerror(-n));
	for (; n > 0 && nlmsg_ok(nlh, left); nlh = nlmsg_next(nlh, &left))
		event(events, t, nlh);
}

static int monitor(struct args *a)
{
	struct nlk links, genl;
	struct pollfd fds[3];
	struct buf out = { };
	struct table t;
	int status;

	args_end(a);
	listen_genl(&genl);
	listen_links(&links);
	event_table_begin(&t, &out);
	event_row(&t, "monitor", "started");

	fds[0] = (struct pollfd) { .fd = links.fd, .events = POLLIN };
	fds[1] = (struct pollfd) { .fd = genl.fd, .events = POLLIN };
	/* nothing to wait for but that the reader goes away */
	fds[2] = (struct pollfd) { .fd = STDOUT_FILENO };
	for (;;) {
		status = print_out(&out);
		if (status || fds[2].revents & (POLLERR | POLLNVAL))
			break;
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		/* links first: they have the names that the others need */
		if (fds[0].revents)
			read_events(&links, &t, "link", link_event);
		if (fds[1].revents)
			read_events(&genl, &t, "genetlink", genl_event);
	}
	nlk_close(&genl);
	nlk_close(&links);
	buf_free(&out);
	return status;
}

const struct verb monitor_verbs[] = {
	{
		.name = "monitor",
		.args = "",
		.summary = "print what happens, as it happens",
		.help =
		"Prints a line for each event of RRDP, of vmnet and of the network devices\n"
		"until it is interrupted. With --json each line is an object. A line with\n"
		"the event \"lost\" says that the kernel had more events than could be read:\n"
		"list again what you keep track of. Modules may be loaded and unloaded\n"
		"meanwhile.\n"
		"\n"
		"examples:\n"
		"  vmnetctl monitor\n"
		"  vmnetctl -j monitor | jq -c 'select(.event == \"fdb-move\")'\n",
		.run = monitor,
	},
	{ }
};
