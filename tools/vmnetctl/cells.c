// SPDX-License-Identifier: GPL-2.0
/* Cells from attributes of netlink. An attribute that is absent makes none. */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <string.h>

#include "ifname.h"
#include "vmnetctl.h"

const char *const role_names[VMNET_ROLE_SILENT + 1] = {
	[VMNET_ROLE_NONE] = "none",
	[VMNET_ROLE_FORWARDER] = "forwarder",
	[VMNET_ROLE_STANDBY] = "standby",
	[VMNET_ROLE_LEAVING] = "leaving",
	[VMNET_ROLE_SILENT] = "silent",
};

void number_cells(struct table *t, const struct number_cell *cells,
		  unsigned int count, struct nlattr **tb)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (tb[cells[i].attr])
			table_number(t, cells[i].cell,
				     nlk_uint(tb[cells[i].attr]));
}

void name_cell(struct table *t, unsigned int cell, const char *const *names,
	       unsigned int count, const struct nlattr *attr)
{
	uint64_t i = attr ? nlk_uint(attr) : 0;

	if (attr)
		table_string(t, cell, i < count && names[i] ? names[i] : "?");
}

void dev_cell(struct table *t, unsigned int cell, const struct nlattr *attr)
{
	if (attr)
		table_copy(t, cell, ifname_get(nlk_uint(attr)));
}

void behind_cells(struct table *t, const struct nlattr *peer,
		  const struct nlattr *port)
{
	const char *name;

	if (peer) {
		peer_cells(t, peer, true);
	} else if (port) {
		name = ifname_get(nlk_uint(port));
		table_copy(t, CELL_PORT, name);
		table_format(t, CELL_BEHIND, "port %s", name);
	}
}

void mac_cell(struct table *t, unsigned int cell, const struct nlattr *attr)
{
	if (attr && nla_len(attr) == 6)
		table_mac(t, cell, nla_data(attr));
}

void ip_cell(struct table *t, unsigned int cell, const struct nlattr *v4,
	     const struct nlattr *v6)
{
	const struct nlattr *addr = v4 ? v4 : v6;
	int family = v4 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN];

	if (!addr || nla_len(addr) != (v4 ? 4 : 16))
		return;
	inet_ntop(family, nla_data(addr), text, sizeof(text));
	table_copy(t, cell, text);
}
