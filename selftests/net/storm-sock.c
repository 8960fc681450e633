// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls on AF_RRDP sockets, by several threads on the same sockets.
 *
 *	storm-sock SEED SECONDS THREADS NODE...
 *
 * The calls are described by a table: the number of each, and of what kind its
 * arguments are. What an argument may be is with its kind; mostly what makes sense, at
 * times what does not. The nodes are those that are called. A signal now and then ends
 * what would wait for ever. Prints how often each call was made, and how often it
 * succeeded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/rrdp.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"

#define SOCKETS		48	/* that are open at once, by all threads */
#define MAPS		6	/* rings that a thread has mapped at once */
#define THREADS_MAX	16
#define CALLS_MAX	40
#define BUF		(80 << 10)

/*
 * Octets of a frame of a ring. A child of a process that has larger ones mapped has
 * other pages of the kernel's in their place where User-Mode Linux of 7.2 runs: its
 * set_ptes() miscounts when there are more than two in a row.
 */
#define FRAME_SIZE(rng)	(4096u << rng_below(rng, 2))

enum kind {
	NONE,
	FD,		/* one of the sockets */
	FAMILY,
	TYPE,
	ZERO,
	ADDR,		/* the address of a node and a port, and its length */
	ADDR_LEN,
	ADDR_OUT,	/* where one goes, and how much room there is */
	ADDR_ROOM,
	DATA,		/* octets of a message, which may be those of a ring */
	DATA_LEN,
	MSG_FLAGS,
	MSG,		/* struct msghdr to send, and to receive into */
	MSG_OUT,
	MMSG,		/* an array of four */
	MMSG_OUT,
	MMSG_NR,
	BACKLOG,
	ACCEPT_FLAGS,
	LEVEL,
	OPT,
	OPT_VALUE,
	OPT_LEN,
	OPT_ROOM,	/* the same, to be written */
	HOW,
	POLL,		/* three sockets */
	POLL_NR,
	POLL_MS,
	FCNTL,
	FCNTL_VALUE,
	IOCTL,
	MAP_LEN,
	MAP_PROT,
	MAP_FLAGS,
	MAP_OFFSET,
	RING_FD,	/* the descriptor of a map is a socket */
};

enum after {
	NOTHING,
	KEEP_FD,	/* what was returned is a socket */
	KEEP_MAP,
};

/* Those that are no calls of the kernel. */
enum { CLOSE = -1, UNMAP = -2, SCRIBBLE = -3, FORK = -4, PAIR = -5, RING = -6 };

struct call {
	const char *name;
	int weight;
	long nr;
	enum kind args[6];
	enum after after;
};

