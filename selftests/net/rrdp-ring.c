// SPDX-License-Identifier: GPL-2.0
/*
 * The transmit ring of AF_RRDP sockets, in TAP. Both ends are in this process.
 * With the argument "nofork" there is no other.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <linux/rrdp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "sock.h"
#include "tap.h"

#define PAGE	4096u
#define FRAMES	8u

/* A ring as the process sees it, and the frame that is its turn. */
struct ring {
	int fd;
	unsigned int size, frames, next;
	size_t total;
	struct rrdp_ring_frame *frame;
};

static unsigned char buf[RRDP_MSG_MAX];

static int ask(int fd, unsigned int size, unsigned int frames)
{
	struct rrdp_ring_req req = { .frame_size = size, .frame_nr = frames };

	return setsockopt(fd, SOL_RRDP, RRDP_SO_TX_RING, &req, sizeof(req));
}

static size_t octets(unsigned int size, unsigned int frames)
{
	size_t index = frames * sizeof(struct rrdp_ring_frame);

	return (index + PAGE - 1) / PAGE * PAGE + (size_t)size * frames;
}

static long map_fails(int fd, size_t total, int how, off_t offset)
{
	void *at = mmap(NULL, total, PROT_READ | PROT_WRITE, how, fd, offset);

	return at == MAP_FAILED ? -1 : 0;
}

static struct ring ring_of(int fd, unsigned int size, unsigned int frames)
{
	struct ring ring = { fd, size, frames, 0, octets(size, frames), NULL };

	if (ask(fd, size, frames))
		perror("# RRDP_SO_TX_RING");
	ring.frame = mmap(NULL, ring.total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring.frame == MAP_FAILED) {
		perror("# mmap");
		exit(1);
	}
	return ring;
}

static unsigned int status(const struct ring *ring, unsigned int i)
{
	return __atomic_load_n(&ring->frame[i].status, __ATOMIC_ACQUIRE);
}

static void set_status(struct ring *ring, unsigned int i, unsigned int value)
{
	__atomic_store_n(&ring->frame[i].status, value, __ATOMIC_RELEASE);
}

static unsigned char *octets_of(const struct ring *ring, unsigned int i)
{
	return (unsigned char *)ring->frame + ring->total -
	       (size_t)ring->size * (ring->frames - i);
}

/* Marks the next frame, with a message of @len times @c. Returns its number. */
static unsigned int mark(struct ring *ring, unsigned int len, int c)
{
	unsigned int i = ring->next;

	ring->next = (i + 1) % ring->frames;
	memset(octets_of(ring, i), c, len < ring->size ? len : ring->size);
	ring->frame[i].len = len;
	set_status(ring, i, RRDP_FRAME_SEND_REQUEST);
	return i;
}

static long kick(const struct ring *ring, int flags)
{
	return send(ring->fd, NULL, 0, flags | MSG_NOSIGNAL);
}

/* Whether the next message is @len times @c. */
static long gets(int fd, unsigned int len, int c)
{
	ssize_t got = recv(fd, buf, sizeof(buf), 0);
	ssize_t i;

	for (i = 0; i < got; i++)
		if (buf[i] != c)
			return 0;
	return got == (ssize_t)len;
}

/* Whether frame @i comes back. */
static long comes_back(const struct ring *ring, unsigned int i)
{
	int tries = 5000;

	while (status(ring, i) != RRDP_FRAME_AVAILABLE && tries--)
		usleep(1000);
	return tries > 0;
}

static void test_make(void)
{
	struct rrdp_ring_req req = { PAGE, FRAMES };
	int fd = socket_of(SOCK_SEQPACKET);
	size_t total = octets(PAGE, FRAMES);

	fails("no octets to send without a ring", send(fd, NULL, 0, 0), ENOTCONN);
	fails("no ring to map", map_fails(fd, total, MAP_SHARED, 0), ENODEV);
	fails("frames of nothing", ask(fd, 0, FRAMES), EINVAL);
	fails("frames of less than a page", ask(fd, PAGE / 2, FRAMES), EINVAL);
	fails("frames of three pages", ask(fd, 3 * PAGE, FRAMES), EINVAL);
	fails("frames larger than a message", ask(fd, 2 * RRDP_MSG_MAX, FRAMES), EINVAL);
	fails("no frames", ask(fd, PAGE, 0), EINVAL);
	fails("too many", ask(fd, RRDP_MSG_MAX, RRDP_RING_MAX / RRDP_MSG_MAX + 1), EINVAL);
	fails("far too many", ask(fd, RRDP_MSG_MAX, 0x10000), EINVAL);
	fails("half a request", setsockopt(fd, SOL_RRDP, RRDP_SO_TX_RING, &req, 4), EINVAL);
	fails("a request from nowhere",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_TX_RING, (void *)8, sizeof(req)), EFAULT);
	is("a ring", ask(fd, PAGE, FRAMES), 0);
	fails("a second one", ask(fd, PAGE, FRAMES), EBUSY);
	fails("map too little", map_fails(fd, total - PAGE, MAP_SHARED, 0), EINVAL);
	fails("map too much", map_fails(fd, total + PAGE, MAP_SHARED, 0), EINVAL);
	fails("map a part", map_fails(fd, total - PAGE, MAP_SHARED, PAGE), EINVAL);
	fails("map a copy", map_fails(fd, total, MAP_PRIVATE, 0), EINVAL);
	is("map it", map_fails(fd, total, MAP_SHARED, 0), 0);
	is("and once more", map_fails(fd, total, MAP_SHARED, 0), 0);
	close(fd);
}

