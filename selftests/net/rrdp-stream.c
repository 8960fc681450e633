// SPDX-License-Identifier: GPL-2.0
/*
 * Semantics of AF_RRDP sockets of type SOCK_STREAM, in TAP. Both ends are in this
 * process: the namespace has the local node number 1.
 */
#define _GNU_SOURCE
#include <linux/sockios.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "octets.h"
#include "sock.h"
#include "tap.h"

#define MIB	1048576
#define PATIENCE	20000	/* milliseconds */

static unsigned char buf[MIB], want[MIB];

/* Whether @len octets of @p are those from @at on. */
static bool right(const unsigned char *p, size_t at, size_t len)
{
	while (len--)
		if (*p++ != octet(at++, 0))
			return false;
	return true;
}

static int queued(int fd)
{
	int n = -1;

	ioctl(fd, SIOCINQ, &n);
	return n;
}

/* Until @octets can be read at once. */
static bool arrived(int fd, int octets)
{
	int tries;

	for (tries = 0; tries < 1000 && queued(fd) < octets; tries++)
		usleep(10000);
	return queued(fd) == octets;
}

static void set_int(int fd, int name, int value)
{
	if (setsockopt(fd, SOL_SOCKET, name, &value, sizeof(value)))
		perror("# setsockopt");
}

static void set_time(int fd, int name, int msec)
{
	struct timeval tv = { msec / 1000, msec % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, name, &tv, sizeof(tv)))
		perror("# setsockopt");
}

/* Two ends, of which no call is waited for without end. */
static void pair_with(int type, int accepted, uint16_t port, int end[2], int options)
{
	int i;

	pair_of(type, accepted, port, end, options);
	for (i = 0; i < 2; i++) {
		set_time(end[i], SO_RCVTIMEO, PATIENCE);
		set_time(end[i], SO_SNDTIMEO, PATIENCE);
	}
}

/* Both are streams. */
static void pair(uint16_t port, int end[2])
{
	pair_with(SOCK_STREAM, SOCK_STREAM, port, end, -1);
}

static int msg_max(int fd)
{
	socklen_t len = sizeof(int);
	int value = -1;

	getsockopt(fd, SOL_RRDP, RRDP_SO_MSGSIZE, &value, &len);
	return value;
}

/* The octets of the stream from @at on. */
static ssize_t send_at(int fd, size_t at, size_t len, int flags)
{
	fill(buf, at, len, 0);
	return send(fd, buf, len, flags | MSG_NOSIGNAL);
}

/* Receives @len octets with @flags, and they are those from @at on. */
static void gets_at(const char *name, int fd, size_t at, size_t room, int flags,
		    ssize_t len)
{
	ssize_t got;

	memset(want, 0, room);
	got = recv(fd, want, room, flags);
	result(got == len && right(want, at, (size_t)got), name, got, len);
}

/* Octets that are sent some time later, after which the socket may be shut down. */
struct later {
	int fd;
	int msec;
	size_t at, len;
	bool end;
	pthread_t thread;
};

static void *send_later(void *arg)
{
	struct later *l = arg;
	unsigned char data[1000];

	usleep((useconds_t)l->msec * 1000);
	fill(data, l->at, l->len, 0);
	if (l->len && send(l->fd, data, l->len, MSG_NOSIGNAL) != (ssize_t)l->len)
		perror("# send");
	if (l->end)
		shutdown(l->fd, SHUT_WR);
	return NULL;
}

static void start_later(struct later *l)
{
	pthread_create(&l->thread, NULL, send_later, l);
}

static atomic_int sigpipes;

static void on_signal(int sig)
{
	if (sig == SIGPIPE)
		sigpipes++;
}

/* In a process of one thread, as any could get it. */
static void alarm_in(int msec)
{
	struct itimerval soon = { .it_value.tv_usec = msec * 1000 };

	setitimer(ITIMER_REAL, &soon, NULL);
}

static int type_of(int fd)
{
	socklen_t len = sizeof(int);
	int type = -1;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return type;
}

