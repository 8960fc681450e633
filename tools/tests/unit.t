#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of the tools.

tools=$(cd "$(dirname "$0")/.." && pwd -P)
program=unit kind=sanitized
# shellcheck source=sanitized.sh
. "$tools/tests/sanitized.sh"
exec "$out/unit"
