// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "json.h"

const char *json_text(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : "";
}

json_t *json_error(const char *fmt, ...)
{
	char *text, *c;
	va_list args;
	json_t *o;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		die(STATUS_REFUSED, "not enough memory");
	va_end(args);
	o = json_string(text);
	for (c = text; !o && *c; c++)
		if (*c & 0x80)
			*c = '?';
	o = json_pack("{s:o}", "error", o ? o : json_string(text));
	free(text);
	if (!o)
		die(STATUS_REFUSED, "not enough memory");
	return o;
}
