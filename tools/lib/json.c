// SPDX-License-Identifier: GPL-2.0
#include "json.h"

const char *json_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}
