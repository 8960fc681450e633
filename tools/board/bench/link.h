/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection to a board, by TLS: one request at a time, whose answer may be a stream
 * of events that does not end. Opened and written to with patience, read when there is
 * something.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "buf.h"

enum link_state {
	LINK_IDLE,
	LINK_HEAD,		/* the head of an answer comes */
	LINK_BODY,		/* so many octets of a body */
	LINK_CHUNK_SIZE,	/* of a stream */
	LINK_CHUNK,
	LINK_CHUNK_END,
};

/**
 * struct link - a connection
 * @fd: its socket
 * @tls: GnuTLS's part
 * @state: what comes next
 * @status: of the answer
 * @left: octets of the body, or of the chunk
 * @line: the head, or a line of the framing, or a line of the stream
 * @body: of the answer
 * @answered: the whole of it is there
 * @told: a line of a stream is there
 * @user: of these
 * @number: of the user
 */
struct link {
	int fd;
	gnutls_session_t tls;
	enum link_state state;
	unsigned int status;
	size_t left;
	struct buf line;
	struct buf body;
	void (*answered)(struct link *l);
	void (*told)(struct link *l, const char *line);
	void *user;
	unsigned int number;
};

/* Whether it is open. */
bool link_is_open(const struct link *l);

/* Connects to the port on loopback, or dies. */
void link_open(struct link *l, unsigned int port);

/* Sends a request; @body may be NULL. The answer comes when it is read. */
void link_ask(struct link *l, const char *token, const char *method, const char *path,
	      const char *body);

/* Reads what there is. Dies if the board breaks off, but closes if nothing was asked. */
void link_read(struct link *l);

/* Reads until the answer is there. Returns its status. */
unsigned int link_wait(struct link *l);

void link_close(struct link *l);

#endif /* BENCH_LINK_H */
