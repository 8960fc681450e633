/* SPDX-License-Identifier: GPL-2.0 */
/* What programs that speak JSON have in common; they have jansson. */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <jansson.h>

#include "compiler.h"

/* The text of a member, "" if there is none. */
const char *json_text(const json_t *o, const char *name);

/* {"error": TEXT}; of a text that is no UTF-8 what is no ASCII becomes "?". Never NULL. */
__printf(1, 2) json_t *json_error(const char *fmt, ...);

#endif /* TOOLS_JSON_H */
