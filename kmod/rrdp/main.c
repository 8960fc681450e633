// SPDX-License-Identifier: GPL-2.0
/* RRDP: what happens when the module comes and goes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/if_ether.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <uapi/linux/rrdp.h>

#include "conn.h"
#include "netlink.h"
#include "node.h"
#include "resolve.h"
#include "sysctl.h"

unsigned int rrdp_family = RRDP_AF_DEFAULT;
module_param_named(family, rrdp_family, uint, 0444);
MODULE_PARM_DESC(family, "address family number of RRDP sockets, one that the kernel does not use (13)");

static unsigned int ethertype = RRDP_ETHERTYPE_DEFAULT;
module_param(ethertype, uint, 0444);
MODULE_PARM_DESC(ethertype, "EtherType of RRDP frames, the same on all hosts (0x88B5)");

static unsigned int resolve_ethertype = RRDP_RESOLVE_ETHERTYPE_DEFAULT;
module_param(resolve_ethertype, uint, 0444);
MODULE_PARM_DESC(resolve_ethertype, "EtherType of node resolution, the same on all hosts (0x88B6)");

__be16 rrdp_ethertype __ro_after_init;
__be16 rrdp_resolve_ethertype __ro_after_init;
unsigned int rrdp_net_id __ro_after_init;

static int __net_init rrdp_net_init(struct net *net)
{
	struct rrdp_net *rn = rrdp_pernet(net);
	int err, cpu;

	rn->net = net;
	rn->mib = alloc_percpu(struct rrdp_mib);
	if (!rn->mib)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(rn->mib, cpu)->sync);

	rrdp_resolve_net_init(rn);
	err = rrdp_node_net_init(rn);
	if (err)
		goto err_node;

	err = rrdp_conn_net_init(rn);
	if (err)
		goto err_conn;

	err = rrdp_sysctl_net_init(rn);
	if (err)
		goto err_sysctl;
	return 0;

err_sysctl:
	rrdp_conn_net_exit(rn);
err_conn:
	rrdp_node_net_exit(rn);
err_node:
	free_percpu(rn->mib);
	return err;
}

static void __net_exit rrdp_net_exit(struct net *net)
{
	struct rrdp_net *rn = rrdp_pernet(net);

	rrdp_sysctl_net_exit(rn);
	/* Nodes first: with their devices goes the way in for connections. */
	rrdp_node_net_clear(rn);
	rrdp_conn_net_exit(rn);
	rrdp_resolve_net_exit(rn);
	rrdp_node_net_exit(rn);
	free_percpu(rn->mib);
}

static struct pernet_operations rrdp_net_ops = {
	.init = rrdp_net_init,
	.exit = rrdp_net_exit,
	.id = &rrdp_net_id,
	.size = sizeof(struct rrdp_net),
};

static int __init rrdp_check_ethertype(const char *name, unsigned int value)
{
	if (value >= ETH_P_802_3_MIN && value <= U16_MAX)
		return 0;
	pr_err("%s=%#x is no EtherType; give one from %#x to %#x\n", name,
	       value, ETH_P_802_3_MIN, U16_MAX);
	return -EINVAL;
}

static int __init rrdp_check_params(void)
{
	int err;

	if (rrdp_family == AF_UNSPEC || rrdp_family >= AF_MAX) {
		pr_err("family=%u is no address family; give one from 1 to %d\n",
		       rrdp_family, AF_MAX - 1);
		return -EINVAL;
	}
	err = rrdp_check_ethertype("ethertype", ethertype) ?:
	      rrdp_check_ethertype("resolve_ethertype", resolve_ethertype);
	if (err)
		return err;
	if (ethertype == resolve_ethertype) {
		pr_err("ethertype= and resolve_ethertype= are both %#x; give two\n",
		       ethertype);
		return -EINVAL;
	}
	rrdp_ethertype = htons(ethertype);
	rrdp_resolve_ethertype = htons(resolve_ethertype);
	return 0;
}

static int __init rrdp_init(void)
{
	int err;

	err = rrdp_check_params();
	if (err)
		return err;

	err = rrdp_conn_init();
	if (err)
		return err;

	err = rrdp_resolve_init();
	if (err)
		goto err_resolve;

	rrdp_train_init();
	err = register_pernet_subsys(&rrdp_net_ops);
	if (err)
		goto err_pernet;

	err = rrdp_node_init();
	if (err)
		goto err_node;

	err = rrdp_netlink_init();
	if (err)
		goto err_netlink;

	err = rrdp_socket_init();
	if (err)
		goto err_socket;

	return 0;

err_socket:
	rrdp_netlink_exit();
err_netlink:
	rrdp_node_exit();
err_node:
	unregister_pernet_subsys(&rrdp_net_ops);
err_pernet:
	rrdp_train_exit();
	rrdp_resolve_exit();
err_resolve:
	rrdp_conn_exit();
	return err;
}

static void __exit rrdp_exit(void)
{
	rrdp_socket_exit();
	rrdp_netlink_exit();
	rrdp_node_exit();
	unregister_pernet_subsys(&rrdp_net_ops);
	/* Until then connections may drain. */
	rrdp_train_exit();
	rrdp_resolve_exit();
	rrdp_conn_exit();
}

module_init(rrdp_init);
module_exit(rrdp_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("RRDP: reliable, ordered messages directly above the NIC driver");
MODULE_ALIAS_GENL_FAMILY(RRDP_GENL_NAME);
MODULE_ALIAS_NETPROTO(RRDP_AF_DEFAULT);
