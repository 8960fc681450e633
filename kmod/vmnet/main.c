// SPDX-License-Identifier: GPL-2.0
/* vmnet: what happens when the module comes and goes. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "device.h"
#include "forward.h"
#include "netlink.h"

unsigned int vmnet_net_id __ro_after_init;
struct workqueue_struct *vmnet_wq;

static int __net_init vmnet_net_init(struct net *net)
{
	struct vmnet_net *vn = vmnet_pernet(net);

	vn->net = net;
	INIT_LIST_HEAD(&vn->nets);
	INIT_LIST_HEAD(&vn->socks);
	INIT_LIST_HEAD(&vn->links);
	spin_lock_init(&vn->link_lock);
	vn->mib = vmnet_stats_alloc();
	return vn->mib ? 0 : -ENOMEM;
}

/* Networks whose underlay goes, wherever their devices have moved. */
static void __net_exit vmnet_net_exit_batch(struct list_head *nets)
{
	struct net *net;
	struct vmnet *vm;
	LIST_HEAD(gone);

	rtnl_lock();
	list_for_each_entry(net, nets, exit_list)
		list_for_each_entry(vm, &vmnet_pernet(net)->nets, list)
			unregister_netdevice_queue(vm->dev, &gone);
	unregister_netdevice_many(&gone);
	rtnl_unlock();

	list_for_each_entry(net, nets, exit_list)
		free_percpu(vmnet_pernet(net)->mib);
}

static struct pernet_operations vmnet_net_ops = {
	.init = vmnet_net_init,
	.exit_batch = vmnet_net_exit_batch,
	.id = &vmnet_net_id,
	.size = sizeof(struct vmnet_net),
};

static int __init vmnet_init(void)
{
	int err = -ENOMEM;

	vmnet_wq = alloc_workqueue("vmnet", WQ_UNBOUND, 0);
	if (!vmnet_wq)
		return err;

	err = vmnet_forward_init();
	if (err)
		goto err_forward;

	err = register_pernet_device(&vmnet_net_ops);
	if (err)
		goto err_pernet;

	err = vmnet_netlink_init();
	if (err)
		goto err_netlink;

	err = vmnet_device_register();
	if (err)
		goto err_device;
	return 0;

err_device:
	vmnet_netlink_exit();
err_netlink:
	unregister_pernet_device(&vmnet_net_ops);
err_pernet:
	vmnet_forward_exit();
err_forward:
	destroy_workqueue(vmnet_wq);
	return err;
}

static void __exit vmnet_exit(void)
{
	vmnet_device_unregister();
	vmnet_netlink_exit();
	unregister_pernet_device(&vmnet_net_ops);
	vmnet_forward_exit();
	destroy_workqueue(vmnet_wq);
	/* Callbacks of RCU are code of this module. */
	rcu_barrier();
}

module_init(vmnet_init);
module_exit(vmnet_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("vmnet: a distributed virtual switch");
MODULE_ALIAS_GENL_FAMILY(VMNET_GENL_NAME);
