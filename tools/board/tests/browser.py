# SPDX-License-Identifier: GPL-2.0
"""A Chromium without a screen, driven by W3C WebDriver."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from board import PATIENCE, TOP, eventually

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# Nobody asks whether the board's own certificate is known; nothing is asked of others.
OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--hide-scrollbars", "--no-first-run", "--disable-extensions",
           "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--disable-default-apps", "--force-color-profile=srgb",
           "--lang=en"]
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "Escape": "\ue00c", "Shift": "\ue008"}
STILL = 5
DESKTOP = (1280, 860)
PHONE = (390, 844)


class DriverError(Exception):
    """What the driver refused."""


class Element:
    """An element of the page."""

    def __init__(self, browser, ident):
        self.browser, self.path = browser, f"/element/{ident}"

    def click(self):
        self.browser.command("POST", f"{self.path}/click", {})

    def type(self, text):
        self.browser.command("POST", f"{self.path}/value", {"text": text})

    def fill(self, text):
        self.browser.command("POST", f"{self.path}/clear", {})
        self.type(text)

    @property
    def text(self):
        return self.browser.command("GET", f"{self.path}/text")

    def attribute(self, name):
        return self.browser.command("GET", f"{self.path}/attribute/{name}")


class Browser:
    """A driver with one window."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="browser-"))
        self.session = self.driver = None
        try:
            self.begin()
        except BaseException:
            self.end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def begin(self):
        # A group of its own ends as one.
        self.driver = subprocess.Popen(
            [TOP / "selftests/lab/webdriver", self.dir, "--port=0"], text=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, start_new_session=True)
        lines = iter(self.driver.stdout.readline, "")
        program = next(lines, "").strip()
        port = next((found[1] for line in lines
                     if (found := re.search(r"started successfully on port (\d+)", line))), None)
        if not port:
            raise DriverError("chromedriver did not start")
        self.url = f"http://127.0.0.1:{port}/session"
        said = self.command("POST", "", {"capabilities": {"alwaysMatch": {
            "acceptInsecureCerts": True,
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": program,
                "args": OPTIONS + [f"--user-data-dir={self.dir}/profile"]}}}})
        self.session = said["sessionId"]

    def end(self):
        if self.session:
            try:
                self.command("DELETE", "")
            except (OSError, DriverError):
                pass
        if self.driver:
            try:
                os.killpg(self.driver.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.driver.wait()
            self.driver.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def command(self, method, path, body=None):
        url = self.url + (f"/{self.session}" if self.session else "") + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            said = json.load(error)["value"]
            raise DriverError(f"{said['error']}: {said['message'].splitlines()[0]}") from None

    def tool(self, name, **params):
        """A command of the browser's developer tools."""
        return self.command("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    # ------------------------------------------------------------------ pages

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    def reload(self):
        self.command("POST", "/refresh", {})

    def run(self, script, *args):
        """What a function with this body returns."""
        return self.command("POST", "/execute/sync", {"script": script, "args": list(args)})

    def find(self, css):
        """The first of these elements that is shown, or None."""
        for found in self.command("POST", "/elements", {"using": "css selector", "value": css}):
            ident = found[ELEMENT]
            try:
                if self.command("GET", f"/element/{ident}/displayed"):
                    return Element(self, ident)
            except DriverError:
                pass    # it was drawn again
        return None

    def wait(self, css):
        found = eventually(lambda: self.find(css))
        if not found:
            raise DriverError(f"no {css} in: {self.text()}")
        return found

    def button(self, text, inside="body"):
        """The button that says this."""
        found = eventually(lambda: next(
            (e[ELEMENT] for e in [self.run(
                "const [inside, text] = arguments;"
                "return [...document.querySelectorAll(`${inside} button`)].find((b) =>"
                " [b.textContent, b.ariaLabel].includes(text) && b.checkVisibility()) || {}",
                inside, text)] if ELEMENT in e), None))
        if not found:
            raise DriverError(f"no button \"{text}\" in: {self.text()}")
        return Element(self, found)

    def text(self, css="body"):
        """What is to be read there, in one line."""
        return " ".join(self.run("const e = document.querySelector(arguments[0]);"
                                 "return e ? e.innerText ?? e.textContent : ''", css).split())

    def says(self, text, css="body"):
        """Waits until this is to be read."""
        return bool(eventually(lambda: text in self.text(css)))

    def settle(self):
        """Waits until the page changes no more, but by what goes on in the network."""
        seen = []

        def is_same():
            seen.append(self.run("return document.getElementById('main').innerText"))
            time.sleep(0.1)
            return len(seen) >= STILL and len(set(seen[-STILL:])) == 1
        eventually(is_same)

    def count(self, css):
        return self.run("return document.querySelectorAll(arguments[0]).length", css)

    def keys(self, *keys):
        """Presses keys, as names or as text."""
        actions = []
        for key in keys:
            for char in ([KEYS[key]] if key in KEYS else key):
                actions += [{"type": kind, "value": char} for kind in ("keyDown", "keyUp")]
        self.command("POST", "/actions", {"actions": [
            {"type": "key", "id": "keyboard", "actions": actions}]})

    def enter(self, token):
        """Logs in to the portal."""
        self.wait("#token").fill(token)
        self.button("Log in").click()

    # -------------------------------------------------------------------- looks

    def look(self, size=DESKTOP, dark=False):
        """How large the window is, and which colours are wanted."""
        self.tool("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
                  deviceScaleFactor=1 if size[0] > 600 else 2, mobile=size[0] <= 600)
        self.tool("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def screenshot(self, file, whole=False):
        """The window as PNG, or all of the page."""
        said = self.tool("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(file).write_bytes(base64.b64decode(said["data"]))

    def log(self):
        """What the browser complained about since it was last asked."""
        return [entry["message"] for entry in
                self.command("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]
