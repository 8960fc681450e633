# SPDX-License-Identifier: GPL-2.0
"""What tshark makes of RRDP frames, right and wrong, with our dissector.

Run by wireshark.t, which puts tshark into PATH.
"""
import itertools
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "selftests/net"))
from tap import Tap  # noqa: E402 # pylint: disable=wrong-import-position

SCRIPT = TOP / "tools/wireshark/rrdp.lua"
SYN, ACK, EACK, RST, NUL, MORE = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04
SEQUENCED, CKSUM_HDR, XSEQ, CREDIT, OPT_MORE, EACKR = (1 << n for n in range(6))
RRDP, RESOLVE = 0x88B5, 0x88B6
BAD, GOOD, UNVERIFIED = "0", "1", "2"

FIELDS = """frame.number frame.protocols _ws.malformed _ws.expert.message _ws.col.Info
    rrdp.flags rrdp.flags.syn rrdp.flags.ack rrdp.flags.eack rrdp.flags.rst
    rrdp.flags.nul rrdp.flags.more rrdp.version rrdp.hlen rrdp.srcport rrdp.dstport
    rrdp.len rrdp.seq rrdp.ack rrdp.checksum rrdp.checksum.status rrdp.syn.max_out
    rrdp.syn.max_size rrdp.syn.options rrdp.option.sequenced rrdp.option.cksum_hdr
    rrdp.option.xseq rrdp.option.credit rrdp.option.more rrdp.option.eackr rrdp.syn.epoch
    rrdp.credit rrdp.eack rrdp.eack.first rrdp.eack.last rrdp.word rrdp.data rrdp.train
    rrdp.padding rrdp_resolve.op rrdp_resolve.sender rrdp_resolve.target""".split()

MALFORMED = {"short": "Shorter than a header", "version": "Unknown version",
             "hlen": "Impossible header length", "flags": "Flags that exclude each other",
             "len": "Data where none may be, or more than the frame holds",
             "words": "Words that no option explains"}


# ---- frames ----

def mac(node):
    return bytes((2, 0, 0, 0, 0, node))


def ether(source, destination, payload, kind=RRDP):
    return mac(destination) + mac(source) + struct.pack(">H", kind) + payload


def complement(data, total=0):
    """RFC 1071."""
    data += bytes(len(data) % 2)
    total += sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def words(number):
    return sum(number >> shift & 0xFFFF for shift in (0, 16, 32, 48))


class End:
    """One end of a connection, as it numbers and sums its segments."""

    def __init__(self, node, port, seq, options, epoch):
        self.node, self.port, self.options, self.epoch = node, port, options, epoch
        self.seq = 1 << 16 | seq
        self.peer = None

    def segment(self, flags, var=b"", data=b"", seq=None, plain=False):
        """A segment; @seq has 64 bits."""
        seq = self.seq if seq is None else seq
        ack = self.peer.seq if flags & ACK else 0
        head = struct.pack(">BBHHHHH", flags | 1, 7 + len(var) // 2, self.port,
                           self.peer.port, len(data), seq & 0xFFFF, ack & 0xFFFF)
        both = self.options & self.peer.options
        total = self.node + self.peer.node
        if both & XSEQ and not plain and not flags & (SYN | RST):
            total += sum(words(n) for n in (self.epoch, self.peer.epoch, seq >> 16, ack >> 16))
        covered = b"" if both & CKSUM_HDR else data
        check = complement(head + b"\0\0" + var + covered, total)
        return ether(self.node, self.peer.node,
                     head + struct.pack(">H", check) + var + data)

    def syn(self, flags=0):
        var = struct.pack(">HHHI", 100, 1500, self.options, self.epoch)
        return self.segment(SYN | flags, var)

    def next(self, flags, **more):
        """The next segment that takes a number."""
        self.seq += 1
        return self.segment(flags, **more)


def connection(options, seq=77, ports=(5000, 100), epochs=(0xABCD1234, 0x5678)):
    """Two ends, and the SYNs that they exchange."""
    one = End(1, ports[0], seq, options, epochs[0])
    two = End(2, ports[1], 200, options, epochs[1])
    one.peer, two.peer = two, one
    return one, two, [one.syn(), two.syn(ACK)]


def credit(number, *more):
    return struct.pack(f">{1 + len(more)}H", number, *more)


# ---- tshark ----

