// SPDX-License-Identifier: GPL-2.0
/* The end that connects: sends requests, and finds out whose a reply is. */
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <net/rrdp.h>
#include <uapi/linux/rrdp.h>

#include "dvmm.h"

/* Where calls go. Constant. */
static struct net *server_net;
static u32 server_node;
static u16 server_port;

/* One at a time connects. */
static DEFINE_MUTEX(connect_mutex);

enum state {
	CLOSED,
	CONNECTING,
	OPEN,
};

/* Guards what follows; not held across rrdp_send(), which may call back. */
static DEFINE_SPINLOCK(call_lock);
static enum state state;
static int closed_err;			/* why it is not open */
static struct rrdp_conn *server;	/* with a reference, while open */
static LIST_HEAD(calls);		/* those without a reply, oldest first */
static unsigned int n_calls;
static u64 last_id;

/* Counts whatever may be the end of an -EAGAIN, or of CONNECTING. */
static atomic_t news;
static DECLARE_WAIT_QUEUE_HEAD(news_wait);

static void tell_news(void)
{
	atomic_inc(&news);
	if (wq_has_sleeper(&news_wait))
		wake_up_all(&news_wait);
}

/* ---- the list ---- */

/* Lock held. */
static void unlist(struct dvmm_call *call)
{
	list_del(&call->list);
	n_calls--;
}

/* NULL if it has been taken before, or never was. Replies mostly come in order. */
static struct dvmm_call *take_call(u64 id)
{
	struct dvmm_call *call, *found = NULL;

	spin_lock_bh(&call_lock);
	list_for_each_entry(call, &calls, list) {
		if (call->id == id) {
			unlist(call);
			found = call;
			break;
		}
	}
	spin_unlock_bh(&call_lock);
	return found;
}

bool dvmm_cancel(struct dvmm_call *call)
{
	struct dvmm_call *other;
	bool found = false;

	spin_lock_bh(&call_lock);
	list_for_each_entry(other, &calls, list) {
		if (other == call) {
			unlist(call);
			found = true;
			break;
		}
	}
	spin_unlock_bh(&call_lock);
	return found;
}

static void end_call(struct dvmm_call *call, int err)
{
	if (err)
		dvmm_count(DVMM_STAT_FAILED);
	call->done(call, err);
}

/* The connection to send by, with a reference; NULL if there is none. */
static struct rrdp_conn *get_server(void)
{
	struct rrdp_conn *conn;

	spin_lock_bh(&call_lock);
	conn = server;
	if (conn)
		rrdp_conn_get(conn);
	spin_unlock_bh(&call_lock);
	return conn;
}

/* The same, and the call is on the list before its reply can come. */
static struct rrdp_conn *add_call(struct dvmm_call *call, u64 *id)
{
	struct rrdp_conn *conn = ERR_PTR(-ENOTCONN);

	spin_lock_bh(&call_lock);
	if (unlikely(n_calls >= DVMM_CALLS)) {
		conn = ERR_PTR(-EAGAIN);
	} else if (server) {
		conn = server;
		rrdp_conn_get(conn);
		*id = ++last_id;
		call->id = *id;
		list_add_tail(&call->list, &calls);
		n_calls++;
	}
	spin_unlock_bh(&call_lock);
	return conn;
}

/* ---- messages ---- */

int dvmm_submit(struct dvmm_call *call)
{
	struct dvmm_msg msg = {
		.op = call->op,
		.size = call->size,
		.addr = cpu_to_be64(call->addr),
		.value = cpu_to_be64(call->value),
	};
	struct rrdp_conn *conn;
	u64 id;
	int err;

	conn = add_call(call, &id);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	/*
	 * From here on the call may be over, and no longer ours to look at: the
	 * connection may close at any time, and a reply come before
	 * rrdp_send() has returned.
	 */
	msg.id = cpu_to_be64(id);
	err = rrdp_send(conn, &msg, sizeof(msg), GFP_ATOMIC);
	rrdp_conn_put(conn);
	/* Who was told that it is over is not told again. */
	if (unlikely(err) && !take_call(id))
		err = 0;
	if (!err)
		dvmm_count(DVMM_STAT_CALLS);
	return err;
}

int dvmm_interrupt(u16 vcpu, u16 vector)
{
	struct rrdp_conn *conn = get_server();
	struct dvmm_msg msg = {
		.op = DVMM_OP_INTERRUPT,
		.vcpu = cpu_to_be16(vcpu),
		.vector = cpu_to_be16(vector),
	};
	int err;

	if (!conn)
		return -ENOTCONN;
	err = rrdp_send(conn, &msg, sizeof(msg), GFP_ATOMIC);
	rrdp_conn_put(conn);
	if (!err)
		dvmm_count(DVMM_STAT_INTERRUPTS_SENT);
	return err;
}

static int status_error(u16 status)
{
	switch (status) {
	case DVMM_OK:
		return 0;
	case DVMM_INVALID:
		return -EINVAL;
	case DVMM_NOWHERE:
		return -ENXIO;
	case DVMM_BUSY:
		return -EBUSY;
	default:
		return -EPROTO;
	}
}

/*
 * What the reply brings, to where its caller wants it.
 *
 * The page lies where the receiving NIC has put it: behind headers, over the end of a
 * page, in several buffers when the MTU is small. Only if it were alone in a page
 * of memory could that page take the place of the caller's (page flipping), which
 * takes a NIC that splits headers from data, and changing page tables costs more
 * than to copy 4 KiB. So this is the one copy on the whole way.
 */
