// SPDX-License-Identifier: GPL-2.0
/*
 * UDP datagrams whose every octet is checked.
 *
 *	datagram recv PORT [GROUP]	prints "ready"; until SIGTERM
 *	datagram send ADDRESS PORT COUNT MAXSIZE FLOW
 *
 * Datagram number n of a flow has a size and contents that follow from both. The
 * receiver, of any flows, fails when one is altered, and prints how many different
 * ones came and how many came again. ADDRESS may be one of all hosts or of a group.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST	65000
#define NUMBERS	65536

struct head {
	uint32_t flow;
	uint32_t n;
	uint32_t len;
};

static unsigned char buf[MOST + 1], want[MOST];
static unsigned char seen[NUMBERS];
static atomic_int stopped;

static void die(const char *what)
{
	fprintf(stderr, "datagram: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void stop(int sig)
{
	stopped = sig;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void fill(unsigned char *p, const struct head *head)
{
	uint32_t state = head->flow * 2654435761u + head->n;
	size_t i;

	memcpy(p, head, sizeof(*head));
	for (i = sizeof(*head); i < head->len; i++)
		p[i] = (unsigned char)next_random(&state);
}

/* One that was sent as it is. */
static bool intact(size_t len, struct head *head)
{
	if (len < sizeof(*head))
		return false;
	memcpy(head, buf, sizeof(*head));
	if (head->len != len)
		return false;
	fill(want, head);
	return !memcmp(buf, want, len);
}

static int listen_on(const char *port, const char *group)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ip_mreqn join = { .imr_ifindex = 0 };

	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die("bind");
	if (group) {
		inet_pton(AF_INET, group, &join.imr_multiaddr);
		if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)))
			die("IP_ADD_MEMBERSHIP");
	}
	return fd;
}

static int receive(const char *port, const char *group)
{
	struct sigaction action = { .sa_handler = stop };
	int fd = listen_on(port, group);
	unsigned int got = 0, again = 0;
	struct head head;
	ssize_t len;

	/* The call that waits is to end, too. */
	sigaction(SIGTERM, &action, NULL);
	puts("ready");
	fflush(stdout);
	while (!stopped && (len = recv(fd, buf, sizeof(buf), 0)) >= 0) {
		if (!intact((size_t)len, &head)) {
			fprintf(stderr, "datagram: altered, %zd octets\n", len);
			return 1;
		}
		if (seen[head.n % NUMBERS])
			again++;
		else
			got++;
		seen[head.n % NUMBERS] = 1;
	}
	printf("received %u, again %u\n", got, again);
	return 0;
}

static int transmit(char **argv)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3])),
	};
	struct head head = { .flow = (uint32_t)atoi(argv[6]) };
	uint32_t max = (uint32_t)atoi(argv[5]), count = (uint32_t)atoi(argv[4]);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	if (max < sizeof(head) || max > MOST)
		return fprintf(stderr, "datagram: MAXSIZE is %zu to %d\n", sizeof(head), MOST), 2;
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	if (inet_pton(AF_INET, argv[2], &addr.sin_addr) != 1)
		die(argv[2]);
	for (head.n = 0; head.n < count; head.n++) {
		uint32_t state = head.n ^ head.flow << 8;

		head.len = (uint32_t)sizeof(head) +
			   next_random(&state) % (max - (uint32_t)sizeof(head) + 1);
		fill(buf, &head);
		if (sendto(fd, buf, head.len, 0, (struct sockaddr *)&addr, sizeof(addr)) < 0)
			die("sendto");
		usleep(2000);
	}
	printf("sent %u\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "recv"))
		return receive(argv[2], argv[3]);
	if (argc == 7 && !strcmp(argv[1], "send"))
		return transmit(argv);
	fprintf(stderr, "usage: see the head of datagram.c\n");
	return 2;
}
