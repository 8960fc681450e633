#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of vmnet-board.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
program=board-unit kind=sanitized-board
# shellcheck source=../../tests/sanitized.sh
. "$tools/tests/sanitized.sh"
exec "$out/board-unit"
