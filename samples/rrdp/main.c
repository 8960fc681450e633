// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters, and the order in which all begins and ends.
 *
 *	insmod rrdp_dvmm.ko peer=2	on node 1
 *	insmod rrdp_dvmm.ko peer=1	on node 2
 *
 * Either serves the other. It does so in the network namespace of whoever loads
 * the module. See Documentation/rrdp.rst for what is in debugfs.
 */
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

#include "dvmm.h"

static unsigned int peer;
module_param(peer, uint, 0444);
MODULE_PARM_DESC(peer, "node to call; 0: only serve");

static ushort port = 5203;
module_param(port, ushort, 0444);
MODULE_PARM_DESC(port, "RRDP port, of both ends");

static unsigned int pages = 64;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "pages of memory for others to fetch, up to 65536");

atomic_long_t dvmm_stats[DVMM_STATS];

static struct net *net;

static int __init dvmm_init(void)
{
	int err;

	if (!port || !pages || pages > 65536)
		return -EINVAL;
	/*
	 * RRDP does not keep a namespace for those who use it, and to connect
	 * takes one that is there. One held stays for as long as the module; a
	 * service that is to let go of it ends in the exit of a struct
	 * pernet_operations.
	 */
	net = get_net(current->nsproxy->net_ns);
	dvmm_call_init(net, peer, port);
	err = dvmm_serve_init(net, port, pages);
	if (err) {
		put_net(net);
		return err;
	}
	dvmm_files_init();
	return 0;
}

/*
 * RRDP does not hold a module for the callbacks it has in it: each part sees to it
 * that none of its own runs any more. Who calls goes first.
 */
static void __exit dvmm_exit(void)
{
	dvmm_files_exit();
	dvmm_call_exit();
	dvmm_serve_exit();
	put_net(net);
}

module_init(dvmm_init);
module_exit(dvmm_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Example of RRDP in the kernel: services of a distributed VMM");
