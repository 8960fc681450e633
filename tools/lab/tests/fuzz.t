#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Files of labs that are nearly right, for FUZZ_SECONDS; SEED repeats a run.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
program=lab-fuzz kind=sanitized-lab
# shellcheck source=../../tests/sanitized.sh
. "$tools/tests/sanitized.sh"
# shellcheck disable=SC2086 # none, if it is not given
exec "$out/lab-fuzz" "${FUZZ_SECONDS:-3}" ${SEED:-}
