// SPDX-License-Identifier: GPL-2.0
/*
 * Sends or receives checked RRDP messages.
 *
 *	rrdp-msg recv PORT COUNT [OPTIONS]
 *	rrdp-msg send NODE PORT COUNT [MAXSIZE [OPTIONS]]
 *	rrdp-msg flow NODE PORT RATE [MAXSIZE [OPTIONS]]
 *	rrdp-msg zsend NODE PORT COUNT [MAXSIZE [OPTIONS]]
 *	rrdp-msg rsend NODE PORT COUNT [MAXSIZE [OPTIONS]]
 *	rrdp-msg pages NODE PORT SIZE [ring]
 *	rrdp-msg echo PORT [OPTIONS [spoil]]
 *	rrdp-msg ping NODE PORT COUNT SIZE
 *
 * Message number n has a size and contents that follow from n alone, so that
 * a lost, repeated, displaced or altered one is told from all others.
 * OPTIONS is a number, RRDP_OPT_*, for RRDP_SO_OPTIONS. An echo that spoils
 * alters the last octet of what comes after the first message. A COUNT of 0 has recv
 * take any number.
 *
 * flow sends RATE messages a second at most, which leaves time to others, until it is
 * told to end by SIGTERM. It and who receives any number put up with silence for longer
 * than others do, as slow machines take long for what is to interrupt them.
 *
 * zsend sends with MSG_ZEROCOPY from a few buffers in turn, each of which is
 * overwritten as soon as its completion says that it may be. rsend does so from the
 * frames of a transmit ring. pages sends one message in the one way or the other, and
 * prints which pages of memory it was in, and whether it was copied.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/rrdp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* The receiver must know the largest size, too. */
static size_t send_max(int fd, const char *arg)
{
	size_t max = message_max(fd, arg);
	uint32_t max32 = (uint32_t)max;

	if (send(fd, &max32, sizeof(max32), 0) != sizeof(max32))
		die("send");
	return max;
}

/* Close drains; only shutdown tells how that ended. */
static void end_well(int fd)
{
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	if (recv(fd, buf, sizeof(buf), 0) != 0)
		die("end of connection");
}

/*
 * As send(), but what was refused for want of memory is tried again, for a second.
 * Of a ring it may be a part.
 */
static ssize_t try_send(int fd, const void *p, size_t len, int flags, size_t want)
{
	size_t done = 0;
	int tries = 1000;

	while (done < want) {
		ssize_t sent = send(fd, p, len, flags);

		if (sent > 0) {
			done += (size_t)sent;
			if (len)
				break;
			continue;
		}
		if (sent == 0 || (errno != ENOMEM && errno != ENOBUFS) || !tries--)
			return -1;
		usleep(1000);
	}
	return (ssize_t)done;
}

static void send_message(int fd, uint32_t n, size_t max)
{
	size_t len = make_message(buf, n, max);

	if (try_send(fd, buf, len, 0, len) != (ssize_t)len)
		die("send");
}

static void do_send(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], argc > 6 ? argv[6] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[4]);
	size_t max = send_max(fd, argc > 5 ? argv[5] : NULL);

	for (n = 0; n < count; n++)
		send_message(fd, n, max);
	end_well(fd);
	printf("sent %u\n", count);
}

static volatile sig_atomic_t enough;

static void on_term(int number)
{
	(void)number;
	enough = 1;
}

static void be_patient(int fd)
{
	int msec = 5000;

	if (setsockopt(fd, SOL_RRDP, RRDP_SO_DEADTIME, &msec, sizeof(msec)))
		die("RRDP_SO_DEADTIME");
}

/* What is late is not made up for: after a pause there is no flood. */
static void do_flow(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], argc > 6 ? argv[6] : NULL);
	useconds_t pause = 1000000 / (useconds_t)atoi(argv[4]);
	size_t max = send_max(fd, argc > 5 ? argv[5] : NULL);
	uint32_t n;

	be_patient(fd);
	/* A call that waits goes on; only the pause is cut short. */
	signal(SIGTERM, on_term);
	for (n = 0; !enough; n++) {
		send_message(fd, n, max);
		usleep(pause);
	}
	end_well(fd);
	printf("sent %u\n", n);
}

/* ---- zero copy ---- */

#define BUFFERS		8
#define APART		(sizeof(buf) + 4096)

static void want_zerocopy(int fd)
{
	int on = 1;

	if (setsockopt(fd, SOL_RRDP, RRDP_SO_ZEROCOPY, &on, sizeof(on)))
		die("RRDP_SO_ZEROCOPY");
}

