#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What vmnet-board says to those who ask badly, and that it then goes on."""

import json
import os
import resource
import socket
import sqlite3
import ssl
import time

from board import OUT, Board, Client, eventually, main, make, metric

D = "/v1/domains/lab"


def check_json(tap, admin):
    put = f"{D}/segments/red"
    for name, body, code in (
            ("no JSON", "{", "bad_json"), ("a number", "7", "bad_json"),
            ("an array", [], "bad_json"), ("text after it", "{} {}", "bad_json"),
            ("two members of a name", '{"vni":1,"vni":2}', "bad_json"),
            ("no UTF-8", b'{"ipv4":"\xff"}', "bad_json"),
            ("a NUL", b'{"ipv4":"1\\u0000"}', "bad_json"),
            ("what is too deep", "[" * 1000 + "]" * 1000, "too_deep"),
            ("what is too large", '{"a":"' + "x" * 100000 + '"}', "too_large"),
            ("an unknown member", {"vni": 1, "color": "red"}, "bad_member"),
            ("no VNI", {}, "bad_member"), ("VNI 0", {"vni": 0}, "bad_member"),
            ("a large VNI", {"vni": 1 << 24}, "bad_member"),
            ("a huge VNI", '{"vni":99999999999999999999}', "bad_json"),
            ("a VNI with a fraction", {"vni": 1.5}, "bad_member"),
            ("a VNI of another kind", {"vni": "1"}, "bad_member"),
            ("no prefix", {"vni": 1, "ipv4": "10.0.0.0"}, "bad_member"),
            ("a long prefix", {"vni": 1, "ipv4": "10.0.0.0/33"}, "bad_member"),
            ("a prefix of the other family", {"vni": 1, "ipv4": "fd00::/64"}, "bad_member"),
            ("all addresses", {"vni": 1, "ipv4": "0.0.0.0/0"}, "bad_member"),
            ("a gateway without prefix", {"vni": 1, "gateway": "10.0.0.1"}, "bad_member"),
            ("a gateway elsewhere", {"vni": 1, "ipv4": "10.0.0.0/24", "gateway": "10.0.1.1"},
             "bad_member"),
            ("a gateway that is the network", {"vni": 1, "ipv4": "10.0.0.0/24",
                                               "gateway": "10.0.0.0"}, "bad_member"),
            ("a gateway that is no address", {"vni": 1, "ipv4": "10.0.0.0/24",
                                              "gateway": "10.0.0.1,x"}, "bad_member"),
            ("a server of names that is none", {"vni": 1, "dns": ["10.0.0.1\\n"]}, "bad_member"),
            ("one that is no list", {"vni": 1, "dns": "10.0.0.1"}, "bad_member"),
            ("too many of them", {"vni": 1, "dns": ["10.0.0.1"] * 4}, "bad_member")):
        answer = admin.put(put, body)
        tap.same((answer.code, answer.type), (code, "application/problem+json"),
                 f"{name} is refused")
    tap.same(admin.get(put).code, "not_found", "and nothing is half done")


def check_paths(tap, admin):
    for method, path, status in (
            ("GET", "/portal/none.js", 404), ("GET", "/portal", 404),
            ("GET", "/portal/..", 400), ("PUT", "/", 405), ("GET", "//", 404),
            ("GET", "/v2/domains", 404), ("GET", "/v1/domains/", 400),
            ("GET", "/v1/domains/a%2Fb/watch/x", 404), ("GET", "/v1/domains/..", 400),
            ("PUT", "/v1/domains/-x", 400), ("PUT", "/v1/domains/" + "x" * 64, 400),
            ("PUT", "/v1/domains/a%20b", 400), ("PUT", "/v1/domains/a%00b", 400),
            ("POST", D, 405), ("PATCH", D, 405), ("GET", "/v1/domains/" + "x/" * 2000, 404),
            ("GET", f"{D}/watch?since=-1", 400), ("GET", f"{D}/watch?wait=61", 400),
            ("GET", f"{D}/hosts?limit=x", 400)):
        answer = admin.ask(method, path)
        tap.same(answer.status, status, f"{method} {path[:40]}")
    tap.ok("PUT" in admin.ask("POST", D).headers["Allow"], "405 says what is allowed")


def check_hosts(tap, admin):
    for name, body in (
            ("no address", {}), ("no mask", {"addresses": ["192.0.2.1"]}),
            ("no strings", {"addresses": [1]}), ("too many", {"addresses": ["192.0.2.1/24"] * 9}),
            ("another transport", {"addresses": ["192.0.2.1/24"], "transports": ["tcp"]}),
            ("no time", {"addresses": ["192.0.2.1/24"], "ttl": 0}),
            ("number 0", {"addresses": ["192.0.2.1/24"], "node": 0})):
        tap.same(admin.put(f"{D}/hosts/h1", body).code, "bad_member", f"a host with {name}")


