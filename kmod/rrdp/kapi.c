// SPDX-License-Identifier: GPL-2.0
/* What other modules call, as include/net/rrdp.h promises it. */
#include <linux/module.h>

#include "conn.h"

struct rrdp_conn *rrdp_connect(struct net *net, u32 node, u16 port,
			       const struct rrdp_conn_ops *ops, void *priv,
			       gfp_t gfp)
{
	struct rrdp_conn_params params = {
		.node = node,
		.port = port,
		.options = RRDP_OPT_DEFAULT,
		.dead = RRDP_DEAD_DEFAULT,
		.ops = ops,
		.priv = priv,
	};

	return rrdp_conn_open(rrdp_pernet(net), &params, gfp);
}
EXPORT_SYMBOL_GPL(rrdp_connect);

void rrdp_conn_set_ops(struct rrdp_conn *conn,
		       const struct rrdp_conn_ops *ops, void *priv)
{
	conn->priv = priv;
	WRITE_ONCE(conn->ops, ops);
}
EXPORT_SYMBOL_GPL(rrdp_conn_set_ops);

void *rrdp_conn_priv(const struct rrdp_conn *conn)
{
	return conn->priv;
}
EXPORT_SYMBOL_GPL(rrdp_conn_priv);

u32 rrdp_conn_peer_node(const struct rrdp_conn *conn)
{
	return conn->pcb.cfg.peer_node;
}
EXPORT_SYMBOL_GPL(rrdp_conn_peer_node);

u16 rrdp_conn_peer_port(const struct rrdp_conn *conn)
{
	return conn->pcb.cfg.peer_port;
}
EXPORT_SYMBOL_GPL(rrdp_conn_peer_port);

void rrdp_conn_set_deadtime(struct rrdp_conn *conn, unsigned int msec)
{
	WRITE_ONCE(conn->pcb.cfg.dead, max(msec, 1u) * RRDP_MSEC);
}
EXPORT_SYMBOL_GPL(rrdp_conn_set_deadtime);

void rrdp_close(struct rrdp_conn *conn)
{
	if (rrdp_wait_cancel(conn, 0))
		return;
	rrdp_conn_enter(conn);
	/* Should the owner refuse what is on its way to it, the peer is to know. */
	if (conn->running || conn->rx.head)
		conn->close_later = true;
	else if (!conn->gone)
		rrdp_pcb_close(&conn->pcb, rrdp_now());
	rrdp_conn_leave(conn);
}
EXPORT_SYMBOL_GPL(rrdp_close);

void rrdp_abort(struct rrdp_conn *conn)
{
	WRITE_ONCE(conn->muted, true);
	rrdp_conn_abort(conn, -ECONNABORTED);
}
EXPORT_SYMBOL_GPL(rrdp_abort);

u32 rrdp_local_node(struct net *net)
{
	return READ_ONCE(rrdp_pernet(net)->local_node);
}
EXPORT_SYMBOL_GPL(rrdp_local_node);

bool rrdp_can_ask(struct net *net)
{
	return rrdp_node_can_ask(rrdp_pernet(net));
}
EXPORT_SYMBOL_GPL(rrdp_can_ask);

struct net_device *rrdp_node_dev(struct net *net, u32 node)
{
	struct net_device *dev = NULL;
	struct rrdp_path path;

	if (rrdp_node_resolve(rrdp_pernet(net), node, &path))
		return NULL;
	rcu_read_lock();
	dev = rrdp_dev_netdev(path.rd);
	dev_hold(dev);
	rcu_read_unlock();
	rrdp_dev_put(path.rd);
	return dev;
}
EXPORT_SYMBOL_GPL(rrdp_node_dev);
