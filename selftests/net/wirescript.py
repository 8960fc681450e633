# SPDX-License-Identifier: GPL-2.0
"""Scripts of what is injected into a wire and expected from it.

One end of the wire is the kernel with its sockets, the other is the script,
which speaks of "the peer". A script has cases, which have lines; # begins a
comment. Each case has ports of its own.

    < FLAGS SEQ ACK [credit N] [eack LIST] [DATA]   the peer sends this
    > FLAGS SEQ ACK [credit N] [eack LIST] [DATA]   the kernel sends this next
    > nothing [MS]                                  the kernel sends nothing
    > again MS                                      nothing that is new
    > any                                           whatever comes next

FLAGS have commas between them, LIST has commas and ranges. DATA is a "text" or
*N, N octets of a pattern, *N@M of it from octet M on. Numbers count from the SYN
of whoever sends them, whose own is 0; "-" is none, "+" the next one, "." the last
one sent, =N the number N itself, old+N that of an earlier life of the same end.

What is not said has defaults: ports, what a SYN offers, and the credit, which
is in a segment of the kernel if and only if it was agreed on. The checksum is
always checked. Of a segment that is sent may also be said

    window N, size N, options LIST, epoch N, base   of a SYN; base: without epoch
    version N, length N, words LIST, badsum         as no segment should be
    plain                                           XSEQ takes no part in the sum
    wrap N, ackwrap N                               the sum is that of N wraps later

and of one that is expected

    after MS        not earlier after what went before
    again           sent before
    next            with "again": no other that is sent again is passed over
    plain           as above, and without a credit
    new             a SYN of a new connection, whose numbers begin with it

It is also wrong, whenever it happens, to send again what was acknowledged by ACK
or EACK, to send a number again with other contents, a NUL while anything is
unacknowledged, and more than the peer's window or credit allows, but for a probe.

    peer [iss N] [epoch N] [window N] [size N] [options LIST] [credit N] [base]
    flood N < ...   the same many times
    restart         the peer has forgotten everything: another epoch, numbers
    each < ...      from now on the peer answers thus to all with a number; or
                    "nothing"

    listen | connect [dead MS] [options LIST] [rcvbuf N]; connect wrap: with
                    a first number little below the wrap
    unpredictable N so many connects: neither number nor epoch tells the next one
    open | dial     the same and the whole handshake, and accept
    accept, connected, failed ERROR, close, shutdown, deadtime MS
    batch DATA...   messages that leave together
    send DATA [ERROR], recv DATA | end | nothing | ERROR
    options LIST, msgsize N
    count NAME N    a counter has grown by N in this case
    limited NAME N  by about N in a second since "mark"
    skip N          the next number of the peer is larger by N
    pump N          messages until the kernel's next number is =N; counts anew
    mark, elapsed MS
    sleep MS        also from looking at the wire
    slow MS         from now on what the kernel sends waits in its device for so long
    repeat N ... done
"""

import dataclasses
import errno
import re
import select
import socket
import time

import rrdpseg
import rrdpsock
from rrdpseg import FLAGS, OPTIONS, RST, SYN
from wireline import WINDOW, Life, Line, Wrong, data_of, options, show_data
from wirepeer import PEER, Peer

# How long a loaded machine may take for what happens at once, seconds.
LIMIT = 10
# And how long before we see what has happened.
SEEN_LATE = 0.05
HANDSHAKE = {
    "open": ("listen {}", "< SYN 0 -", "> SYN,ACK 0 0", "< ACK 1 0", "accept"),
    "dial": ("connect {}", "> SYN 0 -", "< SYN,ACK 0 0", "> ACK 1 0", "connected"),
}


