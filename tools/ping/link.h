/* SPDX-License-Identifier: GPL-2.0 */
/* The connection to whoever sends the messages back. Nothing here waits. */
#ifndef PING_LINK_H
#define PING_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum link_state {
	LINK_DOWN,
	LINK_CONNECTING,
	LINK_GREETING,		/* the other end is told what to do */
	LINK_UP,
};

/**
 * struct link - a connection
 * @fd: its socket, -1 without one
 * @state: enum link_state
 * @node: who is at the other end
 * @port: its port
 * @size: octets of a message
 * @size_max: most that the other end takes, once it is up
 */
struct link {
	int fd;
	enum link_state state;
	uint32_t node;
	uint16_t port;
	size_t size;
	size_t size_max;
};

/* Begins to connect a link that is down. Returns 0 or -errno. */
int link_start(struct link *l);

void link_stop(struct link *l);

/* What poll() shall wait for. */
short link_events(const struct link *l);

/*
 * Goes on after poll(). Returns the length of a message, now in @p, which has room
 * for NOTE_SIZE_MAX octets; 0 if there is none; or -errno: the connection has failed
 * (-EMSGSIZE: @l->size is too much for the other end).
 */
ssize_t link_continue(struct link *l, void *p);

/* Sends a message of @l->size octets. Returns 0 or -errno. */
int link_send(const struct link *l, const void *p);

/* The other end, or the way there, is the cause of @error, not this host. */
bool link_is_far(int error);

/* What @error (an errno) means and what to do about it. */
const char *link_advice(int error);

#endif /* PING_LINK_H */