static int take_reply(struct dvmm_call *call, const struct dvmm_msg *msg,
		      const struct sk_buff *skb)
{
	int err = status_error(be16_to_cpu(msg->status));
	unsigned int more = !err && call->op == DVMM_OP_PAGE ? DVMM_PAGE_SIZE : 0;

	if (skb->len != sizeof(*msg) + more)
		return -EPROTO;
	if (more)
		return skb_copy_bits(skb, sizeof(*msg),
				     page_address(call->page), more);
	call->value = be64_to_cpu(msg->value);
	return err;
}

static void call_receive(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct dvmm_call *call;
	struct dvmm_msg msg;
	int err;

	/* Fails if there are not as many octets. */
	if (skb_copy_bits(skb, 0, &msg, sizeof(msg)) ||
	    msg.op != DVMM_OP_REPLY) {
		dvmm_count(DVMM_STAT_MALFORMED);
		goto out;
	}
	call = take_call(be64_to_cpu(msg.id));
	if (!call) {
		dvmm_count(DVMM_STAT_UNKNOWN_ID);
		goto out;
	}
	err = take_reply(call, &msg, skb);
	if (err == -EPROTO)
		dvmm_count(DVMM_STAT_MALFORMED);
	end_call(call, err);
	tell_news();
out:
	consume_skb(skb);
}

/* ---- the connection ---- */

static void call_opened(struct rrdp_conn *conn)
{
	spin_lock_bh(&call_lock);
	rrdp_conn_get(conn);
	server = conn;
	state = OPEN;
	spin_unlock_bh(&call_lock);
	tell_news();
}

/* Whatever has no reply will have none: each caller is told, and why. */
static void over(int err)
{
	struct dvmm_call *call, *next;
	struct rrdp_conn *conn;
	LIST_HEAD(list);

	spin_lock_bh(&call_lock);
	conn = server;
	server = NULL;
	state = CLOSED;
	closed_err = err;
	list_splice_init(&calls, &list);
	n_calls = 0;
	spin_unlock_bh(&call_lock);

	/* The next one is read before done(), which may free this one. */
	list_for_each_entry_safe(call, next, &list, list)
		end_call(call, err);
	if (conn)
		rrdp_conn_put(conn);
	tell_news();
}

static void call_closed(struct rrdp_conn *conn, int err)
{
	/* 0: the server has closed it, in good order, but not for the callers. */
	over(err ?: -ECONNRESET);
}

static void call_writable(struct rrdp_conn *conn)
{
	tell_news();
}

static const struct rrdp_conn_ops call_ops = {
	.opened = call_opened,
	.receive = call_receive,
	.writable = call_writable,
	.closed = call_closed,
};

/* connect_mutex held. */
static int connect_server(void)
{
	struct rrdp_conn *conn;
	int err;

	/* Before it begins: opened() or closed() may run before it returns. */
	spin_lock_bh(&call_lock);
	state = CONNECTING;
	spin_unlock_bh(&call_lock);
	conn = rrdp_connect(server_net, server_node, server_port, &call_ops,
			    NULL, GFP_KERNEL);
	if (IS_ERR(conn)) {
		over(PTR_ERR(conn));
		return PTR_ERR(conn);
	}
	/* RRDP bounds it: a node that does not answer is an error, too. */
	wait_event(news_wait, READ_ONCE(state) != CONNECTING);
	/* opened() has taken a reference for the time that it is open. */
	rrdp_conn_put(conn);

	spin_lock_bh(&call_lock);
	err = state == OPEN ? 0 : closed_err;
	spin_unlock_bh(&call_lock);
	return err;
}

int dvmm_connect(void)
{
	int err = 0;

	if (!server_node)
		return -EDESTADDRREQ;
	mutex_lock(&connect_mutex);
	if (READ_ONCE(state) != OPEN)
		err = connect_server();
	mutex_unlock(&connect_mutex);
	return err;
}

/* ---- callers that may sleep ---- */

/**
 * struct waited - a call that somebody waits for
 * @call: a copy of the caller's
 * @err: what done() was told
 * @done: when it was
 */
struct waited {
	struct dvmm_call call;
	int err;
	struct completion done;
};

static void wake(struct dvmm_call *call, int err)
{
	struct waited *w = container_of(call, struct waited, call);

	w->err = err;
	complete(&w->done);
}

int dvmm_wait(struct dvmm_call *call)
{
	struct waited w = { .call = *call };
	int err, seen;

	err = dvmm_connect();
	if (err)
		return err;
	w.call.done = wake;
	init_completion(&w.done);
	for (;;) {
		/* Before it is tried, or news in between would be missed. */
		seen = atomic_read(&news);
		err = dvmm_submit(&w.call);
		if (err != -EAGAIN)
			break;
		if (wait_event_killable(news_wait, atomic_read(&news) != seen))
			return -EINTR;
	}
	if (err)
		return err;
	if (wait_for_completion_killable(&w.done)) {
		if (dvmm_cancel(&w.call))
			return -EINTR;
		/* It is just being ended. */
		wait_for_completion(&w.done);
	}
	call->value = w.call.value;
	return w.err;
}

/* ---- begin and end ---- */

void dvmm_call_init(struct net *net, u32 node, u16 port)
{
	server_net = net;
	server_node = node;
	server_port = port;
}

void dvmm_call_exit(void)
{
	struct rrdp_conn *conn = get_server();

	if (conn)
		rrdp_abort(conn);
	/* No callback starts any more; one that has started returns before this. */
	synchronize_rcu();
	over(-ECONNABORTED);
	if (conn)
		rrdp_conn_put(conn);
}
