/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are always whole. */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stddef.h>

/*
 * Makes @file have @len octets, for its owner only. It is on the disk then; or, if that
 * fails, the file is what it was. Returns 0 or -errno.
 */
int file_replace(const char *file, const void *data, size_t len);

#endif /* TOOLS_FILE_H */
