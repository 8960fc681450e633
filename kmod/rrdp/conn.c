// SPDX-License-Identifier: GPL-2.0
/* Connections: table, life, timer, and the way out of the lock. */
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "compat_hrtimer.h"
#include "conn.h"
#include "drop.h"
#include "resolve.h"
#include "trace.h"

static struct kmem_cache *rrdp_conn_cache __ro_after_init;

/* Inlined, unlike the table's own way to compare. */
static int key_differs(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct rrdp_key *a = arg->key;
	const struct rrdp_key *b = &((const struct rrdp_conn *)obj)->key;

	return a->word[0] != b->word[0] || a->word[1] != b->word[1] ||
	       a->word[2] != b->word[2];
}

static const struct rhashtable_params rrdp_conn_table = {
	.key_len = sizeof(struct rrdp_key),
	.key_offset = offsetof(struct rrdp_conn, key),
	.head_offset = offsetof(struct rrdp_conn, hash),
	.obj_cmpfn = key_differs,
	.automatic_shrinking = true,
};

/* ---- what the core calls ---- */

static void core_acked(struct rrdp_pcb *pcb, struct rrdp_txseg *tx)
{
	struct rrdp_conn *conn = rrdp_conn_of(pcb);
	struct rrdp_parts *parts = rrdp_parts_of(tx);
	struct sk_buff *skb;

	/* A connection may end with a train that has not left. */
	if (unlikely(parts && conn->train.parts == parts))
		rrdp_tx_train(conn);
	skb = unlikely(parts) ? rrdp_parts_acked(parts, tx) : rrdp_tx_skb(tx);
	if (likely(skb))
		rrdp_skbs_add(&conn->done, skb);
	if (unlikely(conn->want_write) &&
	    rrdp_pcb_queued(pcb) < RRDP_SEND_QUEUE / 2) {
		WRITE_ONCE(conn->want_write, false);
		conn->tell |= RRDP_TELL_WRITABLE;
	}
}

static void core_discard(struct rrdp_pcb *pcb, void *data)
{
	RRDP_TX_CB((struct sk_buff *)data)->own = false;
	rrdp_skbs_add(&rrdp_conn_of(pcb)->done, data);
}

static void core_opened(struct rrdp_pcb *pcb)
{
	rrdp_conn_of(pcb)->tell |= RRDP_TELL_OPENED;
}

static void core_closed(struct rrdp_pcb *pcb, int err)
{
	struct rrdp_conn *conn = rrdp_conn_of(pcb);

	/* The peer has ended in the middle of a message. */
	if (!err && conn->part && pcb->state == RRDP_CLOSED)
		err = -ECONNRESET;
	conn->err = err;
	conn->tell |= RRDP_TELL_CLOSED;
	/* The owner may go as soon as it is told. */
	conn->room = NULL;
	if (err == -ETIMEDOUT)
		rrdp_stat_add(conn->rn->mib, RRDP_STAT_CONN_TIMEOUT, 1);
	else if (err)
		rrdp_stat_add(conn->rn->mib, RRDP_STAT_CONN_RESET, 1);
}

static void core_state(struct rrdp_pcb *pcb, u8 old)
{
	trace_rrdp_state(rrdp_conn_of(pcb), old);
}

static void core_count(struct rrdp_pcb *pcb, enum rrdp_core_stat stat)
{
	static const u8 map[] = {
		[RRDP_CORE_RETRANS]	= RRDP_STAT_RETRANS,
		[RRDP_CORE_RTO]		= RRDP_STAT_RTO,
		[RRDP_CORE_TLP]		= RRDP_STAT_TLP,
		[RRDP_CORE_SPURIOUS]	= RRDP_STAT_SPURIOUS,
		[RRDP_CORE_DUP]		= RRDP_STAT_DUP,
		[RRDP_CORE_OOO]		= RRDP_STAT_OOO,
		[RRDP_CORE_NUL]		= RRDP_STAT_NUL,
		[RRDP_CORE_TX_RST]	= RRDP_STAT_TX_RST,
	};

	rrdp_stat_add(rrdp_conn_of(pcb)->rn->mib, map[stat], 1);
}

static void **core_alloc(size_t n)
{
	return kcalloc(n, sizeof(void *), GFP_ATOMIC | __GFP_NOWARN);
}

