// SPDX-License-Identifier: GPL-2.0
/* The end that listens: interrupts, registers and pages for others. */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/rrdp.h>

#include "dvmm.h"

/**
 * struct dvmm_client - a connection that was accepted
 * @list: in @clients
 * @conn: with the reference that accept() got
 */
struct dvmm_client {
	struct list_head list;
	struct rrdp_conn *conn;
};

/**
 * struct dvmm_waiter - a read of the doorbell that has no reply yet
 * @list: in @waiters
 * @conn: of who waits, with a reference of its own
 * @msg: the request
 */
struct dvmm_waiter {
	struct list_head list;
	struct rrdp_conn *conn;
	struct dvmm_msg msg;
};

/*
 * Guards what follows. RRDP holds no lock while it calls back, so that callbacks may
 * take any; but rrdp_send() may run callbacks of its connection before it
 * returns, and so none is held across it that they take.
 */
static DEFINE_SPINLOCK(serve_lock);
static LIST_HEAD(clients);
static LIST_HEAD(waiters);
static unsigned int n_waiters;
static bool stopping;
static u8 regs[DVMM_REGS];

static struct rrdp_listener *listener;
static struct page **pages;
static unsigned int n_pages;

/* ---- interrupts ---- */

static atomic_long_t interrupts[DVMM_VCPUS][DVMM_VECTORS];

unsigned long dvmm_interrupts(unsigned int vcpu, unsigned int vector)
{
	return atomic_long_read(&interrupts[vcpu][vector]);
}

/*
 * A VMM would set the vector's bit in the vCPU's local APIC here, and kick the
 * vCPU. This is softirq context, as of the interrupt of a device.
 */
static void inject(u16 vcpu, u16 vector)
{
	atomic_long_inc(&interrupts[vcpu][vector]);
	dvmm_count(DVMM_STAT_INTERRUPTS);
}

static void serve_interrupt(const struct dvmm_msg *msg)
{
	u16 vcpu = be16_to_cpu(msg->vcpu);
	u16 vector = be16_to_cpu(msg->vector);

	/* There is nobody to tell: it has no reply. */
	if (vcpu >= DVMM_VCPUS || vector >= DVMM_VECTORS)
		dvmm_count(DVMM_STAT_MALFORMED);
	else
		inject(vcpu, vector);
}

/* ---- replies ---- */

/* The request @msg becomes its reply. */
static void make_reply(struct dvmm_msg *msg, enum dvmm_status status)
{
	msg->op = DVMM_OP_REPLY;
	msg->status = cpu_to_be16(status);
	dvmm_count(status ? DVMM_STAT_REFUSED : DVMM_STAT_SERVED);
}

/*
 * A reply that gets lost here would be waited for in vain. Good clients do not have
 * so many requests under way that the send queue fills up (-EAGAIN), so there is
 * no queue behind the queue: the connection ends, which its client is told. What
 * was accepted is still delivered, and closed() cleans up.
 */
static void sent(struct rrdp_conn *conn, int err)
{
	if (likely(!err))
		return;
	dvmm_count(DVMM_STAT_UNSENT);
	rrdp_close(conn);
}

static void reply(struct rrdp_conn *conn, struct dvmm_msg *msg,
		  enum dvmm_status status)
{
	make_reply(msg, status);
	sent(conn, rrdp_send(conn, msg, sizeof(*msg), GFP_ATOMIC));
}

/* ---- registers ---- */

static bool good_access(u64 addr, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) &&
	       !(addr % size);
}

/* The least significant octet first, as on the bus of a PC. */
static u64 read_regs(u64 addr, unsigned int size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | regs[addr + size];
	return value;
}

static void write_regs(u64 addr, unsigned int size, u64 value)
{
	for (; size--; value >>= 8)
		regs[addr++] = value;
}

static enum dvmm_status access_regs(struct dvmm_msg *msg)
{
	u64 addr = be64_to_cpu(msg->addr);

