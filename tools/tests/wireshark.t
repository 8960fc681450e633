#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The dissector for Wireshark under tshark, which comes from the cache where this
# machine has none.
set -u

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=../../selftests/lab/cache.sh
. "$here/../../selftests/lab/cache.sh"
toolbox_env
toolbox_add tshark || exit 1
exec python3 "$here/wireshark.py"