static void test_send(void)
{
	int end[2];
	struct ring ring;
	unsigned int i, j;

	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2000, end, -1);
	fails("no message without a ring", send(end[0], NULL, 0, 0), EINVAL);
	ring = ring_of(end[0], 2 * PAGE, FRAMES);
	is("nothing is marked", kick(&ring, 0), 0);
	i = mark(&ring, 100, 'a');
	is("one that is marked leaves room", poll_for(end[0], POLLOUT, 0), POLLOUT);
	is("one frame", kick(&ring, 0), 100);
	is("arrives", gets(end[1], 100, 'a'), 1);
	is("and comes back", comes_back(&ring, i), 1);
	for (i = 0; i < 5; i++)
		mark(&ring, 2 * PAGE - i, 'b' + (int)i);
	is("five in a call", kick(&ring, 0), 5 * 2 * PAGE - 10);
	for (i = 0, j = 0; i < 5; i++)
		j += (unsigned int)gets(end[1], 2 * PAGE - i, 'b' + (int)i);
	is("arrive in order", j, 5);
	is("an ordinary message between them", send(end[0], "xx", 2, 0), 2);
	i = mark(&ring, 7, 'y');
	is("and a frame", kick(&ring, MSG_MORE), 7);
	is("the one", gets(end[1], 2, 'x'), 1);
	is("that may wait for more, but not now", kick(&ring, 0), 0);
	is("the other", gets(end[1], 7, 'y'), 1);
	for (j = 0; j < 100; j++) {
		i = mark(&ring, 1 + j, (int)j);
		if (kick(&ring, 0) != 1 + j || !gets(end[1], 1 + j, (int)j) ||
		    !comes_back(&ring, i))
			break;
	}
	is("round and round", j, 100);
	close_pair(end);
	is("a frame may be written to after the end", octets_of(&ring, 0)[0] = 1, 1);
	munmap(ring.frame, ring.total);
}

static void test_wrong(void)
{
	int end[2], most;
	socklen_t len = sizeof(most);
	struct ring ring;
	unsigned int i;

	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2001, end, -1);
	ring = ring_of(end[0], PAGE, FRAMES);
	i = mark(&ring, 0, 0);
	fails("an empty frame", kick(&ring, 0), EINVAL);
	is("is wrong", status(&ring, i), RRDP_FRAME_WRONG);
	i = mark(&ring, PAGE + 1, 'a');
	fails("a frame that is too long", kick(&ring, 0), EINVAL);
	is("is wrong, too", status(&ring, i), RRDP_FRAME_WRONG);
	mark(&ring, 10, 'b');
	i = mark(&ring, ~0u, 'c');
	mark(&ring, 11, 'd');
	is("what is before a wrong one is sent", kick(&ring, 0), 10);
	is("the wrong one says so", status(&ring, i), RRDP_FRAME_WRONG);
	is("what is behind it is sent next", kick(&ring, 0), 11);
	is("the first arrives", gets(end[1], 10, 'b'), 1);
	is("and the second", gets(end[1], 11, 'd'), 1);
	set_status(&ring, ring.next, 77);
	is("a status that there is not is no mark", kick(&ring, 0), 0);
	close_pair(end);
	munmap(ring.frame, ring.total);

	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2002, end, 0);
	ring = ring_of(end[0], RRDP_MSG_MAX, 2);
	getsockopt(end[0], SOL_RRDP, RRDP_SO_MSGSIZE, &most, &len);
	i = mark(&ring, (unsigned int)most + 1, 'a');
	fails("more than a segment of the base protocol", kick(&ring, 0), EMSGSIZE);
	is("is a wrong frame", status(&ring, i), RRDP_FRAME_WRONG);
	mark(&ring, (unsigned int)most, 'a');
	is("a whole segment", kick(&ring, 0), most);
	is("arrives", gets(end[1], (unsigned int)most, 'a'), 1);
	is("the wrong one can be written anew", poll_for(end[0], POLLOUT, 5000),
	   POLLOUT);
	close_pair(end);
	munmap(ring.frame, ring.total);
}

