// SPDX-License-Identifier: GPL-2.0
/* Ports: who has one, who listens on it. */
#include <linux/module.h>
#include <linux/slab.h>

#include "conn.h"

/*
 * Guards rrdp_listener.rn against the end of the namespace, which does not wait for
 * those who listen in it. Outside rrdp_net.conn_lock.
 */
static DEFINE_SPINLOCK(owner_lock);

static struct hlist_head *port_bucket(struct rrdp_net *rn, u16 port)
{
	return &rn->listeners[port % RRDP_PORT_HASH];
}

/* RCU read side. */
struct rrdp_listener *rrdp_listener_find(struct rrdp_net *rn, u16 port)
{
	struct rrdp_listener *l;

	hlist_for_each_entry_rcu(l, port_bucket(rn, port), hash,
				 lockdep_is_held(&rn->conn_lock))
		if (l->port == port)
			return l;
	return NULL;
}

static bool listener_insert(struct rrdp_net *rn, struct rrdp_listener *l,
			    u16 port)
{
	bool free;

	spin_lock_bh(&rn->conn_lock);
	free = !rn->exiting && !rrdp_listener_find(rn, port);
	if (free) {
		l->port = port;
		hlist_add_head_rcu(&l->hash, port_bucket(rn, port));
	}
	spin_unlock_bh(&rn->conn_lock);
	return free;
}

static bool listener_insert_any(struct rrdp_net *rn, struct rrdp_listener *l)
{
	u32 i, start = get_random_u32() % RRDP_PORT_RANGE;

	for (i = 0; i < RRDP_PORT_RANGE; i++)
		if (listener_insert(rn, l, rrdp_port_nth(start, i)))
			return true;
	return false;
}

/**
 * rrdp_bind() - take a port
 * @rn: namespace
 * @port: 0 for any that is free
 *
 * Context: process.
 * Return: the port's listener, inactive until rrdp_listener_start();
 *	-EADDRINUSE, -ENOMEM, -ENETDOWN if the namespace is about to go.
 */
struct rrdp_listener *rrdp_bind(struct rrdp_net *rn, u16 port)
{
	struct rrdp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);

	if (!l)
		return ERR_PTR(-ENOMEM);
	l->rn = rn;
	refcount_set(&l->refs, 1);
	if (port ? !listener_insert(rn, l, port) : !listener_insert_any(rn, l)) {
		kfree(l);
		return ERR_PTR(READ_ONCE(rn->exiting) ? -ENETDOWN : -EADDRINUSE);
	}
	return l;
}

void rrdp_listener_start(struct rrdp_listener *l,
			 const struct rrdp_listen_ops *ops, void *priv,
			 u16 options)
{
	l->priv = priv;
	l->options = options;
	/* Pairs with the acquire in rrdp_rcv(): ops last. */
	smp_store_release(&l->ops, ops);
}

void rrdp_listener_put(struct rrdp_listener *l)
{
	if (refcount_dec_and_test(&l->refs))
		kfree_rcu(l, rcu);
}

struct rrdp_listener *rrdp_listen(struct net *net, u16 port,
				  const struct rrdp_listen_ops *ops,
				  void *priv)
{
	struct rrdp_listener *l = rrdp_bind(rrdp_pernet(net), port);

	if (!IS_ERR(l))
		rrdp_listener_start(l, ops, priv, RRDP_OPT_DEFAULT);
	return l;
}
EXPORT_SYMBOL_GPL(rrdp_listen);

/* Its port is free, if that has not happened before. owner_lock held. */
static void listener_remove(struct rrdp_listener *l)
{
	struct rrdp_net *rn = l->rn;

	lockdep_assert_held(&owner_lock);
	if (!rn)
		return;
	spin_lock(&rn->conn_lock);
	hlist_del_rcu(&l->hash);
	spin_unlock(&rn->conn_lock);
	l->rn = NULL;
	WRITE_ONCE(l->dead, true);
}

void rrdp_listen_net_exit(struct rrdp_net *rn)
{
	struct rrdp_listener *l;
	struct hlist_node *next;
	unsigned int i;

	spin_lock_bh(&owner_lock);
	for (i = 0; i < RRDP_PORT_HASH; i++)
		hlist_for_each_entry_safe(l, next, &rn->listeners[i], hash)
			listener_remove(l);
	spin_unlock_bh(&owner_lock);
}

void rrdp_unlisten(struct rrdp_listener *l)
{
	spin_lock_bh(&owner_lock);
	listener_remove(l);
	spin_unlock_bh(&owner_lock);
	/* accept() runs with bottom halves off and looks at dead first. */
	synchronize_rcu();
	rrdp_listener_put(l);
}
EXPORT_SYMBOL_GPL(rrdp_unlisten);
