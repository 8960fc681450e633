#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Processors: several
# Kernels: uml
# Semantics of AF_RRDP sockets.
set -eu
. "${0%/*}/lib.sh"

wire a
nodes a
exec ip netns exec a rrdp-socket
