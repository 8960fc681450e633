// SPDX-License-Identifier: GPL-2.0
/*
 * Semantics of AF_RRDP sockets, in TAP. Both ends are in this process: the
 * namespace has the local node number 1, and 99 is nobody's.
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
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sock.h"
#include "tap.h"

#define NOBODY	99

static char buf[RRDP_MSG_MAX + 1];

static int new_socket(void)
{
	return socket_of(SOCK_SEQPACKET);
}

static int listener(uint16_t port, int backlog)
{
	return listener_of(SOCK_SEQPACKET, port, backlog);
}

static void pair(uint16_t port, int end[2], int options)
{
	pair_of(SOCK_SEQPACKET, SOCK_SEQPACKET, port, end, options);
}

static void test_create(void)
{
	fails("a datagram socket is refused",
	      socket(RRDP_AF_DEFAULT, SOCK_DGRAM, 0), ESOCKTNOSUPPORT);
	fails("a protocol is refused",
	      socket(RRDP_AF_DEFAULT, SOCK_SEQPACKET, 1), EPROTONOSUPPORT);
}

static void test_addresses(void)
{
	struct sockaddr_rrdp addr = address(LOCAL, 1000);
	int a = new_socket(), b = new_socket();
	socklen_t len = sizeof(addr);

	fails("bind with a short address",
	      bind(a, (struct sockaddr *)&addr, sizeof(addr) - 1), EINVAL);
	addr.srrdp_family = AF_INET;
	fails("bind with another family",
	      bind(a, (struct sockaddr *)&addr, sizeof(addr)), EAFNOSUPPORT);
	fails("connect with another family",
	      connect(a, (struct sockaddr *)&addr, sizeof(addr)), EAFNOSUPPORT);
	fails("bind to another node", do_bind(a, NOBODY, 1000), EADDRNOTAVAIL);
	is("bind to a port", do_bind(a, LOCAL, 1000), 0);
	fails("bind twice", do_bind(a, LOCAL, 1001), EINVAL);
	fails("bind to a port that is taken", do_bind(b, RRDP_NODE_NONE, 1000),
	      EADDRINUSE);
	is("bind to any port", do_bind(b, RRDP_NODE_NONE, 0), 0);
	getsockname(b, (struct sockaddr *)&addr, &len);
	is("getsockname tells the port",
	   addr.srrdp_port >= RRDP_PORT_EPHEMERAL && addr.srrdp_node == LOCAL, 1);
	fails("getpeername without a peer",
	      getpeername(b, (struct sockaddr *)&addr, &len), ENOTCONN);
	fails("send without a peer", send(b, "x", 1, MSG_NOSIGNAL), ENOTCONN);
	fails("recv without a peer", recv(b, buf, 1, 0), ENOTCONN);
	fails("accept without listen", accept(b, NULL, NULL), EINVAL);
	close(a);
	close(b);
	a = new_socket();
	is("a closed socket gives its port back", do_bind(a, LOCAL, 1000), 0);
	close(a);
}

static void test_connect(void)
{
	int fd = new_socket(), l;

	fails("connect to a node that nobody knows",
	      do_connect(fd, NOBODY, 2000), EHOSTUNREACH);
	fails("connect to node 0", do_connect(fd, RRDP_NODE_NONE, 2000), EINVAL);
	fails("connect where nobody listens", do_connect(fd, LOCAL, 2000),
	      ECONNREFUSED);
	close(fd);

	l = listener(2001, 5);
	fd = new_socket();
	set_nonblock(fd, true);
	set_nonblock(l, true);
	fails("accept with nobody there", accept(l, NULL, NULL), EAGAIN);
	if (do_connect(fd, LOCAL, 2001))
		result(errno == EINPROGRESS, "connect without blocking", errno,
		       EINPROGRESS);
	else
		result(true, "connect without blocking", 0, 0);
	is("poll tells of a caller", poll_for(l, POLLIN, 2000), POLLIN);
	is("poll tells of a connection", poll_for(fd, POLLOUT, 2000), POLLOUT);
	is("connect again", do_connect(fd, LOCAL, 2001) == 0 ||
	   errno == EISCONN, 1);
	close(fd);
	close(l);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Until nobody has answered, which takes some time. */
