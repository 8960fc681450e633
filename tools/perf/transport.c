// SPDX-License-Identifier: GPL-2.0
/* What all transports share. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "transport.h"

static const struct transport *const all[] = {
	&transport_rrdp, &transport_rrdp_stream, &transport_tcp, &transport_udp,
	&transport_packet, &transport_tipc,
};

const struct transport *transport_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

const char *transport_names(void)
{
	return "rrdp, rrdp-stream, tcp, udp, packet or tipc";
}

int transport_socket(int family, int type, const char *missing)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT && missing)
		die(STATUS_NO_MODULE, "%s", missing);
	if (fd < 0)
		die(STATUS_REFUSED, "cannot make a socket: %s", strerror(errno));
	return fd;
}

void transport_accept(const struct transport *t, int server, struct channel *ch,
		      void *hello, size_t size)
{
	ssize_t got;

	ch->to_len = 0;
	if (!t->lossy) {
		ch->fd = accept(server, NULL, NULL);
		if (ch->fd < 0)
			die(STATUS_REFUSED, "cannot accept a connection: %s",
			    strerror(errno));
		got = recv(ch->fd, hello, size, t->stream ? MSG_WAITALL : 0);
	} else {
		ch->fd = dup(server);
		ch->to_len = sizeof(ch->to);
		got = recvfrom(server, hello, size, 0,
			       (struct sockaddr *)&ch->to, &ch->to_len);
	}
	if (got < (ssize_t)size)
		memset(hello, 0, size);
}
