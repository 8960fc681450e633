// SPDX-License-Identifier: GPL-2.0
/*
 * Connections whose node is being asked for.
 *
 * Such a connection is listed with the others, but in no table, has not
 * started, and its path leads nowhere. It is on a list here, and whoever takes
 * it off starts or ends it: the worker of resolve.c, or its owner.
 */
#include "conn.h"

/* The connection is not to be waited for any more: true if it was. */
static bool unwait(struct rrdp_conn *conn)
{
	struct rrdp_net *rn = conn->rn;
	bool waited;

	spin_lock_bh(&rn->conn_lock);
	waited = !list_empty(&conn->wait);
	list_del_init(&conn->wait);
	rn->n_waiting -= waited;
	spin_unlock_bh(&rn->conn_lock);
	return waited;
}

bool rrdp_wait_cancel(struct rrdp_conn *conn, int err)
{
	bool waited;

	/* One that has not started when looked at has not left its namespace. */
	rcu_read_lock();
	waited = !READ_ONCE(conn->started) && unwait(conn);
	if (waited)
		rrdp_conn_end_unstarted(conn, err);
	rcu_read_unlock();
	return waited;
}

/* conn_lock held. */
static bool is_over(struct rrdp_net *rn, const struct rrdp_conn *conn, u8 state)
{
	return READ_ONCE(conn->doomed) || !rrdp_node_can_ask(rn) ||
	       rrdp_nud_usable(state);
}

u32 rrdp_wait_sort(struct rrdp_net *rn)
{
	struct rrdp_conn *conn, *next;
	u32 ask = RRDP_NODE_NONE;

	lockdep_assert_held(&rn->lock);
	spin_lock_bh(&rn->conn_lock);
	list_for_each_entry_safe(conn, next, &rn->waiting, wait) {
		u8 state = rrdp_node_state(rn, conn->pcb.cfg.peer_node);

		if (is_over(rn, conn, state))
			list_move_tail(&conn->wait, &rn->ready);
		else if (state != NUD_INCOMPLETE)
			ask = conn->pcb.cfg.peer_node;
	}
	spin_unlock_bh(&rn->conn_lock);
	return ask;
}

void rrdp_wait_fail(struct rrdp_net *rn, u32 node, int err)
{
	struct rrdp_conn *conn;

	spin_lock_bh(&rn->conn_lock);
	list_for_each_entry(conn, &rn->waiting, wait)
		if (conn->pcb.cfg.peer_node == node)
			WRITE_ONCE(conn->doomed, err);
	spin_unlock_bh(&rn->conn_lock);
}

static struct rrdp_conn *next_ready(struct rrdp_net *rn)
{
	struct rrdp_conn *conn;

	spin_lock_bh(&rn->conn_lock);
	conn = list_first_entry_or_null(&rn->ready, struct rrdp_conn, wait);
	if (conn) {
		list_del_init(&conn->wait);
		rn->n_waiting--;
	}
	spin_unlock_bh(&rn->conn_lock);
	return conn;
}

void rrdp_wait_end(struct rrdp_net *rn)
{
	struct rrdp_conn *conn;
	struct rrdp_path path;
	int err;

	while ((conn = next_ready(rn))) {
		err = READ_ONCE(conn->doomed) ?:
		      rrdp_node_resolve(rn, conn->pcb.cfg.peer_node, &path);
		if (!err)
			rrdp_conn_start_late(conn, &path);
		else
			rrdp_conn_end_unstarted(conn, err);
	}
}