static const struct call calls[] = {
	{ "socket", 8, SYS_socket, .args = { FAMILY, TYPE, ZERO }, .after = KEEP_FD },
	{ "bind", 8, SYS_bind, .args = { FD, ADDR, ADDR_LEN } },
	{ "listen", 8, SYS_listen, .args = { FD, BACKLOG } },
	{ "connect", 12, SYS_connect, .args = { FD, ADDR, ADDR_LEN } },
	{ "accept4", 12, SYS_accept4,
	  .args = { FD, ADDR_OUT, ADDR_ROOM, ACCEPT_FLAGS }, .after = KEEP_FD },
	{ "sendto", 16, SYS_sendto,
	  .args = { FD, DATA, DATA_LEN, MSG_FLAGS, ADDR, ADDR_LEN } },
	{ "send", 16, SYS_sendto, .args = { FD, DATA, DATA_LEN, MSG_FLAGS } },
	{ "recvfrom", 16, SYS_recvfrom,
	  .args = { FD, DATA, DATA_LEN, MSG_FLAGS, ADDR_OUT, ADDR_ROOM } },
	{ "sendmsg", 10, SYS_sendmsg, .args = { FD, MSG, MSG_FLAGS } },
	{ "recvmsg", 10, SYS_recvmsg, .args = { FD, MSG_OUT, MSG_FLAGS } },
	{ "sendmmsg", 5, SYS_sendmmsg, .args = { FD, MMSG, MMSG_NR, MSG_FLAGS } },
	{ "recvmmsg", 5, SYS_recvmmsg,
	  .args = { FD, MMSG_OUT, MMSG_NR, MSG_FLAGS, ZERO } },
	{ "write", 5, SYS_write, .args = { FD, DATA, DATA_LEN } },
	{ "read", 5, SYS_read, .args = { FD, DATA, DATA_LEN } },
	{ "setsockopt", 16, SYS_setsockopt,
	  .args = { FD, LEVEL, OPT, OPT_VALUE, OPT_LEN } },
	{ "getsockopt", 10, SYS_getsockopt,
	  .args = { FD, LEVEL, OPT, OPT_VALUE, OPT_ROOM } },
	{ "getsockname", 3, SYS_getsockname, .args = { FD, ADDR_OUT, ADDR_ROOM } },
	{ "getpeername", 3, SYS_getpeername, .args = { FD, ADDR_OUT, ADDR_ROOM } },
	{ "shutdown", 2, SYS_shutdown, .args = { FD, HOW } },
	{ "poll", 8, SYS_poll, .args = { POLL, POLL_NR, POLL_MS } },
	{ "fcntl", 3, SYS_fcntl, .args = { FD, FCNTL, FCNTL_VALUE } },
	{ "ioctl", 5, SYS_ioctl, .args = { FD, IOCTL, DATA } },
	{ "dup", 1, SYS_dup, .args = { FD }, .after = KEEP_FD },
	{ "mmap", 5, SYS_mmap,
	  .args = { ZERO, MAP_LEN, MAP_PROT, MAP_FLAGS, RING_FD, MAP_OFFSET }, .after = KEEP_MAP },
	{ "munmap", 2, .nr = UNMAP },
	{ "scribble", 10, .nr = SCRIBBLE },
	{ "close", 5, .nr = CLOSE },
	{ "fork", 1, .nr = FORK },
	{ "pair", 8, .nr = PAIR },
	{ "ring", 5, .nr = RING },
};

static _Atomic int sockets[SOCKETS];
static uint32_t nodes[8];
static size_t nodes_nr;
static uint64_t end_ms;

struct map {
	uint8_t *at;
	size_t len;
	bool writable;
};

struct thread {
	pthread_t id;
	struct rng rng;
	struct map maps[MAPS];
	uint64_t runs[CALLS_MAX], good[CALLS_MAX];
	uint8_t *buf;
	/* What the arguments of the call in hand point to. */
	struct sockaddr_rrdp addr;
	socklen_t room;
	struct iovec iov[4];
	struct mmsghdr msgs[4];
	struct pollfd poll[3];
	uint8_t control[256];
	uint8_t option[256];
	int opt;
};

static struct thread threads[THREADS_MAX];

static long pick_size(struct rng *rng)
{
	switch (rng_below(rng, 8)) {
	case 0:
		return 0;
	case 1:
		return rng_edge(rng) % (BUF + 1);
	case 2:
		return rng_below(rng, BUF);
	default:
		return 1 + rng_below(rng, 3000);
	}
}

static long pick_level(struct rng *rng)
{
	static const int levels[] = { SOL_RRDP, SOL_RRDP, SOL_RRDP, SOL_RRDP, SOL_SOCKET };

	return RNG_PICK(rng, levels);
}

/* What others may not be denied by it, and what does not keep this process busy. */
static long pick_option(struct rng *rng)
{
	static const int ours[] = {
		RRDP_SO_OPTIONS, RRDP_SO_MSGSIZE, RRDP_SO_DEADTIME, RRDP_SO_ZEROCOPY,
		RRDP_SO_INFO, RRDP_SO_TX_RING, RRDP_SO_TX_RING,
		SO_SNDBUF, SO_RCVBUF, SO_SNDTIMEO, SO_RCVTIMEO, SO_LINGER, SO_ERROR,
		SO_RCVLOWAT, SO_ZEROCOPY, SO_KEEPALIVE, SO_TIMESTAMP,
		SO_TYPE, SO_DOMAIN, SO_PEEK_OFF, SO_PRIORITY, SO_MARK,
	};

	return rng_percent(rng, 95) ? RNG_PICK(rng, ours) : (int)rng_edge(rng);
}

