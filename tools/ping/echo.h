/* SPDX-License-Identifier: GPL-2.0 */
/* The end that sends every message back. */
#ifndef PING_ECHO_H
#define PING_ECHO_H

#include <stdint.h>

/* Echoes on @port until it is to stop. Returns 0, or -errno if it cannot listen. */
int echo_serve(uint16_t port);

#endif /* PING_ECHO_H */
