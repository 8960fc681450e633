/* SPDX-License-Identifier: GPL-2.0 */
/* One request, from its first octet to its answer. */
#ifndef BOARD_REQUEST_H
#define BOARD_REQUEST_H

#include <microhttpd.h>

#include "ask.h"
#include "list.h"
#include "store.h"
#include "token.h"

#define PATH_PARTS	7	/* of a path */

struct board;
struct route;

/**
 * struct request - a request
 * @job: what the store is asked
 * @board: whose it is
 * @conn: its connection
 * @route: what it asks for
 * @path: its path, cut into @parts, @part_count of them
 * @token: who asks
 * @body: what came so far
 * @received: octets of that, and of what was discarded
 * @json: what it says
 * @ask: the question
 * @refused: the body is ignored, as the answer is known
 * @submitted: the store has been asked, or the request waits for a change
 * @tries: how often the store has been asked
 * @waiting: it is in the board's list of watchers, by @link
 * @link: see there
 * @segment: whose changes are watched, "" for all of the domain
 * @since: revision up to which the watcher knows all
 * @deadline: when it has waited long enough, lease_now()
 * @patience: until when @since may be what another board has told, and this has not
 * @counted: it is one of the board's watches
 * @stream: the answer never ends
 * @gone: unless it was told that it is too slow
 * @out: of the stream, what is to be sent; @sent octets of it are
 * @sent: see there
 */
struct request {
	struct store_job job;
	struct board *board;
	struct MHD_Connection *conn;
	const struct route *route;
	char *path;
	char *parts[PATH_PARTS];
	unsigned int part_count;
	struct token token;
	struct buf body;
	uint64_t received;
	json_t *json;
	struct ask ask;
	bool refused;
	bool submitted;
	unsigned int tries;
	bool waiting;
	struct list link;
	char segment[NAME_SIZE];
	uint64_t since;
	uint64_t deadline;
	uint64_t patience;
	bool counted;
	bool stream;
	bool gone;
	struct buf out;
	size_t sent;
};

/* What libmicrohttpd calls for each request, see MHD_AccessHandlerCallback. */
enum MHD_Result request_handle(void *arg, struct MHD_Connection *conn,
			       const char *url, const char *method,
			       const char *version, const char *data, size_t *size,
			       void **context);
void request_completed(void *arg, struct MHD_Connection *conn, void **context,
		       enum MHD_RequestTerminationCode why);

/* Answers with what the ask says: its answer, or its problem. */
enum MHD_Result request_answer(struct request *r);

/* Answers with @b, which it takes. */
enum MHD_Result request_reply(struct request *r, unsigned int status,
			      const char *type, struct buf *b);

/* An argument of the query, or NULL. */
const char *request_argument(struct request *r, const char *name);

/* A number in the query; a problem if it is none. */
bool request_number(struct request *r, const char *name, uint64_t max, uint64_t *v);

#endif /* BOARD_REQUEST_H */
