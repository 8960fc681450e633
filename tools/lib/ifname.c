// SPDX-License-Identifier: GPL-2.0
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "ifname.h"

#define SLOTS	1024	/* dumps name few devices many times */

static struct slot {
	unsigned int index;
	char name[IF_NAMESIZE];
} slots[SLOTS];

unsigned int ifname_index(const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index)
		die(STATUS_REFUSED,
		    "there is no device \"%s\" here; \"ip link\" lists those there are",
		    name);
	return index;
}

const char *ifname_get(unsigned int index)
{
	struct slot *s = &slots[index % SLOTS];

	if (s->index != index || !s->name[0]) {
		s->index = index;
		if (!if_indextoname(index, s->name))
			snprintf(s->name, sizeof(s->name), "if%u", index);
	}
	return s->name;
}

void ifname_learn(unsigned int index, const char *name)
{
	struct slot *s = &slots[index % SLOTS];

	s->index = index;
	snprintf(s->name, sizeof(s->name), "%s", name);
}