static void test_create(void)
{
	int value = RRDP_OPT_MORE, end[2], fd = socket_of(SOCK_STREAM);

	is("a stream socket", type_of(fd), SOCK_STREAM);
	fails("a protocol is refused", socket(RRDP_AF_DEFAULT, SOCK_STREAM, 1),
	      EPROTONOSUPPORT);
	fails("an order of any kind is refused",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &value, sizeof(value)),
	      EINVAL);
	fails("recv without a peer", recv(fd, buf, 1, 0), ENOTCONN);
	fails("recv of nothing without a peer", recv(fd, buf, 0, 0), ENOTCONN);
	fails("send without a peer", send(fd, buf, 1, MSG_NOSIGNAL), ENOTCONN);
	fails("send of nothing without a peer", send(fd, buf, 0, MSG_NOSIGNAL),
	      ENOTCONN);
	close(fd);
	pair_with(SOCK_SEQPACKET, SOCK_STREAM, 1124, end, -1);
	is("what a stream socket accepts is a stream", type_of(end[1]), SOCK_STREAM);
	is("what connected is what it was", type_of(end[0]), SOCK_SEQPACKET);
	close_pair(end);
}

static void test_bounds(void)
{
	struct sockaddr_rrdp name;
	struct iovec iov[2] = { { want, 3 }, { want + 3, 100 } };
	struct msghdr msg = {
		.msg_name = &name, .msg_namelen = sizeof(name),
		.msg_iov = iov, .msg_iovlen = 2,
	};
	int end[2];

	pair(2000, end);
	fails("nothing is there", recv(end[1], buf, 10, MSG_DONTWAIT), EAGAIN);
	is("recv of nothing", recv(end[1], buf, 0, 0), 0);
	is("send of nothing", send(end[0], buf, 0, 0), 0);
	send_at(end[0], 0, 5, 0);
	send_at(end[0], 5, 10, 0);
	send_at(end[0], 15, 5000, 0);
	is("all octets are counted, and nothing is no message",
	   arrived(end[1], 5015), 1);
	gets_at("a part of a message", end[1], 0, 3, 0, 3);
	is("the rest stays", queued(end[1]), 5012);
	gets_at("a look across messages", end[1], 3, 20, MSG_PEEK, 20);
	gets_at("takes nothing", end[1], 3, 2000, MSG_PEEK, 2000);
	is("at all", queued(end[1]), 5012);
	gets_at("a read across messages", end[1], 3, 20, 0, 20);
	is("is counted", queued(end[1]), 4992);
	gets_at("a part of a large one", end[1], 23, 1500, 0, 1500);
	is("without a place to put them", recv(end[1], (void *)8, 1000, MSG_TRUNC),
	   1000);
	gets_at("octets are dropped", end[1], 2523, 2400, 0, 2400);
	is("a look at their number",
	   recv(end[1], (void *)8, 1000, MSG_TRUNC | MSG_PEEK), 92);
	is("recvmsg", recvmsg(end[1], &msg, 0), 92);
	is("into several pieces", right(want, 4923, 92), 1);
	is("no end of a record is told", msg.msg_flags, 0);
	is("nor a name", msg.msg_namelen, 0);
	fails("nothing is left", recv(end[1], buf, 10, MSG_DONTWAIT), EAGAIN);
	fails("out-of-band data is not sent", send(end[0], "x", 1, MSG_OOB),
	      EOPNOTSUPP);
	fails("nor received", recv(end[1], buf, 1, MSG_OOB), EOPNOTSUPP);
	is("more is said to follow", send_at(end[0], 0, 4, MSG_MORE), 4);
	gets_at("but arrives by itself", end[1], 0, 10, 0, 4);
	close_pair(end);
}