	if (!good_access(addr, msg->size))
		return DVMM_INVALID;
	if (addr >= DVMM_REGS)
		return DVMM_NOWHERE;
	spin_lock_bh(&serve_lock);
	if (msg->op == DVMM_OP_WRITE)
		write_regs(addr, msg->size, be64_to_cpu(msg->value));
	else
		msg->value = cpu_to_be64(read_regs(addr, msg->size));
	spin_unlock_bh(&serve_lock);
	return DVMM_OK;
}

/* ---- the doorbell: a read of it waits until somebody writes to it ---- */

/* Replies may be sent at any time and in any order: the id tells whose they are. */
static enum dvmm_status add_waiter(struct rrdp_conn *conn,
				   const struct dvmm_msg *msg)
{
	struct dvmm_waiter *w = kmalloc(sizeof(*w), GFP_ATOMIC);
	bool room;

	if (!w)
		return DVMM_BUSY;
	w->conn = conn;
	w->msg = *msg;
	spin_lock_bh(&serve_lock);
	room = n_waiters < DVMM_WAITERS && !stopping;
	if (room) {
		/* It may outlive the connection, which has it until closed(). */
		rrdp_conn_get(conn);
		list_add_tail(&w->list, &waiters);
		n_waiters++;
	}
	spin_unlock_bh(&serve_lock);
	if (!room)
		kfree(w);
	return room ? DVMM_OK : DVMM_BUSY;
}

/* Moves the waiters of @conn, or all for NULL, to @list. Lock held. */
static void take_waiters(struct rrdp_conn *conn, struct list_head *list)
{
	struct dvmm_waiter *w, *next;

	list_for_each_entry_safe(w, next, &waiters, list) {
		if (conn && w->conn != conn)
			continue;
		list_move_tail(&w->list, list);
		n_waiters--;
	}
}

static void free_waiters(struct list_head *list)
{
	struct dvmm_waiter *w, *next;

	list_for_each_entry_safe(w, next, list, list) {
		rrdp_conn_put(w->conn);
		kfree(w);
	}
}

/* The value goes to all who wait, each by its own connection. */
static void ring(__be64 value)
{
	struct dvmm_waiter *w;
	LIST_HEAD(list);

	spin_lock_bh(&serve_lock);
	take_waiters(NULL, &list);
	spin_unlock_bh(&serve_lock);

	list_for_each_entry(w, &list, list) {
		w->msg.value = value;
		reply(w->conn, &w->msg, DVMM_OK);
	}
	free_waiters(&list);
}

static bool is_doorbell(const struct dvmm_msg *msg)
{
	return be64_to_cpu(msg->addr) == DVMM_DOORBELL && msg->size == 8;
}

static void serve_io(struct rrdp_conn *conn, struct dvmm_msg *msg)
{
	enum dvmm_status status = DVMM_OK;

	if (!is_doorbell(msg)) {
		status = access_regs(msg);
	} else if (msg->op == DVMM_OP_WRITE) {
		ring(msg->value);
	} else {
		status = add_waiter(conn, msg);
		if (!status)
			return;
	}
	reply(conn, msg, status);
}

/* ---- pages ---- */

struct page *dvmm_page(u64 gfn)
{
	return gfn < n_pages ? pages[gfn] : NULL;
}

/*
 * The message in the head of the buffer, the page by reference: the NIC fetches it
 * from where it is. The reference is given back when the segment has been acknowledged
 * and the NIC is done with it; until then, whoever writes to the page may change
 * what is sent. A VMM takes the page from its guest before. (Here it may be torn,
 * but never corrupt: what the checksum does not fit is sent again.)
 */
static struct sk_buff *page_skb(struct rrdp_conn *conn,
				const struct dvmm_msg *msg, struct page *page)
{
	unsigned int room = rrdp_headroom(conn);
	struct sk_buff *skb = alloc_skb(room + sizeof(*msg), GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, room);
	skb_put_data(skb, msg, sizeof(*msg));
	get_page(page);
	skb_add_rx_frag(skb, 0, page, 0, DVMM_PAGE_SIZE, PAGE_SIZE);
	return skb;
}

