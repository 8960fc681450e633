#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The API of vmnet-board, with the store in a file; etcd.t has the other."""

from api import check_api
from board import main

main(check_api)