static void test_waitall(void)
{
	struct later more = { .msec = 300, .at = 40, .len = 60 };
	int end[2];

	pair(2100, end);
	more.fd = end[0];
	send_at(end[0], 0, 40, 0);
	start_later(&more);
	gets_at("MSG_WAITALL waits for all", end[1], 0, 100, MSG_WAITALL, 100);
	pthread_join(more.thread, NULL);

	send_at(end[0], 0, 40, 0);
	start_later(&more);
	gets_at("also to look at it", end[1], 0, 100, MSG_WAITALL | MSG_PEEK, 100);
	pthread_join(more.thread, NULL);
	gets_at("what was looked at is there", end[1], 0, 200, 0, 100);

	send_at(end[0], 0, 40, 0);
	arrived(end[1], 40);
	gets_at("MSG_DONTWAIT does not wait", end[1], 0, 100,
		MSG_WAITALL | MSG_DONTWAIT | MSG_PEEK, 40);
	set_time(end[1], SO_RCVTIMEO, 200);
	gets_at("SO_RCVTIMEO ends a look", end[1], 0, 100, MSG_WAITALL | MSG_PEEK, 40);
	gets_at("and a read", end[1], 0, 100, MSG_WAITALL, 40);
	fails("with nothing there", recv(end[1], buf, 100, MSG_WAITALL), EAGAIN);
	set_time(end[1], SO_RCVTIMEO, PATIENCE);

	send_at(end[0], 0, 40, 0);
	more.end = true;
	start_later(&more);
	gets_at("the end ends it", end[1], 0, 200, MSG_WAITALL, 100);
	is("and is told next", recv(end[1], buf, 200, MSG_WAITALL), 0);
	pthread_join(more.thread, NULL);
	close_pair(end);
}

static void test_lowat(void)
{
	struct later more = { .msec = 300, .at = 4, .len = 6 };
	int end[2], sent;

	pair(2200, end);
	more.fd = end[0];
	set_int(end[1], SO_RCVLOWAT, 10);
	send_at(end[0], 0, 4, 0);
	arrived(end[1], 4);
	is("poll honours SO_RCVLOWAT", poll_for(end[1], POLLIN, 100), 0);
	gets_at("who will not wait gets what there is", end[1], 0, 100,
		MSG_DONTWAIT | MSG_PEEK, 4);
	start_later(&more);
	is("until there is enough", poll_for(end[1], POLLIN, 5000), POLLIN);
	pthread_join(more.thread, NULL);
	gets_at("which is read", end[1], 0, 100, 0, 10);
	send_at(end[0], 0, 4, 0);
	start_later(&more);
	gets_at("recv waits for it", end[1], 0, 100, 0, 10);
	pthread_join(more.thread, NULL);
	send_at(end[0], 0, 4, 0);
	gets_at("but for no more than is wanted", end[1], 0, 4, 0, 4);

	set_int(end[1], SO_RCVLOWAT, 1 << 30);
	set_nonblock(end[0], true);
	for (sent = 0; sent < 4 * MIB && !poll_for(end[1], POLLIN, 0);) {
		ssize_t n = send_at(end[0], (size_t)sent, 30000, 0);

		if (n > 0)
			sent += (int)n;
		else if (!poll_for(end[0], POLLOUT, 1000))
			break;
	}
	is("a full buffer is enough", poll_for(end[1], POLLIN, 5000), POLLIN);
	is("also to look at", recv(end[1], want, sizeof(want),
				   MSG_PEEK | MSG_WAITALL) > 30000, 1);
	set_int(end[1], SO_RCVLOWAT, 1);
	gets_at("nothing is lost", end[1], 0, (size_t)sent < sizeof(want) ?
		(size_t)sent : sizeof(want), MSG_WAITALL, sent < MIB ? sent : MIB);
	close_pair(end);

	pair(2201, end);
	set_int(end[1], SO_RCVLOWAT, 100);
	send_at(end[0], 0, 4, 0);
	close(end[0]);
	is("the end is enough", poll_for(end[1], POLLIN, 5000) & POLLIN, POLLIN);
	gets_at("to read the last", end[1], 0, 100, 0, 4);
	is("and the end", recv(end[1], buf, 100, 0), 0);
	close(end[1]);
}

