// SPDX-License-Identifier: GPL-2.0
/*
 * What one kernel can tell another, and how long it takes.
 *
 *	insmod kapi_bench.ko mode=MODE dev=eth0				the server
 *	insmod kapi_bench.ko mode=MODE dev=eth0 peer=2 lladdr=MAC	the client
 *
 * The client, a copy of the module under another name, sends @count requests,
 * each when the last was answered, and shows the mean round trip in nanoseconds
 * in /sys/module/NAME/parameters/round_trip. A reply of a whole page is sent by
 * reference, but for RRDP, of which samples/rrdp does that. MODE is
 *
 *	l2	frames from a protocol handler in softirq: the floor
 *	rrdp	rrdp_send() from the receive callback
 *	tcp	kernel threads, TCP_NODELAY
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/inet.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/rrdp.h>
#include <net/sock.h>

#include "compat_sendpage.h"
#include "compat_socket.h"

#define ETH_P_BENCH	0x6003
#define PORT		5202

static char *mode = "l2";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "l2, rrdp or tcp");

static char *dev = "eth0";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "device for frames");

static unsigned int peer;
module_param(peer, uint, 0444);
MODULE_PARM_DESC(peer, "node of the server, which has 192.0.2.NODE; 0: be the server");

static char *lladdr;
module_param(lladdr, charp, 0444);
MODULE_PARM_DESC(lladdr, "the server's MAC");

static unsigned int count = 1000;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "requests");

static unsigned int request = 32;
module_param(request, uint, 0444);
MODULE_PARM_DESC(request, "octets of a request");

static unsigned int reply = 32;
module_param(reply, uint, 0444);
MODULE_PARM_DESC(reply, "octets of a reply");

static ulong round_trip;
module_param(round_trip, ulong, 0444);
MODULE_PARM_DESC(round_trip, "result: nanoseconds");

static struct net *net;
static struct page *page;
static unsigned int answers;
static DECLARE_COMPLETION(done);
static int result;

static void finish(int err)
{
	if (!result)
		result = err;
	complete_all(&done);
}

/* True if another request is to follow. */
static bool more(void)
{
	if (++answers < count)
		return true;
	complete_all(&done);
	return false;
}

/* Room for headers, then the octets: a page of them is not copied. */
static struct sk_buff *make_skb(unsigned int headroom, unsigned int len)
{
	unsigned int linear = len < PAGE_SIZE ? len : 0;
	struct sk_buff *skb = alloc_skb(headroom + linear, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	if (linear) {
		skb_put_zero(skb, linear);
	} else {
		get_page(page);
		skb_add_rx_frag(skb, 0, page, 0, len, PAGE_SIZE);
	}
	return skb;
}

/* ---- frames ---- */

static struct net_device *l2_dev;

static void l2_send(const u8 *mac, unsigned int len)
{
	struct sk_buff *skb = make_skb(LL_RESERVED_SPACE(l2_dev), len);

	if (!skb)
		return;
	skb->dev = l2_dev;
	skb->protocol = htons(ETH_P_BENCH);
	skb_reset_network_header(skb);
	dev_hard_header(skb, l2_dev, ETH_P_BENCH, mac, NULL, skb->len);
	dev_queue_xmit(skb);
}

static int l2_receive(struct sk_buff *skb, struct net_device *in,
		      struct packet_type *pt, struct net_device *orig)
{
	u8 mac[ETH_ALEN];

