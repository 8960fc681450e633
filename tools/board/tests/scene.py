# SPDX-License-Identifier: GPL-2.0
"""Domains with hosts, VMs and reports, as agents would make them."""

import concurrent.futures
import time

SUBNETS = ((10, 0, 1), (10, 0, 2), (192, 168, 7))


def subnet_of(octets):
    return sum(octet << shift for octet, shift in zip(octets, (24, 16, 8)))


def put(client, path, body=None):
    answer = client.put(path, body)
    assert answer.status in (200, 201), f"{path}: {answer}"
    return answer.json


def names(prefix, count):
    return [f"{prefix}{i}" for i in range(1, count + 1)]


def report(name, segment, subnet, hosts, **more):
    """What the host @name says, if @hosts are (name, octets, best transport)."""
    first = {octets: next(host for host, where, _ in hosts if where == octets)
             for _, octets, _ in hosts}
    return {
        "versions": {"kernel": "6.1.0-40-amd64", "rrdp": "0.1", "vmnet": "0.1", "agent": "0.1"},
        "nets": [{
            "segment": segment, "vni": 42, "device": "vmnet0",
            "subnets": [{"subnet": subnet_of(octets), "forwarder": forwarder, "reason": "elected",
                         "mode": "multicast" if octets == subnet else "relay"}
                        for octets, forwarder in first.items()],
            "peers": [{"node": host, "transport": transport if where == subnet else "udp",
                       "state": "up",
                       "tx_frames": 184220 + 977 * i, "rx_frames": 99310 + 1213 * i}
                      for i, (host, where, transport) in enumerate(hosts) if host != name],
            "ports": [{"name": f"vif{i}.0", "mac": f"02:00:00:00:00:{i:02x}",
                       "rx_frames": 7000 * i, "tx_frames": 5100 * i} for i in (1, 2)],
            "fdb": [{"mac": f"02:00:00:00:{i >> 8:02x}:{i & 255:02x}", "vlan": i % 3 and 10,
                     "via": hosts[i % len(hosts)][0]} for i in range(1, 41)],
            "fdb_total": 40}],
        "events": [{"time": int(time.time()) - 60, "text": "joined by board 192.0.2.7"},
                   {"time": int(time.time()) - 9, "text": "peer h2 is up by rrdp"}],
        **more}


def lab(client, hosts=8, domain="lab"):
    """A few hosts in three subnets, and their VMs in two segments."""
    base = f"/v1/domains/{domain}"
    put(client, base, {"description": "Three subnets, two virtual networks"})
    put(client, f"{base}/segments/office",
        {"vni": 42, "ipv4": "10.42.0.0/16", "ipv6": "fd00:42::/64"})
    put(client, f"{base}/segments/storage", {"vni": 43, "ipv4": "10.43.0.0/16"})
    there = [(name, SUBNETS[i * len(SUBNETS) // hosts], "udp" if i % 4 == 3 else "rrdp")
             for i, name in enumerate(names("h", hosts))]
    for i, (name, octets, transport) in enumerate(there):
        address = ".".join(map(str, octets)) + f".{i + 11}/24"
        put(client, f"{base}/hosts/{name}", {
            "addresses": [address], "segments": ["office", "storage"], "ttl": 300,
            "transports": ["udp"] if transport == "udp" else ["rrdp", "udp"]})
    for i, (name, *_) in enumerate(there):
        for guest in ("web", "db", "cache")[:1 + i % 3]:
            put(client, f"{base}/segments/office/vms/{guest}-{i + 1}", {"host": name})
        if i % 2:
            put(client, f"{base}/segments/storage/vms/disk-{i + 1}", {"host": name})
    for name, octets, _ in there:
        put(client, f"{base}/hosts/{name}/report", report(name, "office", octets, there))


def crowd(clients, hosts=1000, vms=10, domain="crowd", subnets=8):
    """Many hosts with many VMs, made by several clients at once."""
    base = f"/v1/domains/{domain}"
    put(clients[0], base, {"description": "Many of all"})
    put(clients[0], f"{base}/segments/flat", {"vni": 1, "ipv4": "10.128.0.0/9"})

    def make(number):
        for i in range(number, hosts, len(clients)):
            put(clients[number], f"{base}/hosts/node{i + 1}", {
                "addresses": [f"10.1.{i % subnets}.{i // subnets + 1}/24"],
                "segments": ["flat"], "ttl": 600})
            for guest in names(f"vm{i + 1}-", vms):
                put(clients[number], f"{base}/segments/flat/vms/{guest}",
                    {"host": f"node{i + 1}"})

    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(make, range(len(clients))))
