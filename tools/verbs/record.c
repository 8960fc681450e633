// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "file.h"
#include "name.h"
#include "record.h"

static void path_of(const struct setup *s, const char *kind, const char *lab,
		    const char *suffix, char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s/%s%s", s->state, kind, lab, suffix) >= PATH_MAX)
		die(STATUS_REFUSED, "the name of directory %s is too long", s->state);
}

/* Directories down to that of the kind. */
static int make_dirs(const struct setup *s, const char *kind)
{
	char path[PATH_MAX];

	path_of(s, kind, "", "", path);
	path[strlen(path) - 1] = '\0';
	if (mkdir(s->state, 0700) && errno != EEXIST)
		return -errno;
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

json_t *record_read(const struct setup *s, const char *kind, const char *lab)
{
	char path[PATH_MAX];
	json_error_t error;
	json_t *record;

	path_of(s, kind, lab, ".json", path);
	if (access(path, R_OK)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return NULL;
		die(STATUS_REFUSED, "cannot read %s: %s", path, strerror(errno));
	}
	record = json_load_file(path, 0, &error);
	if (!json_is_object(record))
		die(STATUS_REFUSED, "%s: %s; remove it, and what it was about", path,
		    record ? "it is no object" : error.text);
	return record;
}

int record_write(const struct setup *s, const char *kind, const char *lab,
		 const json_t *record)
{
	char *text = json_dumps(record, JSON_INDENT(1)), path[PATH_MAX];
	int err;

	if (!text)
		die(STATUS_REFUSED, "not enough memory");
	path_of(s, kind, lab, ".json", path);
	err = make_dirs(s, kind);
	if (!err)
		err = file_replace(path, text, strlen(text));
	free(text);
	return err;
}

void record_remove(const struct setup *s, const char *kind, const char *lab)
{
	char path[PATH_MAX];

	path_of(s, kind, lab, ".json", path);
	unlink(path);
}

int record_dir(const struct setup *s, const char *kind, const char *lab,
	       char path[PATH_MAX])
{
	int err = make_dirs(s, kind);

	path_of(s, kind, lab, ".files", path);
	return err ? err : mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

void record_dir_remove(const struct setup *s, const char *kind, const char *lab)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *dir;

	path_of(s, kind, lab, ".files", path);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlinkat(dirfd(dir), e->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

json_t *record_list(const struct setup *s, const char *kind)
{
	json_t *list = json_array();
	char path[PATH_MAX];
	struct dirent **e;
	int count, i;

	path_of(s, kind, "", "", path);
	count = scandir(path, &e, NULL, by_name);
	if (count < 0)
		return list;
	for (i = 0; i < count; i++) {
		char *dot = strrchr(e[i]->d_name, '.');

		if (dot && !strcmp(dot, ".json")) {
			*dot = '\0';
			if (name_valid(e[i]->d_name))
				json_array_append_new(list, json_string(e[i]->d_name));
		}
		free(e[i]);
	}
	free(e);
	return list;
}

void record_lock(const struct setup *s, const char *kind, const char *lab, bool wait)
{
	int err = make_dirs(s, kind), fd;
	char path[PATH_MAX];

	/* It stays: who opened one that is removed would lock nothing. */
	path_of(s, kind, lab, ".lock", path);
	fd = err ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die(STATUS_REFUSED, "cannot write %s: %s", path, strerror(err ? -err : errno));
	if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)))
		die(STATUS_REFUSED, "another vmnetctl is busy with lab %s: wait for its end", lab);
}