def check_vms(tap, admin):
    admin.put(f"{D}/segments/red", {"vni": 1, "ipv4": "10.1.0.0/29"})
    for name, body in (
            ("address of another segment", {"ipv4": "10.2.0.1"}),
            ("the network's address", {"ipv4": "10.1.0.0"}),
            ("the broadcast address", {"ipv4": "10.1.0.7"}),
            ("no address", {"ipv4": "x"}), ("IPv6 where there is none", {"ipv6": "fd00::1"}),
            ("MAC of a group", {"mac": "01:00:5e:00:00:01"}), ("no MAC", {"mac": "x"}),
            ("MAC 0", {"mac": "00:00:00:00:00:00"})):
        tap.same(admin.put(f"{D}/segments/red/vms/v", body).code, "bad_member",
                 f"a VM with {name}")
    tap.same(admin.put(f"{D}/segments/none/vms/v").code, "not_found", "a VM in no segment")


def check_tokens(tap, board, token):
    short = board.token("read", "domain", "lab", "days", "0")
    other = board.token("admin", "domain", "other")
    dead = board.token("read", "domain", "lab")
    eventually(lambda: board.client(dead).get(D).status == 200)
    board.run("token", "del", dead.split("_")[1])
    tap.ok(eventually(lambda: board.client(dead).get(D).code == "wrong_token"),
           "a token that was deleted is refused")
    for name, text, code in (
            ("no token", None, "no_token"), ("an empty one", "", "no_token"),
            ("one that expired", short, "expired_token"),
            ("a wrong one", token[:-1] + ("0" if token[-1] != "0" else "1"), "wrong_token"),
            ("a short one", token[:-1], "wrong_token"), ("a long one", token + "0", "wrong_token"),
            ("an odd one", "vmb_../../../../x" + "0" * 64, "wrong_token"),
            ("one for another domain", other, "forbidden")):
        tap.same(board.client(text).get(D).code, code, f"{name} is refused")
    tap.same(board.client(other).put("/v1/domains/other").code, "forbidden",
             "a domain is made by those who are for all")
    state = b"".join(f.read_bytes() for f in board.state.iterdir())
    tap.ok(token.rpartition("_")[2].encode() not in state, "no token is stored")
    tap.same({oct(f.stat().st_mode & 0o77) for f in board.state.iterdir()}, {"0o0"},
             "nobody else reads the files")


def tls(board):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sock = context.wrap_socket(socket.create_connection(("127.0.0.1", board.port)))
    sock.settimeout(60)
    return sock


def drip(sock, head, drop):
    """Sends an octet now and then; true if the board ends that."""
    try:
        sock.sendall(head)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            sock.sendall(drop)
            time.sleep(0.2)
    except OSError:
        return True
    return False


def check_slow(tap, board, admin, token):
    auth = f"Authorization: Bearer {token}\r\n"
    tap.ok(drip(tls(board), b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
           "a head that comes too slowly ends")
    tap.ok(drip(tls(board), f"PUT {D} HTTP/1.1\r\nHost: x\r\n{auth}Content-Length: 9999\r\n\r\n"
                .encode(), b" "), "so does a body")
    plain = socket.create_connection(("127.0.0.1", board.port))
    plain.settimeout(60)
    tap.same(plain.recv(1), b"", "so does a handshake that does not come")
    for name, octets in (("noise", os.urandom(4096)), ("plain HTTP", b"GET / HTTP/1.0\r\n\r\n")):
        plain = socket.create_connection(("127.0.0.1", board.port))
        plain.sendall(octets)
        plain.close()
        tap.same(admin.get(D).status, 200, f"{name} does no harm")
    tap.ok(metric(admin, "slow_total") >= 2, "they are counted")


def check_chunks(tap, board, token):
    sock = tls(board)
    sock.sendall(f"PUT {D} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n".encode())
    for _ in range(10):
        sock.sendall(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
    sock.sendall(b"0\r\n\r\n")
    tap.ok(b" 413 " in sock.recv(4096), "a body in chunks is not too large either")
    sock.close()


def check_limits(tap):
    with Board(rate=1, burst=5, **{"per-address": 4}) as board:
        token = board.token("admin")
        board.start()
        client = board.client(token)
        answers = [client.get("/v1/domains") for _ in range(8)]
        tap.same((answers[0].status, answers[-1].code), (200, "rate_limited"),
                 "who asks too often is told")
        tap.ok(answers[-1].headers["Retry-After"], "and when to ask again")
        socks, refused = [], 0
        for _ in range(8):
            socks.append(socket.create_connection(("127.0.0.1", board.port)))
        try:
            Client(board).get("/healthz")
        except OSError:
            refused = 1
        tap.same(refused, 1, "there are not more connections from one address than that")
        for sock in socks:
            sock.close()


def check_full_disk(tap):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))
    with Board() as board:
        token = board.token("admin")
        board.start(preexec_fn=small_files)
        admin = board.client(token)
        known, answer = 0, admin.put("/v1/domains/d0")
        while answer.status == 201 and known < 5000:
            known += 1
            answer = admin.put(f"/v1/domains/d{known}", {"description": "x" * 4000})
        tap.ok(answer.code in ("no_space", "store_failed"), "a full disk is told", answer)
        tap.same(len(admin.get("/v1/domains?limit=10000").json["items"]), known,
                 "nothing is half done")
        admin.close()
        board.stop()
        board.start()
        tap.same(len(admin.get("/v1/domains?limit=10000").json["items"]), known,
                 "and all that was acknowledged is there")
        tap.same(admin.put("/v1/domains/more").status, 201, "with room it goes on")