/* A writer whose reader sleeps; what it was told is what arrives. */
static void test_short_counts(void)
{
	ssize_t n, sent = 0, got = 0;
	int end[2], wrong = 0;

	pair(2300, end);
	set_int(end[0], SO_SNDBUF, 5000);
	set_nonblock(end[0], true);
	fill(buf, 0, MIB, 0);
	n = send(end[0], buf, MIB, 0);
	is("a part is sent without blocking", n > 0 && n < MIB, 1);
	for (sent = n; n > 0 && sent < MIB; sent += n > 0 ? n : 0)
		n = send(end[0], buf + sent, (size_t)(MIB - sent), 0);
	fails("then nothing is", n, EAGAIN);

	set_nonblock(end[0], false);
	set_time(end[0], SO_SNDTIMEO, 200);
	/* Some room may come up when nobody waits for it. */
	while ((n = send(end[0], buf + sent, (size_t)(MIB - sent), 0)) > 0)
		sent += n;
	fails("SO_SNDTIMEO ends send", n, EAGAIN);
	set_time(end[0], SO_SNDTIMEO, PATIENCE);
	alarm_in(200);
	fails("a signal ends send", send(end[0], buf + sent, 1000, 0), EINTR);
	while (got < sent && !poll_for(end[0], POLLOUT, 50)) {
		n = recv(end[1], want, 10000, 0);
		wrong += n <= 0 || !right(want, (size_t)got, (size_t)n);
		got += n;
	}
	is("what is read is right", wrong, 0);
	is("and makes room", poll_for(end[0], POLLOUT, 5000), POLLOUT);
	alarm_in(300);
	n = send(end[0], buf + sent, (size_t)(MIB - sent), 0);
	is("a signal after a part", n > 0 && n < MIB - sent, 1);
	sent += n;
	gets_at("all that was told is there", end[1], (size_t)got,
		(size_t)(sent - got), MSG_WAITALL, sent - got);
	fails("and no more", recv(end[1], buf, 1, MSG_DONTWAIT), EAGAIN);
	close_pair(end);
}

static void test_signals(void)
{
	int end[2];

	pair(2400, end);
	alarm_in(100);
	fails("a signal ends recv", recv(end[1], buf, 10, 0), EINTR);
	send_at(end[0], 0, 10, 0);
	alarm_in(200);
	gets_at("one after a part", end[1], 0, 100, MSG_WAITALL, 10);
	send_at(end[0], 0, 10, 0);
	alarm_in(200);
	gets_at("one after a look", end[1], 0, 100, MSG_WAITALL | MSG_PEEK, 10);
	close_pair(end);
}

/* Pages of which the last is not there: where it begins. */
static unsigned char *edge_of_memory(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), room = 32 * page;
	unsigned char *p = mmap(NULL, room, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(p + room - page, page);
	return p + room - page;
}