static void test_node_is_asked_for(void)
{
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct sigaction act = { .sa_handler = on_alarm };
	struct timeval timeo = { .tv_usec = 100000 };
	struct sockaddr_rrdp addr;
	socklen_t len = sizeof(addr);
	int fd = new_socket(), l;

	set_nonblock(fd, true);
	fails("connect without blocking to a node that must be asked for",
	      do_connect(fd, NOBODY, 2100), EINPROGRESS);
	fails("connect again", do_connect(fd, NOBODY, 2100), EALREADY);
	fails("send meanwhile", send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN);
	fails("getpeername meanwhile",
	      getpeername(fd, (struct sockaddr *)&addr, &len), ENOTCONN);
	is("poll tells of nothing", poll_for(fd, POLLOUT, 0), 0);
	is("poll tells of the end", poll_for(fd, POLLOUT, 30000) & POLLERR, POLLERR);
	is("by name", error_of(fd), EHOSTUNREACH);
	fails("connect ends as well", do_connect(fd, NOBODY, 2100), ECONNABORTED);
	l = listener(2101, 5);
	set_nonblock(fd, false);
	is("the socket can connect yet", do_connect(fd, LOCAL, 2101), 0);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	is("from a port", addr.srrdp_port >= RRDP_PORT_EPHEMERAL, 1);
	close(fd);
	close(l);

	fd = new_socket();
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	fails("a signal ends connect", do_connect(fd, NOBODY, 2100), EINTR);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeo, sizeof(timeo));
	fails("SO_SNDTIMEO ends connect", do_connect(fd, NOBODY, 2100), EALREADY);
	is("close meanwhile", close(fd), 0);
}

static void test_messages(void)
{
	struct sockaddr_rrdp addr;
	socklen_t len = sizeof(addr);
	int end[2], limit;

	pair(3000, end, -1);
	getpeername(end[0], (struct sockaddr *)&addr, &len);
	is("getpeername", addr.srrdp_port == 3000 && addr.srrdp_node == LOCAL, 1);
	len = sizeof(limit);
	getsockopt(end[0], SOL_RRDP, RRDP_SO_MSGSIZE, &limit, &len);
	is("messages of 64 KiB", limit, RRDP_MSG_MAX);

	fails("recv without blocking", recv(end[1], buf, 10, MSG_DONTWAIT),
	      EAGAIN);
	send(end[0], "first", 5, 0);
	send(end[0], "second one", 10, 0);
	is("poll tells of a message", poll_for(end[1], POLLIN, 2000), POLLIN);
	is("peek", recv(end[1], buf, sizeof(buf), MSG_PEEK), 5);
	is("SIOCINQ", ioctl(end[1], SIOCINQ, &limit) ?: limit, 5);
	is("a message is a record", recv(end[1], buf, sizeof(buf), 0), 5);
	is("the rest of a short read is dropped", recv(end[1], buf, 3, 0), 3);
	send(end[0], "third", 5, 0);
	is("MSG_TRUNC tells the size", recv(end[1], buf, 2, MSG_TRUNC), 5);
	is("a message of 64 KiB", send(end[0], buf, RRDP_MSG_MAX, 0),
	   RRDP_MSG_MAX);
	is("arrives in one", recv(end[1], buf, sizeof(buf), 0), RRDP_MSG_MAX);
	fails("one octet more", send(end[0], buf, RRDP_MSG_MAX + 1, 0),
	      EMSGSIZE);
	fails("an empty message", send(end[0], buf, 0, 0), EINVAL);
	fails("out-of-band data", send(end[0], "x", 1, MSG_OOB), EOPNOTSUPP);
	fails("a bad pointer", send(end[0], (void *)8, 100, 0), EFAULT);
	is("the connection goes on", send(end[0], "x", 1, 0), 1);
	is("after a bad pointer", recv(end[1], buf, sizeof(buf), 0), 1);
	close_pair(end);
}

