// SPDX-License-Identifier: GPL-2.0
/*
 * Exchanges octets by sockets of type SOCK_STREAM.
 *
 *	rrdp-octets serve PORT OCTETS		with who connects
 *	rrdp-octets call NODE PORT OCTETS [OPTIONS]
 */
#include "octets.h"
#include "sock.h"

static unsigned char buf[65536];

/* The other end has all, too, when nothing is left to be acknowledged. */
static int finish_exchange(int fd, size_t octets, unsigned int number)
{
	if (!exchange(fd, octets, number)) {
		fprintf(stderr, "the octets did not arrive\n");
		return 1;
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
	return 0;
}

static int serve(const char *port, const char *octets)
{
	int l = listener_of(SOCK_STREAM, (uint16_t)atoi(port), 1);
	int fd = accept(l, NULL, NULL);

	return finish_exchange(fd, strtoul(octets, NULL, 0), 0);
}

static int call(const char *node, const char *port, const char *octets,
		const char *options)
{
	int fd = socket_of(SOCK_STREAM), tries = 50;
	int value = options ? (int)strtol(options, NULL, 0) : 0;

	if (options && setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &value,
				  sizeof(value)))
		return perror("options"), 1;
	/* The other end may not listen yet. */
	while (do_connect(fd, (uint32_t)atoi(node), (uint16_t)atoi(port))) {
		if (!tries-- || errno != ECONNREFUSED)
			return perror("connect"), 1;
		usleep(100000);
	}
	return finish_exchange(fd, strtoul(octets, NULL, 0), 1);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argv[3]);
	if (argc >= 5 && !strcmp(argv[1], "call"))
		return call(argv[2], argv[3], argv[4], argv[5]);
	fprintf(stderr, "usage: rrdp-octets serve PORT OCTETS | call NODE PORT OCTETS [OPTIONS]\n");
	return 2;
}