/* A value that fits no matter which option it is for, or only some. */
static long pick_value(struct thread *t)
{
	struct rng *rng = &t->rng;
	struct rrdp_ring_req *req = (void *)t->option;
	uint32_t *word = (void *)t->option;

	rng_fill(rng, t->option, sizeof(t->option));
	/* At random it could be anything, but for what FRAME_SIZE is about. */
	req->frame_size |= 1;
	switch (rng_below(rng, 4)) {
	case 0:
		req->frame_size = FRAME_SIZE(rng);
		req->frame_nr = 1 + rng_below(rng, 20);
		break;
	case 1:
		word[0] = rng_below(rng, 128);
		word[1] = 0;
		break;
	case 2:
		word[0] = rng_edge(rng);
		word[1] = word[0] < 8192 ? rng_edge(rng) : 0;
		break;
	default:
		/* As a time: soon. */
		memset(t->option, 0, 16);
		t->option[8] = (uint8_t)rng_any(rng);
		break;
	}
	return (long)t->option;
}

static long pick_optlen(struct rng *rng)
{
	static const int lens[] = { 4, 4, 4, 8, 8, 16, 0, 1, 3, 12, 200, 256 };

	return rng_percent(rng, 97) ? RNG_PICK(rng, lens) : (int)rng_edge(rng);
}

static long pick_address(struct thread *t)
{
	static const uint16_t ports[] = { 80, 80, 80, 81, 82, 0, 32768, 65535 };
	struct rng *rng = &t->rng;

	t->addr.srrdp_family = rng_percent(rng, 97) ? RRDP_AF_DEFAULT : rng_any(rng);
	t->addr.srrdp_port = RNG_PICK(rng, ports);
	t->addr.srrdp_node = rng_percent(rng, 92) ? nodes[rng_below(rng, nodes_nr)] :
			     rng_percent(rng, 80) ? RRDP_NODE_NONE : rng_edge(rng);
	return (long)&t->addr;
}

static long pick_flags(struct rng *rng)
{
	static const int flags[] = {
		MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_MORE, MSG_EOR, MSG_ZEROCOPY,
		MSG_ZEROCOPY, MSG_ERRQUEUE, MSG_OOB, MSG_CMSG_CLOEXEC, MSG_DONTROUTE,
	};
	long all = MSG_NOSIGNAL;

	if (rng_percent(rng, 92))
		all |= MSG_DONTWAIT;
	while (rng_percent(rng, 40))
		all |= RNG_PICK(rng, flags);
	return rng_percent(rng, 99) ? all : (long)rng_any(rng);
}

/* A ring of this thread, or nothing */
static struct map *pick_map(struct thread *t)
{
	struct map *map = &t->maps[rng_below(&t->rng, MAPS)];

	return map->at ? map : NULL;
}

/* Where @len octets may be, as a rule: not more of a ring than there is of it. */
static void *pick_data(struct thread *t, size_t len)
{
	static void *const nowhere[] = { NULL, (void *)1, (void *)(1ul << 63) };
	struct map *map = rng_percent(&t->rng, 10) ? pick_map(t) : NULL;

	if (rng_percent(&t->rng, 1))
		return RNG_PICK(&t->rng, nowhere);
	if (map && map->len > len)
		return map->at + rng_below(&t->rng, map->len - len);
	return t->buf;
}

static void make_message(struct thread *t, struct msghdr *msg)
{
	struct rng *rng = &t->rng;
	struct cmsghdr *cmsg = (void *)t->control;
	size_t i;

	memset(msg, 0, sizeof(*msg));
	msg->msg_iov = t->iov;
	msg->msg_iovlen = rng_below(rng, NR(t->iov) + 1);
	for (i = 0; i < NR(t->iov); i++) {
		t->iov[i].iov_len = (size_t)pick_size(rng);
		t->iov[i].iov_base = pick_data(t, t->iov[i].iov_len);
	}
	if (rng_percent(rng, 30)) {
		msg->msg_name = (void *)pick_address(t);
		msg->msg_namelen = rng_percent(rng, 90) ? sizeof(t->addr) : rng_below(rng, 128);
	}
	if (rng_percent(rng, 30)) {
		rng_fill(rng, t->control, sizeof(t->control));
		msg->msg_control = t->control;
		msg->msg_controllen = rng_below(rng, sizeof(t->control) + 1);
		cmsg->cmsg_len = rng_percent(rng, 80) ? 16 + rng_below(rng, 32) : rng_edge(rng);
		cmsg->cmsg_level = (int)pick_level(rng);
		cmsg->cmsg_type = (int)rng_below(rng, 64);
	}
}

