// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "note.h"
#include "rrdpsock.h"

static int say_connect(const struct link *l)
{
	struct sockaddr_rrdp addr = rrdpsock_address(l->node, l->port);

	return connect(l->fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
}

/* The other end is to echo what follows. */
static int greet(struct link *l)
{
	struct note hello = { .size = l->size };
	char wire[NOTE_LEN];

	note_write(wire, NOTE_ECHO, &hello);
	if (send(l->fd, wire, sizeof(wire), MSG_NOSIGNAL) < 0)
		return -errno;
	l->state = LINK_GREETING;
	return 0;
}

int link_start(struct link *l)
{
	int err;

	l->fd = rrdpsock_open(SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (l->fd < 0)
		return l->fd;
	l->state = LINK_CONNECTING;
	err = say_connect(l);
	if (!err)
		err = greet(l);
	else if (err == -EINPROGRESS)
		err = 0;
	if (err)
		link_stop(l);
	return err;
}

void link_stop(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->state = LINK_DOWN;
}

short link_events(const struct link *l)
{
	return l->state == LINK_CONNECTING ? POLLOUT : POLLIN;
}

/* Asked again, connect() tells how it went. */
static int go_on_connecting(struct link *l)
{
	int err = say_connect(l);

	if (err == -EALREADY || err == -EINPROGRESS)
		return 0;
	return err && err != -EISCONN ? err : greet(l);
}

/*
 * The other end answers with @wire that it is ready. What knows no notes and sends
 * everything back does as well.
 */
static int come_up(struct link *l, const void *wire, size_t wire_len)
{
	socklen_t len = sizeof(int);
	enum note_kind kind;
	struct note n;
	int size;

	kind = note_read(wire, wire_len, &n);
	if (kind != NOTE_READY && kind != NOTE_ECHO)
		return -EPROTO;
	if (getsockopt(l->fd, SOL_RRDP, RRDP_SO_MSGSIZE, &size, &len))
		return -errno;
	l->size_max = (size_t)size;
	l->state = LINK_UP;
	return l->size > l->size_max ? -EMSGSIZE : 0;
}

static ssize_t receive(struct link *l, void *p)
{
	ssize_t got = recv(l->fd, p, NOTE_SIZE_MAX, 0);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!got)
		return -ECONNRESET;
	return l->state == LINK_UP ? got : come_up(l, p, (size_t)got);
}

ssize_t link_continue(struct link *l, void *p)
{
	switch (l->state) {
	case LINK_DOWN:
		return 0;
	case LINK_CONNECTING:
		return go_on_connecting(l);
	default:
		return receive(l, p);
	}
}

int link_send(const struct link *l, const void *p)
{
	return send(l->fd, p, l->size, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

bool link_is_far(int error)
{
	return error == ECONNREFUSED || error == ECONNRESET || error == ETIMEDOUT ||
	       error == ECONNABORTED || error == EPIPE || error == EPROTO;
}

const char *link_advice(int error)
{
	switch (error) {
	case EAGAIN:
		return "the send queue is full";
	case ECONNREFUSED:
		return "nobody listens on that port; run \"rrdp-ping -l\" there";
	case EPROTO:
		return "what listens on that port is no echo; try another with -p";
	case ETIMEDOUT:
		return "no answer from the node; does \"vmnetctl show-nodes\" have it right?";
	default:
		return rrdpsock_advice(error);
	}
}
