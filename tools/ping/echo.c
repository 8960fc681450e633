// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo.h"
#include "note.h"
#include "rrdpsock.h"
#include "stop.h"

#define CLIENTS_MAX	64

/**
 * struct client - one who is answered
 * @greeted: it has said that it wants an echo
 * @held: what its connection has no room for yet
 * @held_len: octets of that, 0 if there is none
 *
 * Its socket is in the array of what is polled.
 */
struct client {
	bool greeted;
	char *held;
	size_t held_len;
};

static struct client clients[CLIENTS_MAX];
static struct pollfd fds[CLIENTS_MAX + 1];	/* the listener last, as others move */
static unsigned int count;
static char data[NOTE_SIZE_MAX];

static void client_new(int fd)
{
	clients[count] = (struct client) { };
	fds[count++] = (struct pollfd) { .fd = fd, .events = POLLIN };
}

static void client_del(unsigned int i)
{
	close(fds[i].fd);
	free(clients[i].held);
	count--;
	clients[i] = clients[count];
	fds[i] = fds[count];
}

/* Sends @len octets, now or when there is room. False: it is over. */
static bool put(unsigned int i, const void *p, size_t len)
{
	struct client *c = &clients[i];

	if (send(fds[i].fd, p, len, MSG_NOSIGNAL) >= 0) {
		c->held_len = 0;
		fds[i].events = POLLIN;
		return true;
	}
	if (errno != EAGAIN)
		return false;
	/* Until this has gone nothing more is taken from this client. */
	if (!c->held_len) {
		c->held = c->held ?: malloc(NOTE_SIZE_MAX);
		if (!c->held)
			return false;
		memcpy(c->held, p, len);
		c->held_len = len;
	}
	fds[i].events = POLLOUT;
	return true;
}

/* Whoever begins with anything else than a wish for an echo gets none. */
static bool answer_hello(unsigned int i, size_t len)
{
	char wire[NOTE_LEN];
	struct note n;

	if (note_read(data, len, &n) != NOTE_ECHO)
		return false;
	clients[i].greeted = true;
	note_write(wire, NOTE_READY, &n);
	return put(i, wire, sizeof(wire));
}

static bool client_go_on(unsigned int i)
{
	struct client *c = &clients[i];
	ssize_t got;

	if (c->held_len)
		return put(i, c->held, c->held_len);
	got = recv(fds[i].fd, data, sizeof(data), 0);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!got)
		return false;
	return c->greeted ? put(i, data, (size_t)got) : answer_hello(i, (size_t)got);
}

static void serve_once(int listener)
{
	unsigned int n = count, i;
	int fd;

	/* Others wait in the queue of the listener, if there are too many. */
	if (n < CLIENTS_MAX)
		fds[n++] = (struct pollfd) { .fd = listener, .events = POLLIN };
	stop_poll(fds, n, STOP_NEVER);
	if (n > count && fds[count].revents) {
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			client_new(fd);
	}
	/* Backwards, as the last one takes the place of one that goes. */
	for (i = count; i--;)
		if (fds[i].revents && !client_go_on(i))
			client_del(i);
}

int echo_serve(uint16_t port)
{
	int listener = rrdpsock_open(SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC);
	int err = listener < 0 ? listener : rrdpsock_listen(listener, port);

	if (!err) {
		printf("listening on port %u\n", port);
		fflush(stdout);
	}
	while (!err && !stop_asked())
		serve_once(listener);
	while (count)
		client_del(0);
	if (listener >= 0)
		close(listener);
	return err;
}
