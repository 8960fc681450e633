#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the fuzzers have found once is found again, and nothing is wrong with it.

exec "$(dirname "$0")/replay"
