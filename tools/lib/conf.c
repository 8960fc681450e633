// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"

bool conf_fail(struct conf *c, const char *fmt, ...)
{
	va_list ap;
	int len;

	len = snprintf(c->error, sizeof(c->error), "%s:%u: ", c->file, c->line);
	if (len < 0 || len >= (int)sizeof(c->error))
		return false;
	va_start(ap, fmt);
	vsnprintf(c->error + len, sizeof(c->error) - len, fmt, ap);
	va_end(ap);
	return false;
}

static char *trim(char *s)
{
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

static bool read_line(struct conf *c, char *line, conf_fn set, void *arg)
{
	char *value = strchr(line, '='), *name;

	name = trim(line);
	if (!*name || *name == '#')
		return true;
	if (!value)
		return conf_fail(c, "expected \"NAME = VALUE\"");
	*value = '\0';
	return set(c, arg, trim(name), trim(value + 1));
}

static int cannot_read(struct conf *c, int err)
{
	snprintf(c->error, sizeof(c->error), "cannot read %s: %s", c->file,
		 strerror(err));
	return -err;
}

int conf_read(struct conf *c, const char *file, conf_fn set, void *arg)
{
	char *line = NULL;
	size_t size = 0;
	bool good = true;
	int err = 0;
	FILE *f;

	*c = (struct conf){ .file = file };
	f = fopen(file, "re");
	if (!f)
		return cannot_read(c, errno);
	while (good && getline(&line, &size, f) >= 0) {
		c->line++;
		good = read_line(c, line, set, arg);
	}
	if (!good)
		err = -EINVAL;
	else if (ferror(f))
		err = cannot_read(c, errno);
	free(line);
	fclose(f);
	return err;
}
