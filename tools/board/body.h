/* SPDX-License-Identifier: GPL-2.0 */
/* The body of a request: one object of JSON, which is not deep. */
#ifndef BOARD_BODY_H
#define BOARD_BODY_H

#include <jansson.h>

#include "buf.h"
#include "problem.h"

/* Returns the object, which json_decref() frees, or NULL and the problem. */
json_t *body_parse(const struct buf *b, struct problem *p);

#endif /* BOARD_BODY_H */