static void test_bad_pointers(void)
{
	unsigned char *edge = edge_of_memory();
	struct iovec iov[2] = { { NULL, 50 }, { (void *)8, 100 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	int end[2];

	pair(2500, end);
	send_at(end[0], 0, 100, 0);
	send_at(end[0], 100, 6000, 0);
	arrived(end[1], 6100);
	fails("recv to a bad address", recv(end[1], (void *)8, 50, 0), EFAULT);
	fails("peek to a bad address", recv(end[1], (void *)8, 50, MSG_PEEK), EFAULT);
	is("takes nothing", queued(end[1]), 6100);
	is("where memory ends within the second message",
	   recv(end[1], edge - 150, 300, MSG_PEEK), 100);
	is("the first is read", recv(end[1], edge - 150, 300, 0), 100);
	is("and right", right(edge - 150, 0, 100), 1);
	fails("and the second is not", recv(end[1], edge - 50, 6000, 0), EFAULT);
	fails("nor a part of it", recv(end[1], edge - 50, 100, 0), EFAULT);
	iov[0].iov_base = want;
	fails("nor into pieces", recvmsg(end[1], &msg, 0), EFAULT);
	gets_at("it is still there", end[1], 100, 9000, 0, 6000);

	fails("send from a bad address", send(end[0], (void *)8, 100, 0), EFAULT);
	fails("where memory ends", send(end[0], edge - 50, 100, 0), EFAULT);
	fill(edge - 70000, 0, 70000, 0);
	is("after a whole message", send(end[0], edge - 70000, 200000, 0),
	   RRDP_MSG_MAX);
	gets_at("that one arrives", end[1], 0, RRDP_MSG_MAX, MSG_WAITALL,
		RRDP_MSG_MAX);
	is("the connection goes on", send_at(end[0], 0, 10, 0), 10);
	gets_at("after all that", end[1], 0, 100, 0, 10);
	close_pair(end);
}

/**
 * struct share - what one of several readers got
 * @fd: socket
 * @seen: how often each block came, shared
 * @torn: octets that are not where they should be within a block
 */
struct share {
	int fd;
	unsigned char *seen;
	unsigned int torn;
};

#define BLOCK	16
#define BLOCKS	(2 * MIB / BLOCK)

/*
 * Writes are large and reads are whole blocks, so that each read has the octets that
 * follow each other, unless two readers met in it.
 */
static void *read_blocks(void *arg)
{
	struct share *s = arg;
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	uint32_t block[256][BLOCK / 4];

	for (;;) {
		size_t n = 1 + rand_r(&seed) % 256, i, k;
		ssize_t got = recv(s->fd, block, n * BLOCK, 0);

		if (got <= 0)
			return NULL;
		for (i = 0; i < (size_t)got / BLOCK; i++) {
			for (k = 0; k < BLOCK / 4; k++)
				s->torn += block[i][k] != block[0][0] + i;
			if (block[i][0] < BLOCKS)
				s->seen[block[i][0]]++;
		}
		s->torn += got % BLOCK != 0;
	}
}

static void test_readers(void)
{
	static unsigned char seen[2][BLOCKS];
	uint32_t *data = malloc(BLOCKS * BLOCK);
	struct share share[2] = { { .seen = seen[0] }, { .seen = seen[1] } };
	unsigned int i, k, wrong = 0;
	pthread_t thread[2];
	int end[2];

	for (i = 0; i < BLOCKS; i++)
		for (k = 0; k < BLOCK / 4; k++)
			data[i * BLOCK / 4 + k] = i;
	pair(2600, end);
	for (i = 0; i < 2; i++) {
		share[i].fd = end[1];
		pthread_create(&thread[i], NULL, read_blocks, &share[i]);
	}
	is("one writes", send(end[0], data, BLOCKS * BLOCK, 0), BLOCKS * BLOCK);
	close(end[0]);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < BLOCKS; i++)
		wrong += seen[0][i] + seen[1][i] != 1;
	is("two read, each octet once", wrong, 0);
	is("and none between those of the other", share[0].torn + share[1].torn, 0);
	close(end[1]);
	free(data);
}

/* Each type at one end. */
static void test_types_meet(void)
{
	int end[2], n, parts = 0;
	size_t got = 0;

	pair_with(SOCK_STREAM, SOCK_SEQPACKET, 2700, end, -1);
	set_int(end[1], SO_RCVBUF, MIB);
	is("a stream sends a lot", send_at(end[0], 0, 100000, 0), 100000);
	n = (int)recv(end[1], want, sizeof(want), 0);
	is("the first message has what one can have", n, RRDP_MSG_MAX);
	is("and the right octets", right(want, 0, (size_t)n), 1);
	n = (int)recv(end[1], want, sizeof(want), 0);
	is("the second has the rest", n, 100000 - RRDP_MSG_MAX);
	is("which is right", right(want, RRDP_MSG_MAX, (size_t)n), 1);
	send_at(end[1], 0, 10, 0);
	send_at(end[1], 10, 20, 0);
	arrived(end[0], 30);
	gets_at("a stream receives messages as one", end[0], 0, 100, 0, 30);
	close_pair(end);

	pair_with(SOCK_SEQPACKET, SOCK_STREAM, 2701, end, RRDP_OPT_SEQUENCED);
	is("without MORE a message is a segment",
	   msg_max(end[1]) > 1000 && msg_max(end[1]) < RRDP_MSG_MAX, 1);
	is("a stream is cut into them", send_at(end[1], 0, 20000, 0), 20000);
	while (got < 20000) {
		n = (int)recv(end[0], want, sizeof(want), 0);
		if (n <= 0 || n > msg_max(end[1]) || !right(want, got, (size_t)n))
			break;
		got += (size_t)n;
		parts++;
	}
	is("which arrive", got, 20000);
	is("none smaller than it must be", parts,
	   (20000 + msg_max(end[1]) - 1) / msg_max(end[1]));
	close_pair(end);
}

/* Octets in any order are no stream. */
static void test_unsequenced(void)
{
	int l = socket_of(SOCK_SEQPACKET), fd, options = 0;

	setsockopt(l, SOL_RRDP, RRDP_SO_OPTIONS, &options, sizeof(options));
	do_bind(l, LOCAL, 2801);
	listen(l, 5);
	fd = socket_of(SOCK_STREAM);
	fails("connect to who delivers in any order", do_connect(fd, LOCAL, 2801),
	      EPROTO);
	close(fd);
	close(l);

	l = listener_of(SOCK_STREAM, 2802, 5);
	fd = socket_of(SOCK_SEQPACKET);
	setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &options, sizeof(options));
	do_connect(fd, LOCAL, 2802);
	is("who connects like that is sent away",
	   poll_for(fd, POLLRDHUP, 5000) & POLLRDHUP, POLLRDHUP);
	set_nonblock(l, true);
	fails("and not accepted", accept(l, NULL, NULL), EAGAIN);
	close(fd);
	close(l);
}

