// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC that wants to know on which UDP ports there are tunnels: "tnic0", whose last
 * port is the parameter "port", 0 while there is none. It sends nothing.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <net/udp_tunnel.h>

static unsigned int port;
module_param(port, uint, 0444);

static struct net_device *nic;

static netdev_tx_t nic_xmit(struct sk_buff *skb, struct net_device *dev)
{
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

static int nic_set_port(struct net_device *dev, unsigned int table,
			unsigned int entry, struct udp_tunnel_info *ti)
{
	port = ntohs(ti->port);
	return 0;
}

static int nic_unset_port(struct net_device *dev, unsigned int table,
			  unsigned int entry, struct udp_tunnel_info *ti)
{
	port = 0;
	return 0;
}

static const struct udp_tunnel_nic_info nic_tunnels = {
	.set_port = nic_set_port,
	.unset_port = nic_unset_port,
	.tables = { { .n_entries = 4, .tunnel_types = UDP_TUNNEL_TYPE_VXLAN } },
};

static const struct net_device_ops nic_ops = {
	.ndo_start_xmit = nic_xmit,
};

static int __init nic_init(void)
{
	int err;

	nic = alloc_etherdev(0);
	if (!nic)
		return -ENOMEM;
	strscpy(nic->name, "tnic0", sizeof(nic->name));
	eth_hw_addr_random(nic);
	nic->netdev_ops = &nic_ops;
	nic->udp_tunnel_nic_info = &nic_tunnels;
	nic->hw_features = NETIF_F_RX_UDP_TUNNEL_PORT;
	nic->features = NETIF_F_RX_UDP_TUNNEL_PORT;
	err = register_netdev(nic);
	if (err)
		free_netdev(nic);
	return err;
}

static void __exit nic_exit(void)
{
	unregister_netdev(nic);
	free_netdev(nic);
}

module_init(nic_init);
module_exit(nic_exit);
MODULE_DESCRIPTION("NIC with offload of UDP tunnels, for tests");
MODULE_LICENSE("GPL");