static long make_messages(struct thread *t)
{
	size_t i;

	for (i = 0; i < NR(t->msgs); i++)
		make_message(t, &t->msgs[i].msg_hdr);
	return (long)t->msgs;
}

static int pick_socket(struct rng *rng)
{
	int fd, n;

	for (n = 0; n < 8; n++) {
		fd = atomic_load(&sockets[rng_below(rng, SOCKETS)]);
		if (fd >= 0)
			break;
	}
	return fd;
}

static long pick_socktype(struct rng *rng)
{
	long type = rng_percent(rng, 65) ? SOCK_SEQPACKET :
		    rng_percent(rng, 90) ? SOCK_STREAM : rng_below(rng, 12);

	return type | (rng_percent(rng, 92) ? SOCK_NONBLOCK : 0);
}

static long pick_poll(struct thread *t)
{
	size_t i;

	for (i = 0; i < NR(t->poll); i++)
		t->poll[i] = (struct pollfd) {
			.fd = pick_socket(&t->rng),
			.events = (short)rng_any(&t->rng),
		};
	return (long)t->poll;
}

static long pick_fcntl(struct rng *rng)
{
	static const int commands[] = { F_SETFL, F_GETFL, F_SETFL, F_GETFD };

	return RNG_PICK(rng, commands);
}

static long pick_ioctl(struct rng *rng)
{
	static const unsigned int commands[] = { FIONREAD, SIOCOUTQ, SIOCINQ, SIOCATMARK, 0 };

	return RNG_PICK(rng, commands);
}

static long pick_map_len(struct rng *rng)
{
	/* The rings of pick_value(): a page of states, and the frames. */
	return rng_percent(rng, 85) ?
	       4096 + (long)((1 + rng_below(rng, 20)) * FRAME_SIZE(rng)) :
	       rng_edge(rng) % (1 << 24);
}

/* An argument of that kind */
static long pick(struct thread *t, enum kind kind)
{
	struct rng *rng = &t->rng;

	switch (kind) {
	case NONE:
	case ZERO:
		return rng_percent(rng, 98) ? 0 : rng_edge(rng);
	case FD:
	case RING_FD:
		return pick_socket(rng);
	case FAMILY:
		return RRDP_AF_DEFAULT;
	case TYPE:
		return pick_socktype(rng);
	case ADDR:
		return pick_address(t);
	case ADDR_LEN:
		return rng_percent(rng, 95) ? (long)sizeof(t->addr) : rng_below(rng, 200);
	case ADDR_OUT:
		return rng_percent(rng, 50) ? 0 : (long)t->control;
	case ADDR_ROOM:
		t->room = rng_percent(rng, 95) ? rng_below(rng, 128) : rng_edge(rng);
		return (long)&t->room;
	case DATA:
		return (long)pick_data(t, BUF);
	case DATA_LEN:
		return pick_size(rng);
	case MSG_FLAGS:
		return pick_flags(rng);
	case MSG:
	case MSG_OUT:
		make_message(t, &t->msgs[0].msg_hdr);
		return (long)&t->msgs[0].msg_hdr;
	case MMSG:
	case MMSG_OUT:
		return make_messages(t);
	case MMSG_NR:
		return rng_below(rng, NR(t->msgs) + 1);
	case BACKLOG:
		return rng_percent(rng, 80) ? rng_below(rng, 16) : rng_edge(rng);
	case ACCEPT_FLAGS:
		return rng_percent(rng, 98) ? SOCK_NONBLOCK : rng_edge(rng);
	case LEVEL:
		return pick_level(rng);
	case OPT:
		return pick_option(rng);
	case OPT_VALUE:
		return pick_value(t);
	case OPT_LEN:
		return pick_optlen(rng);
	case OPT_ROOM:
		t->room = (socklen_t)pick_optlen(rng) % sizeof(t->option);
		return (long)&t->room;
	case HOW:
		return rng_below(rng, 4);
	case POLL:
		return pick_poll(t);
	case POLL_NR:
		return rng_below(rng, NR(t->poll) + 1);
	case POLL_MS:
		return rng_below(rng, 4);
	case FCNTL:
		return pick_fcntl(rng);
	case FCNTL_VALUE:
		return rng_percent(rng, 92) ? O_NONBLOCK : 0;
	case IOCTL:
		return pick_ioctl(rng);
	case MAP_LEN:
		return pick_map_len(rng);
	case MAP_PROT:
		return rng_percent(rng, 90) ? PROT_READ | PROT_WRITE : PROT_READ;
	case MAP_FLAGS:
		return rng_percent(rng, 95) ? MAP_SHARED : MAP_PRIVATE;
	case MAP_OFFSET:
		return rng_percent(rng, 95) ? 0 : 4096l * rng_below(rng, 16);
	}
	return 0;
}

