/* SPDX-License-Identifier: GPL-2.0 */
/* What programs that speak JSON have in common; they have jansson. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <jansson.h>

/* The text of a member, "" if there is none. */
const char *json_text(const json_t *o, const char *name);

#endif /* TOOLS_JSON_H */
