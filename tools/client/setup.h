/* SPDX-License-Identifier: GPL-2.0 */
/* What this host takes part in: /etc/vmnetd.conf, which "vmnetctl join" writes. */
#ifndef CLIENT_SETUP_H
#define CLIENT_SETUP_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "http.h"
#include "name.h"

#define SETUP_FILE	"/etc/vmnetd.conf"

enum {
	SETUP_ADDRESSES	= 8,
	SETUP_BOARDS	= 8,
	SETUP_ADDRESS_SIZE = 64,
};

/**
 * struct setup_network - a segment of which this host is to have a network
 * @segment: its name
 * @device: name of the device, "" for the usual one
 */
struct setup_network {
	char segment[NAME_SIZE];
	char device[IF_NAMESIZE];
};

/**
 * struct setup_domain - a domain that this host is in
 * @name: of the domain
 * @host: name of this host in it
 * @boards: that know it, each as good as the others
 * @board_count: how many, at least one
 * @addresses: own ones in the underlay, "192.0.2.1/24"
 * @address_count: 0: they are found
 * @rrdp: peers on the same subnet are reached by RRDP, if they want that, too
 * @ttl: seconds
 * @node: number to ask for, 0: any
 * @networks: segments
 * @network_count: 0: all segments
 * @line: of the file where it begins
 */
struct setup_domain {
	char name[NAME_SIZE];
	char host[NAME_SIZE];
	struct http_board boards[SETUP_BOARDS];
	unsigned int board_count;
	char addresses[SETUP_ADDRESSES][SETUP_ADDRESS_SIZE];
	unsigned int address_count;
	bool rrdp;
	uint64_t ttl;
	uint64_t node;
	struct setup_network *networks;
	unsigned int network_count;
	unsigned int line;
};

/**
 * struct setup - all of the file
 * @state: directory of what is to survive a boot
 * @socket: of those who ask
 * @dhcp: guests are given their addresses
 * @dnsmasq: program that does it
 * @domains: all of them
 * @domain_count: how many
 */
struct setup {
	char state[PATH_MAX];
	char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	bool dhcp;
	char dnsmasq[PATH_MAX];
	struct setup_domain *domains;
	unsigned int domain_count;
};

/*
 * Reads @file. Returns 0 or, with what is wrong in @error, -errno; -ENOENT if there
 * is no file, and @s is then what holds without one.
 */
int setup_read(struct setup *s, const char *file, char error[512]);

/* Writes all of it: the file is what it was, or that. Returns 0 or -errno. */
int setup_write(const struct setup *s, const char *file);

struct setup_domain *setup_find(const struct setup *s, const char *name);
struct setup_domain *setup_add(struct setup *s, const char *name);
void setup_remove(struct setup *s, struct setup_domain *d);

/* An address and the length of its mask. */
bool setup_address_valid(const char *s);

/* Name of this host, as far as it is one that a board takes. */
void setup_host_name(char name[NAME_SIZE]);

void setup_free(struct setup *s);

#endif /* CLIENT_SETUP_H */
