// SPDX-License-Identifier: GPL-2.0
// Tables of the hosts, VMs and segments of a domain.

import { addSegment, addVm, may, removeHost, removeSegment, removeVm } from "./changes.js";
import { button, code, el, empty, hostLink, number, status, tag, tags } from "./dom.js";
import { Table } from "./table.js";

export function hostStatus(host) {
	return host.live ? status("good", "Up") : status("bad", "Not heard of");
}

// A VM is up with its host; else it has addresses, but no place.
function vmStatus(vm) {
	return vm.live ? status("good", "Up") :
		vm.host ? status("bad", "Host is gone") : status("idle", "No host");
}

export function hostTable(live, who) {
	const vms = (h) => live.vmsOf(h.name).length;

	return new Table({
		caption: "hosts", key: (h) => h.name,
		without: empty("No host yet", "On a host, “vmnetctl join” joins it, with the address " +
			       "and fingerprint of the board, and a token by “vmnet-board token add host”."),
		columns: [
			{ name: "Host", text: (h) => h.name, cell: (h) => hostLink(live.domain, h.name) },
			{ name: "State", text: (h) => h.live ? "up" : "not heard of", cell: hostStatus },
			{ name: "Node", kind: "num", text: (h) => String(h.node || ""), sort: (h) => h.node || 0 },
			{ name: "Addresses", text: (h) => h.addresses.join(" "),
			  cell: (h) => h.addresses.map((a) => el("div", null, code(a))) },
			{ name: "Transports", text: (h) => h.transports.join(" "), cell: (h) => tags(h.transports) },
			{ name: "Segments", text: (h) => h.segments.join(" "),
			  cell: (h) => h.segments.length > 3 ?
				[tags(h.segments.slice(0, 2)), ` +${h.segments.length - 2}`] : tags(h.segments) },
			{ name: "VMs", kind: "num", text: (h) => String(vms(h)), sort: vms },
			{ name: "Lease", kind: "num", text: (h) => h.ttl ? `${h.ttl} s` : "", sort: (h) => h.ttl || 0 },
			{ name: "", kind: "act", cell: (h) => may(who, live).host(h.name) &&
				button("Remove", () => removeHost(live, h), "quiet", `Remove host ${h.name}`) },
		],
	});
}

export function vmTable(live, who, of) {
	return new Table({
		caption: "VMs", key: (v) => `${v.segment}/${v.name}`,
		without: of ? empty("No VM", "This host has none.") :
			empty("No VM yet", live.segments.size || !may(who, live).admin ?
			      "“vmnetctl add-vm” on a host adds one; so does whoever may here." :
			      "First add a segment, in which VMs get their addresses."),
		actions: may(who, live).add && !of && button("Add VM", () => addVm(live, who), "primary"),
		columns: [
			{ name: "VM", text: (v) => v.name },
			{ name: "State", text: (v) => v.live ? "up" : v.host ? "host is gone" : "no host", cell: vmStatus },
			{ name: "Segment", text: (v) => v.segment, cell: (v) => tag(v.segment) },
			{ name: "IPv4", text: (v) => v.ipv4 || "", cell: (v) => code(v.ipv4) },
			{ name: "IPv6", text: (v) => v.ipv6 || "", cell: (v) => code(v.ipv6) },
			{ name: "MAC", plain: true, text: (v) => v.mac || "", cell: (v) => code(v.mac) },
			!of && { name: "Host", text: (v) => v.host || "",
				 cell: (v) => v.host ? hostLink(live.domain, v.host) : code("") },
			{ name: "", kind: "act", cell: (v) => may(who, live).host(v.host || "") &&
				button("Remove", () => removeVm(live, v), "quiet", `Remove VM ${v.name}`) },
		].filter(Boolean),
	});
}

export function segmentTable(live, who) {
	const admin = may(who, live).admin;
	const counted = (list, has) => {
		const counts = new Map();

		for (const thing of list)
			for (const name of has(thing))
				counts.set(name, (counts.get(name) || 0) + 1);
		return counts;
	};
	let vms, hosts;
	const table = new Table({
		caption: "segments", key: (s) => s.name,
		without: empty("No segment yet", admin ? "Add one: VMs get their addresses from it." :
			       "An admin can add one."),
		actions: admin && button("Add segment", () => addSegment(live), "primary"),
		columns: [
			{ name: "Segment", text: (s) => s.name },
			{ name: "VNI", kind: "num", text: (s) => String(s.vni), sort: (s) => s.vni },
			{ name: "IPv4", text: (s) => s.ipv4 || "", cell: (s) => code(s.ipv4) },
			{ name: "IPv6", text: (s) => s.ipv6 || "", cell: (s) => code(s.ipv6) },
			{ name: "Gateway", text: (s) => s.gateway || "", cell: (s) => code(s.gateway) },
			{ name: "DNS", text: (s) => (s.dns || []).join(" "),
			  cell: (s) => s.dns ? s.dns.map((a) => el("div", null, code(a))) : code("") },
			{ name: "Hosts", kind: "num", text: (s) => number(hosts.get(s.name) || 0),
			  sort: (s) => hosts.get(s.name) || 0 },
			{ name: "VMs", kind: "num", text: (s) => number(vms.get(s.name) || 0),
			  sort: (s) => vms.get(s.name) || 0 },
			{ name: "", kind: "act", cell: (s) => admin &&
				button("Remove", () => removeSegment(live, s.name), "quiet", `Remove segment ${s.name}`) },
		],
	});

	return {
		node: table.node,
		update: () => {
			vms = counted(live.vms.values(), (v) => [v.segment]);
			hosts = counted(live.hosts.values(), (h) => h.segments || []);
			table.update([...live.segments.values()]);
		},
	};
}
