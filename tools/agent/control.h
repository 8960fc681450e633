/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket for vmnetctl: a line of JSON asks, a line of JSON answers.
 *
 *	{"cmd": "status"}	all that "vmnetctl status" shows
 *	{"cmd": "reload"}	read the configuration again
 */
#ifndef AGENT_CONTROL_H
#define AGENT_CONTROL_H

#include "agent.h"

/**
 * struct control - the socket
 * @agent: who answers
 * @listen: in the loop
 * @clients: that are connected
 * @count: of them
 */
struct control {
	struct agent *agent;
	struct loop_fd listen;
	struct client *clients;
	unsigned int count;
};

/* Dies if another vmnetd has the socket. */
void control_open(struct control *c, struct agent *a);
void control_close(struct control *c);

#endif /* AGENT_CONTROL_H */
