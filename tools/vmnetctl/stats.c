// SPDX-License-Identifier: GPL-2.0
/* Counters: show-stats. */
#include <errno.h>
#include <linux/rrdp.h>
#include <linux/vmnet.h>
#include <netlink/netlink.h>

#include "ifname.h"
#include "vmnetctl.h"

static const struct column columns[] = {
	{ CELL_NET,	COL_BOTH, 15,	"of",		"OF" },
	{ CELL_NAME,	COL_BOTH, 28,	"name",		"NAME" },
	{ CELL_VALUE,	COL_BOTH, -20,	"value",	"VALUE" },
};

/* A row for each counter in @nest; the two families differ in the numbers. */
static int stat_rows(struct table *t, const char *of, const struct nlattr *nest,
		     int stat, int name, int value)
{
	const struct nlattr *a, *n, *v;
	int rem;

	nla_for_each_nested(a, (struct nlattr *)nest, rem) {
		if (nla_type(a) != stat)
			continue;
		n = nla_find(nla_data(a), nla_len(a), name);
		v = nla_find(nla_data(a), nla_len(a), value);
		if (!n || !v)
			return -EBADMSG;
		table_string(t, CELL_NET, of);
		table_format(t, CELL_NAME, "%.*s", nla_len(n), (char *)nla_data(n));
		table_number(t, CELL_VALUE, nlk_uint(v));
		table_row(t);
	}
	return 0;
}

static int rrdp_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[RRDP_A_MAX + 1];

	if (nlk_genl_parse(nlh, tb, RRDP_A_MAX) || !tb[RRDP_A_STATS])
		return -EBADMSG;
	return stat_rows(t, "rrdp", tb[RRDP_A_STATS], RRDP_A_STAT,
			 RRDP_A_STAT_NAME, RRDP_A_STAT_VALUE);
}

static int vmnet_row(struct table *t, const struct nlmsghdr *nlh)
{
	struct nlattr *tb[VMNET_A_MAX + 1];
	const char *of = "vmnet";	/* what is no network's */

	if (nlk_genl_parse(nlh, tb, VMNET_A_MAX) || !tb[VMNET_A_STATS])
		return -EBADMSG;
	if (tb[VMNET_A_IFINDEX])
		of = ifname_get(nlk_uint(tb[VMNET_A_IFINDEX]));
	return stat_rows(t, of, tb[VMNET_A_STATS], VMNET_A_STAT,
			 VMNET_A_STAT_NAME, VMNET_A_STAT_VALUE);
}

const struct view rrdp_stats_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = rrdp_row,
	.cmd = RRDP_CMD_STATS_GET,
	.flags = NLM_F_ACK,
	.names = &rrdp_names,
};

const struct view vmnet_stats_view = {
	.columns = columns,
	.count = ARRAY_SIZE(columns),
	.row = vmnet_row,
	.cmd = VMNET_CMD_STATS_GET,
	.flags = NLM_F_DUMP,
	.net_attr = VMNET_A_IFINDEX,
	.names = &vmnet_names,
};

/* All there is: a module that is not loaded has no counters. */
static int show_all_stats(void)
{
	struct nlk rrdp, vmnet;
	struct source s[2], *next = s;
	int status;

	if (nlk_open_family(&rrdp, RRDP_GENL_NAME))
		*next++ = (struct source) { .nl = &rrdp, .view = &rrdp_stats_view };
	if (nlk_open_family(&vmnet, VMNET_GENL_NAME))
		*next++ = (struct source) { .nl = &vmnet, .view = &vmnet_stats_view };
	if (next == s)
		no_module(RRDP_GENL_NAME);
	status = show(s, next - s);
	while (next-- > s)
		nlk_close(next->nl);
	return status;
}

static int show_stats(struct args *a)
{
	if (args_accept(a, "rrdp"))
		return show_view(a, &rrdp_stats_view, open_rrdp);
	if (*a->words)
		return show_view(a, &vmnet_stats_view, open_vmnet);
	return show_all_stats();
}

const struct verb stats_verbs[] = {
	{
		.name = "show-stats",
		.args = "[NET | rrdp]",
		.summary = "list the counters of a network, of RRDP, or all",
		.help =
		"Names that start with drop_ count what was thrown away, by reason. Those of\n"
		"\"vmnet\" count messages from peers that could not be given to a network.\n"
		"\n"
		"examples:\n"
		"  vmnetctl show-stats rrdp\n"
		"  vmnetctl -j show-stats vmnet0 | jq from_entries\n",
		.run = show_stats,
	},
	{ }
};
