#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# A NIC that looks into tunnels is told on which UDP ports they are: when the first peer
# of a network comes and the last one goes, when it asks for it, and when it does not
# want to know any more.
set -u
. "${0%/*}/lib.sh"

plan 8
trap 'rmmod tunnel_nic 2> /dev/null' EXIT

# told PORT: the NIC knows of that port; 0, of none
told() {
	[ "$(< /sys/module/tunnel_nic/parameters/port)" = "$1" ]
}

modprobe -qa udp_tunnel
insmod "$TEST_MODULES/tunnel_nic.ko"
ip link set lo up
ip link set tnic0 up
vmnetctl add-net vmnet0 vni 42 port 4799
ok 'a network without peers has no port' told 0
vmnetctl add-peer vmnet0 udp 192.0.2.2
ok 'the NIC is told of the first peer' eventually 5 told 4799
ok 'it can do without' ethtool -K tnic0 rx-udp_tunnel-port-offload off
ok 'and then knows of none' eventually 5 told 0
ok 'it can ask for it' ethtool -K tnic0 rx-udp_tunnel-port-offload on
ok 'and is told again' eventually 5 told 4799
vmnetctl del-peer vmnet0 udp 192.0.2.2
ok 'the port goes with the last peer' eventually 5 told 0
vmnetctl add-peer vmnet0 udp 192.0.2.2
ok 'the NIC may go before' rmmod tunnel_nic
finish
