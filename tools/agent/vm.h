/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMs here. A port of a network stands for one: that which the alias of its device
 * names, or which the board knows by the MAC address that is learned behind it; or else
 * a new one. It is registered while the port is there, and all of them again when the
 * board has forgotten this host.
 */
#ifndef AGENT_VM_H
#define AGENT_VM_H

#include "agent.h"

void vm_open(struct domain *d);
void vm_close(struct domain *d);

/* Compares ports with what the board knows, in @ms milliseconds at most. */
void vm_check(struct domain *d, unsigned int ms);

#endif /* AGENT_VM_H */
