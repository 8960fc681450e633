/* SPDX-License-Identifier: GPL-2.0 */
/* Names of domains, segments, hosts and VMs. */
#ifndef TOOLS_NAME_H
#define TOOLS_NAME_H

#include <stdbool.h>
#include <stdint.h>

#define NAME_LEN	63	/* of the longest */
#define NAME_SIZE	(NAME_LEN + 1)

/* Letters and digits, and within it also dots, dashes and underscores. */
bool name_valid(const char *name);

/* FNV-1a of a text, after that of what came before it: NAME_HASH if nothing did. */
#define NAME_HASH	2166136261u
uint32_t name_hash(uint32_t hash, const char *text);

#endif /* TOOLS_NAME_H */
