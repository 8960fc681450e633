#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Kernels: uml
# SO_BUSY_POLL: whoever waits for a message fetches it from the device.
set -eu
. "${0%/*}/lib.sh"

wire a b
nodes a b
exec rrdp-busy a b wire
