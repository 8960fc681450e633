// SPDX-License-Identifier: GPL-2.0
/*
 * Sends RRDP frames that no RRDP would send.
 *
 *	rrdp-frame DEV DESTINATION-MAC SOURCE-NODE DESTINATION-NODE FORM
 *
 * "flips" sends a right SYN once for each of its bits, that bit altered, and
 * prints how many; "random N SEED" sends N frames of random octets that begin
 * with the right version; "syns N" sends N right SYNs, each from a port of its own.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/rrdp.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SYN	0x80
#define ACK	0x40
#define EACK	0x20
#define RST	0x10
#define NUL	0x08
#define VERSION	1

static struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
static uint32_t nodes[2];
static int fd;

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void set_checksum(uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < 2; i++)
		sum += (nodes[i] >> 16) + (nodes[i] & 0xffff);
	put16(p + 12, 0);
	for (i = 0; i < len; i += 2)
		sum += (uint32_t)p[i] << 8 | (i + 1 < len ? p[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(p + 12, ~sum);
}

/* Header with ports 5000 -> 100, right but for what the caller changes. */
static size_t header(uint8_t *p, uint8_t flags, unsigned int hlen)
{
	memset(p, 0, hlen);
	p[0] = flags | VERSION;
	p[1] = (uint8_t)(hlen / 2);
	put16(p + 2, 5000);
	put16(p + 4, 100);
	put16(p + 8, 77);
	return hlen;
}

static size_t syn(uint8_t *p)
{
	size_t len = header(p, SYN, 24);

	put16(p + 14, 100);
	put16(p + 16, 1500);
	put16(p + 18, RRDP_OPT_SEQUENCED);
	put16(p + 22, 1);
	set_checksum(p, len);
	return len;
}

static void send_frame(const uint8_t *p, size_t len)
{
	if (sendto(fd, p, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("rrdp-frame: send");
		exit(1);
	}
}

static void random_frames(long n, unsigned int seed)
{
	uint8_t p[256];
	size_t len, i;

	srandom(seed);
	while (n--) {
		len = (size_t)random() % sizeof(p);
		for (i = 0; i < len; i++)
			p[i] = (uint8_t)(random() >> 5);
		if (len && random() % 4)
			p[0] = (p[0] & 0xfc) | VERSION;
		if (len > 5 && random() % 2)
			p[1] = 7 + random() % 20, put16(p + 4, 100);
		if (len >= 14 && random() % 2)
			set_checksum(p, len);
		send_frame(p, len);
	}
}

static void syns(unsigned int n)
{
	uint8_t p[64];
	size_t len;

	while (n) {
		len = syn(p);
		put16(p + 2, n--);
		set_checksum(p, len);
		send_frame(p, len);
	}
}

/* Returns the length of the frame of that name, 0 if there is none. */
static size_t form(uint8_t *p, const char *name)
{
	size_t len;

	if (!strcmp(name, "syn"))
		return syn(p);
	if (!strcmp(name, "syn-ack"))
		return len = syn(p), p[0] |= ACK, set_checksum(p, len), len;
	if (!strcmp(name, "ack"))
		return len = header(p, ACK, 14), set_checksum(p, len), len;
	if (!strcmp(name, "data"))
		return len = header(p, ACK, 14) + 32, put16(p + 6, 32),
		       set_checksum(p, len), len;
	if (!strcmp(name, "eack"))
		return len = header(p, ACK | EACK, 18), put16(p + 14, 5),
		       put16(p + 16, 6), set_checksum(p, len), len;
	if (!strcmp(name, "nul"))
		return len = header(p, ACK | NUL, 14), set_checksum(p, len), len;
	if (!strcmp(name, "rst"))
		return len = header(p, RST, 14), set_checksum(p, len), len;
	if (!strcmp(name, "short"))
		return syn(p), 13;
	if (!strcmp(name, "truncated"))
		return syn(p), 20;
	if (!strcmp(name, "version"))
		return len = syn(p), p[0] ^= 3, len;
	if (!strcmp(name, "header-too-short"))
		return len = syn(p), p[1] = 6, len;
	if (!strcmp(name, "header-too-long"))
		return len = syn(p), p[1] = 255, len;
	if (!strcmp(name, "syn-without-options"))
		return len = header(p, SYN, 14), set_checksum(p, len), len;
	if (!strcmp(name, "syn-rst"))
		return len = syn(p), p[0] |= RST, len;
	if (!strcmp(name, "no-flags"))
		return header(p, 0, 14);
	if (!strcmp(name, "eack-without-ack"))
		return header(p, EACK, 14);
	if (!strcmp(name, "data-too-long"))
		return len = header(p, ACK, 14), put16(p + 6, 1), len;
	if (!strcmp(name, "syn-with-data"))
		return len = syn(p), put16(p + 6, 4), len + 4;
	if (!strcmp(name, "checksum"))
		return len = syn(p), p[13] ^= 1, len;
	if (!strcmp(name, "syn-window-zero"))
		return len = syn(p), put16(p + 14, 0), set_checksum(p, len), len;
	return 0;
}

static void flips(uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < 8 * len; i++) {
		p[i / 8] ^= 1 << i % 8;
		send_frame(p, len);
		p[i / 8] ^= 1 << i % 8;
	}
	printf("%zu\n", 8 * len);
}

static void cuts(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++)
		send_frame(p, i);
	printf("%zu\n", len - 1);
}

int main(int argc, char **argv)
{
	uint8_t frame[2048] = {};
	unsigned int b[6];
	size_t len;
	int i;

	if (argc < 6 || sscanf(argv[2], "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2,
			       b + 3, b + 4, b + 5) != 6)
		return fprintf(stderr, "usage: see the head of rrdp-frame.c\n"), 2;
	for (i = 0; i < 6; i++)
		to.sll_addr[i] = (uint8_t)b[i];
	to.sll_ifindex = (int)if_nametoindex(argv[1]);
	to.sll_protocol = htons(RRDP_ETHERTYPE_DEFAULT);
	nodes[0] = (uint32_t)atol(argv[3]);
	nodes[1] = (uint32_t)atol(argv[4]);
	fd = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (fd < 0)
		return perror("rrdp-frame: socket"), 1;

	if (argc == 7 && !strcmp(argv[5], "flips")) {
		flips(frame, form(frame, argv[6]));
	} else if (argc == 7 && !strcmp(argv[5], "cuts")) {
		cuts(frame, form(frame, argv[6]));
	} else if (!strcmp(argv[5], "random") && argc == 8) {
		random_frames(atol(argv[6]), (unsigned int)atol(argv[7]));
	} else if (!strcmp(argv[5], "syns") && argc == 7) {
		syns((unsigned int)atol(argv[6]));
	} else {
		len = form(frame, argv[5]);
		if (!len)
			return fprintf(stderr, "rrdp-frame: no form %s\n",
				       argv[5]), 2;
		send_frame(frame, len);
	}
	return 0;
}
