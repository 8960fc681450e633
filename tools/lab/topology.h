/* SPDX-License-Identifier: GPL-2.0 */
/* Labs: networks, and guests that are in them, as a file describes them. */
#ifndef LAB_TOPOLOGY_H
#define LAB_TOPOLOGY_H

#include <limits.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "document.h"
#include "name.h"
#include "prefix.h"

enum {
	TOPOLOGY_NETWORKS	= 128,
	TOPOLOGY_GUESTS		= 512,
	TOPOLOGY_NICS		= 8,		/* of a guest */
	TOPOLOGY_APPEND		= 1024,		/* octets */
};

/**
 * struct topology_network - a network, which is a segment of a domain
 * @name: in the file
 * @line: of the file
 * @segment: "LAB-NAME"
 * @prefix: of its addresses
 * @vni: 0: one that is free
 * @gateway: name of the appliance that leads to other networks, "" if none does
 * @gateway_line: where that is said
 */
struct topology_network {
	char name[NAME_SIZE];
	unsigned int line;
	char segment[NAME_SIZE];
	struct prefix prefix;
	uint64_t vni;
	char gateway[NAME_SIZE];
	unsigned int gateway_line;
};

/**
 * struct topology_nic - a NIC of a guest
 * @network: number of the network
 * @ipv4: address, "" until the board has chosen one
 * @mac: address, "" until the board has chosen one
 * @line: of the file
 */
struct topology_nic {
	unsigned int network;
	char ipv4[INET_ADDRSTRLEN];
	char mac[18];
	unsigned int line;
};

/**
 * struct topology_guest - a guest
 * @name: of it
 * @line: of the file
 * @host: that it runs on, "" until one is chosen
 * @host_line: where it is said, 0 if it is not
 * @kernel: file on that host, "" if it boots from @disk
 * @initrd: file on that host, "" if there is none
 * @disk: file on that host, "" if there is none
 * @append: words for the kernel
 * @memory: MiB
 * @vcpus: how many processors
 * @dhcp: it asks for its addresses; else its kernel's command line has them
 * @forward: it is an appliance: it forwards between its NICs
 * @nics: its NICs
 * @nic_count: of them
 */
struct topology_guest {
	char name[NAME_SIZE];
	unsigned int line;
	char host[NAME_SIZE];
	unsigned int host_line;
	char kernel[PATH_MAX];
	char initrd[PATH_MAX];
	char disk[PATH_MAX];
	char append[TOPOLOGY_APPEND];
	uint64_t memory;
	uint64_t vcpus;
	bool dhcp;
	bool forward;
	struct topology_nic nics[TOPOLOGY_NICS];
	unsigned int nic_count;
};

/**
 * struct topology - a lab
 * @file: it was read from
 * @name: of the lab
 * @networks: its networks, those of links among them
 * @network_count: of them
 * @guests: its guests, appliances among them
 * @guest_count: of them
 */
struct topology {
	const char *file;
	char name[NAME_SIZE];
	struct topology_network *networks;
	unsigned int network_count;
	struct topology_guest *guests;
	unsigned int guest_count;
};

/*
 * Makes a lab of a document. Returns true; or false with "FILE:LINE: what is wrong;
 * what to do" in @error. Free it with topology_free() in any case.
 */
bool topology_parse(struct topology *t, const char *file, const struct node *root,
		    char error[DOCUMENT_ERROR_SIZE]);

/* The same of the file of that name. */
bool topology_read(struct topology *t, const char *file, char error[DOCUMENT_ERROR_SIZE]);

void topology_free(struct topology *t);

/* NULL if there is none. */
struct topology_guest *topology_guest(const struct topology *t, const char *name);

#endif /* LAB_TOPOLOGY_H */
