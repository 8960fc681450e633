// SPDX-License-Identifier: GPL-2.0
// A domain: its hosts, VMs and segments as they are now.

import { ask, path } from "./api.js";
import { button, code, el, empty, hostLink, link, notice, number, plural, status, tag, tags } from "./dom.js";
import { NAME, dialog } from "./dialog.js";
import { drawingPage } from "./drawing.js";
import { hostPage } from "./host.js";
import { operationsPage } from "./operations.js";
import { Table } from "./table.js";

const TABS = [["network", "Network"], ["hosts", "Hosts"], ["vms", "VMs"],
	      ["segments", "Segments"], ["operations", "Operations"]];

const MAC = "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}";

// What the token lets its owner change.
export function may(who, live) {
	const admin = who.role === "admin" && (!who.domain || who.domain === live.domain);

	return {
		admin,
		host: (name) => admin || (who.role === "host" && who.host === name),
		add: admin || (who.role === "host" && Boolean(who.host)),
	};
}

/* ---------------------------------------------------------------- changes */

export function removeHost(live, host) {
	const vms = live.vmsOf(host.name);
	const text = host.live ?
		`Its ${plural(vms.length, "VM")} lose their addresses, and all other hosts forget it. ` +
		"An agent that still runs there will join again: stop it first, by “vmnetctl leave”." :
		`It was not heard of in time. Its ${plural(vms.length, "VM")} and their addresses are given up.`;

	dialog({
		title: `Remove host “${host.name}”?`, text, verb: "Remove host", danger: true,
		submit: async () => {
			if (host.live)
				await ask("DELETE", path("domains", live.domain, "hosts", host.name));
			else
				for (const vm of vms)
					await ask("DELETE", vmPath(live, vm.segment, vm.name));
			notice(`Host “${host.name}” was removed.`);
		},
	});
}

function vmPath(live, segment, name) {
	return path("domains", live.domain, "segments", segment, "vms", name);
}

function addVm(live, who) {
	const own = !may(who, live).admin;

	dialog({
		title: "Add a VM", verb: "Add VM",
		text: "It gets its addresses now, and keeps them until it is removed.",
		fields: [
			{ name: "segment", label: "Segment", required: true, options: [...live.segments.keys()].sort() },
			{ name: "name", label: "Name", ...NAME },
			{ name: "host", label: "Host", value: own ? who.host : "", fixed: own,
			  suggest: own ? null : [...live.hosts.keys()].sort(), help: "Where it runs; may be said later" },
			{ name: "ipv4", label: "IPv4 address", help: "Else a free one of the segment" },
			{ name: "ipv6", label: "IPv6 address", help: "Else a free one of the segment" },
			{ name: "mac", label: "MAC address", pattern: MAC, placeholder: "02:00:00:00:00:01",
			  help: "Else a free one" },
		],
		submit: async ({ segment, name, ...body }) => {
			if (live.vms.has(`${segment}/${name}`))
				throw Object.assign(new Error(`There is a VM “${name}” in segment “${segment}”: take another name.`),
						    { title: "The name is taken" });
			const vm = await ask("PUT", vmPath(live, segment, name), body);

			notice(`VM “${name}” was added: ${[vm.ipv4, vm.ipv6, vm.mac].filter(Boolean).join(", ")}.`);
		},
	});
}

function removeVm(live, vm) {
	dialog({
		title: `Remove VM “${vm.name}”?`, verb: "Remove VM", danger: true,
		text: `Its addresses ${[vm.ipv4, vm.ipv6].filter(Boolean).join(" and ") || vm.mac} are free then, and may be given to another.`,
		submit: async () => {
			await ask("DELETE", vmPath(live, vm.segment, vm.name));
			notice(`VM “${vm.name}” was removed.`);
		},
	});
}

function addSegment(live) {
	const vnis = [...live.segments.values()].map((s) => s.vni);

	dialog({
		title: "Add a segment", verb: "Add segment",
		text: "A segment is a virtual network; VMs get their addresses from its prefixes.",
		fields: [
			{ name: "name", label: "Name", ...NAME },
			{ name: "vni", label: "VNI", type: "number", min: 1, max: 16777215, required: true,
			  value: Math.max(0, ...vnis) + 1, help: "Number of the network in frames, 1 to 16777215" },
			{ name: "ipv4", label: "IPv4 prefix", placeholder: "10.1.0.0/16" },
			{ name: "ipv6", label: "IPv6 prefix", placeholder: "fd00:1::/64" },
		],
		submit: async ({ name, vni, ...body }) => {
			if (live.segments.has(name))
				throw Object.assign(new Error(`There is a segment “${name}”: take another name.`),
						    { title: "The name is taken" });
			await ask("PUT", path("domains", live.domain, "segments", name), { vni: Number(vni), ...body });
			notice(`Segment “${name}” was added.`);
		},
	});
}

