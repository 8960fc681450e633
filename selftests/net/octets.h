/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Octets both ways of a stream at once, in reads and writes of random sizes. Each
 * octet follows from its place and its direction.
 */
#ifndef _NET_OCTETS_H
#define _NET_OCTETS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static inline unsigned char octet(size_t at, unsigned int way)
{
	return (unsigned char)((at * 2654435761u + way * 97) >> 11);
}

static inline void fill(unsigned char *p, size_t at, size_t len, unsigned int way)
{
	while (len--)
		*p++ = octet(at++, way);
}

/**
 * struct way - one way of an exchange
 * @fd: socket
 * @octets: how many
 * @number: which way
 * @at: how many have been sent, or were received and right
 */
struct way {
	int fd;
	size_t octets;
	unsigned int number;
	size_t at;
};

/* Mostly small, and up to @max. */
static inline size_t some(unsigned int *seed, size_t max)
{
	size_t most = rand_r(seed) % 4 && max > 2000 ? 2000 : max;

	return 1 + (size_t)rand_r(seed) % most;
}

static inline void *write_all(void *arg)
{
	struct way *w = arg;
	unsigned int seed = w->number + 1;
	unsigned char *p = malloc(200000);

	while (p && w->at < w->octets) {
		size_t n = some(&seed, w->octets - w->at < 200000 ?
				w->octets - w->at : 200000);
		ssize_t sent;

		fill(p, w->at, n, w->number);
		sent = send(w->fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0) {
			perror("# send");
			break;
		}
		w->at += (size_t)sent;
	}
	free(p);
	return NULL;
}

static inline void *read_all(void *arg)
{
	struct way *w = arg;
	unsigned int seed = w->number + 77;
	unsigned char *p = malloc(100000), *good = malloc(100000);

	while (p && good && w->at < w->octets) {
		ssize_t got = recv(w->fd, p, some(&seed, 100000), 0);

		if (got <= 0) {
			fprintf(stderr, "# recv: %zd %m after %zu\n", got, w->at);
			break;
		}
		fill(good, w->at, (size_t)got, w->number);
		if (memcmp(p, good, (size_t)got)) {
			fprintf(stderr, "# altered after %zu\n", w->at);
			break;
		}
		w->at += (size_t)got;
	}
	free(p);
	free(good);
	return NULL;
}

/* Both ways of one end; @number is that of what it sends. */
static inline bool exchange(int fd, size_t octets, unsigned int number)
{
	struct way out = { fd, octets, number, 0 };
	struct way in = { fd, octets, !number, 0 };
	pthread_t writer;

	pthread_create(&writer, NULL, write_all, &out);
	read_all(&in);
	/* Who cannot read any more ends the other end's waiting as well. */
	if (in.at != octets)
		shutdown(fd, SHUT_RDWR);
	pthread_join(writer, NULL);
	return in.at == octets && out.at == octets;
}

#endif /* _NET_OCTETS_H */
