/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network namespace for a server of guests: its only device is a NIC in one network,
 * whose port is confined to this host. It is there for as long as somebody holds it, so
 * nothing of it outlives the program and what that started.
 */
#ifndef AGENT_NETNS_H
#define AGENT_NETNS_H

#include <netinet/in.h>

#include "kernel.h"

/**
 * struct netns - it
 * @fd: -1: there is none
 * @net: index of the network
 * @port: index of its port
 */
struct netns {
	int fd;
	unsigned int net;
	unsigned int port;
};

/**
 * struct netns_nic - its NIC
 * @name: in the namespace
 * @mac: of it
 * @addr: of it, alone in its prefix
 * @guests: who is reached by it
 * @len: length of that prefix
 */
struct netns_nic {
	const char *name;
	uint8_t mac[6];
	struct in_addr addr;
	struct in_addr guests;
	unsigned int len;
};

/*
 * Makes it, with a port that has the name and the alias. One that was left of somebody
 * who was killed goes. Returns 0 or -errno, with k->error.
 */
int netns_open(struct netns *n, struct kernel *k, unsigned int net, const char *port,
	       const char *alias, const struct netns_nic *nic);

/* @k may be NULL: then its port goes when it is not held any more. */
void netns_close(struct netns *n, struct kernel *k);

/* Has this thread be in it. Returns what netns_leave() takes, or -errno. */
int netns_enter(const struct netns *n);

/* Dies if there is no way back. */
void netns_leave(int home);

#endif /* AGENT_NETNS_H */
