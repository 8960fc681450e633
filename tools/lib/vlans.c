// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "vlans.h"

void vlans_add(struct vlans *v, unsigned int vid)
{
	v->octets[vid / 8] |= 1u << vid % 8;
}

bool vlans_has(const struct vlans *v, unsigned int vid)
{
	return v->octets[vid / 8] >> vid % 8 & 1;
}

/* Takes the id that *@s begins with; 0 if that is none. */
static unsigned int take_id(const char **s)
{
	unsigned int vid = 0;

	while (**s >= '0' && **s <= '9' && vid <= VLANS_MAX)
		vid = vid * 10 + (unsigned int)(*(*s)++ - '0');
	return vid <= VLANS_MAX ? vid : 0;
}

bool vlans_parse(const char *s, struct vlans *v)
{
	unsigned int first, last;
	struct vlans got = { };

	for (;;) {
		first = take_id(&s);
		last = first;
		if (*s == '-') {
			s++;
			last = take_id(&s);
		}
		if (!first || last < first)
			return false;
		while (first <= last)
			vlans_add(&got, first++);
		if (!*s)
			break;
		if (*s++ != ',')
			return false;
	}
	*v = got;
	return true;
}

void vlans_format(const struct vlans *v, char s[VLANS_STRLEN])
{
	unsigned int vid, last;
	size_t len = 0;

	*s = '\0';
	for (vid = 1; vid <= VLANS_MAX; vid = last + 1) {
		last = vid;
		if (!vlans_has(v, vid))
			continue;
		while (last < VLANS_MAX && vlans_has(v, last + 1))
			last++;
		len += (size_t)snprintf(s + len, VLANS_STRLEN - len, "%s%u",
					len ? "," : "", vid);
		if (last > vid)
			len += (size_t)snprintf(s + len, VLANS_STRLEN - len,
						"-%u", last);
	}
}
