// SPDX-License-Identifier: GPL-2.0
/*
 * Sends octets that nobody should trust, one message for each line of standard
 * input, written in hexadecimal; blanks are ignored.
 *
 *	inject dev DEV		Ethernet frames
 *	inject udp ADDRESS PORT	UDP datagrams over IPv4
 *	inject rrdp NODE PORT	RRDP messages, over one connection
 *
 * A line "flips HEX" sends HEX once for each of its bits, that bit altered. A line
 * "sources NUMBER HEX" sends the Ethernet frame HEX as often, and counts its
 * source address upwards.
 * Prints how many were sent.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/rrdp.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fd;
static unsigned long sent;

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_dev(char **argv)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(argv[0]),
	};
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	if (s < 0 || !addr.sll_ifindex ||
	    bind(s, (struct sockaddr *)&addr, sizeof(addr)))
		die(argv[0]);
	return s;
}

static int open_udp(char **argv)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)atoi(argv[1])),
	};
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	if (s < 0 || inet_pton(AF_INET, argv[0], &addr.sin_addr) != 1 ||
	    connect(s, (struct sockaddr *)&addr, sizeof(addr)))
		die(argv[0]);
	return s;
}

static int open_rrdp(char **argv)
{
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = (unsigned short)atoi(argv[1]),
		.srrdp_node = (unsigned int)strtoul(argv[0], NULL, 0),
	};
	int s = socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET, 0);

	if (s < 0 || connect(s, (struct sockaddr *)&addr, sizeof(addr)))
		die("connect");
	return s;
}

static void send_message(const unsigned char *p, size_t len)
{
	/* An ICMP error for an earlier datagram is no error of this one. */
	while (send(fd, p, len, 0) < 0)
		if (errno != ECONNREFUSED && errno != ENOBUFS)
			die("send");
	sent++;
}

static void send_flips(unsigned char *p, size_t len)
{
	size_t i;

	for (i = 0; i < 8 * len; i++) {
		p[i / 8] ^= 1 << i % 8;
		send_message(p, len);
		p[i / 8] ^= 1 << i % 8;
	}
}

/* Of the source address the last four octets are counted. */
static void send_sources(unsigned char *p, size_t len, unsigned long n)
{
	uint32_t last;

	if (len < 12) {
		errno = EINVAL;
		die("sources");
	}
	memcpy(&last, p + 8, sizeof(last));
	last = ntohl(last);
	while (n--) {
		send_message(p, len);
		last++;
		for (int i = 0; i < 4; i++)
			p[8 + i] = (unsigned char)(last >> (24 - 8 * i));
	}
}

static size_t parse(const char *hex, unsigned char *p, size_t max)
{
	char two[3] = "";
	size_t len = 0;

	while (*hex) {
		if (isspace((unsigned char)*hex)) {
			hex++;
			continue;
		}
		memcpy(two, hex, 2);
		if (!isxdigit((unsigned char)two[0]) ||
		    !isxdigit((unsigned char)two[1]) || len == max) {
			errno = EINVAL;
			die(hex);
		}
		p[len++] = (unsigned char)strtoul(two, NULL, 16);
		hex += 2;
	}
	return len;
}

int main(int argc, char **argv)
{
	static unsigned char message[65536];
	static char line[2 * sizeof(message) + 32];
	unsigned long n;
	size_t len;
	char *hex;

	if (argc == 3 && !strcmp(argv[1], "dev"))
		fd = open_dev(argv + 2);
	else if (argc == 4 && !strcmp(argv[1], "udp"))
		fd = open_udp(argv + 2);
	else if (argc == 4 && !strcmp(argv[1], "rrdp"))
		fd = open_rrdp(argv + 2);
	else
		return fprintf(stderr,
			       "usage: inject dev DEV | udp ADDRESS PORT | rrdp NODE PORT\n"), 2;

	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "flips ", 6)) {
			len = parse(line + 6, message, sizeof(message));
			send_flips(message, len);
		} else if (!strncmp(line, "sources ", 8)) {
			n = strtoul(line + 8, &hex, 10);
			len = parse(hex, message, sizeof(message));
			send_sources(message, len, n);
		} else {
			len = parse(line, message, sizeof(message));
			send_message(message, len);
		}
	}
	printf("%lu\n", sent);
	/* Closing an RRDP socket drains it. */
	return close(fd) ? 1 : 0;
}