/* @fd takes the place of another, which is closed. */
static void keep_socket(struct rng *rng, int fd)
{
	int old = atomic_exchange(&sockets[rng_below(rng, SOCKETS)], fd);

	if (old >= 0)
		close(old);
}

static void unmap(struct map *map)
{
	if (map->at)
		munmap(map->at, map->len);
	map->at = NULL;
}

static void keep_map(struct thread *t, void *at, const long *args)
{
	struct map *map = &t->maps[rng_below(&t->rng, MAPS)];

	unmap(map);
	*map = (struct map) {
		.at = at,
		.len = (size_t)args[1],
		.writable = args[2] & PROT_WRITE,
	};
}

/* States and lengths of frames that make sense, or none */
static long scribble(struct thread *t)
{
	struct map *map = pick_map(t);
	struct rrdp_ring_frame *frame;
	uint32_t n;

	if (!map || !map->writable || map->len < 4096)
		return -1;
	frame = (void *)map->at;
	for (n = 0; n < 8; n++) {
		frame[n].len = rng_percent(&t->rng, 80) ? rng_below(&t->rng, 9000) :
			       rng_edge(&t->rng);
		__atomic_store_n(&frame[n].status, rng_percent(&t->rng, 80) ?
				 RRDP_FRAME_SEND_REQUEST : rng_below(&t->rng, 6),
				 __ATOMIC_RELEASE);
	}
	map->at[rng_below(&t->rng, (uint32_t)map->len)] = (uint8_t)rng_any(&t->rng);
	return 0;
}

