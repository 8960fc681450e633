// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "link.h"

static gnutls_certificate_credentials_t credentials(void)
{
	static gnutls_certificate_credentials_t all;

	if (!all && gnutls_certificate_allocate_credentials(&all))
		die(STATUS_REFUSED, "cannot use GnuTLS");
	return all;
}

bool link_is_open(const struct link *l)
{
	return l->tls;
}

void link_open(struct link *l, unsigned int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;
	int err;

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&to, sizeof(to)))
		die(STATUS_REFUSED, "cannot connect: %s", strerror(errno));
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	gnutls_init(&l->tls, GNUTLS_CLIENT);
	gnutls_set_default_priority(l->tls);
	gnutls_credentials_set(l->tls, GNUTLS_CRD_CERTIFICATE, credentials());
	gnutls_transport_set_int(l->tls, l->fd);
	do {
		err = gnutls_handshake(l->tls);
	} while (err < 0 && !gnutls_error_is_fatal(err));
	if (err < 0)
		die(STATUS_REFUSED, "handshake: %s", gnutls_strerror(err));
	fcntl(l->fd, F_SETFL, O_NONBLOCK);
}

static void wait_for(struct link *l, short events)
{
	struct pollfd p = { .fd = l->fd, .events = events };

	poll(&p, 1, -1);
}

static void send_all(struct link *l, const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = gnutls_record_send(l->tls, b->p + done, b->len - done);

		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			wait_for(l, POLLOUT);
		else if (n < 0)
			die(STATUS_REFUSED, "cannot send: %s", gnutls_strerror(n));
		else
			done += n;
	}
}

void link_ask(struct link *l, const char *token, const char *method, const char *path,
	      const char *body)
{
	struct buf b = { };

	buf_puts(&b, method);
	buf_putc(&b, ' ');
	buf_puts(&b, path);
	buf_puts(&b, " HTTP/1.1\r\nHost: board\r\nAuthorization: Bearer ");
	buf_puts(&b, token);
	if (l->told)
		buf_puts(&b, "\r\nAccept: text/event-stream");
	buf_puts(&b, "\r\nContent-Length: ");
	buf_u64(&b, body ? strlen(body) : 0);
	buf_puts(&b, "\r\n\r\n");
	buf_puts(&b, body ? body : "");
	l->state = LINK_HEAD;
	l->line.len = 0;
	l->body.len = 0;
	send_all(l, &b);
	buf_free(&b);
}

static void end(struct link *l)
{
	l->state = LINK_IDLE;
	buf_putc(&l->body, '\0');
	if (l->answered)
		l->answered(l);
}

/* The whole head is in the line. */
static void read_head(struct link *l)
{
	const char *length;

	buf_putc(&l->line, '\0');
	l->status = strtoul(l->line.p + strcspn(l->line.p, " "), NULL, 10);
	length = strcasestr(l->line.p, "\r\nContent-Length:");
	l->left = length ? strtoul(length + 17, NULL, 10) : 0;
	l->state = length ? LINK_BODY : LINK_CHUNK_SIZE;
	l->line.len = 0;
	if (length && !l->left)
		end(l);
}

static void take_octet(struct link *l, char c)
{
	switch (l->state) {
	case LINK_HEAD:
		buf_putc(&l->line, c);
		if (l->line.len > 4 && !memcmp(l->line.p + l->line.len - 4, "\r\n\r\n", 4))
			read_head(l);
		break;
	case LINK_CHUNK_SIZE:
		if (c != '\n') {
			buf_putc(&l->body, c);
			break;
		}
		buf_putc(&l->body, '\0');
		l->left = strtoul(l->body.p, NULL, 16);
		l->body.len = 0;
		l->state = LINK_CHUNK;
		break;
	case LINK_CHUNK_END:
		if (c == '\n')
			l->state = LINK_CHUNK_SIZE;
		break;
	default:
		die(STATUS_REFUSED, "the board says more than was asked");
	}
}

/* Takes part of a chunk, a line at a time. */
static void take_chunk(struct link *l, const char *p, size_t n)
{
	while (n) {
		const char *eol = memchr(p, '\n', n);
		size_t part = eol ? (size_t)(eol - p) : n;

		buf_add(&l->line, p, part);
		if (!eol)
			return;
		buf_putc(&l->line, '\0');
		l->told(l, l->line.p);
		l->line.len = 0;
		p += part + 1;
		n -= part + 1;
	}
}

static void take(struct link *l, const char *p, size_t n)
{
	while (n) {
		size_t part = n < l->left ? n : l->left;

		if (l->state == LINK_BODY) {
			buf_add(&l->body, p, part);
			l->left -= part;
			if (!l->left)
				end(l);
		} else if (l->state == LINK_CHUNK) {
			take_chunk(l, p, part);
			l->left -= part;
			if (!l->left)
				l->state = LINK_CHUNK_END;
		} else {
			part = 1;
			take_octet(l, *p);
		}
		p += part;
		n -= part;
	}
}

void link_read(struct link *l)
{
	char some[16 << 10];
	ssize_t n;

	for (;;) {
		n = gnutls_record_recv(l->tls, some, sizeof(some));
		if (n == GNUTLS_E_AGAIN)
			return;
		if (n == GNUTLS_E_INTERRUPTED)
			continue;
		/* It has waited for long enough. */
		if (n <= 0 && l->state == LINK_IDLE) {
			link_close(l);
			return;
		}
		if (n <= 0)
			die(STATUS_REFUSED, "the board broke off: %s",
			    n ? gnutls_strerror(n) : "end");
		take(l, some, n);
	}
}

unsigned int link_wait(struct link *l)
{
	link_read(l);
	while (l->state != LINK_IDLE) {
		wait_for(l, POLLIN);
		link_read(l);
	}
	return l->status;
}

void link_close(struct link *l)
{
	gnutls_deinit(l->tls);
	close(l->fd);
	buf_free(&l->line);
	buf_free(&l->body);
	*l = (struct link){ };
}