/* Frames that stay on their way, as the receiver takes nothing. */
static void test_full(void)
{
	int end[2], small = 1;
	unsigned int i, sent = 0, got = 0;
	struct ring ring;
	ssize_t n;

	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2003, end, -1);
	setsockopt(end[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ring = ring_of(end[0], RRDP_MSG_MAX, FRAMES);
	for (i = 0; i < 100 && status(&ring, ring.next) == RRDP_FRAME_AVAILABLE; i++) {
		unsigned int len = RRDP_MSG_MAX - 1;

		mark(&ring, len, 'a' + (int)i % 26);
		if (kick(&ring, MSG_DONTWAIT) == len)
			sent++;
		usleep(2000);
	}
	is("a full receiver keeps frames on their way",
	   i < 100 && status(&ring, ring.next) != RRDP_FRAME_AVAILABLE, 1);
	is("poll() does not say that there is room", poll_for(end[0], POLLOUT, 0), 0);
	n = kick(&ring, MSG_DONTWAIT);
	is("send() does not wait when it is not to",
	   n == 0 || (n == -1 && errno == EAGAIN), 1);
	for (i = 0; i < FRAMES; i++)
		if (status(&ring, i) == RRDP_FRAME_SENDING)
			set_status(&ring, i, RRDP_FRAME_SEND_REQUEST);
	kick(&ring, MSG_DONTWAIT);
	while (poll_for(end[1], POLLIN, 300) & POLLIN) {
		n = recv(end[1], buf, sizeof(buf), 0);
		if (n != RRDP_MSG_MAX - 1 || buf[0] != 'a' + (int)got % 26 ||
		    buf[n - 1] != buf[0])
			break;
		got++;
		/* What was marked but found no room is sent now. */
		n = kick(&ring, MSG_DONTWAIT);
		if (n > 0)
			sent += (unsigned int)n / (RRDP_MSG_MAX - 1);
	}
	is("a frame that is marked again is not sent twice", got, sent);
	is("poll() tells when frames are back", poll_for(end[0], POLLOUT, 5000), POLLOUT);
	close_pair(end);
	munmap(ring.frame, ring.total);
}

/* A child has it mapped as well. */
static int child_unmaps(const struct ring *ring)
{
	pid_t child = fork();
	int how = -1;

	if (!child)
		_exit(munmap(ring->frame, ring->total) ? 1 : 0);
	waitpid(child, &how, 0);
	return how;
}

static void test_end(bool may_fork)
{
	int end[2], small = 1;
	unsigned int i;
	struct ring ring;

	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2004, end, -1);
	ring = ring_of(end[0], PAGE, FRAMES);
	shutdown(end[0], SHUT_WR);
	i = mark(&ring, 10, 'a');
	fails("after shutdown", kick(&ring, 0), EPIPE);
	is("the frame stays as it was", status(&ring, i), RRDP_FRAME_SEND_REQUEST);
	close_pair(end);
	munmap(ring.frame, ring.total);

	/* Everything goes while frames are on their way. */
	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2005, end, -1);
	setsockopt(end[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ring = ring_of(end[0], RRDP_MSG_MAX, FRAMES);
	for (i = 0; i < FRAMES; i++)
		mark(&ring, RRDP_MSG_MAX, 'z');
	is("frames on their way", kick(&ring, MSG_DONTWAIT) > 0, 1);
	is(may_fork ? "a child unmaps the ring meanwhile" : "a child # SKIP not on UML",
	   may_fork ? child_unmaps(&ring) : 0, 0);
	munmap(ring.frame, ring.total);
	close_pair(end);

	/* A mapping outlives the socket. */
	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, 2006, end, -1);
	ring = ring_of(end[0], PAGE, FRAMES);
	mark(&ring, 10, 'q');
	kick(&ring, 0);
	close_pair(end);
	usleep(100000);
	for (i = 0; i < FRAMES; i++)
		memset(octets_of(&ring, i), (int)i, PAGE);
	is("memory that is mapped stays", octets_of(&ring, 7)[PAGE - 1], 7);
	munmap(ring.frame, ring.total);
}

/* Without the right to lock what it likes. */
static void test_limit(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {};
	struct rlimit limit = { 64 * PAGE, 64 * PAGE };
	int fd;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) || syscall(SYS_capset, &head, data))
		perror("# limits");
	fd = socket_of(SOCK_SEQPACKET);
	fails("more than the user may lock", ask(fd, PAGE, 64), ENOBUFS);
	is("less", ask(fd, PAGE, 32), 0);
	close(fd);
	fd = socket_of(SOCK_SEQPACKET);
	is("which is given back", ask(fd, PAGE, 60), 0);
	fails("a second one is no matter of memory", ask(fd, PAGE, 60), EBUSY);
	close(fd);
}

int main(int argc, char **argv)
{
	test_make();
	test_send();
	test_wrong();
	test_full();
	test_end(argc < 2 || strcmp(argv[1], "nofork"));
	test_limit();
	return tap_end();
}