function removeSegment(live, name) {
	dialog({
		title: `Remove segment “${name}”?`, verb: "Remove segment", danger: true,
		text: "No VM and no host may be in it any more.",
		submit: async () => {
			await ask("DELETE", path("domains", live.domain, "segments", name));
			notice(`Segment “${name}” was removed.`);
		},
	});
}

/* ----------------------------------------------------------------- tables */

export function hostStatus(host) {
	return host.live ? status("good", "Up") : status("bad", "Not heard of");
}

// A VM is up with its host; else it has addresses, but no place.
function vmStatus(vm) {
	return vm.live ? status("good", "Up") :
		vm.host ? status("bad", "Host is gone") : status("idle", "No host");
}

function vmState(live, vm) {
	return { ...vm, live: vm.live && live.hosts.has(vm.host) };
}

function hostTable(live, who) {
	const vms = (h) => live.vmsOf(h.name).length;

	return new Table({
		caption: "hosts", key: (h) => h.name,
		without: empty("No host yet", "On a host, “vmnetctl join” with the board's address and fingerprint, and a token that “vmnet-board token add host” made, joins it."),
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
			{ name: "MAC", text: (v) => v.mac || "", cell: (v) => code(v.mac) },
			!of && { name: "Host", text: (v) => v.host || "",
				 cell: (v) => v.host ? hostLink(live.domain, v.host) : code("") },
			{ name: "", kind: "act", cell: (v) => may(who, live).host(v.host || "") &&
				button("Remove", () => removeVm(live, v), "quiet", `Remove VM ${v.name}`) },
		].filter(Boolean),
	});
}

function segmentTable(live, who) {
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

function tablePage(main, live, table, rows) {
	main.append(el("section", { class: "card" }, table.node));
	return live.subscribe(() => live.synced && table.update(rows && rows()));
}

/* ------------------------------------------------------------------- page */

const pages = {
	network: (main, live) => drawingPage(main, live),
	hosts: (main, live, who) => tablePage(main, live, hostTable(live, who), () => live.allHosts()),
	vms: (main, live, who) => tablePage(main, live, vmTable(live, who), () =>
		[...live.vms.values()].map((vm) => vmState(live, vm))),
	segments: (main, live, who) => tablePage(main, live, segmentTable(live, who)),
	operations: (main, live) => operationsPage(main, live),
	host: (main, live, who, name) => hostPage(main, live, who, name),
};

export function isPage(name) {
	return name in pages;
}

function tile(value, text, kind) {
	return el("div", { class: `tile ${kind || ""}` }, el("b", null, number(value)), el("span", null, text));
}

function summary(live) {
	const gone = live.allHosts().length - live.hosts.size;
	const up = [...live.vms.values()].filter((vm) => vmState(live, vm).live).length;
	const rest = live.vms.size - up;

	return [tile(live.hosts.size, live.hosts.size === 1 ? "host up" : "hosts up"),
		gone > 0 && tile(gone, "not heard of", "bad"),
		tile(up, up === 1 ? "VM up" : "VMs up"),
		rest > 0 && tile(rest, rest === 1 ? "VM without host" : "VMs without host", "warn"),
		tile(live.segments.size, live.segments.size === 1 ? "segment" : "segments")].filter(Boolean);
}

export function domainPage(main, who, live, page, name) {
	const tiles = el("div", { class: "tiles" });
	const inside = el("div", { class: "inside" });
	const off = live.subscribe(() => live.synced && tiles.replaceChildren(...summary(live)));
	const current = page === "host" ? "hosts" : page;

	main.append(el("nav", { class: "crumbs", "aria-label": "Where this is" },
		       el("a", { href: "#/" }, "Domains"), el("span", { "aria-hidden": "true" }, "/"),
		       page === "host" ? [el("a", { href: link("d", live.domain, "hosts") }, live.domain),
					  el("span", { "aria-hidden": "true" }, "/"), el("span", null, name)] :
		       el("span", null, live.domain)),
		    el("div", { class: "title" }, el("h1", null, page === "host" ? name : live.domain),
		       page === "host" ? null : tiles),
		    el("nav", { class: "tabs", "aria-label": "Parts of the domain" }, TABS.map(([part, text]) =>
			el("a", { href: link("d", live.domain, part),
				  "aria-current": part === current ? "page" : null }, text))), inside);
	const end = pages[page](inside, live, who, name);

	return () => {
		off();
		end();
	};
}
