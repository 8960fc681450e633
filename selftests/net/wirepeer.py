# SPDX-License-Identifier: GPL-2.0
"""The end of a wire that is no kernel: what it sends, and what it sees."""

import dataclasses
import select
import socket
import struct
import subprocess
import time

import rrdpseg
from rrdpseg import ACK, FLAGS, MORE, NUL, OPTIONS, RST, SYN, Segment
from wireline import DEFAULT, Life, Wrong, options, show_data

SO_TIMESTAMPNS = 35
WINDOW_MAX, CREDIT_INIT = 8191, 16
PEER, KERNEL = 2, 1
LEAST_FRAME = 46
# What is on its way while an ACK is on its own, seconds.
CROSSING = 0.005


@dataclasses.dataclass
class Frame:
    """A segment that the kernel has sent: at, numbers, and what the sums say."""

    at: float
    seg: Segment
    seq: int
    ack: int
    right: bool
    plain: bool
    credit: int = None
    eacks: tuple = ()
    repeat: bool = False

    @property
    def sequenced(self):
        return bool(self.seg.flags & (SYN | NUL) or self.seg.data)

    @property
    def bare(self):
        return self.seg.flags == ACK and not self.seg.data


class Link:
    """The peer's end of the wire."""

    def __init__(self, dev, other, mac):
        self.other = other
        self.to = (dev, rrdpseg.ETHERTYPE, 0, 0, mac)
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                  socket.htons(rrdpseg.ETHERTYPE))
        self.sock.bind((dev, rrdpseg.ETHERTYPE))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setblocking(False)

    def fileno(self):
        return self.sock.fileno()

    def send(self, octets):
        # Padding is no part of the segment, whatever is in it.
        self.sock.sendto(octets.ljust(LEAST_FRAME, b"\x55"), self.to)

    def slow(self, delay):
        """Milliseconds that frames to us wait in a queue, None to end that."""
        how = ["replace", "dev", self.other, "root", "netem", "delay", f"{delay}ms"]
        if delay is None:
            how = ["del", "dev", self.other, "root"]
        subprocess.run(["tc", "qdisc", *how], check=True)

    def frames(self):
        """Times and octets of the frames that have come."""
        while True:
            try:
                octets, extra, _, _ = self.sock.recvmsg(1 << 17, 64)
            except BlockingIOError:
                return
            seconds, nanoseconds = struct.unpack("=qq", extra[0][2])
            yield seconds + nanoseconds / 1e9, octets


