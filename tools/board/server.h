/* SPDX-License-Identifier: GPL-2.0 */
/* Connections: TLS, limits, and how long one may be slow. */
#ifndef BOARD_SERVER_H
#define BOARD_SERVER_H

#include <microhttpd.h>

#include "board.h"
#include "tls.h"

/* Listens. Returns the port; dies when it cannot. */
unsigned int server_start(struct board *b, const struct identity *id);
void server_stop(struct board *b);

/* The request of a connection is complete; or its answer is. */
void server_received(struct MHD_Connection *conn);
void server_completed(struct MHD_Connection *conn);

/* Ends the connections on which a request takes too long to come. */
void server_tick(struct board *b, uint64_t now);

#endif /* BOARD_SERVER_H */
