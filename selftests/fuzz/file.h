/* SPDX-License-Identifier: GPL-2.0 */
/* For what reads files: one that is in memory only. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <sys/mman.h>
#include <unistd.h>

#include "input.h"

/* Name of a file that holds @size octets of @data, until it is called again. */
static inline const char *file_of(const void *data, size_t size)
{
	static char name[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	}
	must(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size,
	     "a file in memory");
	return name;
}

#endif /* FUZZ_FILE_H */
