// SPDX-License-Identifier: GPL-2.0
/*
 * rrdp_send() from one kernel to another.
 *
 *	insmod rrdp_kapi_test.ko port=100			on one host: echo
 *	insmod rrdp_kapi_test.ko node=2 port=100 count=N	on the other
 *
 * The second sends N numbered messages of mixed sizes, by rrdp_send() and by
 * rrdp_send_skb() in turn, and checks what comes back; loading it fails
 * unless all of it came back intact and in order. With count=0 it gives up as
 * soon as it has begun to connect.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/rrdp.h>
#include <uapi/linux/rrdp.h>

static unsigned int node;
module_param(node, uint, 0444);
MODULE_PARM_DESC(node, "host to send to; 0 waits for others and echoes");

static ushort port = 100;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "RRDP port");

static unsigned int count = 1000;
module_param(count, uint, 0444);
MODULE_PARM_DESC(count, "messages to send");

static struct rrdp_listener *listener;

/* ---- echo ---- */

/* Callers that have not gone, so that unloading can end them. */
static DEFINE_SPINLOCK(callers_lock);
static LIST_HEAD(callers);

struct caller {
	struct list_head list;
	struct rrdp_conn *conn;
};

static void echo_receive(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct sk_buff *answer;

	/* What came in may be shared with taps: the answer is a copy. */
	answer = skb_copy_expand(skb, rrdp_headroom(conn), 0, GFP_ATOMIC);
	if (answer && rrdp_send_skb(conn, answer))
		kfree_skb(answer);
	consume_skb(skb);
}

static void echo_closed(struct rrdp_conn *conn, int err)
{
	struct caller *c = rrdp_conn_priv(conn);

	spin_lock_bh(&callers_lock);
	list_del(&c->list);
	spin_unlock_bh(&callers_lock);
	rrdp_conn_put(conn);
	kfree(c);
}

static const struct rrdp_conn_ops echo_ops = {
	.receive = echo_receive,
	.closed = echo_closed,
};

static int echo_accept(struct rrdp_listener *l, struct rrdp_conn *conn,
		       void *priv)
{
	struct caller *c = kzalloc(sizeof(*c), GFP_ATOMIC);

	if (!c)
		return -ENOMEM;
	c->conn = conn;
	rrdp_conn_set_ops(conn, &echo_ops, c);
	spin_lock_bh(&callers_lock);
	list_add(&c->list, &callers);
	spin_unlock_bh(&callers_lock);
	return 0;
}

static const struct rrdp_listen_ops listen_ops = {
	.accept = echo_accept,
};

static struct rrdp_conn *next_caller(void)
{
	struct rrdp_conn *conn = NULL;
	struct caller *c;

	spin_lock_bh(&callers_lock);
	c = list_first_entry_or_null(&callers, struct caller, list);
	if (c) {
		conn = c->conn;
		rrdp_conn_get(conn);
	}
	spin_unlock_bh(&callers_lock);
	return conn;
}

static void drop_callers(void)
{
	struct rrdp_conn *conn;

	while ((conn = next_caller())) {
		rrdp_close(conn);
		rrdp_conn_put(conn);
		schedule_timeout_uninterruptible(1);
	}
}

/* ---- send ---- */

/* Messages sent that have not come back. */
#define IN_FLIGHT	256

static struct completion opened, done, writable;
static unsigned int sent, received;
static int result;
static u8 *pattern;

static unsigned int size_of(unsigned int n)
{
	return n % 16 ? 4 + n % 61 : 4 + n * 37 % 6000;
}

static void send_opened(struct rrdp_conn *conn)
{
	complete(&opened);
}

static bool intact(struct sk_buff *skb)
{
	u32 n = received;
	u8 *copy = kmalloc(skb->len, GFP_ATOMIC);
	bool good;

	if (!copy || skb->len != size_of(n)) {
		kfree(copy);
		return false;
	}
	skb_copy_bits(skb, 0, copy, skb->len);
	good = !memcmp(copy, &n, sizeof(n)) &&
	       !memcmp(copy + 4, pattern + 4, skb->len - 4);
	kfree(copy);
	return good;
}

static void send_receive(struct rrdp_conn *conn, struct sk_buff *skb)
{
	if (!intact(skb) && !result) {
		pr_err("message %u came back wrong\n", received);
		result = -EBADMSG;
		complete(&done);
	}
	consume_skb(skb);
	if (++received == count)
		complete(&done);
}

static void send_writable(struct rrdp_conn *conn)
{
	complete(&writable);
}

static void send_closed(struct rrdp_conn *conn, int err)
{
	if (!result)
		result = err ?: received == count ? 0 : -EPIPE;
	complete_all(&opened);
	complete_all(&done);
	complete_all(&writable);
}

static const struct rrdp_conn_ops send_ops = {
	.opened = send_opened,
	.receive = send_receive,
	.writable = send_writable,
	.closed = send_closed,
};

static int send_one(struct rrdp_conn *conn, unsigned int n)
{
	unsigned int len = size_of(n);
	struct sk_buff *skb;
	int err;

	memcpy(pattern, &n, sizeof(n));
	if (n % 2)
		return rrdp_send(conn, pattern, len, GFP_KERNEL);

	skb = alloc_skb(rrdp_headroom(conn) + len, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, rrdp_headroom(conn));
	skb_put_data(skb, pattern, len);
	err = rrdp_send_skb(conn, skb);
	if (err)
		kfree_skb(skb);
	return err;
}

static int send_all(struct rrdp_conn *conn)
{
	int err = 0;

	while (sent < count && !result) {
		/* The echo drops what its own send queue has no room for. */
		if (sent - READ_ONCE(received) >= IN_FLIGHT) {
			schedule_timeout_uninterruptible(1);
			continue;
		}
		err = send_one(conn, sent);
		if (!err)
			sent++;
		else if (err == -EAGAIN)
			wait_for_completion_timeout(&writable, HZ);
		else
			return err;
	}
	if (count && !wait_for_completion_timeout(&done, 60 * HZ))
		return -ETIME;
	return result;
}

static int run_sender(void)
{
	struct rrdp_conn *conn;
	unsigned int i;
	int err;

	pattern = kmalloc(8192, GFP_KERNEL);
	if (!pattern)
		return -ENOMEM;
	for (i = 0; i < 8192; i++)
		pattern[i] = i * 7;
	init_completion(&opened);
	init_completion(&done);
	init_completion(&writable);

	/* As a callback would, which must not sleep. */
	local_bh_disable();
	conn = rrdp_connect(current->nsproxy->net_ns, node, port, &send_ops,
			    NULL, GFP_ATOMIC);
	local_bh_enable();
	if (IS_ERR(conn)) {
		err = PTR_ERR(conn);
		goto out;
	}
	if (count)
		wait_for_completion(&opened);
	err = result ?: send_all(conn);
	pr_info("sent %u, %u came back: %d\n", sent, received, err);
	rrdp_abort(conn);
	/* Callbacks that have begun end with their grace period. */
	synchronize_rcu();
	rrdp_conn_put(conn);
out:
	kfree(pattern);
	return err;
}

static int __init rrdp_kapi_test_init(void)
{
	if (node)
		return run_sender();
	listener = rrdp_listen(current->nsproxy->net_ns, port, &listen_ops,
			       NULL);
	return PTR_ERR_OR_ZERO(listener);
}

static void __exit rrdp_kapi_test_exit(void)
{
	if (!listener)
		return;
	rrdp_unlisten(listener);
	drop_callers();
	synchronize_rcu();
}

module_init(rrdp_kapi_test_init);
module_exit(rrdp_kapi_test_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of the in-kernel interface of RRDP");
