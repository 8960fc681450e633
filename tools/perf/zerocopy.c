// SPDX-License-Identifier: GPL-2.0
#include <time.h>	/* linux/errqueue.h does not include it */

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/rrdp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "zerocopy.h"

#define BUFFERS		64
#define PATIENCE	10000		/* milliseconds until something comes back */

/**
 * struct sender - memory that messages are sent from
 * @fd: the socket
 * @how: never ZEROCOPY_NONE
 * @size: octets of a message
 * @area: @length octets: a buffer for MSG_ZEROCOPY, or the ring
 * @length: of @area
 * @out: messages of MSG_ZEROCOPY on their way
 * @copied: those of them that the kernel copied after all
 * @next: frame of the ring
 */
struct sender {
	int fd;
	enum zerocopy how;
	size_t size;
	char *area;
	size_t length;
	unsigned int out;
	uint64_t copied;
	unsigned int next;
};

static void await(struct sender *s, short events, const char *what)
{
	struct pollfd p = { .fd = s->fd, .events = events };

	if (poll(&p, 1, PATIENCE) != 1)
		die(STATUS_REFUSED, "%s does not come", what);
}

/* ---- MSG_ZEROCOPY ---- */

static void open_send(struct sender *s)
{
	int on = 1;

	if (setsockopt(s->fd, SOL_RRDP, RRDP_SO_ZEROCOPY, &on, sizeof(on)))
		die(STATUS_REFUSED, "no MSG_ZEROCOPY: %s", strerror(errno));
	/* What is sent does not change: one buffer serves all messages. */
	s->length = s->size;
	s->area = mmap(NULL, s->length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

/* Takes a completion. False if there is none yet. */
static bool complete(struct sender *s)
{
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(struct sock_extended_err) + 64)];
	} control;
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	const struct sock_extended_err *err;
	struct cmsghdr *cmsg;
	unsigned int n;

	if (recvmsg(s->fd, &msg, MSG_ERRQUEUE) < 0) {
		if (errno == EAGAIN)
			return false;
		die(STATUS_REFUSED, "no completion: %s", strerror(errno));
	}
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_level != SOL_RRDP)
		die(STATUS_REFUSED, "not a completion");
	err = (const struct sock_extended_err *)CMSG_DATA(cmsg);
	n = err->ee_data - err->ee_info + 1;
	s->out -= n;
	if (err->ee_code == SO_EE_CODE_ZEROCOPY_COPIED)
		s->copied += n;
	return true;
}

static void put_send(struct sender *s)
{
	while (s->out >= BUFFERS)
		if (!complete(s))
			await(s, 0, "a completion");
	if (send(s->fd, s->area, s->size, MSG_ZEROCOPY | MSG_NOSIGNAL) !=
	    (ssize_t)s->size)
		die(STATUS_REFUSED, "cannot send %zu octets: %s", s->size,
		    strerror(errno));
	s->out++;
}

static void end_send(struct sender *s)
{
	while (s->out)
		if (!complete(s))
			await(s, 0, "a completion");
}

/* ---- transmit ring ---- */

static struct rrdp_ring_frame *frame(const struct sender *s, unsigned int i)
{
	return (struct rrdp_ring_frame *)s->area + i;
}

static void open_ring(struct sender *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = page;
	struct rrdp_ring_req req = { .frame_nr = BUFFERS };

	while (size < s->size)
		size *= 2;
	req.frame_size = (uint32_t)size;
	if (setsockopt(s->fd, SOL_RRDP, RRDP_SO_TX_RING, &req, sizeof(req)))
		die(STATUS_REFUSED, "no transmit ring: %s", strerror(errno));
	/* The descriptors fit into a page. */
	s->length = page + BUFFERS * size;
	s->area = mmap(NULL, s->length, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, s->fd, 0);
}

static bool is_free(const struct sender *s, unsigned int i)
{
	return __atomic_load_n(&frame(s, i)->status, __ATOMIC_ACQUIRE) ==
	       RRDP_FRAME_AVAILABLE;
}

static void mark(struct sender *s)
{
	while (!is_free(s, s->next))
		await(s, POLLOUT, "a frame of the ring");
	frame(s, s->next)->len = (uint32_t)s->size;
	__atomic_store_n(&frame(s, s->next)->status, RRDP_FRAME_SEND_REQUEST,
			 __ATOMIC_RELEASE);
	s->next = (s->next + 1) % BUFFERS;
}

static void put_ring(struct sender *s, unsigned int n)
{
	size_t octets = n * s->size;

	while (n--)
		mark(s);
	while (octets) {
		ssize_t sent = send(s->fd, NULL, 0, MSG_NOSIGNAL);

		if (sent <= 0)
			die(STATUS_REFUSED, "cannot send what is in the ring: %s",
			    strerror(errno));
		octets -= (size_t)sent;
	}
}

static void end_ring(struct sender *s)
{
	struct rrdp_info info;
	socklen_t len = sizeof(info);
	unsigned int i;

	for (i = 0; i < BUFFERS; i++)
		while (!is_free(s, i))
			await(s, POLLOUT, "a frame of the ring");
	if (getsockopt(s->fd, SOL_RRDP, RRDP_SO_INFO, &info, &len))
		die(STATUS_REFUSED, "no RRDP_SO_INFO: %s", strerror(errno));
	s->copied = info.zc_copied;
}

/* ---- both ---- */

struct sender *sender_new(int fd, enum zerocopy how, size_t size)
{
	struct sender *s = calloc(1, sizeof(*s));

	if (!s)
		die(STATUS_REFUSED, "no memory");
	s->fd = fd;
	s->how = how;
	s->size = size;
	if (how == ZEROCOPY_SEND)
		open_send(s);
	else
		open_ring(s);
	if (s->area == MAP_FAILED)
		die(STATUS_REFUSED, "cannot map memory: %s", strerror(errno));
	return s;
}

void sender_free(struct sender *s)
{
	if (!s)
		return;
	munmap(s->area, s->length);
	free(s);
}

void sender_put(struct sender *s, uint64_t n, unsigned int batch)
{
	while (n) {
		unsigned int now = n < batch ? (unsigned int)n : batch;

		if (s->how == ZEROCOPY_SEND)
			put_send(s);
		else
			put_ring(s, now);
		n -= now;
	}
}

uint64_t sender_end(struct sender *s)
{
	if (s->how == ZEROCOPY_SEND)
		end_send(s);
	else
		end_ring(s);
	return s->copied;
}
