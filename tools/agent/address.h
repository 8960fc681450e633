/* SPDX-License-Identifier: GPL-2.0 */
/* Addresses in the underlay: "192.0.2.1/24". */
#ifndef AGENT_ADDRESS_H
#define AGENT_ADDRESS_H

#include <jansson.h>
#include <stdbool.h>

#include "parse.h"
#include "setup.h"

/* The address without its mask. Returns false if @s is NULL or no address. */
bool address_endpoint(const char *s, struct endpoint *ep);

/* Host @self has an address of the family, or has not said which it has. */
bool address_usable(const json_t *self, int family);

/*
 * Own address, with the length of its mask: @local, unless it is one of loopback, or else
 * the first that is no network's. Returns false if there is none.
 */
bool address_find(const char *local, char address[SETUP_ADDRESS_SIZE]);

/* Index of the device that has the address @s, 0 if none has. */
unsigned int address_device(const char *s);

#endif /* AGENT_ADDRESS_H */
