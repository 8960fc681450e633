# SPDX-License-Identifier: GPL-2.0
"""Where a module calls what allocates, as its machine code says."""

import collections
import re
import subprocess

# Of the kernel's functions, by their names.
ALLOCATES = re.compile(
    r"k[mvz]*alloc|kmem_cache_(alloc|create)|kmemdup|kstrdup|kvasprintf|alloc_skb|skb_clone"
    r"|skb_copy(?!_(and|bits|datagram|to|from|header))|skb_realloc|pskb_(expand|copy|extract)"
    r"|skb_(expand|cow|ensure|segment|linearize|vlan_push|vlan_untag|checksum_help)|__pskb_pull"
    r"|skb_share|alloc_percpu|alloc_netdev|alloc_workqueue|sk_alloc|sock_(create|alloc|wmalloc)"
    r"|rhashtable_(init|insert)|__?xa_(store|alloc|insert|cmpxchg)|alloc_pages|get_free_page"
    r"|vmalloc|vzalloc|page_frag|build_skb|iptunnel_handle_offloads|udp_tunnel6?_xmit|udp_sock_create"
    r"|(?<!un)register_(pernet|net_sysctl|netdev(?!ice_notifier))|genl_register|proto_register|rtnl_link_register"
    r"|netdev_(master_)?upper_dev_link|dev_(mc|uc)_add"
    r"|iov_iter_(get_pages|extract)|zerocopy_(alloc|realloc|iter)|gro_cells_init"
    r"|bpf_|__dev_queue|ip_mc_join|ipv6_sock_mc_join|dst_cache_init|nlmsg_notify|netlink_dump")

# @address: behind the call, from the beginning of its section.
Site = collections.namedtuple("Site", "section address callee")


def tests_of(module):
    """Functions of its own tests, which a kernel with KUnit has in the module."""
    text = subprocess.run(["objdump", "-t", module], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    found, inside = set(), False
    for line in text.splitlines():
        fields = line.split()
        if " df " in line:
            inside = bool(re.search(r"_test|^pair|^rules", fields[-1]))
        elif " F " in line and (inside if fields[1] == "l" else re.match("pair_|op_", fields[-1])):
            # Those that are global follow all files.
            found.add(fields[-1])
    return found


def sites(module):
    """Calls of what allocates: {(function, offset behind the call): Site}. UML's modules
    call what is far away through a register."""
    text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", module], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    foreign = tests_of(module)
    found, section, function, start = {}, None, None, 0
    held, register, called = {}, None, None
    for line in text.splitlines():
        if line.startswith("Disassembly of section "):
            section = line.split()[-1].rstrip(":")
            continue
        begin = re.match(r"([0-9a-f]+) <(\S+)>:", line)
        if begin:
            start, function = int(begin[1], 16), begin[2]
            held, called = {}, None
            continue
        symbol = re.match(r"\s+[0-9a-f]+: R_X86_64_64\s+(\w+)$", line)
        if symbol and register:
            held[register] = symbol[1]
            continue
        code = re.match(r"\s+([0-9a-f]+):\s+(\w+)\s*(\S*)", line)
        if not code:
            continue
        at = int(code[1], 16)
        if called and ALLOCATES.search(called) and function not in foreign:
            found[function, at - start] = Site(section, at, called)
        register, called = None, None
        if code[2] == "movabs":
            register = code[3].rpartition(",")[2]
            held.pop(register, None)
        elif code[2] == "call" and code[3].startswith("*%"):
            called = held.get(code[3][1:])
    return found
