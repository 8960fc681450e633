#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The transmit ring of AF_RRDP sockets.
set -eu
. "${0%/*}/lib.sh"

wire a
nodes a
# UML's set_ptes() counts page frames wrongly when fork() maps a large page.
is_uml && set -- nofork
exec ip netns exec a rrdp-ring "$@"