/* Messages that wait for others: for the next, the timer, or the end. */
static void test_held(void)
{
	struct iovec iov = { .iov_base = "four", .iov_len = 4 };
	struct mmsghdr msgs[3] = {};
	int end[2], i;

	for (i = 0; i < 3; i++) {
		msgs[i].msg_hdr.msg_iov = &iov;
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	pair(3010, end, -1);
	is("several in a call", sendmmsg(end[0], msgs, 3, 0), 3);
	for (i = 0; i < 3; i++)
		is("arrive", recv(end[1], buf, sizeof(buf), 0), 4);

	is("more is said to follow", send(end[0], "held", 4, MSG_MORE), 4);
	is("but does not", poll_for(end[1], POLLIN, 2000), POLLIN);
	is("it arrives nevertheless", recv(end[1], buf, sizeof(buf), 0), 4);

	send(end[0], "one", 3, MSG_MORE);
	send(end[0], "other", 5, 0);
	is("what waited goes first", recv(end[1], buf, sizeof(buf), 0), 3);
	is("then the rest", recv(end[1], buf, sizeof(buf), 0), 5);

	send(end[0], "last", 4, MSG_MORE);
	close(end[0]);
	is("close lets nothing wait", recv(end[1], buf, sizeof(buf), 0), 4);
	is("and ends", recv(end[1], buf, sizeof(buf), 0), 0);
	close(end[1]);
}

static void test_base_protocol(void)
{
	socklen_t len = sizeof(int);
	int end[2], limit = 0, options = -1;

	pair(3100, end, 0);
	getsockopt(end[1], SOL_RRDP, RRDP_SO_OPTIONS, &options, &len);
	is("no option is in force", options, 0);
	getsockopt(end[0], SOL_RRDP, RRDP_SO_MSGSIZE, &limit, &len);
	is("a message is a segment", limit > 1000 && limit < RRDP_MSG_MAX, 1);
	is("the largest", send(end[0], buf, limit, 0), limit);
	is("arrives", recv(end[1], buf, sizeof(buf), 0), limit);
	fails("one octet more", send(end[0], buf, limit + 1, 0), EMSGSIZE);
	close_pair(end);
}

/* How many of @most messages arrive, all of @len octets. */
static int receive(int fd, int most, ssize_t len)
{
	int got = 0;

	while (got < most && poll_for(fd, POLLIN, 3000) &&
	       recv(fd, buf, sizeof(buf), 0) == len)
		got++;
	return got;
}

static void test_flow(void)
{
	int end[2], sent = 0, got;

	pair(4000, end, -1);
	set_nonblock(end[0], true);
	/* What is on its way still makes room when it is acknowledged. */
	do {
		while (sent < 100000 && send(end[0], buf, 1000, 0) == 1000)
			sent++;
	} while (sent < 100000 && errno == EAGAIN &&
		 poll_for(end[0], POLLOUT, 500));
	is("a reader that sleeps stops the writer", sent < 100000 &&
	   errno == EAGAIN, 1);
	is("who is not writable then", poll_for(end[0], POLLOUT, 100), 0);
	got = receive(end[1], sent, 1000);
	is("nothing is lost", got, sent);
	is("and is writable again", poll_for(end[0], POLLOUT, 3000), POLLOUT);
	close_pair(end);
}

/* Of small messages there may be too many before there are too many octets. */
static void test_queue(void)
{
	int end[2], sent = 0, got, room = 64 << 20;

	pair(4010, end, -1);
	is("a large send buffer", setsockopt(end[0], SOL_SOCKET, SO_SNDBUFFORCE,
					     &room, sizeof(room)), 0);
	set_nonblock(end[0], true);
	while (sent < 50000 && send(end[0], buf, 1, 0) == 1)
		sent++;
	is("is never full of small messages", sent < 50000 && errno == EAGAIN, 1);
	is("but no more are taken", poll_for(end[0], POLLOUT, 100), 0);
	got = receive(end[1], sent, 1);
	is("all arrive", got, sent);
	is("and more are taken", poll_for(end[0], POLLOUT, 3000), POLLOUT);
	close_pair(end);
}

static void test_close(void)
{
	int end[2], i;

	pair(5000, end, -1);
	for (i = 0; i < 50; i++)
		send(end[0], buf, 100, 0);
	close(end[0]);
	is("the end is told", poll_for(end[1], POLLRDHUP, 3000) & POLLRDHUP,
	   POLLRDHUP);
	for (i = 0; recv(end[1], buf, sizeof(buf), 0) == 100; i++)
		;
	is("after all messages", i, 50);
	is("and again", recv(end[1], buf, sizeof(buf), 0), 0);
	fails("no more is sent", send(end[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	is("poll says so", poll_for(end[1], POLLIN, 0) & POLLHUP, POLLHUP);
	close(end[1]);

	pair(5001, end, -1);
	send(end[0], "last", 4, 0);
	is("shutdown", shutdown(end[0], SHUT_WR), 0);
	fails("send after shutdown", send(end[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	is("what was sent before arrives", recv(end[1], buf, sizeof(buf), 0), 4);
	is("then the end", recv(end[1], buf, sizeof(buf), 0), 0);
	is("at the other end too", recv(end[0], buf, sizeof(buf), 0), 0);
	fails("shutdown again", shutdown(end[0], SHUT_WR), ENOTCONN);
	close_pair(end);

	pair(5002, end, -1);
	signal(SIGPIPE, SIG_DFL);
	close(end[1]);
	poll_for(end[0], POLLRDHUP, 3000);
	signal(SIGPIPE, SIG_IGN);
	fails("EPIPE", send(end[0], "x", 1, 0), EPIPE);
	close(end[0]);
}

/* Who closes with messages unread has lost them: their sender is told. */
static void test_unread(void)
{
	int end[2];

	pair(5100, end, -1);
	send(end[0], "x", 1, 0);
	poll_for(end[1], POLLIN, 3000);
	close(end[1]);
	is("closing with a message unread is an error for its sender",
	   poll_for(end[0], POLLERR, 3000) & POLLERR, POLLERR);
	fails("by name", recv(end[0], buf, 1, 0), ECONNRESET);
	close(end[0]);

	pair(5101, end, -1);
	send(end[1], "x", 1, 0);
	poll_for(end[0], POLLIN, 3000);
	send(end[0], "x", 1, 0);
	poll_for(end[1], POLLIN, 3000);
	close(end[1]);
	poll_for(end[0], POLLERR, 3000);
	is("what the other end sent is read first", recv(end[0], buf, 9, 0), 1);
	fails("then the error is told", recv(end[0], buf, 1, 0), ECONNRESET);
	is("then the end", recv(end[0], buf, 1, 0), 0);
	close(end[0]);
}

static atomic_int shared_fd = -1;
static atomic_bool stop;

static void *keep_sending(void *arg)
{
	while (!stop)
		send(shared_fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return arg;
}

/* Connections to this host open before connect() returns. */
static void test_send_while_connecting(void)
{
	int l = listener(7100, 200), i, connected = 0;
	pthread_t thread;

	pthread_create(&thread, NULL, keep_sending, NULL);
	for (i = 0; i < 100; i++) {
		int fd = new_socket();

		shared_fd = fd;
		connected += do_connect(fd, LOCAL, 7100) == 0;
		shared_fd = -1;
		close(fd);
	}
	stop = true;
	pthread_join(thread, NULL);
	is("a thread sends while another connects", connected, 100);
	close(l);
}

static void test_waiting(void)
{
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct sigaction act = { .sa_handler = on_alarm };
	struct timeval timeo = { .tv_usec = 100000 };
	int end[2], l = listener(6000, 1);

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	fails("a signal ends accept", accept(l, NULL, NULL), EINTR);
	close(l);

	pair(6001, end, -1);
	setitimer(ITIMER_REAL, &soon, NULL);
	fails("a signal ends recv", recv(end[0], buf, 1, 0), EINTR);
	setsockopt(end[0], SOL_SOCKET, SO_RCVTIMEO, &timeo, sizeof(timeo));
	fails("SO_RCVTIMEO ends recv", recv(end[0], buf, 1, 0), EAGAIN);
	close_pair(end);
}

static void test_options(void)
{
	int fd = new_socket(), value = 0x8000;
	socklen_t len = sizeof(value);

	fails("an option flag that nobody knows",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &value, len), EINVAL);
	fails("a short value",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_OPTIONS, &value, 2), EINVAL);
	fails("an option that nobody knows",
	      setsockopt(fd, SOL_RRDP, 77, &value, len), ENOPROTOOPT);
	value = 1;
	fails("a deadtime too short",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_DEADTIME, &value, len), EINVAL);
	fails("message size before a connection",
	      getsockopt(fd, SOL_RRDP, RRDP_SO_MSGSIZE, &value, &len), ENOTCONN);
	close(fd);
}

static void test_zerocopy(void)
{
	int end[2], value = 2, copied = 0, i;
	struct iovec piece[40];
	struct msghdr msg = { .msg_iov = piece, .msg_iovlen = 40 };
	socklen_t len = sizeof(value);

	pair(6500, end, -1);
	fails("RRDP_SO_ZEROCOPY is a flag",
	      setsockopt(end[0], SOL_RRDP, RRDP_SO_ZEROCOPY, &value, len), EINVAL);
	is("and off at first",
	   getsockopt(end[0], SOL_RRDP, RRDP_SO_ZEROCOPY, &value, &len) ?: value, 0);
	is("MSG_ZEROCOPY then has no meaning",
	   send(end[0], buf, 100, MSG_ZEROCOPY), 100);
	is("its message arrives", recv(end[1], buf, sizeof(buf), 0), 100);
	is("and nothing is completed", poll_for(end[0], 0, 100), 0);

	value = 1;
	is("RRDP_SO_ZEROCOPY",
	   setsockopt(end[0], SOL_RRDP, RRDP_SO_ZEROCOPY, &value, len), 0);
	is("MSG_ZEROCOPY", send(end[0], buf, 5000, MSG_ZEROCOPY), 5000);
	is("arrives", recv(end[1], buf, sizeof(buf), 0), 5000);
	is("and is completed as the first", completion(end[0], &copied), 0);
	fails("which is told once", recvmsg(end[0], &(struct msghdr){}, MSG_ERRQUEUE),
	      EAGAIN);
	fails("one that is too long", send(end[0], buf, sizeof(buf), MSG_ZEROCOPY),
	      EMSGSIZE);
	fails("one from nowhere", send(end[0], (void *)8, 5000, MSG_ZEROCOPY), EFAULT);
	is("are not completed", poll_for(end[0], 0, 100), 0);

	for (i = 0; i < 40; i++)
		piece[i] = (struct iovec) { buf + 97 * i, 50 };
	memset(buf, 'z', sizeof(buf));
	is("more pieces than a buffer takes",
	   sendmsg(end[0], &msg, MSG_ZEROCOPY), 2000);
	is("arrive as one", recv(end[1], buf, sizeof(buf), 0), 2000);
	is("the second to be completed", completion(end[0], &copied), 1001);
	is("as copied", copied, 1);
	is("one nobody reads", send(end[0], buf, 60000, MSG_ZEROCOPY), 60000);
	close_pair(end);
}

static int get_info(int fd, struct rrdp_info *info, socklen_t *len)
{
	memset(info, 0x55, sizeof(*info));
	return getsockopt(fd, SOL_RRDP, RRDP_SO_INFO, info, len);
}

static void test_info(void)
{
	struct {
		struct rrdp_info info;
		char more[8];
	} got = {};
	socklen_t len = sizeof(got.info);
	int fd = new_socket(), end[2];

	fails("information before a connection",
	      getsockopt(fd, SOL_RRDP, RRDP_SO_INFO, &got, &len), ENOTCONN);
	fails("information is not set",
	      setsockopt(fd, SOL_RRDP, RRDP_SO_INFO, &got, sizeof(got)),
	      ENOPROTOOPT);
	close(fd);

	pair(7200, end, -1);
	send(end[0], buf, 5000, 0);
	recv(end[1], buf, sizeof(buf), 0);
	/* What had to be sent again tells nothing of times. */
	for (int i = 0; i < 200; i++) {
		send(end[1], "x", 1, 0);
		recv(end[0], buf, sizeof(buf), 0);
		send(end[0], "x", 1, 0);
		recv(end[1], buf, sizeof(buf), 0);
		if (get_info(end[0], &got.info, &len) || got.info.srtt)
			break;
	}
	is("information", get_info(end[0], &got.info, &len), 0);
	is("all of it", len, sizeof(got.info));
	is("state", got.info.state, RRDP_OPEN);
	is("nothing where nothing is", got.info.__reserved, 0);
	is("options", got.info.options, RRDP_OPT_SEQUENCED | RRDP_OPT_XSEQ |
	   RRDP_OPT_CREDIT | RRDP_OPT_MORE | RRDP_OPT_EACKR);
	is("peer", got.info.peer_node == LOCAL && got.info.peer_port == 7200, 1);
	is("own port", got.info.local_port >= RRDP_PORT_EPHEMERAL, 1);
	is("times", got.info.srtt && got.info.rto >= 1000 &&
	   got.info.rto >= got.info.srtt, 1);
	is("windows", got.info.cwnd && got.info.ssthresh && got.info.credit, 1);
	is("segments", got.info.tx_segs >= 3 && got.info.rx_segs >= 2, 1);
	is("nothing was sent in vain that was not sent again",
	   got.info.spurious <= got.info.retrans, 1);
	is("nothing went without a copy", got.info.zc_sent + got.info.zc_copied, 0);
	is("ages", got.info.heard <= got.info.age && got.info.age < 3600000, 1);

	len = 8;
	is("a part of it", get_info(end[0], &got.info, &len) ?: (long)len, 8);
	is("and no more", got.info.peer_port == 7200 &&
	   got.info.peer_node == 0x55555555, 1);
	len = 0;
	is("nothing of it", get_info(end[0], &got.info, &len) ?: (long)len, 0);
	is("and that is nothing", got.info.state, 0x55);
	len = sizeof(got);
	is("more than there is", get_info(end[0], &got.info, &len) ?: (long)len,
	   sizeof(got.info));
	len = -1;
	fails("less than nothing", get_info(end[0], &got.info, &len), EINVAL);
	len = sizeof(got.info);
	fails("to a bad address",
	      getsockopt(end[0], SOL_RRDP, RRDP_SO_INFO, (void *)8, &len), EFAULT);

	close(end[1]);
	poll_for(end[0], POLLRDHUP, 3000);
	is("information after the end", get_info(end[0], &got.info, &len), 0);
	is("says so", got.info.state == RRDP_CLOSED && got.info.tx_segs >= 3, 1);
	close(end[0]);
}

static void test_backlog(void)
{
	int l = listener(7000, 1), fd[8], i, refused = 0;

	for (i = 0; i < 8; i++) {
		fd[i] = new_socket();
		do_connect(fd[i], LOCAL, 7000);
		if (poll_for(fd[i], POLLRDHUP, 300))
			refused++;
	}
	is("a full backlog refuses", refused, 6);
	for (i = 0; i < 8; i++)
		close(fd[i]);
	close(l);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_create();
	test_addresses();
	test_connect();
	test_node_is_asked_for();
	test_messages();
	test_held();
	test_base_protocol();
	test_flow();
	test_queue();
	test_close();
	test_unread();
	test_send_while_connecting();
	test_waiting();
	test_options();
	test_zerocopy();
	test_info();
	test_backlog();
	return tap_end();
}
