/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting, and the signals that end it. */
#ifndef PING_STOP_H
#define PING_STOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#define STOP_NEVER	UINT64_MAX

/* From here on SIGINT and SIGTERM only end stop_poll(). */
void stop_catch(void);

/* One of them has come. */
bool stop_asked(void);

/* As poll(), until the time @until of stop_now(). A signal is no error. */
void stop_poll(struct pollfd *fds, unsigned int n, uint64_t until);

/* Nanoseconds of a clock that is never set. */
uint64_t stop_now(void);

#endif /* PING_STOP_H */
