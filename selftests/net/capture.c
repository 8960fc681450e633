// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the frames that pass a device, one line each, until it is terminated,
 * or those of a file as tcpdump writes it.
 *
 *	capture DEV
 *	capture -r FILE
 *
 * "SOURCE DESTINATION WHAT", where WHAT is what the frame carries; of a frame in
 * a tunnel "SOURCE DESTINATION udp|rrdp VNI INNER-SOURCE INNER-DESTINATION WHAT"; if
 * it names its origin, "from NODE" follows the VNI, and if it is a message between
 * hosts, "hello NODE".
 * An RRDP segment that was seen before is "rrdp again". Whatever has a wrong length
 * or checksum is "bad". Of a device the first line is "ready".
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rrdp.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "inetsum.h"

#define TUNNEL_PORT	4789
#define TUNNEL_HLEN	8
#define TUNNEL_FLAGS	0x08000000
#define TUNNEL_EXT	0x48000000
#define TUNNEL_HELLO	0x68000000
#define TUNNEL_KINDS	0x00030000
#define TUNNEL_EXT_HLEN	8

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void print_mac(const uint8_t *p)
{
	printf("%02x:%02x:%02x:%02x:%02x:%02x ", p[0], p[1], p[2], p[3], p[4],
	       p[5]);
}

static void print_ips(const uint8_t *from, const uint8_t *to)
{
	printf("%u.%u.%u.%u > %u.%u.%u.%u", from[0], from[1], from[2], from[3],
	       to[0], to[1], to[2], to[3]);
}

static void print_frame(const uint8_t *p, size_t len, int nested);

static void print_tunnel(const char *kind, const uint8_t *p, size_t len)
{
	uint32_t flags = len < TUNNEL_HLEN ? 0 : get32(p);
	size_t hlen = TUNNEL_HLEN;
	int hello = (flags & ~TUNNEL_KINDS) == TUNNEL_HELLO;

	if (hello || flags == TUNNEL_EXT)
		hlen += TUNNEL_EXT_HLEN;
	else if (flags != TUNNEL_FLAGS)
		len = 0;
	if (len < hlen || p[7] || (hello && len > hlen)) {
		printf("%s bad", kind);
		return;
	}
	printf("%s %u ", kind, (unsigned int)(get32(p + 4) >> 8));
	if (hello) {
		printf("hello %u", (unsigned int)get32(p + TUNNEL_HLEN));
		return;
	}
	if (flags == TUNNEL_EXT)
		printf("from %u ", (unsigned int)get32(p + TUNNEL_HLEN));
	print_frame(p + hlen, len - hlen, 1);
}

static void print_arp(const uint8_t *p, size_t len)
{
	unsigned int op;

	if (len < 28 || get16(p) != 1 || get16(p + 2) != ETH_P_IP) {
		printf("arp bad");
		return;
	}
	op = get16(p + 6);
	printf("arp %s ", op == 1 ? "request" : op == 2 ? "reply" : "bad");
	print_ips(p + 14, p + 24);
}

static void print_icmp(const uint8_t *ip, const uint8_t *p, size_t len)
{
	if (len < 8 || sum(p, len) != 0xffff) {
		printf("icmp bad");
		return;
	}
	if (p[0] == 8)
		printf("echo request ");
	else if (p[0] == 0)
		printf("echo reply ");
	else
		printf("icmp %u %u ", p[0], p[1]);
	print_ips(ip + 12, ip + 16);
}

static void print_udp(const uint8_t *p, size_t len, int nested)
{
	if (len < 8 || get16(p + 4) != len)
		printf("udp bad");
	else if (!nested && get16(p + 2) == TUNNEL_PORT)
		print_tunnel("udp", p + 8, len - 8);
	else
		printf("udp port %u", get16(p + 2));
}

static void print_ip(const uint8_t *p, size_t len, int nested)
{
	size_t hlen = 4 * (p[0] & 15), total;

	if (len < 20 || p[0] >> 4 != 4 || hlen < 20 || hlen > len ||
	    sum(p, hlen) != 0xffff) {
		printf("ip bad");
		return;
	}
	total = get16(p + 2);
	if (total < hlen || total > len) {
		printf("ip bad");
		return;
	}
	if (p[9] == IPPROTO_ICMP)
		print_icmp(p, p + hlen, total - hlen);
	else if (p[9] == IPPROTO_UDP)
		print_udp(p + hlen, total - hlen, nested);
	else
		printf("ip protocol %u", p[9]);
}

