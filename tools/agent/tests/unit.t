#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of vmnetd.

tools=$(cd "$(dirname "$0")/../.." && pwd -P)
program=agent-unit kind=sanitized-agent
# shellcheck source=../../tests/sanitized.sh
. "$tools/tests/sanitized.sh"
exec "$out/agent-unit"