def check_clock(tap):
    """The wall clock jumps: leases have another, tokens have that one."""
    make("board-clock")
    year = 366 * 24 * 3600
    with Board() as board:
        offset = board.dir / "offset"
        offset.write_text("0")
        token, month = board.token("admin"), board.token("read", "days", "30")
        board.start(env={**os.environ, "LD_PRELOAD": str(OUT / "board-clock.so"),
                         "CLOCK_OFFSET": str(offset)})
        admin, reader = board.client(token), board.client(month)
        admin.put(D)
        host = {"addresses": ["192.0.2.1/24"], "ttl": 3600}
        revision = admin.put(f"{D}/hosts/h1", host).json["revision"]
        for jump, code in ((year, "expired_token"), (-year, None), (0, None)):
            offset.write_text(str(jump))
            answer = reader.get(D)
            tap.same(answer.code, code, f"a token for 30 days, {jump // 86400} days from now")
            tap.same(admin.ask("POST", f"{D}/hosts/h1/renew").json.get("revision"), revision,
                     "no lease ends by that")
        offset.write_text(str(-year))
        admin.put(f"{D}/hosts/h2", {**host, "addresses": ["192.0.2.2/24"], "ttl": 1})
        tap.ok(eventually(lambda: admin.get(f"{D}/hosts/h2").status == 404),
               "nor goes on when it has ended")
        tap.same(admin.get(f"{D}/hosts/h1").status, 200, "others do")


def refused(board, *words):
    done = board.run(*words)
    return done.returncode, done.stderr


def check_start(tap):
    with Board() as board:
        board.token("admin")
        board.start()
        status, said = refused(board)
        tap.ok(status == 1 and "another vmnet-board" in said, "two boards do not share a store",
               said)
        board.stop()
        with sqlite3.connect(board.state / "board.db") as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        status, said = refused(board)
        tap.ok(status == 1 and "version 99" in said and "newer" in said,
               "a newer database is left alone", said)
        (board.state / "board.db").write_bytes(b"this is no database" * 100)
        status, said = refused(board)
        tap.ok(status == 1 and "not a database" in said, "what is no database, too", said)
        board.conf.write_text("state = /proc/none\n")
        status, said = refused(board)
        tap.ok(status == 1 and "writable" in said, "a state that cannot be written", said)
        for text, want in (("colour = red", ":1: there is no setting \"colour\""),
                           ("\n\nrate = x", ":3: \"rate\" must be a number"),
                           ("rate", ":1: expected"), ("listen = x:y", "ADDRESS:PORT"),
                           ("certificate = /x", "need one another")):
            board.conf.write_text(text + "\n")
            status, said = refused(board)
            tap.ok(status == 2 and want in said, f"configuration {json.dumps(text)}", said)
        board.conf.write_text(f"state = {board.state}\n")
        status, said = refused(board, "--insecure-http")
        tap.ok(status == 2 and "TLS" in said, "HTTP without TLS is for loopback", said)


def test(tap):
    with Board(timeout=1, idle=30) as board:
        token = board.token("admin")
        board.start()
        admin = board.client(token)
        admin.put(D)
        check_json(tap, admin)
        check_paths(tap, admin)
        check_hosts(tap, admin)
        check_vms(tap, admin)
        check_tokens(tap, board, token)
        check_chunks(tap, board, token)
        check_slow(tap, board, admin, token)
    check_limits(tap)
    check_full_disk(tap)
    check_clock(tap)
    check_start(tap)


main(test)