static void core_free(void **array)
{
	kfree(array);
}

static const struct rrdp_core_ops rrdp_core_ops = {
	.xmit = rrdp_tx_core_xmit,
	.busy = rrdp_tx_core_busy,
	.acked = core_acked,
	.deliver = rrdp_rx_core_deliver,
	.discard = core_discard,
	.opened = core_opened,
	.closed = core_closed,
	.state = core_state,
	.count = core_count,
	.alloc = core_alloc,
	.free = core_free,
};

/* ---- references ---- */

static void free_skbs(struct sk_buff *skb)
{
	while (skb) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		consume_skb(skb);
		skb = next;
	}
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct rrdp_conn *conn = container_of(rcu, struct rrdp_conn, rcu);

	kmem_cache_free(rrdp_conn_cache, conn);
}

void rrdp_conn_get(struct rrdp_conn *conn)
{
	refcount_inc(&conn->refs);
}
EXPORT_SYMBOL_GPL(rrdp_conn_get);

void rrdp_conn_put(struct rrdp_conn *conn)
{
	if (!refcount_dec_and_test(&conn->refs))
		return;
	free_skbs(rrdp_skbs_take(&conn->out));
	free_skbs(rrdp_skbs_take(&conn->done));
	free_skbs(rrdp_skbs_take(&conn->rx));
	kfree_skb(conn->part);
	rrdp_spares_free(&conn->spares);
	rrdp_pcb_destroy(&conn->pcb);
	rrdp_dev_put(conn->path.rd);
	call_rcu(&conn->rcu, conn_free_rcu);
}
EXPORT_SYMBOL_GPL(rrdp_conn_put);

/* ---- telling the owner ---- */

static void notify(struct rrdp_conn *conn, enum rrdp_event_type event);

/**
 * struct news - what the owner is to be told
 * @tell: RRDP_TELL_*
 * @rx: messages
 * @listener: whom to offer the connection, with a reference
 */
struct news {
	u8 tell;
	struct sk_buff *rx;
	struct rrdp_listener *listener;
};

/* The connection is half-open no more; the caller gets the reference. */
static struct rrdp_listener *leave_listener(struct rrdp_conn *conn)
{
	struct rrdp_listener *l = conn->listener;

	lockdep_assert_held(&conn->lock);
	conn->listener = NULL;
	if (l)
		atomic_dec(&l->half_open);
	return l;
}

/* False if there are none. */
static bool take_news(struct rrdp_conn *conn, struct news *news)
{
	*news = (struct news) {
		.tell = conn->tell,
		.rx = rrdp_skbs_take(&conn->rx),
	};
	conn->tell = 0;
	if (unlikely(news->tell & RRDP_TELL_OPENED))
		news->listener = leave_listener(conn);
	return news->tell || news->rx;
}

/* A passive connection reached OPEN: whose is it? */
static void offer(struct rrdp_conn *conn, struct rrdp_listener *l)
{
	int err;

	rrdp_stat_add(conn->rn->mib, RRDP_STAT_CONN_PASSIVE, 1);
	/* The callee of accept() gets this reference. */
	rrdp_conn_get(conn);
	err = READ_ONCE(l->dead) ? -ECONNABORTED : l->ops->accept(l, conn, l->priv);
	if (err) {
		rrdp_drop(conn->rn, NULL, err == -ENOMEM ? RRDP_STAT_DROP_NOMEM :
							   RRDP_STAT_DROP_BACKLOG);
		rrdp_conn_abort(conn, -ECONNABORTED);
		rrdp_conn_put(conn);
	}
	rrdp_listener_put(l);
}

static void tell_owner(struct rrdp_conn *conn, const struct news *news)
{
	const struct rrdp_conn_ops *ops;
	struct sk_buff *rx = news->rx;
	u8 tell = news->tell;

	if (tell & RRDP_TELL_OPENED) {
		if (news->listener)
			offer(conn, news->listener);
		else if (conn->ops && conn->ops->opened &&
			 !READ_ONCE(conn->muted))
			conn->ops->opened(conn);
		notify(conn, RRDP_EV_CONN_OPEN);
	}

	ops = READ_ONCE(conn->ops);
	while (rx) {
		struct sk_buff *next = rx->next;

		skb_mark_not_on_list(rx);
		if (ops && !READ_ONCE(conn->muted))
			ops->receive(conn, rx);
		else
			rrdp_drop(conn->rn, rx, RRDP_STAT_DROP_UNREAD);
		rx = next;
	}
	if ((tell & RRDP_TELL_WRITABLE) && !(tell & RRDP_TELL_CLOSED) && ops &&
	    ops->writable && !READ_ONCE(conn->muted))
		ops->writable(conn);
	if (tell & RRDP_TELL_CLOSED) {
		notify(conn, RRDP_EV_CONN_CLOSED);
		if (ops && !READ_ONCE(conn->muted))
			ops->closed(conn, conn->err);
	}
}

