// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP echo, as a guest would send it.
 *
 *	icmp-echo ADDRESS [COUNT [SIZE [INTERVAL]]]
 *
 * Sends COUNT requests of SIZE octets in all, IP header included, with DF set
 * whatever the path is known to carry, one each INTERVAL milliseconds or sooner
 * if it is answered. Prints "SENT RECEIVED DUPLICATES", and "too-big MTU" for
 * each such ICMP error. Succeeds when all were answered, once.
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_COUNT	65536
#define LAST_WAIT	1000	/* milliseconds for stragglers */

static unsigned char answered[MAX_COUNT];
static unsigned int received, duplicates;
static unsigned char packet[65536];
static struct in_addr peer;
static int fd;

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static unsigned short checksum(const void *data, size_t len)
{
	const unsigned char *p = data;
	unsigned int sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Returns 0, or -1 when this host itself refuses to send. */
static int send_request(unsigned int seq, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = peer };
	struct icmphdr *icmp = (struct icmphdr *)packet;
	size_t i;

	for (i = sizeof(*icmp); i < len; i++)
		packet[i] = (unsigned char)(i + seq);
	memset(icmp, 0, sizeof(*icmp));
	icmp->type = ICMP_ECHO;
	icmp->un.echo.id = htons(getpid() & 0xffff);
	icmp->un.echo.sequence = htons(seq);
	icmp->checksum = checksum(packet, len);
	if (sendto(fd, packet, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("icmp-echo: send");
		return -1;
	}
	return 0;
}

static int is_answer(const struct icmphdr *icmp, size_t len, size_t want)
{
	const unsigned char *p = (const unsigned char *)icmp;
	unsigned int seq = ntohs(icmp->un.echo.sequence);
	size_t i;

	if (icmp->type != ICMP_ECHOREPLY || len != want ||
	    icmp->un.echo.id != htons(getpid() & 0xffff) || checksum(p, len))
		return 0;
	for (i = sizeof(*icmp); i < len; i++)
		if (p[i] != (unsigned char)(i + seq))
			return 0;
	return 1;
}

/* Takes one packet. Returns the number of the request it answers, or -1. */
static int receive(size_t want)
{
	ssize_t len = recv(fd, packet, sizeof(packet), 0);
	const struct iphdr *ip = (const struct iphdr *)packet;
	const struct icmphdr *icmp;
	unsigned int seq;

	if (len < (ssize_t)sizeof(*ip) || len < ip->ihl * 4 + 8)
		return -1;
	icmp = (const struct icmphdr *)(packet + ip->ihl * 4);
	if (icmp->type == ICMP_DEST_UNREACH && icmp->code == ICMP_FRAG_NEEDED)
		printf("too-big %u\n", ntohs(icmp->un.frag.mtu));
	if (ip->saddr != peer.s_addr ||
	    !is_answer(icmp, (size_t)len - ip->ihl * 4, want))
		return -1;
	seq = ntohs(icmp->un.echo.sequence);
	if (answered[seq]++)
		duplicates++;
	else
		received++;
	return (int)seq;
}

/* Waits until request @seq is answered, or until all of @all are. */
static void wait_for(int seq, unsigned int all, long long end, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long left;

	while (received < all && (left = end - now()) > 0)
		if (poll(&p, 1, (int)left) > 0 && receive(len) == seq)
			return;
}

int main(int argc, char **argv)
{
	unsigned int count = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	size_t len = argc > 3 ? (size_t)atoi(argv[3]) - 20 : 64;
	int interval = argc > 4 ? atoi(argv[4]) : 1000;
	int pmtu = IP_PMTUDISC_PROBE;
	unsigned int i, sent = 0;

	if (argc < 2 || inet_pton(AF_INET, argv[1], &peer) != 1 ||
	    !count || count > MAX_COUNT || len < 8 || len > 65515)
		return fprintf(stderr, "usage: icmp-echo ADDRESS [COUNT [SIZE [INTERVAL]]]\n"), 2;
	fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &pmtu,
				 sizeof(pmtu)))
		return perror("icmp-echo: socket"), 1;

	for (i = 0; i < count; i++) {
		if (send_request(i, len))
			break;
		sent++;
		wait_for((int)i, i + 1, now() + interval, len);
	}
	/* Late answers, and repeated ones a little later. */
	wait_for(-1, sent, now() + LAST_WAIT, len);
	wait_for(-1, sent + 1, now() + 20, len);
	printf("%u %u %u\n", sent, received, duplicates);
	return received != count || duplicates;
}
