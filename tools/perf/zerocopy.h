/* SPDX-License-Identifier: GPL-2.0 */
/* Messages over RRDP that are not copied: MSG_ZEROCOPY, and the transmit ring. */
#ifndef PERF_ZEROCOPY_H
#define PERF_ZEROCOPY_H

#include <stddef.h>
#include <stdint.h>

enum zerocopy {
	ZEROCOPY_NONE,
	ZEROCOPY_SEND,		/* MSG_ZEROCOPY */
	ZEROCOPY_RING,		/* RRDP_SO_TX_RING */
};

struct sender;

/*
 * A sender of messages of @size octets by a socket that is connected. All functions
 * end the program with a message if they cannot.
 */
struct sender *sender_new(int fd, enum zerocopy how, size_t size);
void sender_free(struct sender *s);

/* Sends @n messages, which are on their way when it returns. */
void sender_put(struct sender *s, uint64_t n, unsigned int batch);

/* Waits until all messages are acknowledged. Returns how many were copied. */
uint64_t sender_end(struct sender *s);

#endif /* PERF_ZEROCOPY_H */
