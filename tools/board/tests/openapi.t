#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Documentation/vmnet-board.yaml has the paths, the methods, the errors and the
members that vmnet-board has."""

import re

import yaml

from board import TOP, Board, main

SOURCES = TOP / "tools/board"
D = "/v1/domains/lab"


def routes():
    """What route.c lists, as (method, path)."""
    text = (SOURCES / "route.c").read_text(encoding="utf-8")
    names = {}
    for name, value in re.findall(r"^#define (\w+)\t(.*)$", text, re.M):
        names[name] = "".join(names.get(w, w.strip('"')) for w in value.split())
    return {(method, "".join(names.get(word, word.strip('"')) for word in path.split()))
            for method, path in re.findall(r'^\t\{ "(\w+)", ([^,]+), ROUTE', text, re.M)}


def operations(spec):
    return {(method.upper(), path) for path, item in spec["paths"].items()
            for method in item if method != "parameters"}


def check_members(tap, spec, client):
    """What an object has is what its schema says."""
    client.put(D)
    client.put(f"{D}/segments/red", {"vni": 1, "ipv4": "10.1.0.0/24", "ipv6": "fd00::/64",
                                      "gateway": "10.1.0.1", "dns": ["192.0.2.53"]})
    client.put(f"{D}/hosts/h1", {"addresses": ["192.0.2.1/24"]})
    client.put(f"{D}/segments/red/vms/web", {"host": "h1"})
    client.put(f"{D}/hosts/h1/report", {"versions": {}})
    for name, path in (("Token", "/v1/token"), ("Domain", D), ("Segment", f"{D}/segments/red"),
                       ("Host", f"{D}/hosts/h1"), ("VM", f"{D}/segments/red/vms/web")):
        tap.same(sorted(client.get(path).json),
                 sorted(spec["components"]["schemas"][name]["properties"]),
                 f"{name} has the members that are described")
    event = client.get(f"{D}/watch").json["events"][-1]
    tap.same(sorted(event), sorted(spec["components"]["schemas"]["Event"]["properties"]),
             "so has Event")
    summary = client.get(f"{D}/reports").json["items"][0]
    tap.same(sorted(summary), sorted(spec["components"]["schemas"]["Summary"]["properties"]),
             "so has Summary")
    happening = client.get(f"{D}/events").json["items"][0]
    tap.same(sorted(happening),
             sorted(spec["components"]["schemas"]["Happening"]["properties"]),
             "so has Happening")
    problem = client.get("/none").json
    tap.same(sorted(problem), sorted(spec["components"]["schemas"]["Problem"]["properties"]),
             "so has Problem")


def report_members(spec, schema):
    """All names of members at any depth."""
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found = set(schema.get("properties", {}))
    inside = list(schema.get("properties", {}).values())
    if "items" in schema:
        inside.append(schema["items"])
    for inner in inside:
        found |= report_members(spec, inner)
    return found


def test(tap):
    text = (TOP / "Documentation/vmnet-board.yaml").read_text(encoding="utf-8")
    spec = yaml.safe_load(text)
    tap.same(sorted(operations(spec)), sorted(routes()), "paths and methods")
    codes = re.findall(r'^\t\[[A-Z_]+\]\s*= \{ \d+, "(\w+)"',
                       (SOURCES / "problem.c").read_text(encoding="utf-8"), re.M)
    described = spec["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    tap.same(sorted(described), sorted(set(codes) - {"none"}), "codes of problems")
    text_c = (SOURCES / "report.c").read_text(encoding="utf-8")
    tables = re.findall(r"struct member (\w+)_members\[\] = \{\n(.*?)\n\};", text_c, re.S)
    tap.same(sorted(set(re.findall(r'\{ "(\w+)"', "".join(body for _, body in tables)))),
             sorted(report_members(spec, spec["components"]["schemas"]["Report"])),
             "members of reports")
    refs = re.findall(r'"#/components/(\w+)/(\w+)"', text)
    tap.same([r for r in refs if r[1] not in spec["components"][r[0]]], [],
             "each reference is there")
    with Board() as board:
        token = board.token("admin")
        board.start()
        check_members(tap, spec, board.client(token))


main(test)
