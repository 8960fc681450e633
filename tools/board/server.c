// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "lease.h"
#include "memory.h"
#include "server.h"

/* Of libmicrohttpd, for the head of a request. */
#define CONNECTION_MEMORY	(6 << 10)

/* No older TLS, and what is left without what is known to be weak. */
#define PRIORITIES	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/**
 * struct connection - a connection
 * @link: of the board's
 * @board: the board
 * @fd: its socket
 * @deadline: when something must have come, lease_now(); 0: nothing is awaited
 */
struct connection {
	struct list link;
	struct board *board;
	int fd;
	atomic_uint_fast64_t deadline;
};

static struct connection *connection_of(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *info;

	info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static void expect(struct connection *c, uint64_t seconds)
{
	c->deadline = lease_now() + seconds * 1000;
}

static void opened(struct board *b, struct MHD_Connection *conn, void **context)
{
	const union MHD_ConnectionInfo *info;
	struct connection *c = memory_new(sizeof(*c));

	info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	c->board = b;
	c->fd = info ? info->connect_fd : -1;
	expect(c, b->config.timeout);
	pthread_mutex_lock(&b->connections_lock);
	list_add_tail(&b->connections, &c->link);
	pthread_mutex_unlock(&b->connections_lock);
	b->counters.connections++;
	*context = c;
}

static void closed(struct board *b, void **context)
{
	struct connection *c = *context;

	if (!c)
		return;
	pthread_mutex_lock(&b->connections_lock);
	list_del(&c->link);
	pthread_mutex_unlock(&b->connections_lock);
	b->counters.connections--;
	free(c);
	*context = NULL;
}

static void notify(void *arg, struct MHD_Connection *conn, void **context,
		   enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		opened(arg, conn, context);
	else
		closed(arg, context);
}

/* The first line of a request is there: the rest must come in time. */
static void *line_read(void *arg, const char *uri, struct MHD_Connection *conn)
{
	struct connection *c = connection_of(conn);
	struct board *b = arg;

	(void)uri;
	if (c)
		expect(c, b->config.timeout);
	return NULL;
}

void server_received(struct MHD_Connection *conn)
{
	struct connection *c = connection_of(conn);

	if (c)
		c->deadline = 0;
}

void server_completed(struct MHD_Connection *conn)
{
	struct connection *c = connection_of(conn);

	if (c)
		expect(c, c->board->config.idle);
}

void server_tick(struct board *b, uint64_t now)
{
	struct list *link;

	pthread_mutex_lock(&b->connections_lock);
	for (link = b->connections.next; link != &b->connections; link = link->next) {
		struct connection *c = list_entry(link, &b->connections, struct connection, link);
		uint64_t deadline = c->deadline;

		if (!deadline || now < deadline || c->fd < 0)
			continue;
		/* libmicrohttpd sees the end of the connection, and closes it. */
		shutdown(c->fd, SHUT_RDWR);
		c->deadline = 0;
		b->counters.slow++;
	}
	pthread_mutex_unlock(&b->connections_lock);
}

/* As libmicrohttpd does it; a NUL does not cut off what follows it. */
static size_t unescape(void *arg, struct MHD_Connection *conn, char *s)
{
	size_t len = MHD_http_unescape(s), i;

	(void)arg;
	(void)conn;
	for (i = 0; i < len; i++)
		if (!s[i])
			s[i] = '?';
	return len;
}

/* That a peer breaks off is not worth a line each time. */
static void quiet(void *arg, const char *fmt, va_list ap)
{
	(void)arg;
	(void)fmt;
	(void)ap;
}

static int listen_socket(const struct endpoint *ep)
{
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(ep->port),
	};
	struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(ep->port), .sin_addr = ep->v4,
	};
	bool is_v4 = ep->family == AF_INET;
	const void *address = is_v4 ? (void *)&v4 : (void *)&v6;
	socklen_t len = is_v4 ? sizeof(v4) : sizeof(v6);
	char text[ENDPOINT_STRLEN];
	const int on = 1, off = 0;
	int fd;

	v6.sin6_addr = ep->v6;
	fd = socket(ep->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (!is_v4)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		if (!bind(fd, address, len) && !listen(fd, SOMAXCONN))
			return fd;
	}
	format_endpoint(ep, text);
	die(STATUS_REFUSED, "cannot listen on %s: %s; set \"listen\" to another address or port",
	    text, strerror(errno));
}

static unsigned int port_of(int fd)
{
	struct sockaddr_in6 address = { };
	socklen_t len = sizeof(address);

	/* Both families have it in the same place. */
	getsockname(fd, (struct sockaddr *)&address, &len);
	return ntohs(address.sin6_port);
}

unsigned int server_start(struct board *b, const struct identity *id)
{
	const struct config *c = &b->config;
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			     MHD_USE_ERROR_LOG | (c->insecure ? 0 : MHD_USE_TLS);
	unsigned int threads = c->threads ? c->threads : (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, id->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, id->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };
	int fd = listen_socket(&c->listen);
	unsigned int port = port_of(fd);

	b->daemon = MHD_start_daemon(flags, 0, NULL, NULL, request_handle, b,
				     MHD_OPTION_EXTERNAL_LOGGER, quiet, NULL,
				     MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_NOTIFY_COMPLETED, request_completed, b,
				     MHD_OPTION_NOTIFY_CONNECTION, notify, b,
				     MHD_OPTION_URI_LOG_CALLBACK, line_read, b,
				     MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
				     MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned int)(c->idle + c->timeout),
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned int)c->connections,
				     MHD_OPTION_PER_IP_CONNECTION_LIMIT,
				     (unsigned int)c->per_address,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				     (size_t)CONNECTION_MEMORY,
				     MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 2,
				     MHD_OPTION_ARRAY, c->insecure ? none : tls,
				     MHD_OPTION_END);
	if (!b->daemon)
		die(STATUS_REFUSED, "cannot start the server%s",
		    c->insecure ? "" : ": do \"certificate\" and \"key\" belong together?");
	return port;
}

void server_stop(struct board *b)
{
	MHD_stop_daemon(b->daemon);
}