/*
 * One at a time runs the callbacks; what others add meanwhile is found
 * in the next round, so that order is kept without a lock.
 */
static void run_callbacks(struct rrdp_conn *conn, struct news *news)
{
	bool more, close;

	do {
		tell_owner(conn, news);

		spin_lock(&conn->lock);
		more = take_news(conn, news);
		close = !more && conn->close_later;
		conn->running = more;
		spin_unlock(&conn->lock);
	} while (more);
	if (unlikely(close)) {
		rrdp_conn_enter_bh(conn);
		conn->close_later = false;
		if (!conn->gone)
			rrdp_pcb_close(&conn->pcb, rrdp_now());
		rrdp_conn_leave_bh(conn);
	}
}

/* ---- in and out of the lock ---- */

static void timer_update(struct rrdp_conn *conn)
{
	if (likely(conn->pcb.deadline >= conn->timer_at))
		return;
	if (conn->timer_at == RRDP_NEVER)
		rrdp_conn_get(conn);
	conn->timer_at = conn->pcb.deadline;
	hrtimer_start(&conn->timer, ns_to_ktime(conn->timer_at),
		      HRTIMER_MODE_ABS_SOFT);
}

static void unhash(struct rrdp_conn *conn)
{
	struct rrdp_net *rn = conn->rn;
	struct rrdp_listener *l;

	/* One that had opened was offered: nothing is left here then. */
	spin_lock(&conn->lock);
	l = leave_listener(conn);
	spin_unlock(&conn->lock);

	rhashtable_remove_fast(&rn->conns, &conn->hash, rrdp_conn_table);
	spin_lock(&rn->conn_lock);
	list_del(&conn->all);
	rn->conn_seq++;
	spin_unlock(&rn->conn_lock);

	if (l)
		rrdp_listener_put(l);
	if (hrtimer_try_to_cancel(&conn->timer) == 1)
		rrdp_conn_put(conn);
	rrdp_conn_put(conn);
}

void rrdp_conn_enter_bh(struct rrdp_conn *conn)
	__acquires(&conn->lock)
{
	spin_lock(&conn->lock);
}

/**
 * rrdp_conn_enter() - begin to change a connection
 * @conn: with a reference, or found under RCU in softirq context
 */
void rrdp_conn_enter(struct rrdp_conn *conn)
	__acquires(&conn->lock)
{
	local_bh_disable();
	rrdp_conn_enter_bh(conn);
}

static void give_back(struct rrdp_conn *conn, struct sk_buff *skb)
{
	while (skb) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		if (likely(RRDP_TX_CB(skb)->own))
			rrdp_spare_put(&conn->spares, skb);
		else
			consume_skb(skb);
		skb = next;
	}
}

static void transmit(struct rrdp_conn *conn, struct sk_buff *skb)
{
	while (skb) {
		struct sk_buff *next = skb->next;

		skb_mark_not_on_list(skb);
		rrdp_dev_xmit(conn->path.rd, conn->path.mac, skb);
		skb = next;
	}
}

void rrdp_conn_leave_bh(struct rrdp_conn *conn)
	__releases(&conn->lock)
{
	struct sk_buff *done, *out;
	struct news news;
	bool run, gone;

	if (unlikely(conn->train.parts))
		rrdp_tx_train(conn);
	done = rrdp_skbs_take(&conn->done);
	out = rrdp_skbs_take(&conn->out);
	timer_update(conn);
	gone = conn->pcb.state == RRDP_CLOSED && conn->started && !conn->gone;
	if (unlikely(gone))
		conn->gone = true;
	run = (conn->tell || conn->rx.head) && !conn->running;
	if (run)
		conn->running = take_news(conn, &news);
	spin_unlock(&conn->lock);

	transmit(conn, out);
	give_back(conn, done);
	if (run)
		run_callbacks(conn, &news);
	if (unlikely(gone))
		unhash(conn);
}