class Script(Peer):
    """A case that runs."""

    marked = 0

    # ---- what is expected ----

    def differences(self, frame, line):
        """What is not as expected."""
        seg, keys = frame.seg, line.keys
        wrong = []

        def compare(what, got, wanted):
            if got != wanted:
                wrong.append(f"{what} {got}, wanted {wanted}")

        compare("flags", rrdpseg.names(seg.flags, FLAGS), rrdpseg.names(line.flags, FLAGS))
        if wrong:
            return wrong
        if seg.flags & SYN:
            self.learn(frame, "new" in keys)
        self.compare_numbers(frame, line, compare)
        if seg.data != line.data:
            compare("data", show_data(seg.data), show_data(line.data) + " exactly")
        if seg.flags & SYN:
            compare("words", len(seg.var), 5)
            compare("offer", (seg.var[0], seg.var[1], rrdpseg.names(seg.var[2], OPTIONS)),
                    (WINDOW, 1500, rrdpseg.names(self.offered, OPTIONS)))
            compare("epoch", seg.var[3] << 16 | seg.var[4], self.kernel[-1].epoch or "any")
        else:
            self.compare_words(frame, line, compare)
        compare("plain" if "plain" in keys else "checksum",
                frame.plain if "plain" in keys else frame.right, True)
        if "after" in keys:
            compare("in time", frame.at >= self.floor + float(keys["after"]) / 1000 - 0.0002,
                    True)
        return wrong

    def passed(self, frame, line):
        """The kernel saw this event before we did, but when at the earliest?"""
        self.floor = max(self.floor + float(line.keys.get("after", 0)) / 1000,
                         frame.at - SEEN_LATE)

    def compare_numbers(self, frame, line, compare):
        wanted = line.number_of(line.seq, self.kernel or [Life(0)])
        compare("SEQ", frame.seg.seq, wanted & 0xffff)
        if line.ack != "-":
            compare("ACK", frame.seg.ack, line.number_of(line.ack, self.peer) & 0xffff)
        compare("again", frame.repeat, "again" in line.keys)

    def compare_words(self, frame, line, compare):
        base = self.peer[-1].base
        wanted = tuple((base + first, base + last) for first, last in line.eacks())
        if not self.has("EACKR"):
            wanted = tuple((n, n) for first, last in wanted for n in range(first, last + 1))
        compare("EACK list", tuple((a - base, b - base) for a, b in frame.eacks),
                tuple((a - base, b - base) for a, b in wanted))
        credit = self.has("CREDIT") and not line.flags & RST and "plain" not in line.keys
        compare("has credit", frame.credit is not None, credit)
        if credit and "credit" in line.keys:
            least, _, most = line.keys["credit"].partition("-")
            if not int(least) <= frame.credit <= int(most or least):
                compare("credit", frame.credit, line.keys["credit"])

    def passed_over(self, frame, line):
        """Left before what it would answer, or is part of what is expected."""
        if frame.repeat:
            if "again" not in line.keys or frame.at < self.injected:
                return True
            lives = self.kernel or [Life()]
            return "next" not in line.keys and \
                frame.seg.seq != line.number_of(line.seq, lives) & 0xffff
        if not frame.bare or line.ack == "-":
            return False
        return frame.ack < (line.number_of(line.ack, self.peer) or 0)

    def expect(self, line):
        deadline = time.time() + LIMIT + float(line.keys.get("after", 0)) / 1000
        while True:
            frame = self.next_frame(deadline)
            if not frame:
                raise Wrong("nothing came")
            if not self.passed_over(frame, line):
                break
        wrong = self.differences(frame, line)
        if wrong:
            raise Wrong("; ".join(wrong))
        self.passed(frame, line)

    def expect_nothing(self, limit, repeats=False):
        deadline = time.time() + limit
        while True:
            frame = self.next_frame(deadline)
            if not frame:
                return
            if not frame.repeat or (not repeats and frame.at > self.settled):
                raise Wrong("unexpected: " + self.show_frame(frame))

    # ---- other lines: do_NAME(arguments) ----

    @property
    def sock(self):
        if not self.sockets:
            raise Wrong("no socket")
        return self.sockets[-1]

    def new_socket(self, args):
        """Options of listen and connect."""
        given = dict(zip(args[::2], args[1::2]))
        sock = rrdpsock.Socket()
        self.offered = options(given.get("options", "default"))
        sock.option(rrdpsock.SO_OPTIONS, self.offered)
        # No keepalive gets into the way of a case that has none.
        sock.option(rrdpsock.SO_DEADTIME, int(given.get("dead", 600000)))
        if "rcvbuf" in given:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(given["rcvbuf"]))
        self.sockets.append(sock)
        return sock

    def do_peer(self, args):
        given = dict(zip(args[::2], args[1::2]))
        old = self.peer[-1]
        self.credit = int(given.get("credit", self.credit))
        if args[-1] == "base":
            given.update(options="none", epoch=0)
        self.peer[-1] = Life(
            int(given.get("iss", old.iss)), int(given.get("epoch", old.epoch)),
            options(given["options"]) if "options" in given else old.options,
            int(given.get("window", old.window)), int(given.get("size", old.size)))

    def do_restart(self, _):
        old = self.peer[-1]
        self.peer.append(dataclasses.replace(
            old, iss=old.iss + 40000 & 0xffff, epoch=old.epoch and old.epoch + 1))

    def do_each(self, args):
        self.answer = None if args[0] == "nothing" else Line.parse(args[1:])

    def do_flood(self, args):
        self.flood(Line.parse(args[2:]), int(args[0]))

    def do_listen(self, args):
        sock = self.new_socket(args)
        sock.bind_port(self.kernel_port)
        sock.listen(5)

    def do_accept(self, _):
        self.wait(self.sockets[0], select.POLLIN, LIMIT)
        self.sockets.append(self.sockets[0].accept_one())

    def do_connect(self, args):
        if args[:1] == ["wrap"]:
            self.connect_at_wrap(args[1:])
            return
        sock = self.new_socket(args)
        error = sock.connect_to(PEER, self.peer_port)
        if error != errno.EINPROGRESS:
            raise Wrong(f"connect: {errno.errorcode.get(error, error)}")
        self.kernel_port = sock.local_port()
        self.given_up.discard(self.kernel_port)

    def connect_at_wrap(self, args):
        """The kernel's first number is a random one: many tries."""
        for _ in range(5000):
            frame = self.connect_once(args)
            if frame.seg.seq > 65536 - 600:
                self.frames.insert(0, frame)
                return
            self.disconnect()
        raise Wrong("no first number is near the wrap")

    def connect_once(self, args):
        """The SYN of a connection."""
        self.do_connect(args)
        frame = self.next_frame(time.time() + LIMIT)
        if not frame:
            raise Wrong("nothing came")
        return frame

    def disconnect(self):
        """As if the last connection had not been."""
        self.given_up.add(self.kernel_port)
        self.sockets.pop().close()
        self.look()
        self.frames.clear()
        self.sent.clear()
        self.trace.clear()

    def do_unpredictable(self, args):
        count = int(args[0])
        numbers, epochs = [], set()
        for _ in range(count):
            seg = self.connect_once([]).seg
            numbers.append(seg.seq)
            epochs.add(seg.var[3] << 16 | seg.var[4])
            self.disconnect()
        steps = {after - before & 0xffff for before, after in zip(numbers, numbers[1:])}
        # Some of so many out of 65536 may well be the same.
        if min(len(set(numbers)), len(steps), len(epochs)) < 0.9 * count:
            raise Wrong(f"first numbers {numbers}")

    def do_connected(self, _):
        self.wait(self.sock, select.POLLOUT, LIMIT)
        error = self.sock.connected()
        if error:
            raise Wrong(f"not connected: {errno.errorcode[error]}")

    def do_failed(self, args):
        self.wait(self.sock, select.POLLOUT, LIMIT)
        error = self.sock.connected()
        if errno.errorcode.get(error, error) != args[0]:
            raise Wrong(f"connect ended with {errno.errorcode.get(error, error)}")

    def do_close(self, _):
        self.sockets.pop().close()

    def do_shutdown(self, _):
        self.sock.shutdown(socket.SHUT_WR)

    def do_deadtime(self, args):
        self.sock.option(rrdpsock.SO_DEADTIME, int(args[0]))

    def do_send(self, args):
        try:
            self.sock.send(data_of(args[0]), socket.MSG_NOSIGNAL)
            error = "success"
        except OSError as caught:
            error = errno.errorcode[caught.errno]
        wanted = args[1] if len(args) > 1 else "success"
        if error != wanted:
            raise Wrong(f"send: {error}, wanted {wanted}")

    def do_batch(self, args):
        if self.sock.send_all([data_of(arg) for arg in args]) != len(args):
            raise Wrong("not all sent")

    def do_recv(self, args):
        wanted = data_of(args[0]) or args[0]
        if wanted != "nothing":
            self.wait(self.sock, select.POLLIN, 2 * LIMIT)
        try:
            got = self.sock.recv(1 << 17) or "end"
        except BlockingIOError:
            got = "nothing"
        except OSError as caught:
            got = errno.errorcode[caught.errno]
        if got != wanted:
            raise Wrong("recv: " + (got if isinstance(got, str) else show_data(got)))

    def do_options(self, args):
        got = self.sock.value(rrdpsock.SO_OPTIONS)
        if got != options(args[0]):
            raise Wrong(f"{rrdpseg.names(got, OPTIONS)} in force")

    def do_msgsize(self, args):
        got = self.sock.value(rrdpsock.SO_MSGSIZE)
        if got != int(args[0]):
            raise Wrong(f"message size {got}")

    def do_count(self, args):
        name, wanted = args[0], int(args[1])
        deadline = time.time() + LIMIT
        while True:
            got = self.counters()[name] - self.before[name]
            if got == wanted:
                return
            if time.time() > deadline:
                raise Wrong(f"{name}: {got}")
            time.sleep(0.01)

    def do_skip(self, args):
        self.peer[-1].high += int(args[0])

    def do_limited(self, args):
        """At most so many in a second, the first and the last of which are short."""
        name, rate = args[0], int(args[1])
        most = rate * (self.elapsed() + 2)
        got = self.counters()[name] - self.before[name]
        self.look()
        self.frames.clear()
        if not rate / 2 < got < most:
            raise Wrong(f"{name}: {got}, of {most:.0f} at most")

    def do_pump(self, args):
        kernel, wanted = self.kernel[-1], int(args[0])
        answer = Line.parse(["ACK", "+", "."])
        while wanted - kernel.high - 1 & 0xffff:
            first = kernel.high + 1
            self.sock.send(b"x")
            while kernel.high < first:
                if not self.next_frame(time.time() + LIMIT):
                    raise Wrong("nothing came")
            self.inject(answer)
            self.frames.clear()
            self.trace.clear()
        kernel.base = kernel.high
        self.acked = {kernel.base: self.settled}

    def elapsed(self):
        return time.time() - self.marked

    def do_mark(self, _):
        self.marked = time.time()

    def do_elapsed(self, args):
        if self.elapsed() < float(args[0]) / 1000 - 0.001:
            raise Wrong(f"only {self.elapsed():.3f} s")

    def do_sleep(self, args):
        time.sleep(float(args[0]) / 1000)

    def do_slow(self, args):
        self.slow = True
        self.link.slow(args[0])

    # ---- the script ----

    def run_line(self, text):
        tokens = re.findall(r'"[^"]*"|\S+', text)
        first, rest = tokens[0], tokens[1:]
        if first in HANDSHAKE:
            for line in HANDSHAKE[first]:
                self.run_line(line.format(" ".join(rest)))
        elif first == "<":
            # What has left before is judged by what was true then.
            self.look()
            self.inject(Line.parse(rest))
        elif first == ">" and rest[0] == "nothing":
            self.expect_nothing(float(rest[1] if len(rest) > 1 else 50) / 1000)
        elif first == ">" and rest[0] == "again":
            self.expect_nothing(float(rest[1]) / 1000, repeats=True)
        elif first == ">" and rest[0] == "any":
            if not self.next_frame(time.time() + LIMIT):
                raise Wrong("nothing came")
        elif first == ">":
            self.expect(Line.parse(rest))
        elif hasattr(self, "do_" + first):
            getattr(self, "do_" + first)(rest)
        else:
            raise Wrong(f"{first} means nothing")

    def run(self, case):
        """Why it failed: lines, none if it did not."""
        try:
            for number, text in case.lines:
                where = f"{case.file}:{number}: {text}"
                self.run_line(text)
            where = f"{case.file}: at the end"
            self.expect_nothing(0.005, repeats=True)
        except (Wrong, OSError, LookupError, ValueError, TypeError) as error:
            return [where, f"{type(error).__name__}: {error}", *self.shown_trace()[-60:]]
        finally:
            self.end()
        return []

    def end(self):
        """What is still open dies soon."""
        if self.slow:
            self.link.slow(None)
        for sock in self.sockets:
            try:
                sock.option(rrdpsock.SO_DEADTIME, 10)
            except OSError:
                pass
            sock.close()
