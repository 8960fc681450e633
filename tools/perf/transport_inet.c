// SPDX-License-Identifier: GPL-2.0
/* TCP, whose sender never waits for more, and UDP. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "transport.h"

/* IPv6 takes both, where there is any. */
static int server_family(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd < 0)
		return AF_INET;
	close(fd);
	return AF_INET6;
}

static struct addrinfo *resolve(const struct place *at, int type)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = type,
		.ai_flags = AI_NUMERICSERV | (at->address ? 0 : AI_PASSIVE),
	};
	struct addrinfo *found;
	char port[8];
	int err;

	if (!at->address)
		hints.ai_family = server_family();
	snprintf(port, sizeof(port), "%u", at->port);
	err = getaddrinfo(at->address, port, &hints, &found);
	if (err)
		die(STATUS_REFUSED, "\"%s\": %s", at->address ?: "::",
		    gai_strerror(err));
	return found;
}

static int inet_socket(const struct addrinfo *ai)
{
	int fd = transport_socket(ai->ai_family, ai->ai_socktype, NULL);
	int one = 1, idle = 5;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_socktype != SOCK_STREAM)
		return fd;
	/* What is accepted inherits these. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof(one));
	return fd;
}

static int open_server(const struct place *at, int type)
{
	struct addrinfo *ai = resolve(at, type);
	int fd = inet_socket(ai);

	if (bind(fd, ai->ai_addr, ai->ai_addrlen) ||
	    (type == SOCK_STREAM && listen(fd, 16)))
		die(STATUS_REFUSED, "cannot listen on port %u: %s", at->port,
		    strerror(errno));
	freeaddrinfo(ai);
	return fd;
}

static void open_client(const struct place *at, int type, struct channel *ch)
{
	struct addrinfo *ai = resolve(at, type);

	ch->fd = inet_socket(ai);
	if (connect(ch->fd, ai->ai_addr, ai->ai_addrlen))
		die(STATUS_REFUSED, "cannot connect to %s, port %u: %s",
		    at->address, at->port, strerror(errno));
	freeaddrinfo(ai);
}

static int tcp_server(const struct place *at)
{
	return open_server(at, SOCK_STREAM);
}

static void tcp_client(const struct place *at, struct channel *ch)
{
	open_client(at, SOCK_STREAM, ch);
}

static int udp_server(const struct place *at)
{
	return open_server(at, SOCK_DGRAM);
}

static void udp_client(const struct place *at, struct channel *ch)
{
	open_client(at, SOCK_DGRAM, ch);
}

const struct transport transport_tcp = {
	.name = "tcp",
	.stream = true,
	.open_server = tcp_server,
	.open_client = tcp_client,
};

const struct transport transport_udp = {
	.name = "udp",
	.lossy = true,
	.open_server = udp_server,
	.open_client = udp_client,
};