static void test_end(void)
{
	int end[2], i;

	pair(2900, end);
	for (i = 0; i < 50; i++)
		send_at(end[0], (size_t)i * 100, 100, 0);
	close(end[0]);
	poll_for(end[1], POLLRDHUP, 5000);
	gets_at("all that was sent is read", end[1], 0, 70, 0, 70);
	gets_at("before the end", end[1], 70, 9000, 0, 4930);
	is("which is told", recv(end[1], buf, 10, 0), 0);
	is("again and again", recv(end[1], buf, 10, MSG_PEEK), 0);
	fails("no more is sent", send(end[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	is("without a signal", sigpipes, 0);
	fails("nor is nothing", send(end[1], "x", 0, MSG_NOSIGNAL), EPIPE);
	fails("else", send(end[1], "x", 1, 0), EPIPE);
	is("with one", sigpipes, 1);
	close(end[1]);

	pair(2901, end);
	send_at(end[0], 0, 10, 0);
	is("shutdown", shutdown(end[0], SHUT_WR), 0);
	gets_at("what was sent before arrives", end[1], 0, 100, MSG_WAITALL, 10);
	is("then the end", recv(end[1], buf, 10, 0), 0);
	is("at the other end too", recv(end[0], buf, 10, 0), 0);
	close_pair(end);

	pair(2902, end);
	send_at(end[1], 0, 10, 0);
	arrived(end[0], 10);
	shutdown(end[0], SHUT_RD);
	gets_at("after SHUT_RD the rest is read", end[0], 0, 100, 0, 10);
	is("and no more waited for", recv(end[0], buf, 10, 0), 0);
	close_pair(end);
}

static void test_reset(void)
{
	ssize_t n;
	int end[2];

	pair(3000, end);
	send_at(end[0], 0, 10, 0);
	send_at(end[1], 0, 30, 0);
	arrived(end[0], 30);
	arrived(end[1], 10);
	gets_at("a part is read", end[1], 0, 9, 0, 9);
	close(end[1]);
	is("closing with an octet unread is a reset",
	   poll_for(end[0], POLLERR, 5000) & POLLERR, POLLERR);
	gets_at("what the other end sent is read first", end[0], 0, 7, MSG_WAITALL, 7);
	gets_at("all of it", end[0], 7, 100, MSG_WAITALL, 23);
	fails("then the error is told", recv(end[0], buf, 10, 0), ECONNRESET);
	is("then the end", recv(end[0], buf, 10, 0), 0);
	close(end[0]);

	/* Who is cut short by it learns it from the next call. */
	pair(3001, end);
	set_int(end[0], SO_SNDBUF, 5000);
	set_nonblock(end[0], true);
	while (send_at(end[0], 0, 1000, 0) > 0)
		;
	set_nonblock(end[0], false);
	poll_for(end[1], POLLIN, 5000);
	if (!fork()) {
		/* The socket is closed when both have closed it. */
		close(end[0]);
		usleep(300000);
		_exit(0);
	}
	close(end[1]);
	do {
		n = send_at(end[0], 0, MIB, 0);
	} while (n > 0);
	fails("a writer that waits is told of the reset", n, ECONNRESET);
	close(end[0]);
}

static void test_poll(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int end[2], level = epoll_create1(0), edge = epoll_create1(0), tries = 100;
	ssize_t n;

	pair(3100, end);
	epoll_ctl(level, EPOLL_CTL_ADD, end[1], &ev);
	ev.events = EPOLLIN | EPOLLET;
	epoll_ctl(edge, EPOLL_CTL_ADD, end[1], &ev);
	is("nothing to be read", epoll_wait(level, &ev, 1, 0), 0);
	send_at(end[0], 0, 10, 0);
	is("a level", epoll_wait(level, &ev, 1, 5000), 1);
	is("an edge", epoll_wait(edge, &ev, 1, 5000), 1);
	gets_at("a part is read", end[1], 0, 4, 0, 4);
	is("the level stays", epoll_wait(level, &ev, 1, 0), 1);
	is("but no edge", epoll_wait(edge, &ev, 1, 100), 0);
	send_at(end[0], 10, 10, 0);
	is("until more comes", epoll_wait(edge, &ev, 1, 5000), 1);
	gets_at("the rest is read", end[1], 4, 100, 0, 16);
	is("no level any more", epoll_wait(level, &ev, 1, 0), 0);
	is("no edge", epoll_wait(edge, &ev, 1, 0), 0);

	ev.events = EPOLLOUT | EPOLLET;
	epoll_ctl(edge, EPOLL_CTL_ADD, end[0], &ev);
	is("room is an edge", epoll_wait(edge, &ev, 1, 5000), 1);
	set_nonblock(end[0], true);
	set_int(end[0], SO_SNDBUF, 5000);
	fill(buf, 0, MIB, 0);
	do {
		n = send(end[0], buf, MIB, 0);
	} while (n > 0 || (errno == EAGAIN && epoll_wait(edge, &ev, 1, 500) == 1 &&
			   ev.events & EPOLLOUT));
	while (recv(end[1], buf, 50000, MSG_DONTWAIT) > 0 ||
	       (tries-- && !(poll_for(end[0], POLLOUT, 100) & POLLOUT)))
		;
	is("which comes again when there is some", epoll_wait(edge, &ev, 1, 5000) == 1 &&
	   ev.events & EPOLLOUT, 1);
	close(end[0]);
	is("the end is an edge", epoll_wait(edge, &ev, 1, 5000), 1);
	close(end[1]);
	close(level);
	close(edge);
}

/* Each message is completed. */
static void test_zerocopy(void)
{
	int end[2], value = 1, copied = 0;
	long next = 0, first;

	pair(3200, end);
	setsockopt(end[0], SOL_RRDP, RRDP_SO_ZEROCOPY, &value, sizeof(value));
	is("MSG_ZEROCOPY", send_at(end[0], 0, 150000, MSG_ZEROCOPY), 150000);
	gets_at("arrives", end[1], 0, 150000, MSG_WAITALL, 150000);
	while (next < 3 && (first = completion(end[0], &copied)) >= 0)
		next = first % 1000 + 1;
	is("and has a completion of each message", next, 3);
	is("and of no other", poll_for(end[0], 0, 100), 0);
	close_pair(end);
}

static void test_splice(void)
{
	FILE *file = tmpfile();
	off_t at = 0;
	int end[2], out[2];

	fill(buf, 0, 100000, 0);
	fwrite(buf, 1, 100000, file);
	fflush(file);
	pair(3300, end);
	set_int(end[1], SO_RCVBUF, MIB);
	is("sendfile", sendfile(end[0], fileno(file), &at, 100000), 100000);
	gets_at("arrives", end[1], 0, 100000, MSG_WAITALL, 100000);

	send_at(end[0], 0, 3000, 0);
	arrived(end[1], 3000);
	if (pipe(out))
		perror("# pipe");
	gets_at("a part is read", end[1], 0, 1000, 0, 1000);
	is("the rest is spliced", splice(end[1], NULL, out[1], NULL, 9000, 0), 2000);
	is("out of a pipe", read(out[0], want, sizeof(want)), 2000);
	is("unaltered", right(want, 1000, 2000), 1);
	close_pair(end);
	close(out[0]);
	close(out[1]);
	fclose(file);
}

static void *exchange_end(void *arg)
{
	return (void *)(uintptr_t)exchange(*(int *)arg, 8 * MIB, 1);
}

static void test_exchange(void)
{
	pthread_t other;
	void *good;
	int end[2];

	pair(3400, end);
	pthread_create(&other, NULL, exchange_end, &end[1]);
	is("8 MiB one way", exchange(end[0], 8 * MIB, 0), 1);
	pthread_join(other, &good);
	is("and the other", (long)(uintptr_t)good, 1);
	close_pair(end);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGPIPE, &act, NULL);
	test_create();
	test_bounds();
	test_waitall();
	test_lowat();
	test_short_counts();
	test_signals();
	test_bad_pointers();
	test_readers();
	test_types_meet();
	test_unsequenced();
	test_end();
	test_reset();
	test_poll();
	test_zerocopy();
	test_splice();
	test_exchange();
	return tap_end();
}
