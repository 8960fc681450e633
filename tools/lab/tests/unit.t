#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of labs.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
program=lab-unit kind=sanitized-lab
# shellcheck source=../../tests/sanitized.sh
. "$tools/tests/sanitized.sh"
exec "$out/lab-unit"