/* Both ends of a connection to this host, which random calls seldom make. */
static long make_pair(struct rng *rng)
{
	int type = (rng_percent(rng, 70) ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_NONBLOCK;
	struct sockaddr_rrdp addr = {
		.srrdp_family = RRDP_AF_DEFAULT,
		.srrdp_port = (uint16_t)(1000 + rng_below(rng, 20000)),
	};
	int listener = socket(RRDP_AF_DEFAULT, type, 0);
	int caller = socket(RRDP_AF_DEFAULT, type, 0);
	struct pollfd poll_for = { .fd = listener, .events = POLLIN };
	int accepted = -1;

	if (!bind(listener, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !listen(listener, 1)) {
		addr.srrdp_node = nodes[0];
		connect(caller, (struct sockaddr *)&addr, sizeof(addr));
		poll(&poll_for, 1, 20);
		accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	}
	close(listener);
	if (caller >= 0)
		keep_socket(rng, caller);
	if (accepted >= 0)
		keep_socket(rng, accepted);
	return accepted;
}

/* A ring of one of the sockets, of the right length */
static long make_ring(struct thread *t)
{
	struct rrdp_ring_req req = {
		.frame_size = FRAME_SIZE(&t->rng),
		.frame_nr = 1 + rng_below(&t->rng, 8),
	};
	long args[] = { 0, 4096 + (long)req.frame_size * req.frame_nr, PROT_READ | PROT_WRITE };
	int fd = pick_socket(&t->rng);
	void *at;

	if (setsockopt(fd, SOL_RRDP, RRDP_SO_TX_RING, &req, sizeof(req)))
		return -1;
	at = mmap(NULL, (size_t)args[1], PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -1;
	keep_map(t, at, args);
	return 0;
}

/* A child shares sockets and rings until it ends, at once. */
static long do_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return pid;
}

static long perform(struct thread *t, const struct call *call)
{
	long args[6], ret;
	size_t i;

	switch (call->nr) {
	case CLOSE:
		keep_socket(&t->rng, -1);
		return 0;
	case UNMAP:
		unmap(&t->maps[rng_below(&t->rng, MAPS)]);
		return 0;
	case SCRIBBLE:
		return scribble(t);
	case PAIR:
		return make_pair(&t->rng);
	case RING:
		return make_ring(t);
	case FORK:
		return rng_percent(&t->rng, 10) ? do_fork() : 0;
	}
	for (i = 0; i < NR(args); i++)
		args[i] = pick(t, call->args[i]);
	ret = syscall(call->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (ret < 0)
		return ret;
	if (call->after == KEEP_FD)
		keep_socket(&t->rng, (int)ret);
	else if (call->after == KEEP_MAP)
		keep_map(t, (void *)ret, args);
	return ret;
}

static const struct call *pick_call(struct rng *rng)
{
	static int total;
	size_t i;
	int n;

	if (!total)
		for (i = 0; i < NR(calls); i++)
			total += calls[i].weight;
	n = (int)rng_below(rng, (uint32_t)total);
	for (i = 0; n >= calls[i].weight; i++)
		n -= calls[i].weight;
	return &calls[i];
}

static void *run(void *data)
{
	struct thread *t = data;
	const struct call *call;
	size_t i;

	while (now_ms() < end_ms) {
		call = pick_call(&t->rng);
		t->runs[call - calls]++;
		if (perform(t, call) >= 0)
			t->good[call - calls]++;
	}
	for (i = 0; i < MAPS; i++)
		unmap(&t->maps[i]);
	return NULL;
}

static void interrupted(int number)
{
	(void)number;
}

static void report(size_t nr)
{
	uint64_t runs, good;
	size_t i, n;

	for (i = 0; i < NR(calls); i++) {
		for (runs = good = n = 0; n < nr; n++) {
			runs += threads[n].runs[i];
			good += threads[n].good[i];
		}
		tell("storm-sock", calls[i].name, runs, good);
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupted };
	size_t nr, i;
	int n;

	if (argc < 5 || argc > 4 + (int)NR(nodes))
		return fprintf(stderr, "usage: storm-sock SEED SECONDS THREADS NODE...\n"), 2;
	end_ms = now_ms() + 1000 * strtoul(argv[2], NULL, 10);
	nr = strtoul(argv[3], NULL, 10);
	if (!nr || nr > THREADS_MAX)
		return fprintf(stderr, "storm-sock: at most %d threads\n", THREADS_MAX), 2;
	for (n = 4; n < argc; n++)
		nodes[nodes_nr++] = (uint32_t)strtoul(argv[n], NULL, 10);
	for (i = 0; i < SOCKETS; i++)
		atomic_store(&sockets[i], -1);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < nr; i++) {
		rng_begin(&threads[i].rng, strtoull(argv[1], NULL, 10), i);
		threads[i].buf = malloc(BUF);
		if (!threads[i].buf ||
		    pthread_create(&threads[i].id, NULL, run, &threads[i]))
			return perror("storm-sock"), 1;
	}
	for (i = 0; i < nr; i++) {
		while (pthread_tryjoin_np(threads[i].id, NULL)) {
			usleep(50000);
			for (n = (int)i; n < (int)nr; n++)
				pthread_kill(threads[n].id, SIGUSR1);
		}
	}
	for (i = 0; i < SOCKETS; i++)
		if (sockets[i] >= 0)
			close(sockets[i]);
	report(nr);
	return 0;
}
