#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Objects: many
# MSG_ZEROCOPY and the transmit ring over a bad wire: what is sent again is what was
# sent first, although its buffer is written to as soon as it is given back.
set -u
. "${0%/*}/lib.sh"

plan 11

transfer() {
	messages 120 zsend "$@"
}

by_ring() {
	messages 120 rsend "$@"
}

# gathers 0|1: whether the device of a takes buffers of several pieces
gathers() {
	on a python3 - "$1" <<- 'END'
		import array, fcntl, socket, struct, sys
		ETHTOOL_SSG, SIOCETHTOOL = 0x19, 0x8946
		value = array.array("I", [ETHTOOL_SSG, int(sys.argv[1])])
		request = struct.pack("16sP", b"eth0", value.buffer_info()[0])
		fcntl.ioctl(socket.socket(), SIOCETHTOOL, request)
	END
}

# copied COUNT: that many messages were
copied() {
	transfer 100 65536 | tee /dev/stderr | grep -x "sent 100, $1 copied"
}

wire a b
nodes a b
ok '500 messages over a good wire' transfer 500 65536
ok '500 by a ring' by_ring 500 65536
# Both ways, so that acknowledgments are lost as well.
ok 'make the wire bad' spoil loss 5% duplicate 5% delay 100us 100us
ok '2000 messages of up to 64 KiB over a bad wire' transfer 2000 65536
ok 'segments were sent again' test "$(stat_of a retransmitted)" -gt 100
ok '2000 by a ring' by_ring 2000 65536
ok 'the base protocol over a bad wire' transfer 300 1000 1
ok 'and by a ring' by_ring 300 1000 1
ok 'a device that cannot gather' gathers 0
ok 'has all copied' copied 100
ok 'one that can' gathers 1
finish
