#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The portal of vmnet-board, as a browser shows it."""

from board import Board, main
from browser import Browser


def check_login(tap, browser, url, token):
    browser.open(url)
    browser.enter("x" * 43)
    tap.ok(browser.says("The token is not known"), "a wrong token is refused, with a reason",
           browser.text())
    browser.enter(token)
    tap.ok(browser.says("Domains", "h1") and browser.says("lab"), "who logs in sees the domains",
           browser.text())


def test(tap):
    with Board() as board, Browser() as browser:
        token = board.token("admin")
        board.start()
        url = f"https://127.0.0.1:{board.port}/"
        board.client(token).put("/v1/domains/lab", {"description": "a lab"})
        check_login(tap, browser, url, token)
        tap.same([line for line in browser.log() if "401" not in line], [],
                 "the browser complains about nothing else")


main(test)
