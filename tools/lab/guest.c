// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compiler.h"
#include "guest.h"
#include "json.h"
#include "parse.h"
#include "task.h"

static bool is_dom0(void)
{
	char text[64] = "";
	FILE *f = fopen("/proc/xen/capabilities", "re");

	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		*text = '\0';
	fclose(f);
	return strstr(text, "control_d");
}

const struct guest_ops *guest_here(void)
{
	return is_dom0() ? &guest_xen : &guest_qemu;
}

/* What names files, and is in what other programs read, is what it should be. */
static bool check_texts(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	const json_t *nic;
	uint8_t mac[6];
	unsigned int i;

	if (!name_valid(json_text(g->o, "name"))) {
		snprintf(error, GUEST_ERROR_SIZE, "a guest has no valid name");
		return false;
	}
	for (i = 0; (nic = guest_nic(g, i)); i++)
		if (!parse_mac(json_text(nic, "mac"), mac))
			return guest_fail(error, g, "no MAC address", json_text(nic, "mac"));
	return true;
}

const struct guest_ops *guest_ops_of(const char *name)
{
	return !strcmp(name, guest_xen.name) ? &guest_xen : &guest_qemu;
}

bool guest_check(const struct guest *g, char error[GUEST_ERROR_SIZE])
{
	static const char *const files[] = { "kernel", "initrd", "disk" };
	unsigned int i;

	if (!check_texts(g, error))
		return false;
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		const char *path = json_text(g->o, files[i]);

		if (!*path || !access(path, R_OK))
			continue;
		snprintf(error, GUEST_ERROR_SIZE, "guest %s: %s %s: %s",
			 json_text(g->o, "name"), files[i], path, strerror(errno));
		return false;
	}
	return true;
}

void guest_full_name(const struct guest *g, char name[GUEST_FULL_SIZE])
{
	snprintf(name, GUEST_FULL_SIZE, "%.63s:%.63s", g->lab, json_text(g->o, "name"));
}

void guest_file(const struct guest *g, const char *suffix, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%.63s.%s", g->dir, json_text(g->o, "name"), suffix);
}

long long guest_number(const struct guest *g, const char *name)
{
	return json_integer_value(json_object_get(g->o, name));
}

const json_t *guest_nic(const struct guest *g, unsigned int index)
{
	return json_array_get(json_object_get(g->o, "nics"), index);
}

bool guest_fail(char error[GUEST_ERROR_SIZE], const struct guest *g, const char *what,
		const char *why)
{
	snprintf(error, GUEST_ERROR_SIZE, "guest %s: %s: %.300s", json_text(g->o, "name"), what,
		 why);
	return false;
}

bool guest_ip(const struct guest *g, const char *steps, char error[GUEST_ERROR_SIZE])
{
	const char *const argv[] = { "ip", "-batch", "-", NULL };
	struct buf said = { };
	int status = task_run(argv, steps, &said);

	/* After what is wrong it says in which step that was. */
	said.p[strcspn(said.p, "\n")] = '\0';
	if (status)
		guest_fail(error, g, "its port",
			   status == TASK_NONE ? "ip is not installed" : said.p);
	buf_free(&said);
	return !status;
}
