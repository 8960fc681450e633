/* SPDX-License-Identifier: GPL-2.0 */
/* Names of domains, segments, hosts and VMs. */
#ifndef TOOLS_NAME_H
#define TOOLS_NAME_H

#include <stdbool.h>

#define NAME_LEN	63	/* of the longest */
#define NAME_SIZE	(NAME_LEN + 1)

/* Letters and digits, and within it also dots, dashes and underscores. */
bool name_valid(const char *name);

#endif /* TOOLS_NAME_H */
