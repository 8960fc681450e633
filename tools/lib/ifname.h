/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TOOLS_IFNAME_H
#define TOOLS_IFNAME_H

/* Index of a device of this namespace; dies if there is none. */
unsigned int ifname_index(const char *name);

/*
 * Name of device @index, "ifN" if it is gone. Looked up once, then
 * remembered; the result lives until the next call that must look one up.
 */
const char *ifname_get(unsigned int index);

/* Remembers the name of a device. */
void ifname_learn(unsigned int index, const char *name);

#endif /* TOOLS_IFNAME_H */
