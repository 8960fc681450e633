/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files: lines of "NAME = VALUE", and comments that begin with "#". */
#ifndef TOOLS_CONF_H
#define TOOLS_CONF_H

#include <stdbool.h>

#include "compiler.h"

/**
 * struct conf - a file that is read
 * @file: its name
 * @line: number of the line that is being read
 * @error: "FILE:LINE: what is wrong", "" if nothing is
 */
struct conf {
	const char *file;
	unsigned int line;
	char error[512];
};

/* Takes a setting. Returns what conf_fail() does if it is wrong, else true. */
typedef bool (*conf_fn)(struct conf *c, void *arg, const char *name, char *value);

/* Says what is wrong with the line that is being read. Returns false. */
__printf(2, 3) bool conf_fail(struct conf *c, const char *fmt, ...);

/*
 * Hands each setting of @file to @set until one is wrong. Returns 0; -EINVAL if one
 * is, with c->error; or another error of reading it, also with c->error.
 */
int conf_read(struct conf *c, const char *file, conf_fn set, void *arg);

#endif /* TOOLS_CONF_H */