static void serve_page(struct rrdp_conn *conn, struct dvmm_msg *msg)
{
	struct page *page = dvmm_page(be64_to_cpu(msg->addr));
	struct sk_buff *skb;
	int err;

	if (!page) {
		reply(conn, msg, DVMM_NOWHERE);
		return;
	}
	make_reply(msg, DVMM_OK);
	skb = page_skb(conn, msg, page);
	err = skb ? rrdp_send_skb(conn, skb) : -ENOMEM;
	/* What was not accepted is still ours. */
	if (err)
		kfree_skb(skb);
	sent(conn, err);
}

/* ---- connections ---- */

/*
 * Nothing that comes from another host is believed. The octets are copied out of
 * the buffer, as they need not be aligned in it, nor in one piece.
 */
static void serve_receive(struct rrdp_conn *conn, struct sk_buff *skb)
{
	struct dvmm_msg msg = {};

	if (skb->len == sizeof(msg))
		skb_copy_bits(skb, 0, &msg, sizeof(msg));
	consume_skb(skb);

	switch (msg.op) {
	case DVMM_OP_INTERRUPT:
		serve_interrupt(&msg);
		break;
	case DVMM_OP_READ:
	case DVMM_OP_WRITE:
		serve_io(conn, &msg);
		break;
	case DVMM_OP_PAGE:
		serve_page(conn, &msg);
		break;
	default:
		/* A reply to what is no request could be taken for another's. */
		dvmm_count(DVMM_STAT_MALFORMED);
	}
}

static void serve_closed(struct rrdp_conn *conn, int err)
{
	struct dvmm_client *client = rrdp_conn_priv(conn);
	LIST_HEAD(list);
	bool ours;

	spin_lock_bh(&serve_lock);
	take_waiters(conn, &list);
	/* Else dvmm_serve_exit() has it. */
	ours = !stopping;
	if (ours)
		list_del(&client->list);
	spin_unlock_bh(&serve_lock);

	free_waiters(&list);
	if (ours) {
		rrdp_conn_put(conn);
		kfree(client);
	}
}

static const struct rrdp_conn_ops serve_ops = {
	.receive = serve_receive,
	.closed = serve_closed,
};

static int serve_accept(struct rrdp_listener *l, struct rrdp_conn *conn,
			void *priv)
{
	struct dvmm_client *client = kmalloc(sizeof(*client), GFP_ATOMIC);

	if (!client)
		return -ENOMEM;
	client->conn = conn;
	spin_lock_bh(&serve_lock);
	list_add_tail(&client->list, &clients);
	spin_unlock_bh(&serve_lock);
	/* Messages and the end come after this callback, never before. */
	rrdp_conn_set_ops(conn, &serve_ops, client);
	return 0;
}

static const struct rrdp_listen_ops listen_ops = {
	.accept = serve_accept,
};

/* ---- begin and end ---- */

static void free_pages_given(void)
{
	unsigned int i;

	/* One that is still on its way has a reference of its own. */
	for (i = 0; i < n_pages; i++)
		put_page(pages[i]);
	kvfree(pages);
}

static int make_pages(unsigned int n)
{
	pages = kvcalloc(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (; n_pages < n; n_pages++) {
		pages[n_pages] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[n_pages]) {
			free_pages_given();
			return -ENOMEM;
		}
	}
	return 0;
}

int dvmm_serve_init(struct net *net, u16 port, unsigned int n)
{
	int err = make_pages(n);

	if (err)
		return err;
	/* Callers may come before this returns: all they need is there. */
	listener = rrdp_listen(net, port, &listen_ops, NULL);
	if (!IS_ERR(listener))
		return 0;
	free_pages_given();
	return PTR_ERR(listener);
}

void dvmm_serve_exit(void)
{
	struct dvmm_client *client, *next;
	LIST_HEAD(list);

	/* Nobody is added to the list after this, and nobody leaves it. */
	rrdp_unlisten(listener);
	spin_lock_bh(&serve_lock);
	stopping = true;
	spin_unlock_bh(&serve_lock);

	/* No callback starts after this, */
	list_for_each_entry(client, &clients, list)
		rrdp_abort(client->conn);
	/* and those that had started have returned after this. */
	synchronize_rcu();

	take_waiters(NULL, &list);
	free_waiters(&list);
	list_for_each_entry_safe(client, next, &clients, list) {
		rrdp_conn_put(client->conn);
		kfree(client);
	}
	free_pages_given();
}
