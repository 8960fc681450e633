// SPDX-License-Identifier: GPL-2.0
/* PV domains, by xl. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "file.h"
#include "guest.h"
#include "json.h"
#include "task.h"

/* Number of the domain in what "xl list" says, lines of "NAME NUMBER ...", -1 if there is none. */
static int find_id(char *list, const char *name)
{
	char *line, *rest;

	for (line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		size_t len = strcspn(line, " ");

		if (len == strlen(name) && !memcmp(line, name, len))
			return (int)strtol(line + len, NULL, 10);
	}
	return -1;
}

/*
 * Finds the number of the domain, -1 if there is none. Returns false if xl does not work:
 * then there may be one.
 */
static bool domain_id(const struct guest *g, int *id, char error[GUEST_ERROR_SIZE])
{
	static const char *const argv[] = { "xl", "list", NULL };
	char name[GUEST_FULL_SIZE];
	struct buf said = { };
	int status = task_run(argv, "", &said);

	guest_full_name(g, name);
	if (status)
		guest_fail(error, g, "xl list", status == TASK_NONE ? "xl is not installed" :
			   task_reason(&said));
	else
		*id = find_id(said.p, name);
	buf_free(&said);
	return !status;
}

static void put_setting(struct buf *b, const char *name, const char *value)
{
	if (!*value)
		return;
	buf_puts(b, name);
	buf_puts(b, " = \"");
	buf_puts(b, value);
	buf_puts(b, "\"\n");
}

static void put_number(struct buf *b, const char *name, long long value)
{
	buf_puts(b, name);
	buf_puts(b, " = ");
	buf_u64(b, value);
	buf_putc(b, '\n');
}

static void put_nics(struct buf *b, const struct guest *g)
{
	const json_t *nic;
	unsigned int i;

	buf_puts(b, "vif = [");
	for (i = 0; (nic = guest_nic(g, i)); i++) {
		buf_puts(b, i ? ", 'mac=" : " 'mac=");
		buf_puts(b, json_text(nic, "mac"));
		buf_puts(b, ",script=vif-vmnet,bridge=");
		buf_puts(b, json_text(nic, "device"));
		buf_putc(b, '\'');
	}
	buf_puts(b, " ]\n");
}

static void put_disk(struct buf *b, const struct guest *g)
{
	const char *disk = json_text(g->o, "disk"), *dot = strrchr(disk, '.');

	if (!*disk)
		return;
	buf_puts(b, "disk = [ '");
	buf_puts(b, disk);
	buf_puts(b, dot && !strcmp(dot, ".qcow2") ? ",qcow2" : ",raw");
	buf_puts(b, ",xvda,rw' ]\n");
	if (!*json_text(g->o, "kernel"))
		put_setting(b, "bootloader", "pygrub");
}

static int write_config(const struct guest *g, const char *path)
{
	char name[GUEST_FULL_SIZE];
	struct buf b = { };
	int err;

	guest_full_name(g, name);
	put_setting(&b, "name", name);
	put_setting(&b, "type", "pv");
	put_number(&b, "memory", guest_number(g, "memory"));
	put_number(&b, "vcpus", guest_number(g, "vcpus"));
	put_setting(&b, "kernel", json_text(g->o, "kernel"));
	put_setting(&b, "ramdisk", json_text(g->o, "initrd"));
	put_setting(&b, "extra", json_text(g->o, "append"));
	put_disk(&b, g);
	put_nics(&b, g);
	err = file_replace(path, b.p, b.len);
	buf_free(&b);
	return err;
}

/* Says of the domain's ports whose they are. */
static bool name_ports(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char steps[1024] = "";
	unsigned int i;
	size_t len = 0;
	int id;

	if (!domain_id(g, &id, error))
		return false;
	if (id < 0)
		return guest_fail(error, g, "xl create", "it has ended at once");
	for (i = 0; guest_nic(g, i) && len < sizeof(steps); i++)
		len += snprintf(steps + len, sizeof(steps) - len,
				"link set dev vif%d.%u alias %.63s\n", id, i,
				json_text(g->o, "name"));
	return guest_ip(g, steps, error);
}

static bool xen_is_free(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char name[GUEST_FULL_SIZE];
	int id;

	guest_full_name(g, name);
	if (!domain_id(g, &id, error))
		return false;
	return id < 0 ||
	       guest_fail(error, g, name,
			  "there is such a domain already, which is not this lab's: end it, or choose another name");
}

static bool xen_start(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char config[PATH_MAX];
	const char *const argv[] = { "xl", "create", "-q", config, NULL };
	struct buf said = { };
	int err, status;

	guest_file(g, "cfg", config);
	err = write_config(g, config);
	if (err)
		return guest_fail(error, g, config, strerror(-err));
	status = task_run(argv, "", &said);
	if (status)
		guest_fail(error, g, "xl create",
			   status == TASK_NONE ? "xl is not installed" : task_reason(&said));
	buf_free(&said);
	return !status && name_ports(g, error);
}

static bool xen_stop(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	char name[GUEST_FULL_SIZE];
	const char *const argv[] = { "xl", "destroy", name, NULL };
	struct buf said = { };
	bool good = true;
	int id;

	guest_full_name(g, name);
	if (!domain_id(g, &id, error))
		return false;
	/* It may end by itself. */
	if (id >= 0 && task_run(argv, "", &said)) {
		good = domain_id(g, &id, error);
		if (good && id >= 0)
			good = guest_fail(error, g, "xl destroy", task_reason(&said));
	}
	buf_free(&said);
	return good;
}

static bool xen_is_alive(const struct guest *g)
{
	char error[GUEST_ERROR_SIZE];
	int id;

	return domain_id(g, &id, error) && id >= 0;
}

const struct guest_ops guest_xen = {
	.name = "xen",
	.is_free = xen_is_free,
	.start = xen_start,
	.stop = xen_stop,
	.is_alive = xen_is_alive,
};
