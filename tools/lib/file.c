// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	return fsync(fd) ? -errno : 0;
}

/* A name is on the disk when its directory is. */
static int sync_directory(const char *file)
{
	char path[PATH_MAX];
	const char *slash = strrchr(file, '/');
	int fd, err;

	snprintf(path, sizeof(path), "%.*s", slash ? (int)(slash - file) + 1 : 1,
		 slash ? file : ".");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot, and need not. */
	err = fsync(fd) && errno != EINVAL ? -errno : 0;
	close(fd);
	return err;
}

int file_replace(const char *file, const void *data, size_t len)
{
	char part[PATH_MAX];
	int fd, err;

	if (snprintf(part, sizeof(part), "%s.part", file) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	/* It may be left of somebody who was killed, and with other rights. */
	unlink(part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(part, file))
		err = -errno;
	if (err)
		unlink(part);
	return err ? err : sync_directory(file);
}