def ordinary_user():
    """Words that leave of root only its access to files: root's environment is ignored."""
    if os.getuid():
        return []
    caps = "+dac_override"
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            f"--inh-caps={caps}", f"--ambient-caps={caps}", "--"]


def tshark(path, *options):
    program = pathlib.Path(shutil.which("tshark"))
    env = dict(os.environ, HOME="/nonexistent", LC_ALL="C.UTF-8",
               WIRESHARK_DATA_DIR=str(program.parent.parent / "share/wireshark"))
    done = subprocess.run([*ordinary_user(), program, "-n", "-X", f"lua_script:{SCRIPT}",
                           "-r", path, *options], env=env, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit(f"Bail out! tshark: {done.stdout}")
    return done.stdout


class Capture:
    """Frames, the first @kept octets of each, and what tshark says of them."""

    NODES = ("-o", "rrdp.nodes:02:00:00:00:00:01=1, 02:00:00:00:00:02=2")

    def __init__(self, frames, kept=()):
        with tempfile.NamedTemporaryFile(suffix=".pcap", delete=False) as self.file:
            self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for frame, size in itertools.zip_longest(frames, kept):
                start = frame[:size]
                self.file.write(struct.pack("<IIII", 0, 0, len(start), len(frame)) + start)
        os.chmod(self.file.name, 0o644)

    def text(self, *options):
        return tshark(self.file.name, *options)

    def rows(self, *options, nodes=True):
        """A dictionary of fields for each frame."""
        words_of = [word for field in FIELDS for word in ("-e", field)]
        out = self.text("-T", "fields", "-E", "separator=/t", "-E", "aggregator=;", *words_of,
                        *(self.NODES if nodes else ()), *options)
        rows = [line.split("\t") for line in out.splitlines()]
        return [dict(zip(FIELDS, row)) for row in rows]

    def close(self):
        os.unlink(self.file.name)


# Rows that tell of an error of the script, in any of the tests.
errors = []


def look(frames, *options, nodes=True, kept=()):
    capture = Capture(frames, kept)
    rows = capture.rows(*options, nodes=nodes)
    capture.close()
    errors.extend(row for row in rows if "Lua" in row["_ws.expert.message"])
    return rows


def differences(row, wanted):
    return [f"{name}: {row.get(name.replace('__', '.'))!r}, wanted {value!r}"
            for name, value in wanted.items()
            if row.get(name.replace("__", ".")) != str(value)]


def is_malformed(row):
    return any(text in row["_ws.expert.message"] for text in MALFORMED.values())


# ---- tests ----

def each_kind():
    """Name, frame, and fields, of each kind of segment of one connection."""
    one, two, syns = connection(SEQUENCED | XSEQ | CREDIT | OPT_MORE | EACKR)
    yield "SYN", syns[0], {
        "rrdp.flags.syn": 1, "rrdp.flags.ack": 0, "rrdp.version": 1, "rrdp.hlen": 12,
        "rrdp.srcport": 5000, "rrdp.dstport": 100, "rrdp.len": 0, "rrdp.seq": 77,
        "rrdp.syn.max_out": 100, "rrdp.syn.max_size": 1500, "rrdp.syn.options": "0x003d",
        "rrdp.option.sequenced": 1, "rrdp.option.cksum_hdr": 0, "rrdp.option.xseq": 1,
        "rrdp.option.credit": 1, "rrdp.option.more": 1, "rrdp.option.eackr": 1,
        "rrdp.syn.epoch": "0xabcd1234", "_ws.col.Info": "5000 → 100 [SYN] Seq=77 Len=0"}
    yield "SYN,ACK", syns[1], {
        "rrdp.flags.syn": 1, "rrdp.flags.ack": 1, "rrdp.seq": 200, "rrdp.ack": 77,
        "rrdp.syn.epoch": "0x00005678"}
    yield "ACK", one.segment(ACK, credit(16)), {
        "rrdp.flags.syn": 0, "rrdp.flags.ack": 1, "rrdp.hlen": 8, "rrdp.credit": 16,
        "rrdp.eack.first": "", "rrdp.data": "", "rrdp.word": "",
        "_ws.col.Info": "5000 → 100 [ACK] Seq=77 Ack=200 Len=0 Credit=16"}
    yield "data", one.next(ACK, var=credit(15), data=b"hello"), {
        "rrdp.flags.more": 0, "rrdp.len": 5, "rrdp.credit": 15, "rrdp.data": b"hello".hex()}
    yield "MORE", two.next(ACK | MORE, var=credit(15), data=b"part"), {
        "rrdp.flags.more": 1, "rrdp.data": b"part".hex()}
    yield "EACK", two.segment(ACK | EACK, credit(9, 80, 82, 84, 84)), {
        "rrdp.flags.eack": 1, "rrdp.credit": 9, "rrdp.eack.first": "80;84",
        "rrdp.eack.last": "82;84", "rrdp.eack": "", "rrdp.word": ""}
    yield "NUL", one.next(ACK | NUL, var=credit(3)), {"rrdp.flags.nul": 1, "rrdp.credit": 3}
    yield "answer to a SYN of another incarnation", two.segment(ACK, plain=True), {
        "rrdp.hlen": 7, "rrdp.credit": "", "rrdp.word": ""}
    yield "RST", one.next(RST), {"rrdp.flags.rst": 1, "rrdp.hlen": 7}


def resolution():
    for op, (name, info) in enumerate((
            ("request", "Who has node 2? Tell node 1"),
            ("reply", "Node 1 is at 02:00:00:00:00:01"),
            ("announcement", "Node 1 is at 02:00:00:00:00:01 (announcement)")), 1):
        frame = ether(1, 2, struct.pack(">HII", op, 1, 2), RESOLVE)
        yield name, frame, {"rrdp_resolve.op": op, "rrdp_resolve.sender": 1,
                            "rrdp_resolve.target": 2, "_ws.col.Info": info}


def test_kinds(tap):
    kinds = list(each_kind())
    rows = look([frame for _, frame, _ in kinds])
    for row, (name, _, wanted) in zip(rows, kinds):
        wanted = dict(wanted, **{"rrdp.checksum.status": GOOD, "_ws.expert.message": ""})
        tap.flawless(name, differences(row, wanted))

    rows = look([frame for _, frame, _ in kinds], nodes=False)
    tap.flawless("no checksum is verified without nodes", [
        row for row in rows if row["rrdp.checksum.status"] != UNVERIFIED])
    # Fields that need no connection are the same without it.
    row = look([frame for name, frame, _ in kinds if name == "EACK"])[0]
    tap.flawless("a segment without SYNs", differences(row, {
        "rrdp.word": "9;80;82;84;84", "rrdp.credit": "", "_ws.expert.message": "",
        "rrdp.checksum.status": UNVERIFIED}))

    kinds = list(resolution())
    rows = look([frame for _, frame, _ in kinds])
    for row, (name, _, wanted) in zip(rows, kinds):
        tap.flawless(f"node resolution: {name}",
                     differences(row, dict(wanted, **{"_ws.expert.message": ""})))


def test_options(tap):
    one, two, frames = connection(SEQUENCED)
    frames += [one.segment(ACK, plain=True), two.segment(ACK | EACK, credit(80, 82)),
               one.segment(ACK, credit(7))]
    rows = look(frames)
    tap.flawless("no credit, no ranges", differences(rows[3], {
        "rrdp.eack": "80;82", "rrdp.credit": "", "rrdp.checksum.status": GOOD}))
    tap.flawless("a credit that nobody offered", differences(rows[4], {
        "rrdp.word": 7, "rrdp.credit": "", "_ws.expert.message": MALFORMED["words"]}))

    one, two, frames = connection(SEQUENCED | EACKR | CKSUM_HDR)
    frames += [two.segment(ACK | EACK, credit(80, 81, 84)), one.next(ACK, data=b"odd")]
    altered = bytearray(frames[-1])
    altered[-1] ^= 1
    rows = look([*frames, bytes(altered)])
    tap.flawless("half a range", differences(rows[2], {
        "rrdp.eack.first": 80, "rrdp.eack.last": 81, "rrdp.word": 84,
        "_ws.expert.message": MALFORMED["words"]}))
    tap.is_("a checksum over the header", [row["rrdp.checksum.status"] for row in rows[3:]],
            [GOOD, GOOD])

    one, two, frames = connection(SEQUENCED)
    other = connection(SEQUENCED | CREDIT, seq=9000, epochs=(1, 2))
    frames += [one.segment(ACK), *other[2], other[0].segment(ACK, credit(5))]
    rows = look(frames)
    tap.is_("another incarnation has options of its own", rows[-1]["rrdp.credit"], "5")
    tap.is_("all of them are right", {row["rrdp.checksum.status"] for row in rows}, {GOOD})

    one, two, _ = connection(0)
    rows = look([one.segment(SYN, struct.pack(">HHH", 9, 576, 0)), one.segment(RST)])
    tap.flawless("a SYN of RFC 908, without epoch", differences(rows[0], {
        "rrdp.hlen": 10, "rrdp.syn.max_out": 9, "rrdp.syn.max_size": 576,
        "rrdp.syn.options": "0x0000", "rrdp.syn.epoch": "", "_ws.expert.message": "",
        "rrdp.checksum.status": GOOD}))
    one, two, frames = connection(SEQUENCED | 0x8000)
    tap.is_("an option of the future", look(frames)[0]["_ws.expert.message"],
            "Options that are not known")


def test_wrap(tap):
    """The upper bits of the numbers, which are in no frame, are in the checksum."""
    one, two, frames = connection(SEQUENCED | XSEQ | CREDIT, seq=65000)
    for n in range(70):
        one.seq += 999
        frames += [one.segment(ACK, credit(n), b"x"), two.segment(ACK, credit(n))]
    rows = look(frames)
    tap.is_("numbers wrap", {row["rrdp.checksum.status"] for row in rows}, {GOOD})
    stale = one.segment(ACK, credit(69), b"x", seq=one.seq - 0x10000)
    tap.is_("a copy that is late by a whole wrap",
            look([*frames, stale])[-1]["rrdp.checksum.status"], BAD)


def test_data(tap):
    one, two, frames = connection(SEQUENCED | OPT_MORE, ports=(5000, 4789))
    inner = ether(7, 8, bytes(46), 0x0800)
    tunnel = struct.pack(">II", 0x08000000, 42 << 8) + inner
    frames += [one.next(ACK, data=tunnel), one.next(ACK | MORE, data=tunnel),
               one.next(ACK, data=tunnel), two.next(ACK, data=tunnel)]
    kinds = [":vxlan:eth:" in row["frame.protocols"] for row in look(frames)]
    tap.is_("frames of vmnet, whole ones", kinds, [False, False, True, False, False, True])

    one, _, frames = connection(SEQUENCED)
    frames += [one.next(ACK, data=b"x") + bytes(31), one.next(ACK, data=bytes(100)) + bytes(100)]
    rows = look(frames)
    tap.flawless("padding", differences(rows[2], {
        "rrdp.padding": bytes(31).hex(), "rrdp.train": "", "rrdp.checksum.status": GOOD}))
    tap.flawless("a train", differences(rows[3], {
        "rrdp.train": bytes(100).hex(), "rrdp.padding": "",
        "rrdp.checksum.status": UNVERIFIED, "_ws.expert.message": ""}))


def test_malformed(tap):
    """Each kind of fault, as the kernel finds it."""
    one, _, syns = connection(SEQUENCED)

    def faulty(frame, offset, value):
        return frame[:14 + offset] + bytes([value]) + frame[15 + offset:]

    ack = one.segment(ACK)
    cases = {
        "version": [faulty(ack, 0, ACK | 2)],
        "hlen": [faulty(ack, 1, 6), faulty(ack, 1, 8), faulty(syns[0], 1, 9)],
        "flags": [faulty(ack, 0, flags | 1) for flags in (
            0, EACK, SYN | RST, SYN | NUL, SYN | EACK, SYN | MORE, RST | EACK, RST | MORE,
            NUL, ACK | NUL | EACK, ACK | NUL | MORE, MORE)],
        "len": [faulty(ack, 7, 1), one.segment(ACK | NUL, data=b"x"),
                one.segment(RST, data=b"x")],
        "short": [ack[:27]],
    }
    for name, frames in cases.items():
        # A SYN has a longer header before its flags are judged.
        frames = [frame + bytes(12) if name == "flags" else frame for frame in frames]
        frames = [faulty(frame, 1, 12) if name == "flags" else frame for frame in frames]
        found = [row["_ws.expert.message"] for row in look(frames)]
        tap.is_(f"malformed: {MALFORMED[name]}", found, [MALFORMED[name]] * len(frames))

    frames = [ether(1, 2, struct.pack(">HII", *values), RESOLVE)
              for values in ((0, 1, 2), (4, 1, 2), (1, 0, 2))]
    tap.is_("malformed: node resolution", [row["_ws.expert.message"] for row in look(frames)],
            ["Unknown operation"] * 2 + ["A node without a number"])


def test_cuts(tap):
    kinds = [*each_kind(), *resolution()]
    cut = [(name, frame[:size]) for name, frame, _ in kinds for size in range(15, len(frame))]
    faults = [f"{name}, {len(frame)} octets: {row['_ws.expert.message']!r}"
              for (name, frame), row in zip(cut, look([frame for _, frame in cut]))
              if not is_malformed(row) and "Shorter than 10" not in row["_ws.expert.message"]]
    tap.flawless(f"{len(cut)} frames that are cut short are malformed", faults)

    cut = [(frame, size) for _, frame, _ in each_kind() for size in range(15, len(frame))]
    rows = look([frame for frame, _ in cut], kept=[size for _, size in cut])
    faults = [f"{size} octets: {row['_ws.expert.message']!r}"
              for row, (_, size) in zip(rows, cut) if is_malformed(row)]
    tap.flawless("where only the capture is cut they are not", faults)


def test_flips(tap):
    """One bit is wrong in the middle of a connection that goes on."""
    kinds = list(each_kind())
    whole = [frame for _, frame, _ in kinds]
    frames, flipped = list(whole), []
    for name, frame, _ in kinds:
        for bit in range(14 * 8, len(frame) * 8):
            altered = bytearray(frame)
            altered[bit // 8] ^= 0x80 >> bit % 8
            flipped.append((name, bit - 14 * 8))
            frames.append(bytes(altered))
    # What was altered has taught nothing.
    frames += whole
    rows = look(frames)
    faults = []
    for (name, bit), row in zip(flipped, rows[len(whole):]):
        status = row["rrdp.checksum.status"]
        # It may look like another connection, of which nothing is known.
        ports = 16 <= bit < 48
        if not is_malformed(row) and status != BAD and not (ports and status == UNVERIFIED):
            faults.append(f"{name}, bit {bit}: {row}")
    tap.flawless(f"{len(flipped)} flipped bits are seen", faults)
    tap.is_("and do no harm", [row["rrdp.checksum.status"] for row in rows[-len(whole):]],
            [GOOD] * len(whole))
    tap.is_("a second look finds the same", look(frames, "-2"), rows)


def test_errors(tap):
    """No frame, whatever it is, makes the script fail."""
    rng = random.Random(908)
    frames = []
    for _ in range(3000):
        payload = bytearray(rng.randbytes(rng.randrange(80)))
        if payload and rng.random() < 0.8:
            payload[0] = payload[0] & 0xFC | 1
        if len(payload) > 6 and rng.random() < 0.8:
            payload[1:7] = bytes((rng.randrange(7, 20), 0, rng.randrange(3), 0,
                                  rng.randrange(3), 0))
        frames.append(ether(1, 2, bytes(payload), rng.choice((RRDP, RRDP, RESOLVE))))
    frames += [frame for _, frame, _ in each_kind()]
    for options in ((), ("-2",), Capture.NODES):
        capture = Capture(frames)
        out = capture.text("-V", *options)
        capture.close()
        tap.is_(f"no error of the script {' '.join(options[:1])}".rstrip(),
                [line for line in out.splitlines() if "Lua" in line][:3], [])


def test_preferences(tap):
    _, _, frames = connection(SEQUENCED)
    moved = [frame[:12] + b"\x99\x99" + frame[14:] for frame in frames]
    tap.is_("another EtherType",
            [row["rrdp.seq"] for row in look(moved + frames, "-o", f"rrdp.ethertype:{0x9999}")],
            ["77", "200", "", ""])
    frame = ether(1, 2, struct.pack(">HII", 1, 1, 2), 0x9998)
    tap.is_("and of node resolution",
            look([frame], "-o", f"rrdp_resolve.ethertype:{0x9998}")[0]["rrdp_resolve.op"], "1")
    tap.is_("nodes that are none", look(frames, "-o", "rrdp.nodes:what=x, =,")[0][
        "rrdp.checksum.status"], UNVERIFIED)


def main():
    tap = Tap()
    for test in (test_kinds, test_options, test_wrap, test_data, test_malformed, test_cuts,
                 test_flips, test_preferences, test_errors):
        test(tap)
    tap.flawless("nor was there any before", errors)
    print(f"1..{tap.count}")
    sys.exit(tap.failed > 0)


if __name__ == "__main__":
    main()
