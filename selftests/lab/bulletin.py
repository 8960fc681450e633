# SPDX-License-Identifier: GPL-2.0
"""A bulletin board on a host of a lab, and the agents of all its hosts."""
import json
import time

from lab import LabError

DOMAIN = "lab"
SEGMENT = "lan"
PORT = 8789


def eventually(seconds, call, *args):
    """What the call returns as soon as that is true; False after these seconds."""
    deadline = time.monotonic() + seconds
    while not (got := call(*args)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return got


class Bulletin:
    """The board of a stage; the host that it runs on, and where the others ask it."""

    def __init__(self, stage, host, address):
        self.stage, self.host = stage, host
        self.url = f"https://{address}:{PORT}"
        self.fingerprint = self.admin = None
        self.job = None
        self.agents = {}

    def start(self):
        """Start the board, as its unit does."""
        self.stage.say(f"{self.host.name}# vmnet-board &")
        self.job = self.host.start("exec vmnet-board")
        if not eventually(60, self.says, "listening"):
            raise LabError(f"{self.host.name}: the board does not start:\n{self.log()}")

    def log(self):
        """All that the board has said."""
        # Its files are made when it begins.
        return self.host.run(f"cat {self.job.path}.out {self.job.path}.err", check=False).out

    def says(self, text):
        return text in self.log()

    def kill(self):
        self.stage.say(f"{self.host.name}# killall -KILL vmnet-board")
        self.host.run("kill -KILL $(pidof vmnet-board)")

    def token(self, words):
        """A new token for this role."""
        return self.host.run(f"vmnet-board token add {words}").out.split()[-1]

    def api(self, method, path, body=""):
        """Ask the board as its administrator, with what is at hand everywhere."""
        data = f" -d '{body}'" if body else ""
        self.stage.say(f"{self.host.name}# curl -X {method}{data} {self.url}/v1{path}")
        return self.host.run(f"curl -sSfk -X {method} -H 'Authorization: Bearer {self.admin}'"
                             f"{data} {self.url}/v1{path}").out

    def open(self):
        """A domain."""
        self.admin = self.token("admin")
        self.fingerprint = self.host.run("vmnet-board fingerprint").out.split()[-1]
        self.api("PUT", f"/domains/{DOMAIN}")

    def add_segment(self, vni, prefix):
        """The segment of the domain."""
        self.api("PUT", f"/domains/{DOMAIN}/segments/{SEGMENT}",
                 json.dumps({"vni": vni, "ipv4": prefix}))

    def portal(self):
        """Its address for a browser on this machine."""
        return f"https://{self.host.door(PORT)}/"

    def join(self, host, *words, device=None):
        """The host joins the domain, or joins it otherwise; its agent starts, if it has not.

        The network is called as the device.
        """
        token = self.token(f"host domain {DOMAIN} host {host.name}")
        shown = " ".join(["vmnetctl join", self.url, DOMAIN, "fingerprint", "…", "token", "…", *words])
        self.stage.say(f"{host.name}# {shown}")
        host.run(" ".join(["vmnetctl join", self.url, DOMAIN, "fingerprint", self.fingerprint,
                           "token", token, *words]))
        if device:
            self.stage.type(host, f"echo network = {SEGMENT} {device} >>/etc/vmnetd.conf")
        if host not in self.agents:
            self.stage.say(f"{host.name}# vmnetd &")
            self.agents[host] = host.start("exec vmnetd")

    def show(self, host, verb):
        """What a verb of vmnetctl says there, of the board or of the kernel."""
        result = host.run(f"vmnetctl -j {verb}", check=False)
        return json.loads(result.out) if result.status == 0 else []

    def peers(self, host, net):
        return self.show(host, f"show-peers {net}")

    def all_up(self, hosts, net):
        """Whether all these hosts have the others, and nobody else, as peers."""
        want = ["up"] * (len(hosts) - 1)
        return all([peer["state"] for peer in self.peers(host, net)] == want for host in hosts)

    def registered(self):
        """The names of all hosts that the board knows."""
        return {host["host"] for host in self.show(self.host, "show-hosts")}

    def vms(self):
        """The VMs that live, by the host that each is on."""
        return {vm["host"]: vm for vm in self.show(self.host, "show-vms") if vm["live"]}
