#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of vmnet-board.

here=$(cd "$(dirname "$0")" && pwd -P)
program=board-unit
# shellcheck source=sanitized.sh
. "$here/sanitized.sh"
exec "$out/board-unit"
