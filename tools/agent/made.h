/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which networks and peers in the kernel this program made: others it does not touch. A
 * file says it, where a boot, which also makes the kernel forget, removes it. Peers that
 * are to be made are written there first.
 */
#ifndef AGENT_MADE_H
#define AGENT_MADE_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

/* Key of the network itself; others are those of its peers. */
#define MADE_NET	"network"

/**
 * struct made - the file
 * @file: its name
 * @nets: objects with keys, by index of the network
 * @dirty: it is to be written
 */
struct made {
	char file[PATH_MAX];
	json_t *nets;
	bool dirty;
};

void made_open(struct made *m, const char *file);
void made_close(struct made *m);

bool made_has(const struct made *m, unsigned int net, const char *key);
void made_add(struct made *m, unsigned int net, const char *key);
void made_remove(struct made *m, unsigned int net, const char *key);

/* Only networks for which @is_there says so. */
void made_prune(struct made *m, bool (*is_there)(void *arg, unsigned int net), void *arg);

/* Writes the file if it is not as this. Returns 0 or -errno. */
int made_save(struct made *m);

#endif /* AGENT_MADE_H */