/**
 * rrdp_conn_leave() - do what became due since rrdp_conn_enter()
 * @conn: the same; not to be touched afterwards without a reference
 */
void rrdp_conn_leave(struct rrdp_conn *conn)
	__releases(&conn->lock)
{
	rrdp_conn_leave_bh(conn);
	local_bh_enable();
}

/* Whether the peer is where it was is noted here, and not with each segment. */
static void tell_node(struct rrdp_conn *conn)
{
	const struct rrdp_pcb *pcb = &conn->pcb;

	if (pcb->state == RRDP_OPEN)
		rrdp_node_heard(conn->rn, pcb->cfg.peer_node, conn->path.mac,
				pcb->last_heard);
	else if (pcb->state == RRDP_SYN_SENT && pcb->tries)
		rrdp_node_doubt(conn->rn, pcb->cfg.peer_node, conn->path.mac);
}

static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct rrdp_conn *conn = container_of(timer, struct rrdp_conn, timer);
	bool queued;
	u64 now;

	rcu_read_lock();
	rrdp_conn_enter(conn);
	/* Under the lock, or others' time would be ahead of it. */
	now = rrdp_now();
	/* Set anew by another CPU meanwhile: it goes on with our reference. */
	queued = hrtimer_is_queued(timer);
	if (!queued)
		conn->timer_at = RRDP_NEVER;
	if (conn->pcb.deadline <= now)
		rrdp_pcb_timer(&conn->pcb, now);
	rrdp_spares_age(&conn->spares);
	tell_node(conn);
	rrdp_conn_leave(conn);
	if (!queued)
		rrdp_conn_put(conn);
	rcu_read_unlock();
	return HRTIMER_NORESTART;
}

/* ---- life ---- */

static u16 path_max_size(const struct rrdp_path *path)
{
	struct net_device *dev;
	u32 mtu = 0;

	rcu_read_lock();
	dev = rrdp_dev_netdev(path->rd);
	if (dev)
		mtu = READ_ONCE(dev->mtu);
	rcu_read_unlock();
	return min_t(u32, mtu, U16_MAX);
}

static u32 unpredictable(void)
{
	return get_random_u32() ?: 1;
}