	ether_addr_copy(mac, eth_hdr(skb)->h_source);
	consume_skb(skb);
	if (!peer)
		l2_send(mac, reply);
	else if (more())
		l2_send(mac, request);
	return NET_RX_SUCCESS;
}

static struct packet_type l2_type = {
	.type = htons(ETH_P_BENCH),
	.func = l2_receive,
};

static bool read_lladdr(u8 *mac)
{
	return lladdr && sscanf(lladdr, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1,
				mac + 2, mac + 3, mac + 4, mac + 5) == ETH_ALEN;
}

static int l2_start(void)
{
	u8 mac[ETH_ALEN];

	if (peer && !read_lladdr(mac))
		return -EINVAL;
	l2_dev = dev_get_by_name(net, dev);
	if (!l2_dev)
		return -ENODEV;
	l2_type.dev = l2_dev;
	dev_add_pack(&l2_type);
	if (peer) {
		local_bh_disable();
		l2_send(mac, request);
		local_bh_enable();
	}
	return 0;
}

static void l2_stop(void)
{
	dev_remove_pack(&l2_type);
	dev_put(l2_dev);
}

/* ---- RRDP ---- */

static struct rrdp_listener *listener;
static struct rrdp_conn *conn;

static void rrdp_message(struct rrdp_conn *to, unsigned int len)
{
	static const u8 octets[PAGE_SIZE];
	int err = rrdp_send(to, octets, len, GFP_ATOMIC);

	if (err)
		finish(err);
}

static void rrdp_receive(struct rrdp_conn *from, struct sk_buff *skb)
{
	consume_skb(skb);
	if (!peer)
		rrdp_message(from, reply);
	else if (more())
		rrdp_message(from, request);
}

static void rrdp_opened(struct rrdp_conn *to)
{
	rrdp_message(to, request);
}

static void rrdp_closed(struct rrdp_conn *c, int err)
{
	if (peer)
		finish(err ?: -EPIPE);
	else
		rrdp_conn_put(c);
}

static const struct rrdp_conn_ops rrdp_ops = {
	.opened = rrdp_opened,
	.receive = rrdp_receive,
	.closed = rrdp_closed,
};

static int rrdp_accept(struct rrdp_listener *l, struct rrdp_conn *c, void *priv)
{
	rrdp_conn_set_ops(c, &rrdp_ops, NULL);
	return 0;
}

static const struct rrdp_listen_ops rrdp_listen_ops = {
	.accept = rrdp_accept,
};

static int rrdp_start(void)
{
	if (!peer) {
		listener = rrdp_listen(net, PORT, &rrdp_listen_ops, NULL);
		return PTR_ERR_OR_ZERO(listener);
	}
	conn = rrdp_connect(net, peer, PORT, &rrdp_ops, NULL, GFP_KERNEL);
	return PTR_ERR_OR_ZERO(conn);
}

static void rrdp_stop(void)
{
	if (!peer) {
		rrdp_unlisten(listener);
	} else {
		rrdp_abort(conn);
		synchronize_rcu();
		rrdp_conn_put(conn);
	}
	synchronize_rcu();
}

/* ---- TCP ---- */

static struct socket *tcp_sock;
static struct task_struct *tcp_thread;

static int tcp_get(struct socket *sock, unsigned int len)
{
	static u8 octets[PAGE_SIZE];
	struct kvec vec = { octets, len };
	struct msghdr msg = { };
	int got = kernel_recvmsg(sock, &msg, &vec, 1, len, MSG_WAITALL);

	return got == len ? 0 : got < 0 ? got : -EPIPE;
}

static int tcp_put(struct socket *sock, unsigned int len)
{
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
	struct kvec vec = { page_address(page), len };
	int sent;

	if (len < PAGE_SIZE)
		sent = kernel_sendmsg(sock, &msg, &vec, 1, len);
	else
		sent = compat_send_page(sock, page, len);
	return sent == len ? 0 : sent < 0 ? sent : -EPIPE;
}

static int tcp_new(struct socket **sock)
{
	int err = sock_create_kern(net, AF_INET, SOCK_STREAM, 0, sock);

	if (!err)
		tcp_sock_set_nodelay((*sock)->sk);
	return err;
}

static int tcp_server(void *unused)
{
	struct socket *client;

	while (!kernel_accept(tcp_sock, &client, 0)) {
		tcp_sock_set_nodelay(client->sk);
		while (!tcp_get(client, request) && !tcp_put(client, reply))
			;
		sock_release(client);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int tcp_client(void *unused)
{
	int err = 0;

	do {
		err = tcp_put(tcp_sock, request) ?: tcp_get(tcp_sock, reply);
	} while (!err && more());
	if (err)
		finish(err);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int tcp_start(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(peer ? 0xc0000200 + peer : INADDR_ANY),
	};
	int err = tcp_new(&tcp_sock);

	if (err)
		return err;
	if (peer)
		err = kernel_connect(tcp_sock, (compat_sockaddr *)&addr, sizeof(addr), 0);
	else
		err = kernel_bind(tcp_sock, (compat_sockaddr *)&addr, sizeof(addr)) ?:
		      kernel_listen(tcp_sock, 1);
	if (err)
		goto release;
	tcp_thread = kthread_run(peer ? tcp_client : tcp_server, NULL, "kapi_bench");
	if (!IS_ERR(tcp_thread))
		return 0;
	err = PTR_ERR(tcp_thread);
release:
	sock_release(tcp_sock);
	return err;
}

static void tcp_stop(void)
{
	kernel_sock_shutdown(tcp_sock, SHUT_RDWR);
	kthread_stop(tcp_thread);
	sock_release(tcp_sock);
}

/* ---- all ---- */

static const struct bench {
	const char *name;
	int (*start)(void);
	void (*stop)(void);
} benches[] = {
	{ "l2", l2_start, l2_stop },
	{ "rrdp", rrdp_start, rrdp_stop },
	{ "tcp", tcp_start, tcp_stop },
};

static const struct bench *bench;

static int measure(void)
{
	u64 start = ktime_get_ns();
	int err = bench->start();

	if (err || !peer)
		return err;
	if (!wait_for_completion_timeout(&done, 60 * HZ))
		result = -ETIME;
	round_trip = div_u64(ktime_get_ns() - start, count);
	if (result)
		bench->stop();
	return result;
}

static int __init kapi_bench_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(benches); i++)
		if (!strcmp(benches[i].name, mode))
			bench = &benches[i];
	if (!bench || !count || request >= PAGE_SIZE || !request || !reply ||
	    reply > PAGE_SIZE)
		return -EINVAL;
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	net = current->nsproxy->net_ns;
	err = measure();
	if (err)
		put_page(page);
	return err;
}

static void __exit kapi_bench_exit(void)
{
	bench->stop();
	put_page(page);
}

module_init(kapi_bench_init);
module_exit(kapi_bench_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Round trips between kernels: frames, RRDP, TCP");
