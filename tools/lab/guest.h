/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests of this host: domains of Xen in Dom0, processes of QEMU elsewhere. Each is named
 * "LAB:GUEST" there, as no name has a colon, and its NICs are ports of networks, with the
 * guest's name as alias: by that vmnetd knows whose they are.
 */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

#include <jansson.h>
#include <limits.h>
#include <net/if.h>
#include <stdbool.h>

#include "name.h"

enum { GUEST_ERROR_SIZE = 512 };

/* "LAB:GUEST" */
#define GUEST_FULL_SIZE	(2 * NAME_SIZE)

struct guest_ops;

/**
 * struct guest - a guest
 * @ops: its kind
 * @lab: it belongs to
 * @dir: directory for what belongs to guests of this lab
 * @o: what it is: "name", "memory" (MiB), "vcpus", "kernel", "initrd", "append", "disk",
 *	"nics": of each "mac" and, to start, "device", the network
 */
struct guest {
	const struct guest_ops *ops;
	const char *lab;
	const char *dir;
	const json_t *o;
};

/**
 * struct guest_ops - what can be done about guests
 * @name: of the kind
 * @is_free: nothing of this host has the guest's name; returns false, with what has it in
 *	@error
 * @start: returns false, with what is wrong in @error
 * @stop: returns false, with what is wrong in @error; it is well if there is none
 * @is_alive: it runs
 */
struct guest_ops {
	const char *name;
	bool (*is_free)(const struct guest *g, char error[GUEST_ERROR_SIZE]);
	bool (*start)(const struct guest *g, char error[GUEST_ERROR_SIZE]);
	bool (*stop)(const struct guest *g, char error[GUEST_ERROR_SIZE]);
	bool (*is_alive)(const struct guest *g);
};

extern const struct guest_ops guest_xen, guest_qemu;

/* Those that begin on this host, and those of a name that began before. */
const struct guest_ops *guest_here(void);
const struct guest_ops *guest_ops_of(const char *name);

/* Whether its name and MAC addresses are valid, and its files there, else why in @error. */
bool guest_check(const struct guest *g, char error[GUEST_ERROR_SIZE]);

void guest_full_name(const struct guest *g, char name[GUEST_FULL_SIZE]);

/* A file that belongs to the guest. */
void guest_file(const struct guest *g, const char *suffix, char path[PATH_MAX]);

/* Its members. */
long long guest_number(const struct guest *g, const char *name);
const json_t *guest_nic(const struct guest *g, unsigned int index);

/* Says what a program said. Returns false. */
bool guest_fail(char error[GUEST_ERROR_SIZE], const struct guest *g, const char *what,
		const char *why);

/* Has ip(8) do steps about the ports of a guest. Returns false, with why in @error. */
bool guest_ip(const struct guest *g, const char *steps, char error[GUEST_ERROR_SIZE]);

#endif /* LAB_GUEST_H */
