#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The manual pages of the tools say what --help says: the same synopsis, and each
option and verb."""

import os
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MAN = HERE.parent.parent / "Documentation/man"
OUT = pathlib.Path(os.environ.get("OUT", HERE.parent.parent / "out/tools"))
TOOLS = ("vmnetctl", "vmnet-board", "vmnetd", "rrdp-ping", "rrdp-perf")

# Macros whose arguments are shown, in fonts that take turns without a blank between.
JOINED = re.compile(r"\.(BI|BR|RB|RI|IB|IR) ")
SPACED = re.compile(r"\.(B|I) ")


def plain(text):
    """Words, with one blank between."""
    return " ".join(text.split())


def sections(page):
    """Lines of a page without its markup, by the heading they are below."""
    found, lines = {}, []
    for line in (MAN / page).read_text(encoding="utf-8").splitlines():
        macro = JOINED.match(line) or SPACED.match(line)
        if line.startswith((".SH", ".SS")):
            lines = found.setdefault(re.sub(r"\\", "", line[4:]), [])
            continue
        if macro:
            joint = "" if JOINED.match(line) else " "
            # A quote that is part of the text is written twice.
            line = joint.join(shlex.split(line[macro.end():].replace("\\", "\\\\")))
        elif line.startswith("."):
            continue
        lines.append(re.sub(r"\\f.|\\", lambda m: "", line))
    return found


def help_of(*command):
    return subprocess.run([OUT / command[0], *command[1:], "--help"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def usage(text):
    """What follows "usage:", without the line breaks."""
    lines = text.partition("\n\n")[0].removeprefix("usage:")
    return plain(lines)


def options(text):
    """Options that have a line of their own, as pairs, and their arguments."""
    return re.findall(r"^  (-\w), (--[\w-]+)(?: ([A-Z]+))?", text, re.M)


class Tests:
    """Results, as TAP."""

    count = failed = 0

    def result(self, name, missing):
        self.count += 1
        self.failed += bool(missing)
        print(f"{'not ' if missing else ''}ok {self.count} - {name}")
        for line in missing:
            print(f"# not in the page: {line}")


def missing_options(lines, text):
    have = {plain(line) for line in lines}
    wanted = [f"{short}, {long}{' ' + arg if arg else ''}"
              for short, long, arg in options(text)]
    # Two options on a line, as of help and version.
    both = " ".join(have)
    return [option for option in wanted if option not in have and
            not re.search(rf"{re.escape(option)}(,| |$)", both)]


def check_tool(tests, tool):
    page, text = sections(tool + ".8"), help_of(tool)
    synopsis = plain(" ".join(page["SYNOPSIS"]))
    tests.result(f"{tool}: synopsis",
                 [usage(text), f"which has {synopsis}"] if synopsis != usage(text) else [])
    tests.result(f"{tool}: options", missing_options(page["OPTIONS"], text))
    # Those that are given are in the list.
    used = set(re.findall(r"(?<!\w)-\w\b", usage(text)))
    tests.result(f"{tool}: options of the synopsis",
                 sorted(used - {short for short, _, _ in options(text)}))
    return page, text


def check_verbs(tests, page, text):
    verbs = re.findall(r"^  ([a-z]+(?:-[a-z]+)?) {2,}", text, re.M)
    tests.result("vmnetctl: verbs", [verb for verb in verbs if verb not in page])
    for verb in verbs:
        lines = plain(" ".join(page.get(verb, [])))
        tests.result(f"vmnetctl {verb}",
                     [usage(help_of("vmnetctl", verb))]
                     if usage(help_of("vmnetctl", verb)) not in lines else [])


def main():
    if not (OUT / "rrdp-perf").exists():
        subprocess.run(["make", "-s", "-C", HERE.parent, f"OUT={OUT}"], check=True,
                       stdout=sys.stderr)
    tests = Tests()
    # vmnet-board and vmnetd are made where their libraries are.
    pages = {tool: check_tool(tests, tool) for tool in TOOLS if (OUT / tool).exists()}
    check_verbs(tests, *pages["vmnetctl"])
    print(f"1..{tests.count}")
    return tests.failed > 0


if __name__ == "__main__":
    sys.exit(main())
