/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to a board that are asked while the loop goes on. */
#ifndef AGENT_EXCHANGE_H
#define AGENT_EXCHANGE_H

#include "http.h"
#include "loop.h"

/**
 * struct exchange - questions on their way, and their connections
 * @loop: that they wait in
 * @multi: libcurl's part
 * @timer: libcurl's
 */
struct exchange {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
};

/* The answer, which is freed after it. It may ask again. */
typedef void (*question_fn)(void *arg, const struct http_answer *a);

/**
 * struct question - one of them; its owner keeps it
 * @request: what is asked
 * @exchange: NULL while nothing is asked
 * @fn: called with the answer, once
 * @arg: for it
 * @board: which one was asked, for its owner
 */
struct question {
	struct http_request request;
	struct exchange *exchange;
	question_fn fn;
	void *arg;
	unsigned int board;
};

void exchange_open(struct exchange *x, struct loop *loop);

/* All questions must have been answered or cancelled. */
void exchange_close(struct exchange *x);

/* As http_make(); @q must not be on its way. */
void exchange_ask(struct exchange *x, struct question *q, const struct http_board *b,
		  const char *method, const char *path, const json_t *body,
		  unsigned int timeout);

/* Nobody wants the answer any more. */
void exchange_cancel(struct question *q);

#endif /* AGENT_EXCHANGE_H */