/* Waits for a completion: of messages @first to @last. */
static void completed(int fd, uint32_t *first, uint32_t *last, int *copied)
{
	struct pollfd poll_error = { .fd = fd };
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(struct sock_extended_err) + 64)];
	} control;
	struct msghdr msg = {
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err *err;
	struct cmsghdr *cmsg;

	if (poll(&poll_error, 1, 60000) != 1 || !(poll_error.revents & POLLERR))
		die("no completion");
	if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		die("recvmsg MSG_ERRQUEUE");
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_level != SOL_RRDP || cmsg->cmsg_type != RRDP_RECVERR) {
		fprintf(stderr, "rrdp-msg: no control message of a completion\n");
		exit(1);
	}
	err = (struct sock_extended_err *)CMSG_DATA(cmsg);
	if (err->ee_origin != SO_EE_ORIGIN_ZEROCOPY || err->ee_errno) {
		fprintf(stderr, "rrdp-msg: error %u of origin %u\n",
			err->ee_errno, err->ee_origin);
		exit(1);
	}
	*first = err->ee_info;
	*last = err->ee_data;
	*copied = err->ee_code == SO_EE_CODE_ZEROCOPY_COPIED;
}

/* The message that each buffer holds until it is completed, and one more. */
static uint32_t held[BUFFERS];

static int free_buffer(void)
{
	int i;

	for (i = 0; i < BUFFERS; i++)
		if (!held[i])
			return i;
	return -1;
}

/* Takes one completion. Returns how many of its messages were copied. */
static uint32_t release_buffers(int fd)
{
	uint32_t first, last, n;
	int copied, i;

	completed(fd, &first, &last, &copied);
	for (n = first; n <= last; n++) {
		for (i = 0; i < BUFFERS; i++)
			if (held[i] == n + 1)
				break;
		if (i == BUFFERS) {
			fprintf(stderr, "rrdp-msg: %u to %u completed, but not %u sent\n",
				first, last, n);
			exit(1);
		}
		held[i] = 0;
	}
	return copied ? last - first + 1 : 0;
}

static bool all_free(void)
{
	int i;

	for (i = 0; i < BUFFERS; i++)
		if (held[i])
			return false;
	return true;
}

static void *map_pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void do_zsend(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], argc > 6 ? argv[6] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[4]), copied = 0;
	size_t max = send_max(fd, argc > 5 ? argv[5] : NULL);
	unsigned char *area = map_pages(BUFFERS * APART);

	want_zerocopy(fd);
	for (n = 0; n < count; n++) {
		unsigned char *p;
		size_t len;
		int i;

		/* They need not be completed in order. */
		while ((i = free_buffer()) < 0)
			copied += release_buffers(fd);
		held[i] = n + 1;
		/* Few of them begin where a page does. */
		p = area + (size_t)i * APART + n % 61;
		len = make_message(p, n, max);
		if (try_send(fd, p, len, MSG_ZEROCOPY, len) != (ssize_t)len)
			die("send MSG_ZEROCOPY");
	}
	while (!all_free())
		copied += release_buffers(fd);
	end_well(fd);
	printf("sent %u, %u copied\n", count, copied);
}

/* ---- transmit ring ---- */

/* Descriptors fill the first page, the frames follow. */
static struct rrdp_ring_frame *map_ring(int fd)
{
	struct rrdp_ring_req req = { .frame_size = RRDP_MSG_MAX, .frame_nr = BUFFERS };
	struct rrdp_ring_frame *ring;

	if (setsockopt(fd, SOL_RRDP, RRDP_SO_TX_RING, &req, sizeof(req)))
		die("RRDP_SO_TX_RING");
	ring = mmap(NULL, (size_t)getpagesize() + BUFFERS * RRDP_MSG_MAX,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		die("mmap");
	return ring;
}

static unsigned char *ring_octets(struct rrdp_ring_frame *ring, uint32_t i)
{
	return (unsigned char *)ring + getpagesize() + (size_t)i * RRDP_MSG_MAX;
}

/* Until frame @i of the ring, which is the next to be sent, is ours. */
static void wait_frame(int fd, struct rrdp_ring_frame *ring, uint32_t i)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (__atomic_load_n(&ring[i].status, __ATOMIC_ACQUIRE) !=
	       RRDP_FRAME_AVAILABLE)
		if (poll(&room, 1, 60000) != 1)
			die("no frame comes back");
}

static void mark_frame(struct rrdp_ring_frame *ring, uint32_t i, size_t len)
{
	ring[i].len = (uint32_t)len;
	__atomic_store_n(&ring[i].status, RRDP_FRAME_SEND_REQUEST, __ATOMIC_RELEASE);
}

