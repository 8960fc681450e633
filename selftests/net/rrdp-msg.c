// SPDX-License-Identifier: GPL-2.0
/*
 * Sends or receives checked RRDP messages.
 *
 *	rrdp-msg recv PORT COUNT [OPTIONS]
 *	rrdp-msg send NODE PORT COUNT [MAXSIZE [OPTIONS]]
 *	rrdp-msg echo PORT COUNT
 *	rrdp-msg ping NODE PORT COUNT SIZE
 *
 * Message number n has a size and contents that follow from n alone, so that
 * a lost, repeated, displaced or altered one is told from all others.
 * OPTIONS is a number, RRDP_OPT_*, for RRDP_SO_OPTIONS.
 */
#include <errno.h>
#include <linux/rrdp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static unsigned char buf[RRDP_MSG_MAX];
static unsigned char want[RRDP_MSG_MAX];

static void die(const char *what)
{
	fprintf(stderr, "rrdp-msg: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Mostly small, as a DVMM sends; the largest now and then. */
static size_t make_message(unsigned char *p, uint32_t n, size_t max)
{
	uint32_t state = n * 2654435761u + 12345;
	size_t len, i;

	len = next_random(&state) % 8 ? 4 + next_random(&state) % 64
				      : 4 + next_random(&state) % (max - 3);
	if (len > max)
		len = max;
	memcpy(p, &n, sizeof(n));
	for (i = sizeof(n); i < len; i++)
		p[i] = (unsigned char)next_random(&state);
	return len;
}

static int new_socket(const char *options)
{
	int fd = socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET, 0);
	int value;

	if (fd < 0)
		die("socket");
	if (options) {
		value = (int)strtol(options, NULL, 0);
		if (setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &value,
			       sizeof(value)))
			die("RRDP_SO_OPTIONS");
	}
	return fd;
}

static int accept_on(const char *port, const char *options)
{
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = (uint16_t)atoi(port),
	};
	int fd = new_socket(options);
	int conn;

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("bind");
	if (listen(fd, 5))
		die("listen");
	printf("listening\n");
	fflush(stdout);
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		die("accept");
	close(fd);
	return conn;
}

static int connect_to(const char *node, const char *port, const char *options)
{
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = (uint16_t)atoi(port),
		.srrdp_node = (uint32_t)atol(node),
	};
	int tries = 50, fd;

	/* The other end may not listen yet. */
	while (tries--) {
		fd = new_socket(options);
		if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
			return fd;
		if (errno != ECONNREFUSED)
			die("connect");
		close(fd);
		usleep(100000);
	}
	die("connect");
	return -1;
}

static size_t message_max(int fd, const char *arg)
{
	size_t max = arg ? strtoul(arg, NULL, 0) : sizeof(buf);
	socklen_t len = sizeof(int);
	int limit;

	if (getsockopt(fd, SOL_RRDP, RRDP_SO_MSGSIZE, &limit, &len))
		die("RRDP_SO_MSGSIZE");
	return max < (size_t)limit ? max : (size_t)limit;
}

static void do_send(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], argc > 6 ? argv[6] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[4]);
	size_t max = message_max(fd, argc > 5 ? argv[5] : NULL);
	uint32_t max32 = (uint32_t)max;

	/* The receiver must know it too. */
	if (send(fd, &max32, sizeof(max32), 0) != sizeof(max32))
		die("send");
	for (n = 0; n < count; n++) {
		size_t len = make_message(buf, n, max);

		if (send(fd, buf, len, 0) != (ssize_t)len)
			die("send");
	}
	/* Close drains; only shutdown tells how that ended. */
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (recv(fd, buf, sizeof(buf), 0) != 0)
		die("end of connection");
	printf("sent %u\n", count);
}

static void do_recv(int argc, char **argv)
{
	int fd = accept_on(argv[2], argc > 4 ? argv[4] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[3]), max;

	if (recv(fd, &max, sizeof(max), 0) != sizeof(max))
		die("recv");
	for (n = 0; ; n++) {
		ssize_t got = recv(fd, buf, sizeof(buf), 0);
		size_t len;

		if (got < 0)
			die("recv");
		if (!got)
			break;
		len = make_message(want, n, max);
		if ((size_t)got != len || memcmp(buf, want, len)) {
			fprintf(stderr,
				"rrdp-msg: message %u is wrong: %zd octets of %zu\n",
				n, got, len);
			exit(1);
		}
	}
	if (n != count) {
		fprintf(stderr, "rrdp-msg: %u messages, expected %u\n", n,
			count);
		exit(1);
	}
	printf("received %u\n", n);
}

static void do_echo(char **argv)
{
	int fd = accept_on(argv[2], NULL);
	ssize_t got;

	while ((got = recv(fd, buf, sizeof(buf), 0)) > 0)
		if (send(fd, buf, (size_t)got, 0) != got)
			die("send");
	if (got < 0)
		die("recv");
}

static void do_ping(char **argv)
{
	int fd = connect_to(argv[2], argv[3], NULL);
	long n, count = atol(argv[4]);
	size_t size = strtoul(argv[5], NULL, 0);
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (n = 0; n < count; n++) {
		if (send(fd, buf, size, 0) != (ssize_t)size)
			die("send");
		if (recv(fd, buf, sizeof(buf), 0) != (ssize_t)size)
			die("recv");
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("one-way %.2f us\n",
	       ((double)(b.tv_sec - a.tv_sec) * 1e6 +
		(double)(b.tv_nsec - a.tv_nsec) / 1e3) / (double)count / 2);
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "recv"))
		do_recv(argc, argv);
	else if (argc >= 5 && !strcmp(argv[1], "send"))
		do_send(argc, argv);
	else if (argc == 3 && !strcmp(argv[1], "echo"))
		do_echo(argv);
	else if (argc == 6 && !strcmp(argv[1], "ping"))
		do_ping(argv);
	else
		return fprintf(stderr, "usage: see the head of rrdp-msg.c\n"), 2;
	return 0;
}
