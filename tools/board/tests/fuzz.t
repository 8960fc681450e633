#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Texts of others that are nearly right, for FUZZ_SECONDS; SEED repeats a run.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
program=board-fuzz kind=sanitized-board
# shellcheck source=../../tests/sanitized.sh
. "$tools/tests/sanitized.sh"
# shellcheck disable=SC2086 # none, if it is not given
exec "$out/board-fuzz" "${FUZZ_SECONDS:-4}" ${SEED:-}
