/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of VLANs, as people write them: "10,20-29". */
#ifndef TOOLS_VLANS_H
#define TOOLS_VLANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VLANS_MAX	4094	/* largest VLAN id */
#define VLANS_LEN	512	/* octets of a set */
/* Longest text: every other VLAN, of up to four digits, with comma or NUL. */
#define VLANS_STRLEN	(VLANS_MAX / 2 * 5 + 1)

/**
 * struct vlans - a set of VLANs
 * @octets: VLAN n is bit n % 8 of octet n / 8
 */
struct vlans {
	uint8_t octets[VLANS_LEN];
};

void vlans_add(struct vlans *v, unsigned int vid);
bool vlans_has(const struct vlans *v, unsigned int vid);

/* Ids and ranges with commas between. Returns false if it is not that. */
bool vlans_parse(const char *s, struct vlans *v);

/* The form that vlans_parse() reads, "" for an empty set. */
void vlans_format(const struct vlans *v, char s[VLANS_STRLEN]);

#endif /* TOOLS_VLANS_H */
