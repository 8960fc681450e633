# SPDX-License-Identifier: GPL-2.0
"""Lines of the scripts of wirescript.py: numbers, options, data, segments, cases."""

import dataclasses
import re

from rrdpseg import FLAGS, OPTIONS

WINDOW = 512
DEFAULT = sum(OPTIONS.values()) & ~OPTIONS["CKSUM_HDR"]
PERIOD = bytes(i * 7 & 0xff for i in range(251))


class Wrong(Exception):
    """What the kernel did, or the script."""


def options(text):
    """all-XSEQ, CREDIT+MORE, default, none, 0xffff."""
    bits = 0
    if text.startswith("0x"):
        return int(text, 16)
    for sign, name in re.findall(r"([-+]?)(\w+)", text):
        bit = {"all": DEFAULT | OPTIONS["CKSUM_HDR"], "default": DEFAULT,
               "none": 0}.get(name)
        bit = OPTIONS[name] if bit is None else bit
        bits = bits & ~bit if sign == "-" else bits | bit
    return bits


def pattern(length, start=0):
    return (PERIOD * (2 + length // len(PERIOD)))[start % len(PERIOD):][:length]


def data_of(token):
    """The data that a token stands for, None if it is no such token."""
    if token.startswith('"'):
        return token[1:-1].encode()
    if token.startswith("*"):
        length, _, start = token[1:].partition("@")
        return pattern(int(length), int(start or 0))
    return None


def show_data(data):
    if len(data) < 20 and all(32 <= octet < 127 for octet in data):
        return f'"{data.decode()}"'
    start = PERIOD.find(data[:1])
    known = data == pattern(len(data), start)
    return f"*{len(data)}@{start}+" if known else f"{len(data)} octets"


@dataclasses.dataclass
class Life:
    """One end from its SYN on; its numbers in 64 bits, as XSEQ sums them."""

    iss: int = 0
    epoch: int = 0
    options: int = 0
    window: int = WINDOW
    size: int = 1500

    def __post_init__(self):
        self.base = self.high = 1 << 16 | self.iss

    def expand(self, number):
        """The one nearest to the last that was sent."""
        return self.high + ((number - self.high + 0x8000 & 0xffff) - 0x8000)

    def number(self, token):
        """What a token of a script stands for."""
        if token == "-":
            return None
        if token == ".":
            return self.high
        if token == "+":
            return self.high + 1
        if token.startswith("="):
            return self.expand(int(token[1:]))
        return self.base + int(token)


@dataclasses.dataclass
class Line:
    """A segment in a script, not yet numbered."""

    flags: int
    seq: str
    ack: str
    keys: dict
    data: bytes

    VALUES = {"credit", "eack", "window", "size", "options", "epoch", "version",
              "length", "words", "wrap", "ackwrap", "after"}
    MARKS = {"base", "badsum", "plain", "again", "next", "new"}

    @classmethod
    def parse(cls, tokens):
        flags = sum(FLAGS[name] for name in tokens[0].split(","))
        keys, data = {}, b""
        rest = iter(tokens[3:])
        for token in rest:
            if token in cls.VALUES:
                keys[token] = next(rest)
            elif token in cls.MARKS:
                keys[token] = True
            else:
                data = data_of(token)
                if data is None:
                    raise Wrong(f"{token} means nothing here")
        return cls(flags, tokens[1], tokens[2], keys, data)

    def integer(self, key, default):
        return int(self.keys.get(key, default))

    def number_of(self, token, lives):
        """What @token stands for in the last life, or the one before."""
        if token.startswith("old+"):
            return lives[-2].number(token[4:])
        return lives[-1].number(token)

    def eacks(self):
        """Pairs of first and last, relative."""
        pairs = []
        for part in self.keys.get("eack", "").split(",") if "eack" in self.keys else ():
            first, _, last = part.partition("-")
            pairs.append((int(first), int(last or first)))
        return pairs


@dataclasses.dataclass
class Case:
    """Name, and pairs of number and text of its lines."""

    name: str
    file: str
    lines: list


def read_cases(path):
    """The cases of a file, with what is to be repeated repeated."""
    cases, blocks = [], []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        text = re.sub(r"(^|\s)#.*", "", text).strip()
        if text.startswith("case "):
            cases.append(Case(text[5:], path.name, []))
            blocks = [(1, cases[-1].lines)]
        elif text.startswith("repeat "):
            blocks.append((int(text[7:]), []))
        elif text == "done":
            times, lines = blocks.pop()
            blocks[-1][1].extend(lines * times)
        elif text:
            blocks[-1][1].append((number, text))
    return cases