/* Takes over the reference of @path->rd, also when it fails. */
static struct rrdp_conn *conn_new(struct rrdp_net *rn,
				  const struct rrdp_conn_params *params,
				  const struct rrdp_path *path, gfp_t gfp)
{
	struct rrdp_config cfg = {
		.local_node = READ_ONCE(rn->local_node),
		.peer_node = params->node,
		.local_port = params->local_port,
		.peer_port = params->port,
		.max_size = path_max_size(path),
		.window = RRDP_WINDOW_DEFAULT,
		.options = params->options,
		.iss = (u16)unpredictable(),
		.epoch = unpredictable(),
		.dead = params->dead,
		.rto_min = READ_ONCE(rn->rto_min_us) * RRDP_USEC,
	};
	struct rrdp_conn *conn;

	conn = kmem_cache_zalloc(rrdp_conn_cache, gfp);
	if (!conn) {
		rrdp_dev_put(path->rd);
		return ERR_PTR(-ENOMEM);
	}
	spin_lock_init(&conn->lock);
	refcount_set(&conn->refs, 1);
	conn->rn = rn;
	conn->path = *path;
	conn->headroom = rrdp_tx_headroom(path->rd);
	ether_addr_copy(conn->key.mac, path->mac);
	conn->key.local_port = params->local_port;
	conn->key.peer_port = params->port;
	conn->ops = params->ops;
	conn->priv = params->priv;
	conn->room = params->room;
	conn->timer_at = RRDP_NEVER;
	INIT_LIST_HEAD(&conn->all);
	INIT_LIST_HEAD(&conn->wait);
	conn->born = rrdp_now();
	hrtimer_setup(&conn->timer, timer_fired, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
	rrdp_pcb_init(&conn->pcb, &rrdp_core_ops, &cfg);
	return conn;
}

/* Lists @conn; the list gets a reference of its own. conn_lock held. */
static void conn_list(struct rrdp_conn *conn)
{
	struct rrdp_net *rn = conn->rn;

	rrdp_conn_get(conn);
	list_add_tail(&conn->all, &rn->all_conns);
	rn->conn_seq++;
}

/* Publishes @conn, which may have been listed before. */
static int conn_insert(struct rrdp_conn *conn)
{
	struct rrdp_net *rn = conn->rn;
	int err;

	spin_lock_bh(&rn->conn_lock);
	err = rn->exiting ? -ENETDOWN :
	      rhashtable_lookup_insert_fast(&rn->conns, &conn->hash,
					    rrdp_conn_table);
	if (!err && list_empty(&conn->all))
		conn_list(conn);
	spin_unlock_bh(&rn->conn_lock);
	return err;
}

static void set_local_port(struct rrdp_conn *conn, u16 port)
{
	conn->key.local_port = port;
	conn->pcb.cfg.local_port = port;
}

/* A free port for @conn from the ephemeral range, starting anywhere. */
static int insert_any_port(struct rrdp_conn *conn)
{
	u32 i, start = get_random_u32() % RRDP_PORT_RANGE;

	for (i = 0; i < RRDP_PORT_RANGE; i++) {
		u16 port = rrdp_port_nth(start, i);
		bool taken;
		int err;

		rcu_read_lock();
		taken = rrdp_listener_find(conn->rn, port);
		rcu_read_unlock();
		if (taken)
			continue;
		set_local_port(conn, port);
		err = conn_insert(conn);
		if (err != -EEXIST)
			return err;
	}
	return -EADDRNOTAVAIL;
}

static int insert_with_port(struct rrdp_conn *conn)
{
	int err;

	if (!conn->key.local_port)
		return insert_any_port(conn);
	err = conn_insert(conn);
	return err == -EEXIST ? -EADDRINUSE : err;
}

/* Lock held, and it is in the table. */
static void conn_connect(struct rrdp_conn *conn)
{
	rrdp_node_use(conn->rn, conn->pcb.cfg.peer_node);
	rrdp_stat_add(conn->rn->mib, RRDP_STAT_CONN_ACTIVE, 1);
	rrdp_pcb_connect(&conn->pcb, rrdp_now());
}

static int conn_start(struct rrdp_conn *conn)
{
	int err = insert_with_port(conn);

	if (err)
		return err;
	rrdp_conn_enter(conn);
	conn->started = true;
	err = conn->doomed;
	if (likely(!err))
		conn_connect(conn);
	rrdp_conn_leave(conn);
	return err;
}

/* Until somebody has found out where its node is. */
static int conn_wait(struct rrdp_conn *conn)
{
	struct rrdp_net *rn = conn->rn;
	int err = 0;

	spin_lock_bh(&rn->conn_lock);
	if (rn->exiting) {
		err = -ENETDOWN;
	} else if (rn->n_waiting >= RRDP_WAITING_MAX) {
		err = -ENOBUFS;
	} else {
		conn_list(conn);
		list_add_tail(&conn->wait, &rn->waiting);
		rn->n_waiting++;
		rrdp_resolve_kick(rn);
	}
	spin_unlock_bh(&rn->conn_lock);
	return err;
}

struct rrdp_conn *rrdp_conn_open(struct rrdp_net *rn,
				 const struct rrdp_conn_params *params,
				 gfp_t gfp)
{
	struct rrdp_conn *conn;
	struct rrdp_path path;
	bool wait;
	int err;

	err = rrdp_node_resolve(rn, params->node, &path);
	wait = err == -EHOSTUNREACH && rrdp_node_can_ask(rn);
	if (wait) {
		rrdp_dev_hold(&rrdp_dev_nowhere);
		path = (struct rrdp_path) { .rd = &rrdp_dev_nowhere };
	} else if (err) {
		return ERR_PTR(err);
	}
	conn = conn_new(rn, params, &path, gfp);
	if (IS_ERR(conn))
		return conn;

	err = wait ? conn_wait(conn) : conn_start(conn);
	if (likely(!err))
		return conn;
	rrdp_conn_put(conn);
	return ERR_PTR(err);
}

void rrdp_conn_end_unstarted(struct rrdp_conn *conn, int err)
{
	rrdp_conn_enter(conn);
	WRITE_ONCE(conn->started, true);
	core_closed(&conn->pcb, err);
	rrdp_conn_leave(conn);
}

void rrdp_conn_start_late(struct rrdp_conn *conn, const struct rrdp_path *path)
{
	struct rrdp_config *cfg = &conn->pcb.cfg;
	int err;

	rrdp_dev_put(conn->path.rd);
	ether_addr_copy(conn->path.mac, path->mac);
	ether_addr_copy(conn->key.mac, path->mac);
	WRITE_ONCE(conn->path.rd, path->rd);
	conn->headroom = rrdp_tx_headroom(path->rd);
	cfg->max_size = path_max_size(path);
	/* Its number is in the checksum of all that the connection sends. */
	if (cfg->local_node == READ_ONCE(conn->rn->local_node))
		err = insert_with_port(conn);
	else
		err = -ENETUNREACH;

	rrdp_conn_enter(conn);
	WRITE_ONCE(conn->started, true);
	err = err ?: conn->doomed;
	/* The owner may have closed it meanwhile. */
	if (err || conn->pcb.closing)
		core_closed(&conn->pcb, err);
	else
		conn_connect(conn);
	rrdp_conn_leave(conn);
}

enum rrdp_stat
rrdp_conn_passive(struct rrdp_listener *listener, struct rrdp_dev *rd,
		  const u8 mac[ETH_ALEN], u32 node, const struct rrdp_seg *syn)
{
	struct rrdp_conn_params params = {
		.node = node,
		.port = syn->sport,
		.local_port = syn->dport,
		.options = listener->options,
		.dead = RRDP_DEAD_DEFAULT,
	};
	struct rrdp_path path = { .rd = rd };
	struct rrdp_conn *conn;
	bool good;

	/* Its place is taken first: others may call on another processor. */
	if (!atomic_add_unless(&listener->half_open, 1, RRDP_SYN_BACKLOG))
		return RRDP_STAT_DROP_BACKLOG;
	ether_addr_copy(path.mac, mac);
	rrdp_dev_hold(rd);
	conn = conn_new(rd->rn, &params, &path, GFP_ATOMIC);
	if (IS_ERR(conn) || conn_insert(conn)) {
		atomic_dec(&listener->half_open);
		if (!IS_ERR(conn))
			rrdp_conn_put(conn);
		return RRDP_STAT_DROP_NOMEM;
	}

	refcount_inc(&listener->refs);
	rrdp_conn_enter(conn);
	conn->started = true;
	conn->listener = listener;
	good = conn->doomed || rrdp_pcb_accept(&conn->pcb, syn, rrdp_now());
	rrdp_conn_leave(conn);
	rrdp_conn_put(conn);
	return good ? RRDP_STAT_COUNT : RRDP_STAT_DROP_STATE;
}

struct rrdp_conn *rrdp_conn_lookup(struct rrdp_net *rn,
				   const struct rrdp_key *key)
{
	return rhashtable_lookup(&rn->conns, key, rrdp_conn_table);
}

void rrdp_conn_abort(struct rrdp_conn *conn, int err)
{
	if (rrdp_wait_cancel(conn, err))
		return;
	rrdp_conn_enter(conn);
	if (unlikely(!conn->started))
		conn->doomed = err;
	else if (!conn->gone)
		rrdp_pcb_abort(&conn->pcb, err, rrdp_now());
	rrdp_conn_leave(conn);
}

/* The port pair of a connection in CLOSE-WAIT is free at once. */
void rrdp_conn_end_quarantine(struct rrdp_conn *conn)
{
	rrdp_conn_enter(conn);
	if (conn->pcb.state == RRDP_CLOSE_WAIT)
		rrdp_pcb_end_quarantine(&conn->pcb);
	rrdp_conn_leave(conn);
}

void rrdp_conn_set_room(struct rrdp_conn *conn,
			u32 (*room)(struct rrdp_conn *conn))
{
	rrdp_conn_enter(conn);
	if (conn->pcb.state == RRDP_OPEN)
		conn->room = room;
	rrdp_conn_leave(conn);
}

void rrdp_conn_took(struct rrdp_conn *conn, u32 room)
{
	u64 known = READ_ONCE(conn->pcb.rcv_edge) - READ_ONCE(conn->pcb.rcv_cur) - 1;

	/* A race only delays the news to the next message taken. */
	if (likely(known > RRDP_WINDOW_DEFAULT / 4 || room <= 2 * known))
		return;
	rrdp_conn_enter(conn);
	if (!conn->gone)
		rrdp_pcb_room(&conn->pcb, conn->room ? conn->room(conn) :
					  conn->pcb.cfg.window);
	rrdp_conn_leave(conn);
}

/* ---- namespaces, nodes, netlink ---- */

void rrdp_conn_node_gone(struct rrdp_net *rn, u32 node, int err)
{
	struct rrdp_conn *conn, *found;

	do {
		found = NULL;
		spin_lock_bh(&rn->conn_lock);
		list_for_each_entry(conn, &rn->all_conns, all) {
			if (READ_ONCE(conn->pcb.state) == RRDP_CLOSE_WAIT ||
			    READ_ONCE(conn->doomed) ||
			    (node && conn->pcb.cfg.peer_node != node))
				continue;
			if (!refcount_inc_not_zero(&conn->refs))
				continue;
			found = conn;
			break;
		}
		spin_unlock_bh(&rn->conn_lock);
		if (found) {
			rrdp_conn_abort(found, err);
			rrdp_conn_put(found);
		}
	} while (found);
}

/* Ends quarantines early: the namespace goes. */
static void end_quarantines(struct rrdp_net *rn)
{
	struct rrdp_conn *conn;

	for (;;) {
		spin_lock_bh(&rn->conn_lock);
		conn = list_first_entry_or_null(&rn->all_conns,
						struct rrdp_conn, all);
		if (conn && !refcount_inc_not_zero(&conn->refs))
			conn = NULL;
		spin_unlock_bh(&rn->conn_lock);
		if (!conn)
			return;
		rrdp_conn_end_quarantine(conn);
		rrdp_conn_put(conn);
	}
}

static void notify(struct rrdp_conn *conn, enum rrdp_event_type event)
{
	struct rrdp_info info;

	if (!rrdp_netlink_has_listeners(conn->rn))
		return;
	rrdp_conn_info(conn, &info);
	rrdp_netlink_notify_conn(conn->rn, event, &info);
}

int rrdp_conn_dump(struct rrdp_net *rn, long *pos, unsigned int *seq,
		   int (*fn)(const struct rrdp_info *info, void *arg),
		   void *arg)
{
	struct rrdp_info info;
	struct rrdp_conn *conn;
	long i = 0;
	int err = 0;

	spin_lock_bh(&rn->conn_lock);
	*seq = rn->conn_seq;
	list_for_each_entry(conn, &rn->all_conns, all) {
		if (i++ < *pos)
			continue;
		rrdp_conn_info(conn, &info);
		err = fn(&info, arg);
		if (err)
			break;
		(*pos)++;
	}
	spin_unlock_bh(&rn->conn_lock);
	return err;
}

int rrdp_conn_net_init(struct rrdp_net *rn)
{
	int i;

	INIT_LIST_HEAD(&rn->all_conns);
	INIT_LIST_HEAD(&rn->waiting);
	INIT_LIST_HEAD(&rn->ready);
	spin_lock_init(&rn->conn_lock);
	for (i = 0; i < RRDP_PORT_HASH; i++)
		INIT_HLIST_HEAD(&rn->listeners[i]);
	return rhashtable_init(&rn->conns, &rrdp_conn_table);
}

void rrdp_conn_net_exit(struct rrdp_net *rn)
{
	spin_lock_bh(&rn->conn_lock);
	WRITE_ONCE(rn->exiting, true);
	spin_unlock_bh(&rn->conn_lock);

	rrdp_listen_net_exit(rn);
	/* Nobody can be asked any more: those that wait for it end. */
	rrdp_resolve_flush(rn);
	rrdp_conn_node_gone(rn, RRDP_NODE_NONE, -ENETDOWN);
	end_quarantines(rn);
	/* Those who found a connection before may still be at work on it. */
	synchronize_rcu();
	rhashtable_destroy(&rn->conns);
}

int __init rrdp_conn_init(void)
{
	rrdp_conn_cache = KMEM_CACHE(rrdp_conn,
				     SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT);
	return rrdp_conn_cache ? 0 : -ENOMEM;
}

void rrdp_conn_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(rrdp_conn_cache);
}