/* Has the segment at @p passed before? @eth is its Ethernet header. */
static int is_repeated(const uint8_t *eth, const uint8_t *p)
{
	static uint8_t seen[1024][12 + 8];
	static size_t n;
	size_t i;

	/* Addresses, and ports, length and sequence number. */
	for (i = 0; i < n; i++)
		if (!memcmp(seen[i], eth, 12) && !memcmp(seen[i] + 12, p + 2, 8))
			return 1;
	if (n < sizeof(seen) / sizeof(seen[0])) {
		memcpy(seen[n], eth, 12);
		memcpy(seen[n++] + 12, p + 2, 8);
	}
	return 0;
}

static void print_rrdp(const uint8_t *eth, const uint8_t *p, size_t len)
{
	size_t hlen, data;

	if (len < 14 || (p[0] & 3) != 1) {
		printf("rrdp bad");
		return;
	}
	hlen = 2 * p[1];
	data = get16(p + 6);
	if (hlen < 14 || hlen + data > len)
		printf("rrdp bad");
	else if (data && is_repeated(eth, p))
		printf("rrdp again");
	else if (data)
		print_tunnel("rrdp", p + hlen, data);
	else
		printf("rrdp flags %02x", p[0] & 0xf8);
}

static void print_resolve(const uint8_t *p, size_t len)
{
	static const char *const ops[] = { "bad", "request", "reply", "announce" };
	unsigned int op;

	if (len < 10) {
		printf("resolve bad");
		return;
	}
	op = get16(p);
	printf("resolve %s %u > %u", ops[op < 4 ? op : 0],
	       (unsigned int)get32(p + 2), (unsigned int)get32(p + 6));
}

static void print_frame(const uint8_t *p, size_t len, int nested)
{
	if (len < ETH_HLEN) {
		printf("bad");
		return;
	}
	print_mac(p + 6);
	print_mac(p);
	switch (get16(p + 12)) {
	case ETH_P_ARP:
		print_arp(p + ETH_HLEN, len - ETH_HLEN);
		break;
	case ETH_P_IP:
		print_ip(p + ETH_HLEN, len - ETH_HLEN, nested);
		break;
	case RRDP_ETHERTYPE_DEFAULT:
		print_rrdp(p, p + ETH_HLEN, len - ETH_HLEN);
		break;
	case RRDP_RESOLVE_ETHERTYPE_DEFAULT:
		print_resolve(p + ETH_HLEN, len - ETH_HLEN);
		break;
	default:
		printf("type %04x", get16(p + 12));
	}
}

static void print_line(const uint8_t *p, size_t len)
{
	print_frame(p, len, 0);
	putchar('\n');
}

static uint8_t frame[65536];

static int watch(const char *dev)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	ssize_t len;
	int fd;

	addr.sll_ifindex = (int)if_nametoindex(dev);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd < 0 || !addr.sll_ifindex ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return perror("capture"), 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while ((len = recv(fd, frame, sizeof(frame), 0)) > 0)
		print_line(frame, (size_t)len);
	return perror("capture: recv"), 1;
}

static int read_file(const char *path)
{
	/* Of the file and of each frame in it: time, length here, on the wire. */
	uint32_t head[6], record[4];
	FILE *file = fopen(path, "rb");

	if (!file || fread(head, sizeof(head), 1, file) != 1)
		return perror(path), 1;
	while (fread(record, sizeof(record), 1, file) == 1 &&
	       record[2] <= sizeof(frame) &&
	       fread(frame, 1, record[2], file) == record[2])
		print_line(frame, record[2]);
	if (feof(file) && !ferror(file))
		return fclose(file);
	return fprintf(stderr, "%s: damaged\n", path), 1;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return watch(argv[1]);
	if (argc == 3 && !strcmp(argv[1], "-r"))
		return read_file(argv[2]);
	return fprintf(stderr, "usage: capture DEV | -r FILE\n"), 2;
}
