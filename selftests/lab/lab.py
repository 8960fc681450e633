# SPDX-License-Identifier: GPL-2.0
"""Labs of QEMU machines: hosts, with or without Xen, their wires and guests.

    with Lab("two-hosts.toml") as lab:
        lab["a"].run("ip link")            # a Result, or LabError if it failed
        lab["a1"].create(switch="vmnet0")  # a guest of host a
        lab["a1"].run("ping -c 3 10.0.0.2")

A topology is a TOML file:

    [subnet.lan]                  # a wire
    capture = 65535               # bytes kept of each frame; 0, the default: no capture
    kind = "hub"                  # or without a capture: "cable", between two NICs; or
                                  # "bridge", with taps, in a network namespace of ours
    [host.a]
    xen = true                    # Xen and a Dom0, else the kernel alone
    kernel = "bookworm"           # or "trixie", "forky", "smp", which has checkers, or
                                  # "kcsan", which has no NICs; $LAB_KERNEL if it is not
                                  # said, and without Xen
    memory = 768                  # MiB
    cpus = 1
    spare = 0                     # MiB of memory for domains that are not guests of the lab
    nics = ["lan"]                # eth0 is on lan
    nic_model = "virtio-net-pci"  # or "e1000e", …
    services = []                 # its TCP ports that this machine can reach, see Host.door()
    [guest.a1]
    host = "a"
    kind = "pv"                   # of a host with Xen a domain, "pv" or "pvh"; else
                                  # "namespace", or "qemu". Those of "pvh" and "qemu" can move
    memory = 96
    mac = "00:16:3e:00:00:01"     # made from the guest's number by default

Logs stay in out/lab/NAME. Nothing else is left behind: the machines die with
the process that made them, however it ends.
"""
import atexit
import base64
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BOOT_LIMIT = 120
# QEMU's options for what runs a machine. "icount" counts a nanosecond for each
# instruction, on one processor: what then passes for time is the same in each run.
ACCELERATORS = {"kvm": ["-accel", "kvm"],
                "tcg": ["-accel", "tcg,thread=multi"],
                "icount": ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"]}
NIC_MODULES = {"virtio-net-pci": "virtio_net", "e1000e": "e1000e", "e1000": "e1000",
               "igb": "igb", "vmxnet3": "vmxnet3"}


class LabError(Exception):
    """What failed in the lab, with the words of who failed."""


class BootPanic(LabError):
    """A kernel that died before it ran anything of ours."""


class QemuEnded(LabError):
    """A machine that is gone."""


def cache(*words):
    """Call a function of cache.sh; its progress goes to our stderr."""
    done = subprocess.run([HERE / "cache.sh", *words], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode:
        raise LabError(f"cannot make {' '.join(words)}: see the message above")
    return pathlib.Path(done.stdout.strip())


def use_toolbox():
    """Take the environment in which the cached tools are found."""
    script = '. "$0/cache.sh" && toolbox_env && env -0'
    done = subprocess.run(["bash", "-c", script, HERE], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise LabError("the tools of the lab are not complete: see the message above")
    for entry in done.stdout.decode().split("\0"):
        name, equals, value = entry.partition("=")
        if equals and name != "_":
            os.environ[name] = value


class Result:
    """What a command said: status, out, err."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __str__(self):
        return self.out


class Place:
    """Where commands run: what can be said in terms of run() alone."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.ready = False
        self.jobs = 0

    def run(self, command, timeout=60, check=True):
        """Run a shell command; its limit is in seconds. A Result, or LabError."""
        raise NotImplementedError

    def start(self, command):
        """Start a command in the background: a Job."""
        self.jobs += 1
        return Job(self, f"/tmp/{self.name}.job.{self.jobs}", command)

    def put(self, path, text):
        """Write a small file."""
        data = base64.b64encode(text.encode()).decode()
        self.run(f"echo {data} | base64 -d >'{path}'")


class Machine(Place):
    """Something with an agent: commands go to it through a Unix socket."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        self.log = lab.logs / f"{name}.console"
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.path = lab.run_dir / f"{name}.agent"
        self.listener.bind(str(self.path))
        self.listener.listen(1)
        self.stream = None
        self.buffer = b""
        self.last_id = 0
        self.noise = None

    def alive(self):
        """Raise LabError if the machine is gone."""

    def gone(self):
        """Its end of a connection is closed: raise LabError if that is why."""
        self.alive()

    def tail(self):
        """The last words of the console."""
        try:
            text = self.log.read_bytes().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-15:])

    def fail(self, what, kind=LabError):
        raise kind(f"{self.name}: {what}; its console ends with\n{self.tail()}")

    def read_line(self, deadline):
        while b"\n" not in self.buffer:
            self.alive()
            if time.monotonic() > deadline:
                return None
            try:
                data = self.stream.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                self.fail(f"connection lost ({error})")
            if not data:
                self.gone()
                self.fail("connection closed")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.strip(b"\r")

    def answer(self, ident, deadline):
        """The words of the agent's line with this ident, or None when it is late."""
        while (line := self.read_line(deadline)) is not None:
            words = line.decode(errors="replace").split()
            if words[:2] == ["@", str(ident)] and len(words) == 5:
                return words[2:]
            if self.noise and line:
                self.noise.write(line + b"\n")
                self.noise.flush()
            if not self.ready and b"] Kernel panic - not syncing" in line:
                self.fail("its kernel panicked", BootPanic)
        return None

    def accept(self, host):
        """Take the connection that the host's QEMU makes."""
        self.listener.settimeout(10)
        try:
            self.stream, _ = self.listener.accept()
        except TimeoutError:
            host.alive()
            self.fail("QEMU does not connect")
        self.stream.settimeout(0.5)
        self.buffer = b""

    def wait_ready(self, limit=BOOT_LIMIT):
        if not self.answer(0, time.monotonic() + limit):
            self.fail(f"no sign of life for {limit} s")
        self.ready = True

    def run(self, command, timeout=60, check=True):
        with self.lock:
            self.last_id += 1
            ident = self.last_id
            line = f"@ {ident} {int(timeout)} {base64.b64encode(command.encode()).decode()}\n"
            self.stream.settimeout(30)
            try:
                self.stream.sendall(line.encode())
            except OSError as error:
                self.fail(f"takes no command ({error})")
            self.stream.settimeout(0.5)
            words = self.answer(ident, time.monotonic() + timeout + 30)
        if not words:
            self.fail(f"no answer to: {command}")
        out, err = ("" if word == "-" else base64.b64decode(word).decode(errors="replace")
                    for word in words[1:])
        result = Result(int(words[0]), out, err)
        if check and result.status:
            reason = "out of time" if result.status in (124, 137) else f"status {result.status}"
            raise LabError(f"{self.name}: {command}\n    {reason}: {(err or out).strip()}")
        return result

    def kernel_log(self):
        return self.run("dmesg").out


class Job:
    """A command in the background of a machine."""

    def __init__(self, machine, path, command):
        self.machine, self.path, self.command = machine, path, command
        self.seen = 0
        machine.put(path, command)
        # A session of its own, so that all of it can be stopped.
        machine.put(f"{path}.run", f"echo $$ >{path}.pid; sh {path} >{path}.out"
                                   f" 2>{path}.err </dev/null; echo $? >{path}.rc")
        machine.run(f"setsid sh {path}.run >/dev/null 2>&1 &")

    def status(self):
        """The exit status, None while the command runs."""
        text = self.machine.run(f"cat {self.path}.rc 2>/dev/null", check=False).out.strip()
        return int(text) if text else None

    def output(self):
        """What the command said since the last call."""
        out = self.machine.run(f"tail -c +{self.seen + 1} {self.path}.out").out
        self.seen += len(out.encode())
        return out

    def stop(self):
        self.machine.run(f"kill -- -$(cat {self.path}.pid); sleep 0.2;"
                         f" kill -KILL -- -$(cat {self.path}.pid)", check=False)

    def wait(self, timeout=60, check=True):
        """The Result, once there is one."""
        deadline = time.monotonic() + timeout
        while (status := self.status()) is None:
            if time.monotonic() > deadline:
                self.stop()
                raise LabError(f"{self.machine.name}: out of time: {self.command}")
            time.sleep(0.2)
        out = self.machine.run(f"cat {self.path}.out").out
        err = self.machine.run(f"cat {self.path}.err").out
        if check and status:
            raise LabError(f"{self.machine.name}: {self.command}\n"
                           f"    status {status}: {(err or out).strip()}")
        return Result(status, out, err)


class Wire:
    """A shared segment between NICs, with a capture."""

    def __init__(self, lab, name, capture=0):
        self.lab, self.name, self.snaplen = lab, name, capture
        self.dir = lab.run_dir / f"wire.{name}"
        self.dir.mkdir()
        self.nics = 0
        self.process = None

    def plug(self):
        """QEMU's options of one more network backend on this wire."""
        number = self.nics
        self.nics += 1
        return (f"dgram,local.type=unix,local.path={self.dir}/nic.{number},"
                f"remote.type=unix,remote.path={self.dir}/hub.{number}")

    def up(self):
        self.process = self.lab.spawn(
            ["python3", HERE / "wire.py", self.dir, str(self.nics), str(self.snaplen)],
            stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise LabError(f"wire {self.name} does not start")

    def capture(self):
        """The capture file, with all that crossed the wire until now."""
        time.sleep(0.3)
        return self.dir / "pcap"

    def keep(self):
        if self.snaplen:
            shutil.copy(self.dir / "pcap", self.lab.logs / f"{self.name}.pcap")


class Bridge(Wire):
    """A wire of the network namespace that we are in, whose cards have all offloads.

    QEMU's backends that need no privilege take nothing but whole frames.
    """

    def plug(self):
        number = self.nics
        self.nics += 1
        return f"tap,ifname={self.name}.{number},script=no,downscript=no,vnet_hdr=on"

    def up(self):
        steps = [f"link add {self.name} up type bridge"]
        for number in range(self.nics):
            tap = f"{self.name}.{number}"
            steps += [f"tuntap add dev {tap} mode tap vnet_hdr", f"link set {tap} master {self.name} up"]
        done = subprocess.run(["ip", "-batch", "-"], input="\n".join(steps), text=True, check=False)
        if done.returncode:
            raise LabError(f"wire {self.name} does not start")


class Cable(Wire):
    """A wire between two NICs, without anything that would slow it down."""

    def plug(self):
        number = self.nics
        self.nics += 1
        if number > 1:
            raise LabError(f"a cable has two ends, {self.name} has more")
        return (f"dgram,local.type=unix,local.path={self.dir}/nic.{number},"
                f"remote.type=unix,remote.path={self.dir}/nic.{1 - number}")

    def up(self):
        pass


KINDS = {"hub": Wire, "bridge": Bridge, "cable": Cable}


class Host(Machine):
    """A QEMU machine: Xen with a Dom0, or a kernel alone."""

    def __init__(self, lab, name, number, xen=False, kernel=None, memory=None, cpus=1,
                 spare=0, nics=(), nic_model="virtio-net-pci", services=()):
        super().__init__(lab, name)
        self.number, self.xen, self.cpus = number, xen, cpus
        self.suite = kernel or not xen and os.environ.get("LAB_KERNEL") or "bookworm"
        # Checkers remember much.
        checked = self.suite in ("smp", "kcsan")
        self.memory = memory or (768 if xen else 1024 if checked else 512)
        self.spare = spare
        self.nics, self.nic_model = list(nics), nic_model
        # Here, by port there.
        self.doors = {port: free_port() for port in services}
        self.domains = []
        self.process = None
        self.console = None
        self.extra = []

    def mac(self, index):
        return f"52:54:00:00:{self.number:02x}:{index:02x}"

    def shares(self):
        """What is mounted in the host: tag, directory here, place there, writable."""
        kernel = cache("kernel", self.suite)
        shares = [("root", cache("rootfs"), None, False),
                  ("kernel", kernel, "/lab/kernel", False),
                  ("top", TOP, str(TOP), False),
                  ("out", self.lab.files, "/lab/out", True)]
        if self.domains:
            initrd = "guest" if self.xen else "virtual"
            shares.append(("guest", cache("initrd", self.suite, initrd), "/lab/guest", False))
        if self.domains and not self.xen:
            shares.append(("emulator", cache("emulator"), "/lab/emulator", False))
        return shares + self.lab.shares

    def boot_options(self, shares):
        kernel = cache("kernel", self.suite)
        initrd = cache("initrd", self.suite, "host") / "initrd"
        mounts = ",".join(f"{tag}:{place}{':rw' if writable else ''}"
                          for tag, _, place, writable in shares if place)
        modules = NIC_MODULES[self.nic_model] if self.nics else ""
        words = (f"panic=-1 quiet loglevel=4 mitigations=off lab.host={self.name} "
                 f"lab.modules={modules} "
                 f"lab.mount={mounts} lab.init={HERE}/host-init")
        if not self.xen:
            cpu = "host" if self.lab.accel == "kvm" else "max"
            return ["-cpu", cpu, "-kernel", kernel / "vmlinux", "-initrd", initrd,
                    "-append", f"console=ttyS0 {words}"]
        dom0 = self.memory - 64 - self.spare - sum(guest.memory + 16 for guest in self.domains)
        if dom0 < 256:
            raise LabError(f"host {self.name}: {self.memory} MiB are too few for its guests")
        words = f"console=hvc0 {words}".replace(",", ",,")
        # Features of newer processors, such as LA57, make this Xen's Dom0 die.
        cpu = "qemu64"
        if any(guest.kind == "pvh" for guest in self.domains):
            cpu += ",+svm,+npt"
        return ["-cpu", cpu, "-kernel", cache("xen") / "xen",
                "-append", f"console=com1 com1=115200 dom0_mem={dom0}M,max:{dom0}M noreboot",
                "-initrd", f"{kernel}/vmlinux {words},{initrd}"]

    def processors(self):
        """Each in a socket of its own, of which a kernel without ACPI is told one processor."""
        return f"{self.cpus},sockets={self.cpus}"

    def power_on(self):
        shares = self.shares()
        command = ["qemu-system-x86_64", "-name", self.name, *ACCELERATORS[self.lab.accel],
                   "-m", str(self.memory), "-smp", self.processors(), "-nodefaults",
                   "-display", "none", "-no-reboot", "-serial", f"file:{self.log}",
                   *self.boot_options(shares), "-device", "virtio-serial-pci"]
        for tag, path, _, writable in shares:
            mode = "" if writable else ",readonly=on"
            command += ["-fsdev", f"local,id={tag},path={path},security_model=none,"
                                  f"multidevs=remap{mode}",
                        "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
        for index, subnet in enumerate(self.nics):
            command += ["-netdev", f"{self.lab.wires[subnet].plug()},id=nic{index}",
                        "-device", f"{self.nic_model},netdev=nic{index},romfile=,"
                                   f"mac={self.mac(index)}"]
        if self.doors:
            forward = "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{there}"
                              for there, here in self.doors.items())
            command += ["-netdev", f"user,id=door,restrict=on{forward}",
                        "-device", f"{self.nic_model},netdev=door,romfile=,"
                                   f"mac={self.mac(len(self.nics))}"]
        for machine in [self, *self.domains]:
            tag = "agent" if machine is self else machine.name
            command += self.port(tag, machine.path)
        self.command = command + self.extra

    def port(self, tag, path):
        return ["-chardev", f"socket,id=port.{tag},path={path}",
                "-device", f"virtserialport,chardev=port.{tag},name={tag}"]

    def door(self, port):
        """Where on the loopback of this machine its service is reached."""
        name = f"eth{len(self.nics)}"
        # What QEMU expects a machine to have.
        self.run(f"ip addr replace 10.0.2.15/24 dev {name} && ip link set {name} up")
        return f"127.0.0.1:{self.doors[port]}"

    def connect(self):
        errors = open(self.lab.logs / f"{self.name}.qemu", "wb")
        self.process = self.lab.spawn(self.command, stderr=errors)
        errors.close()
        for machine in [self, *self.domains]:
            machine.accept(self)

    def alive(self):
        if self.process and self.process.poll() is not None:
            words = (self.lab.logs / f"{self.name}.qemu").read_text(errors="replace").strip()
            self.fail(f"QEMU has ended with status {self.process.returncode} "
                      f"{words and '(' + words + ')'}", QemuEnded)

    def gone(self):
        # It closes its files before it ends.
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            return
        self.alive()

    def wait_first(self):
        """Wait until it is ready. If QEMU ends before that, it is not, and may boot again."""
        try:
            self.wait_ready()
        except QemuEnded as error:
            print(f"lab: {error}\nlab: {self.name} boots once more", file=sys.stderr)

    def prepare(self):
        if not self.ready:
            self.wait_ready()
        if self.xen:
            self.run(f"{HERE}/xen-start", timeout=BOOT_LIMIT)


class Guest(Machine):
    """A guest of a host. We talk to it on its console, through its host."""

    def __init__(self, lab, name, host, mac, kind, memory=96):
        super().__init__(lab, name)
        self.host, self.mac, self.kind, self.memory = host, mac, kind, memory
        self.port = None
        # By host, as it may move.
        self.streams = {}
        for place in self.places():
            place.domains.append(self)
        self.noise = open(self.log, "wb")

    def places(self):
        """The hosts where it can be."""
        return [host for host in self.lab.hosts.values() if host.xen == self.host.xen]

    def accept(self, host):
        super().accept(host)
        self.streams[host] = self.stream
        self.stream = self.streams.get(self.host)

    def alive(self):
        self.host.alive()

    def moved(self, host):
        """It runs on that host now."""
        with self.lock:
            self.host, self.stream, self.buffer = host, self.streams[host], b""


class Domain(Guest):
    """A guest of a host with Xen."""

    def places(self):
        # Debian's Xen cannot tell which pages of a PV domain change.
        return [self.host] if self.kind == "pv" else super().places()

    def create(self, switch, script=TOP / "tools/xen/vif-vmnet"):
        """Boot the guest, its NIC a port of the switch, by the hotplug script."""
        self.host.put(f"/run/{self.name}.cfg", "\n".join([
            f'name = "{self.name}"', f'type = "{self.kind}"', f"memory = {self.memory}",
            "vcpus = 1", 'kernel = "/lab/kernel/vmlinux"', 'ramdisk = "/lab/guest/initrd"',
            'extra = "console=hvc0 quiet loglevel=4 panic=-1"',
            'on_crash = "preserve"', 'on_reboot = "destroy"',
            f"vif = ['mac={self.mac},script={script},bridge={switch}']", ""]))
        try:
            self.boot()
        except BootPanic as error:
            # Now and then an emulated processor loses its way in a PV kernel under Xen.
            print(f"lab: {error}\nlab: {self.name} boots once more", file=sys.stderr)
            self.destroy()
            self.boot()
        self.run(f"hostname {self.name}")
        self.find_port()

    def boot(self):
        self.host.run(f"xl create -q /run/{self.name}.cfg", timeout=BOOT_LIMIT)
        self.host.run(f"{HERE}/guest-console {self.name}")
        self.wait_ready()

    def find_port(self):
        self.port = f"vif{self.host.run(f'xl domid {self.name}').out.strip()}.0"

    def moved(self, host):
        super().moved(host)
        host.run(f"{HERE}/guest-console {self.name}")
        self.find_port()

    def destroy(self):
        self.host.run(f"xl destroy {self.name}")
        self.ready = False


class Virtual(Guest):
    """A guest of a host without Xen: a QEMU in that host, with virtio-net on a tap."""

    # An emulator in an emulator is slow: the kernel does without what it can do without.
    WORDS = ("console=hvc0 quiet loglevel=4 panic=-1 mitigations=off acpi=off lsm= rodata=off"
             " cryptomgr.notests tsc=reliable lpj=4000000 no_timer_check")

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.port = f"tap-{self.name}"

    def monitor(self, host, command):
        """What its QEMU on that host says to a command of its monitor."""
        return host.run(f"{HERE}/qemu-monitor /run/{self.name}.monitor '{command}'").out

    def power_on(self, host, switch, *options):
        """Start a QEMU on that host, its tap a port of the switch."""
        emulator, place = "/lab/emulator/usr", "lib/x86_64-linux-gnu"
        modules = f"{emulator}/{place}/qemu"
        host.run(f"modprobe tun && ip tuntap add dev {self.port} mode tap vnet_hdr &&"
                 f" ip link set {self.port} addrgenmode none"
                 f" mtu $(cat /sys/class/net/{switch}/mtu) master {switch} up")
        command = ["env", f"LD_LIBRARY_PATH={emulator}/{place}:/lab/emulator/{place}",
                   f"QEMU_MODULE_DIR={modules}",
                   f"{emulator}/bin/qemu-system-x86_64", "-L", f"{emulator}/share/qemu",
                   "-L", f"{emulator}/share/seabios",
                   "-name", self.name, "-accel", "tcg", "-m", str(self.memory),
                   "-nodefaults", "-display", "none",
                   "-kernel", "/lab/kernel/vmlinux", "-initrd", "/lab/guest/initrd",
                   "-append", f"'{self.WORDS}'",
                   "-monitor", f"unix:/run/{self.name}.monitor,server=on,wait=off",
                   "-chardev", f"pipe,id=console,path=/dev/virtio-ports/{self.name}",
                   "-device", "virtio-serial-pci", "-device", "virtconsole,chardev=console",
                   "-netdev", f"tap,id=lan,ifname={self.port},script=no,downscript=no",
                   "-device", f"virtio-net-pci,netdev=lan,romfile=,mac={self.mac}", *options]
        return host.start(" ".join(command))

    def create(self, switch):
        """Boot the guest."""
        self.power_on(self.host, switch)
        self.wait_ready(3 * BOOT_LIMIT)
        self.run(f"hostname {self.name}")

    def migrate(self, host, switch, address):
        """Move it, live; the other QEMU listens at this address."""
        origin = self.host
        self.power_on(host, switch, "-incoming", f"tcp:{address}:4444")
        host.run(f"until test -S /run/{self.name}.monitor; do sleep 0.1; done")
        self.monitor(origin, f"migrate -d tcp:{address}:4444")
        deadline = time.monotonic() + BOOT_LIMIT
        while "Migration status: completed" not in (said := self.monitor(origin, "info migrate")):
            if "failed" in said or time.monotonic() > deadline:
                raise LabError(f"{self.name}: does not move to {host.name}:\n{said}")
            time.sleep(0.5)
        self.monitor(origin, "quit")
        origin.run(f"until ip link del {self.port}; do sleep 0.1; done")
        self.moved(host)


class Namespace(Place):
    """A guest of a host without Xen: a network namespace with a veth."""

    def __init__(self, lab, name, host, mac, kind="namespace"):
        super().__init__(lab, name)
        self.host, self.mac, self.kind = host, mac, kind
        self.port = f"to-{name}"

    def run(self, command, timeout=60, check=True):
        return self.host.run(f"ip netns exec {self.name} sh -c {shlex.quote(command)}",
                             timeout, check)

    def create(self, switch):
        """Make the guest, its NIC a port of the switch."""
        self.host.run(f"ip netns add {self.name} &&"
                      f" ip link add {self.port} type veth peer name eth0 address {self.mac}"
                      f" netns {self.name} &&"
                      f" ip link set {self.port} addrgenmode none"
                      f" mtu $(cat /sys/class/net/{switch}/mtu) master {switch} up")

    def destroy(self):
        self.host.run(f"ip netns del {self.name}")


# Kinds of guests, of hosts with and without Xen; the first is the default.
GUESTS = {True: {"pv": Domain, "pvh": Domain},
          False: {"namespace": Namespace, "qemu": Virtual}}


class Lab:
    """Hosts, wires and guests of one topology."""

    def __init__(self, topology, name=None, shares=(), accel=None):
        if isinstance(topology, dict):
            self.topology = topology
        else:
            path = HERE / topology
            self.topology = tomllib.loads(path.read_text())
            name = name or path.stem
        self.name = name
        for letter in " ,:":
            if letter in str(TOP):
                raise LabError(f"QEMU takes no path with '{letter}': move the tree from {TOP}")
        self.shares = list(shares)
        self.accel = accel
        self.processes = []
        self.lock = threading.Lock()
        self.logs = TOP / "out/lab" / name
        self.files = self.logs / "files"
        shutil.rmtree(self.logs, ignore_errors=True)
        self.files.mkdir(parents=True)
        self.run_dir = pathlib.Path(tempfile.mkdtemp(prefix="rrdp-lab."))
        atexit.register(self.kill)
        self.read_topology()

    def read_topology(self):
        part = "topology"
        try:
            self.wires, self.hosts, self.guests = {}, {}, {}
            for name, options in self.topology.get("subnet", {}).items():
                part = f"subnet.{name}"
                kind = KINDS[options.pop("kind", "hub")]
                self.wires[name] = kind(self, name, **options)
            for number, (name, options) in enumerate(self.topology.get("host", {}).items(), 1):
                part = f"host.{name}"
                self.hosts[name] = Host(self, name, number, **options)
                for subnet in self.hosts[name].nics:
                    if subnet not in self.wires:
                        raise LabError(f"no subnet {subnet}")
            for number, (name, options) in enumerate(self.topology.get("guest", {}).items(), 1):
                part = f"guest.{name}"
                self.guests[name] = self.make_guest(name, number, **options)
        except (LabError, TypeError) as error:
            raise LabError(f"{self.name}.toml: [{part}]: {error}") from None
        except KeyError as error:
            raise LabError(f"{self.name}.toml: [{part}]: there is no {error}") from None

    def make_guest(self, name, number, host=None, mac=None, kind=None, **options):
        if host not in self.hosts:
            raise LabError(f"no host {host}")
        kinds = GUESTS[self.hosts[host].xen]
        kind = kind or next(iter(kinds))
        return kinds[kind](self, name, self.hosts[host],
                           mac or f"00:16:3e:00:00:{number:02x}", kind, **options)

    def __getitem__(self, name):
        return self.guests[name] if name in self.guests else self.hosts[name]

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.check()
        finally:
            self.kill(collect=kind is not None)

    def spawn(self, command, **options):
        """A child that does not outlive us, however we end."""
        process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, command)],
                                   stdin=subprocess.DEVNULL, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def up(self):
        """Boot all hosts, side by side. Children die with the thread: call it from the main one."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit(1))
        use_toolbox()
        # What KVM lends a guest may lack what Xen needs for domains that are not PV.
        nested = any(guest.kind == "pvh" for guest in self.guests.values())
        self.accel = self.accel or ("kvm" if not nested and kvm_works() else "tcg")
        for host in self.hosts.values():
            host.power_on()
        for wire in self.wires.values():
            wire.up()
        for host in self.hosts.values():
            host.connect()
        self.each(self.hosts.values(), Host.wait_first)
        for host in self.hosts.values():
            if not host.ready:
                host.connect()
        self.each(self.hosts.values(), Host.prepare)

    @staticmethod
    def each(things, call):
        """Call for each thing at the same time; raise the first error."""
        errors = []

        def one(thing):
            try:
                call(thing)
            except Exception as error:  # pylint: disable=broad-exception-caught
                errors.append(error)

        threads = [threading.Thread(target=one, args=(thing,)) for thing in things]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def collect(self, strict=True):
        """Keep the kernel logs of all that runs: machine and file of each."""
        kept = []
        for machine in [*self.hosts.values(), *self.guests.values()]:
            if machine.ready:
                path = self.logs / f"{machine.name}.dmesg"
                # Severity first, as in <4>. A guest does not see this tree.
                dmesg = TOP / "selftests/kernel/log" if isinstance(machine, Host) else "dmesg"
                path.write_text(machine.run(f"{dmesg} -r", timeout=120, check=strict).out)
                kept.append((machine, path))
        return kept

    def check(self):
        """Raise LabError if a kernel of the lab had anything to complain about."""
        complaints = []
        for machine, path in self.collect():
            done = subprocess.run([TOP / "selftests/kernel/log-check", path],
                                  stdout=subprocess.PIPE, text=True, check=False)
            ours = [line for line in path.read_text().splitlines()
                    if re.match(r"<[0-4]>.*\b(rrdp|vmnet)", line) and "taint" not in line]
            if done.returncode or ours:
                words = "\n".join([done.stdout, *ours])
                complaints.append(f"{machine.name}: the kernel complained:\n{words}")
        if complaints:
            raise LabError("\n".join(complaints))

    def forget(self):
        """Remove the logs."""
        shutil.rmtree(self.logs, ignore_errors=True)

    def kill(self, collect=False):
        """End every process of the lab and remove its run directory."""
        if collect and self.processes:
            try:
                self.collect(strict=False)
            except LabError as error:
                print(f"lab: no more logs: {error}", file=sys.stderr)
        for wire in self.wires.values() if hasattr(self, "wires") else ():
            if wire.process and wire.process.poll() is None:
                try:
                    wire.capture()
                    wire.keep()
                except OSError:
                    pass
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
        self.processes = []
        shutil.rmtree(self.run_dir, ignore_errors=True)


def free_port():
    """A TCP port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def kvm_works():
    """Whether /dev/kvm boots the kernel within ten seconds; TCG always does."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    kernel = cache("kernel", "bookworm")
    try:
        done = subprocess.run(
            ["qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults",
             "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel", kernel / "vmlinux",
             "-append", "console=ttyS0 panic=-1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    # Without a root file system a kernel that works panics, and QEMU ends.
    return b"Kernel panic - not syncing: VFS" in done.stdout
