// SPDX-License-Identifier: GPL-2.0
/*
 * A TCP stream whose every octet is checked.
 *
 *	stream recv PORT BYTES		prints "ready" when it listens
 *	stream send ADDRESS PORT BYTES
 *
 * The octets follow from their place in the stream. The receiver answers with
 * one octet when all are there and right.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHUNK	65536

static unsigned char buf[CHUNK], want[CHUNK];

static void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void fill(unsigned char *p, unsigned long long at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++, at++)
		p[i] = (unsigned char)(at * 2654435761ull >> 13);
}

static int receive(unsigned short port, unsigned long long bytes)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1, fd;
	unsigned long long at = 0;
	ssize_t len;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (struct sockaddr *)&addr, sizeof(addr)) || listen(s, 1))
		die("listen");
	puts("ready");
	fflush(stdout);
	fd = accept(s, NULL, NULL);
	if (fd < 0)
		die("accept");
	while (at < bytes && (len = recv(fd, buf, CHUNK, 0)) > 0) {
		fill(want, at, (size_t)len);
		if (memcmp(buf, want, (size_t)len))
			return fprintf(stderr, "stream: altered after %llu\n", at), 1;
		at += (unsigned long long)len;
	}
	if (at != bytes)
		return fprintf(stderr, "stream: %llu of %llu\n", at, bytes), 1;
	return send(fd, "+", 1, MSG_NOSIGNAL) != 1;
}

static int transmit(const char *to, unsigned short port,
		    unsigned long long bytes)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned long long at = 0;
	ssize_t len;

	if (inet_pton(AF_INET, to, &addr.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("connect");
	while (at < bytes) {
		size_t left = bytes - at < CHUNK ? bytes - at : CHUNK;

		fill(buf, at, left);
		len = send(fd, buf, left, MSG_NOSIGNAL);
		if (len <= 0)
			die("send");
		at += (unsigned long long)len;
	}
	if (recv(fd, buf, 1, 0) != 1)
		die("no answer");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "recv"))
		return receive((unsigned short)atoi(argv[2]), strtoull(argv[3], NULL, 0));
	if (argc == 5 && !strcmp(argv[1], "send"))
		return transmit(argv[2], (unsigned short)atoi(argv[3]),
				strtoull(argv[4], NULL, 0));
	fprintf(stderr, "usage: stream recv PORT BYTES | send ADDRESS PORT BYTES\n");
	return 2;
}
