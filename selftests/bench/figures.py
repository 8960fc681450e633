# SPDX-License-Identifier: GPL-2.0
"""The figures of the benchmark, drawn by gnuplot, which comes from the cache."""
import subprocess

from rows import LINK, PAIRS, TOGETHER, tbench_of
from tree import TOP

MTU = 1500
NAMES = {"rrdp": "RRDP", "tcp": "TCP (NODELAY)", "udp": "UDP", "packet": "AF\\\\_PACKET",
         "tipc": "TIPC", "l2": "frames echoed in softirq"}

LATENCY = """
set title "Latency by message size, MTU {mtu}"
set xlabel "message, octets"
set ylabel "one way, µs of 1000 instructions"
set logscale x 2
set yrange [0:*]
"""

BANDWIDTH = """
set title "Bandwidth by message size, MTU {mtu}"
set xlabel "message, octets"
set ylabel "Mb/s at 1000 instructions per µs"
set logscale x 2
set logscale y 10
"""

LOOK = """
set terminal svg size 800,560 background "white" font "sans,14"
set output "{output}"
set key top left
set grid
set format x "%.0f"
"""


TBENCH = """
set terminal svg size 800,560 background "white" font "sans,14"
set output "{output}"
set title "tbench, one pair, links of 100 Mb/s"
set ylabel "MB/s"
set yrange [0:*]
set style fill solid 0.6
set boxwidth 0.6
unset key
set grid y
"""
KINDS = {"plain": "Ethernet", "udp": "vmnet", "openvpn": "OpenVPN"}


def gnuplot(script):
    subprocess.run(["bash", "-c", ". selftests/lab/cache.sh; toolbox_add gnuplot-nox && "
                    "exec gnuplot-nox -"], cwd=TOP, input=script, check=True, text=True)


def plot(output, head, curves):
    """Draws @curves, points by name, into the file @output."""
    data = "".join(f"$curve{n} << END\n" + "".join(f"{x} {y}\n" for x, y in points) + "END\n"
                   for n, points in enumerate(curves.values()))
    lines = ", ".join(f'$curve{n} with linespoints linewidth 2 title "{name}"'
                      for n, name in enumerate(curves))
    script = LOOK.format(output=output) + head.format(mtu=MTU) + data + f"plot {lines}\n"
    gnuplot(script)


def latency(results):
    """Microseconds one way by size, of each transport."""
    curves = {}
    for transport in ("rrdp", "tcp", "udp", "packet", "tipc"):
        sizes = sorted(r["size"] for r in results.some(test="latency", transport=transport,
                                                       mtu=MTU))
        curves[NAMES[transport]] = [
            (size, results.one_way(transport, size, MTU) / 1000) for size in sizes]
    # A reply of the request's size.
    echoes = [r["request"] for r in results.some(test="kernel", transport="l2", mtu=MTU)
              if r["request"] == r["reply"]]
    curves[NAMES["l2"]] = [(size, results.kernel("l2", size, MTU, size) / 2000)
                           for size in sorted(echoes)]
    return curves


def bandwidth(results):
    """Megabits per second by size, of each transport, one message in a call."""
    curves = {}
    for transport in ("rrdp", "tcp", "udp", "packet", "tipc"):
        streams = results.some(test="stream", transport=transport, mtu=MTU, batch=1)
        curves[NAMES[transport]] = sorted((r["size"], r["mbit_per_second"]) for r in streams)
    return curves


def tbench(results, output):
    """The paper's figure 6: a pair of guests, by what joins their hosts."""
    bars = "".join(f'"{name}" {tbench_of(results, kind, LINK, PAIRS[0], 2)}\n'
                   for kind, name in KINDS.items())
    gnuplot(TBENCH.format(output=output) + f"$bars << END\n{bars}END\n"
            "plot $bars using 0:2:xtic(1) with boxes\n")


def two_pairs(results):
    """The paper's table 2, as text: each pair alone, and both at the same time."""
    yield "tbench, MB/s     A alone  B alone        A        B"
    for kind in "plain", "udp":
        runs = [(pair, pair) for pair in PAIRS] + [(TOGETHER, pair) for pair in PAIRS]
        cells = [tbench_of(results, kind, LINK, pairs, int(pair[0])) for pairs, pair in runs]
        yield f"{KINDS[kind]:15}" + "".join(f"{cell:9.2f}" for cell in cells)


def draw(results, out):
    """All figures, into the directory @out."""
    tbench(results, out / "fig6.svg")
    (out / "table2.txt").write_text("\n".join(two_pairs(results)) + "\n")
    plot(out / "fig7.svg", LATENCY, latency(results))
    plot(out / "fig8.svg", BANDWIDTH, bandwidth(results))