class Peer:
    """The peer of a case, and what it knows of the kernel's connection."""

    def __init__(self, link, counters, ports):
        self.link = link
        self.counters = counters
        self.before = counters()
        self.peer_port, self.kernel_port = ports
        self.given_up = set()
        self.slow = False
        self.peer = [Life(100, 7, DEFAULT, 100)]
        self.kernel = []
        self.offered = DEFAULT
        self.credit = 100
        self.session = None
        self.answer = None
        self.sockets = []
        self.frames = []
        self.trace = []
        # By number in 64 bits: what was sent, and when it was acknowledged.
        self.sent = {}
        self.acked = {}
        self.edge = None
        self.start = self.floor = self.injected = self.settled = time.time()

    # ---- what was agreed on ----

    def agreed(self):
        """Options in force."""
        if not self.session:
            return 0
        peer, kernel = self.session
        bits = peer.options & kernel.options
        if not bits & OPTIONS["SEQUENCED"]:
            bits &= ~OPTIONS["MORE"]
        return bits if peer.epoch else bits & ~OPTIONS["XSEQ"]

    def has(self, name):
        return bool(self.agreed() & OPTIONS[name])

    def sums(self, flags):
        """Does XSEQ take part in the checksum; is it of the header only?"""
        if flags & (SYN | RST):
            return False, False
        return self.has("XSEQ"), self.has("CKSUM_HDR")

    # ---- segments of the kernel ----

    def show(self, way, flags, seq, ack, keys, data=b""):
        words = [way, ",".join(name for name, bit in FLAGS.items() if flags & bit),
                 str(seq), "-" if ack is None else str(ack)]
        words += [f"{key} {value}" for key, value in keys.items() if value is not None]
        if data:
            words.append(show_data(data))
        return " ".join(words)

    def relative(self, lives, number):
        return number - lives[-1].base if lives else f"={number & 0xffff}"

    def show_frame(self, frame):
        seg, keys = frame.seg, {"credit": frame.credit}
        if seg.flags & SYN:
            keys = dict(zip(("window", "size"), seg.var))
            keys["options"] = rrdpseg.names(seg.var[2], OPTIONS)
            keys["epoch"] = seg.var[3] << 16 | seg.var[4]
        elif frame.eacks:
            keys["eack"] = ",".join(
                "-".join(str(self.relative(self.peer, n)) for n in pair)
                for pair in frame.eacks)
        ack = self.relative(self.peer, frame.ack) if seg.flags & ACK else None
        marks = "" if frame.right else " plain" if frame.plain else " BAD CHECKSUM"
        marks += " again" if frame.repeat else ""
        return self.show(">", seg.flags, self.relative(self.kernel, frame.seq), ack,
                         keys, seg.data) + marks

    def log(self, at, show, *args):
        """To be shown if the case fails."""
        self.trace.append((at, show, args))

    def shown_trace(self):
        return [f"{at - self.start:9.4f} {show(*args)}"
                for at, show, args in sorted(self.trace, key=lambda t: t[0])]

    def read_frame(self, at, octets):
        """The frame, or None if it is of another case."""
        try:
            seg = Segment.parse(octets)
        except ValueError as error:
            raise Wrong(f"no segment: {error}") from error
        if seg.dport != self.peer_port or seg.sport in self.given_up:
            return None
        if seg.sport != self.kernel_port:
            raise Wrong(f"from port {seg.sport}, not {self.kernel_port}")
        if not seg.flags & ACK and seg.ack:
            raise Wrong("acknowledgment number without ACK")

        if seg.flags & RST and seg.var:
            raise Wrong("RST with a variable part")

        peer, kernel = self.session or (self.peer[-1], Life(0))
        seq, ack = kernel.expand(seg.seq), peer.expand(seg.ack)
        xseq, header_only = self.sums(seg.flags)
        secrets = (seq, ack, peer.epoch, kernel.epoch) if xseq else ()
        nodes = PEER, KERNEL
        frame = Frame(
            at, seg, seq, ack,
            seg.sum_right(rrdpseg.pseudo_header(nodes, secrets), header_only),
            seg.sum_right(rrdpseg.pseudo_header(nodes), header_only))
        if not seg.flags & (SYN | RST):
            self.read_words(frame)
        return frame

    def read_words(self, frame):
        words = list(frame.seg.var)
        if frame.right and self.has("CREDIT") and words:
            frame.credit = words.pop(0)
        peer = self.session[0] if self.session else self.peer[-1]
        words = [peer.expand(word) for word in words]
        if self.has("EACKR"):
            if len(words) % 2:
                raise Wrong("EACK list with half a pair")
            frame.eacks = tuple(zip(words[::2], words[1::2]))
        else:
            frame.eacks = tuple((word, word) for word in words)

    def admit(self, frame):
        """Looks at what must never be; knows then whether it was sent before."""
        seg = frame.seg
        if not frame.sequenced:
            return
        contents = seg.flags & (SYN | NUL | MORE), seg.data
        kind = seg.flags & (SYN | ACK) if seg.flags & SYN else 0
        key = kind, frame.seq & 0xffff if kind else frame.seq
        if seg.flags & SYN:
            contents = seg.var
            # A new connection may have the same number.
            if key in self.sent and self.sent[key] != contents:
                del self.sent[key]
        frame.repeat = key in self.sent
        if frame.repeat and self.sent[key] != contents:
            raise Wrong("sent again with other contents: " + self.show_frame(frame))
        self.sent[key] = contents
        if not kind and self.session:
            self.check_number(frame)

    def check_number(self, frame):
        """Data or NUL of an open connection."""
        peer, kernel = self.session
        if frame.at > self.acked.get(frame.seq, float("inf")):
            raise Wrong("sent again though acknowledged: " + self.show_frame(frame))
        una = kernel.base + 1
        while una in self.acked:
            una += 1
        if frame.repeat:
            return
        if frame.seg.flags & NUL and una != frame.seq:
            raise Wrong("not idle: " + self.show_frame(frame))
        if frame.seq >= una + min(peer.window, WINDOW_MAX):
            raise Wrong("beyond the window: " + self.show_frame(frame))
        if self.has("CREDIT") and frame.seq > max(self.edge, una):
            raise Wrong("beyond the credit: " + self.show_frame(frame))
        kernel.high = max(kernel.high, frame.seq)

    def look(self):
        """Takes the frames that have come off the wire."""
        for at, octets in self.link.frames():
            frame = self.read_frame(at, octets)
            if not frame:
                continue
            self.admit(frame)
            self.log(at, self.show_frame, frame)
            self.frames.append(frame)
            if self.answer and frame.sequenced:
                self.inject(self.answer)

    def next_frame(self, deadline):
        """The next one, None if there is none until then."""
        poll = select.poll()
        poll.register(self.link, select.POLLIN)
        while not self.frames:
            left = deadline - time.time()
            if left <= 0:
                self.look()
                break
            poll.poll(left * 1000 + 1)
            self.look()
        return self.frames.pop(0) if self.frames else None

    def wait(self, sock, events, limit):
        """Until a socket is ready, or gives up; the wire is looked at meanwhile."""
        deadline = time.time() + limit
        poll = select.poll()
        poll.register(self.link, select.POLLIN)
        poll.register(sock, events)
        while True:
            ready = dict(poll.poll(max(0, deadline - time.time()) * 1000 + 1))
            if self.link.fileno() in ready:
                self.look()
            if sock.fileno() in ready:
                return
            if time.time() > deadline:
                raise Wrong("the socket was not ready in time")

    # ---- segments of the peer ----

    def numbers(self, line):
        """SEQ and ACK of a line, in 64 bits."""
        return (line.number_of(line.seq, self.peer),
                line.number_of(line.ack, self.kernel or [Life()]))

    def octets_of(self, line):
        """The segment that a line stands for."""
        keys, (seq, ack) = line.keys, self.numbers(line)
        ack = ack or 0
        seg = Segment(line.flags, self.peer_port, self.kernel_port, seq & 0xffff,
                      ack & 0xffff, self.var_of(line), line.data,
                      version=line.integer("version", rrdpseg.VERSION))
        xseq, header_only = self.sums(line.flags)
        secrets = ()
        if xseq and "plain" not in keys:
            secrets = (seq + (line.integer("wrap", 0) << 16),
                       ack + (line.integer("ackwrap", 0) << 16),
                       self.session[0].epoch, self.session[1].epoch)
        octets = bytearray(seg.octets(rrdpseg.pseudo_header((PEER, KERNEL), secrets),
                                      header_only))
        if "length" in keys:
            octets[6:8] = struct.pack(">H", int(keys["length"]))
        if "badsum" in keys:
            octets[12] ^= 0x40
        return bytes(octets)

    def inject(self, line):
        octets, (seq, ack) = self.octets_of(line), self.numbers(line)
        # A later one may follow at once.
        if line.flags & NUL or line.data:
            self.peer[-1].high = max(self.peer[-1].high, seq)
        now = time.time()
        # Nothing is expected because of an answer.
        if line is not self.answer:
            self.injected = self.floor = now
        self.log(now, self.show, "<", line.flags, self.relative(self.peer, seq),
                 None if ack is None else self.relative(self.kernel, ack), line.keys,
                 line.data)
        self.link.send(octets)
        self.settled = time.time() + CROSSING
        if ack is not None and self.kernel and self.session[1] is self.kernel[-1] and \
                not line.flags & RST and \
                not {"badsum", "wrap", "ackwrap", "plain"} & line.keys.keys():
            self.note_ack(line, ack)

    def flood(self, line, count):
        """The same many times, at once."""
        octets = self.octets_of(line)
        for _ in range(count):
            self.link.send(octets)

    def var_of(self, line):
        keys = line.keys
        if "words" in keys:
            return tuple(int(word) for word in keys["words"].split(","))
        if line.flags & SYN:
            peer = self.peer[-1]
            bits = options(keys["options"]) if "options" in keys else peer.options
            epoch = line.integer("epoch", peer.epoch)
            base = "base" in keys or not epoch
            return (line.integer("window", peer.window), line.integer("size", peer.size),
                    bits) + (() if base else (epoch >> 16, epoch & 0xffff))
        words = []
        if self.has("CREDIT") and not line.flags & RST and "plain" not in keys:
            words.append(line.integer("credit", self.credit))
        for first, last in line.eacks():
            base = self.kernel[-1].base
            if self.has("EACKR"):
                words += [base + first & 0xffff, base + last & 0xffff]
            else:
                words += [base + n & 0xffff for n in range(first, last + 1)]
        return tuple(words)

    def note_ack(self, line, ack):
        """What the kernel may not send again, and how far it may go."""
        kernel = self.kernel[-1]
        if ack > kernel.high or line.flags & SYN:
            return
        numbers = set(range(kernel.base, ack + 1))
        for first, last in line.eacks():
            numbers.update(range(kernel.base + first,
                                 min(kernel.base + last, kernel.high) + 1))
        for number in numbers:
            self.acked.setdefault(number, self.settled)
        if self.has("CREDIT"):
            self.edge = max(self.edge, ack + line.integer("credit", self.credit))

    def learn(self, frame, new):
        """The kernel's SYN."""
        seg = frame.seg
        if new or not self.kernel:
            self.kernel.append(Life(seg.seq, seg.var[3] << 16 | seg.var[4], seg.var[2]))
            self.session = self.peer[-1], self.kernel[-1]
            self.sent = {key: was for key, was in self.sent.items() if key[0]}
            self.acked = {}
            self.edge = self.kernel[-1].base + min(CREDIT_INIT, self.peer[-1].window)
        kernel = self.kernel[-1]
        frame.seq = kernel.expand(seg.seq)
        # In SYN,ACK; the numbers of both are known from here on.
        frame.ack = self.peer[-1].expand(seg.ack)