/* Every third time all that is marked, with send() of nothing. */
static void do_rsend(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], argc > 6 ? argv[6] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[4]);
	size_t max = send_max(fd, argc > 5 ? argv[5] : NULL);
	struct rrdp_ring_frame *ring = map_ring(fd);
	size_t marked = 0;

	for (n = 0; n < count; n++) {
		size_t len;

		wait_frame(fd, ring, n % BUFFERS);
		len = make_message(ring_octets(ring, n % BUFFERS), n, max);
		mark_frame(ring, n % BUFFERS, len);
		marked += len;
		if (n % 3 != 2 && n + 1 != count)
			continue;
		if (try_send(fd, NULL, 0, 0, marked) != (ssize_t)marked)
			die("send of marked frames");
		marked = 0;
	}
	end_well(fd);
	printf("sent %u\n", count);
}

/* ---- which pages ---- */

/* Page frame number of @p, which only root is told. */
static uint64_t frame_of(const void *p)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);
	off_t at = (off_t)((uintptr_t)p / (size_t)getpagesize() * sizeof(entry));

	if (fd < 0 || pread(fd, &entry, sizeof(entry), at) != sizeof(entry))
		die("/proc/self/pagemap");
	close(fd);
	return entry & ((1ULL << 55) - 1);
}

/* Whether some message of @fd was copied. */
static int any_copied(int fd)
{
	struct rrdp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_RRDP, RRDP_SO_INFO, &info, &len))
		die("RRDP_SO_INFO");
	return info.zc_copied != 0;
}

static void do_pages(int argc, char **argv)
{
	int fd = connect_to(argv[2], argv[3], NULL);
	size_t i, size = strtoul(argv[4], NULL, 0);
	struct rrdp_ring_frame *ring = argc > 5 ? map_ring(fd) : NULL;
	unsigned char *p = ring ? ring_octets(ring, 0) : map_pages(sizeof(buf));
	uint32_t first, last;
	int copied;

	if (size > sizeof(buf))
		size = sizeof(buf);
	memset(p, 0x5a, size);
	if (ring)
		mark_frame(ring, 0, size);
	else
		want_zerocopy(fd);
	if (send(fd, ring ? NULL : p, ring ? 0 : size, ring ? 0 : MSG_ZEROCOPY) !=
	    (ssize_t)size)
		die("send");
	if (recv(fd, buf, sizeof(buf), 0) != (ssize_t)size || memcmp(buf, p, size)) {
		fprintf(stderr, "rrdp-msg: the echo is wrong\n");
		exit(1);
	}
	if (ring) {
		wait_frame(fd, ring, 0);
		copied = any_copied(fd);
	} else {
		completed(fd, &first, &last, &copied);
	}
	printf("%s", copied ? "copied" : "sent");
	for (i = 0; i < size; i += (size_t)getpagesize())
		printf(" %llx", (unsigned long long)frame_of(p + i));
	printf("\n");
}

/* ---- the other end ---- */

static void do_recv(int argc, char **argv)
{
	int fd = accept_on(argv[2], argc > 4 ? argv[4] : NULL);
	uint32_t n, count = (uint32_t)atol(argv[3]), max;

	if (!count)
		be_patient(fd);
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
	if (count && n != count) {
		fprintf(stderr, "rrdp-msg: %u messages, expected %u\n", n,
			count);
		exit(1);
	}
	printf("received %u\n", n);
}

static void do_echo(int argc, char **argv)
{
	int fd = accept_on(argv[2], argc > 3 ? argv[3] : NULL);
	int spoil = argc > 4, first = 1;
	ssize_t got;

	while ((got = recv(fd, buf, sizeof(buf), 0)) > 0) {
		buf[got - 1] ^= spoil && !first;
		first = 0;
		if (send(fd, buf, (size_t)got, 0) != got)
			die("send");
	}
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
	else if (argc >= 5 && !strcmp(argv[1], "flow"))
		do_flow(argc, argv);
	else if (argc >= 5 && !strcmp(argv[1], "zsend"))
		do_zsend(argc, argv);
	else if (argc >= 5 && !strcmp(argv[1], "rsend"))
		do_rsend(argc, argv);
	else if (argc >= 5 && !strcmp(argv[1], "pages"))
		do_pages(argc, argv);
	else if (argc >= 3 && !strcmp(argv[1], "echo"))
		do_echo(argc, argv);
	else if (argc == 6 && !strcmp(argv[1], "ping"))
		do_ping(argv);
	else
		return fprintf(stderr, "usage: see the head of rrdp-msg.c\n"), 2;
	return 0;
}
