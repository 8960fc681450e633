// SPDX-License-Identifier: GPL-2.0
// Dialogs that change a domain, for who may do that.

import { ask, path } from "./api.js";
import { NAME, dialog } from "./dialog.js";
import { notice, plural } from "./dom.js";

const MAC = "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}";
const OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;
const SERVERS = 3;

// What the token lets its owner change.
export function may(who, live) {
	const admin = who.role === "admin" && (!who.domain || who.domain === live.domain);

	return {
		admin,
		host: (name) => admin || (who.role === "host" && who.host === name),
		add: admin || (who.role === "host" && Boolean(who.host)),
	};
}

export function removeHost(live, host) {
	const vms = live.vmsOf(host.name);
	const what = vms.length ? `With it ${vms.length > 1 ? "go" : "goes"} ${plural(vms.length, "VM")}, ` +
		"and addresses that others may get then. " : "It has no VMs. ";
	const text = what + (host.live ?
		"If its agent still runs, it joins again: “vmnetctl leave” there ends that." :
		"It was not heard of in time.");

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

export function addVm(live, who) {
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

export function removeVm(live, vm) {
	dialog({
		title: `Remove VM “${vm.name}”?`, verb: "Remove VM", danger: true,
		text: `Others may get ${[vm.ipv4, vm.ipv6].filter(Boolean).join(" and ") || vm.mac} then.`,
		submit: async () => {
			await ask("DELETE", vmPath(live, vm.segment, vm.name));
			notice(`VM “${vm.name}” was removed.`);
		},
	});
}

export function addSegment(live) {
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
			{ name: "gateway", label: "Gateway", pattern: `\\s*${IPV4}\\s*`, placeholder: "10.1.0.1",
			  help: "Router, which guests are told of: an IPv4 address in the prefix, for a VM that asks for it" },
			{ name: "dns", label: "DNS servers", placeholder: "10.1.0.1 10.1.0.2",
			  pattern: `\\s*${IPV4}([\\s,]+${IPV4}){0,${SERVERS - 1}}\\s*`,
			  help: `Which guests are told of: up to ${SERVERS} IPv4 addresses with blanks between` },
		],
		submit: async ({ name, vni, dns, ...body }) => {
			if (live.segments.has(name))
				throw Object.assign(new Error(`There is a segment “${name}”: take another name.`),
						    { title: "The name is taken" });
			if (dns)
				body.dns = dns.split(/[\s,]+/);
			await ask("PUT", path("domains", live.domain, "segments", name), { vni: Number(vni), ...body });
			notice(`Segment “${name}” was added.`);
		},
	});
}

export function removeSegment(live, name) {
	dialog({
		title: `Remove segment “${name}”?`, verb: "Remove segment", danger: true,
		text: "No VM may be in it any more. Hosts leave it when they are told.",
		submit: async () => {
			await ask("DELETE", path("domains", live.domain, "segments", name));
			notice(`Segment “${name}” was removed.`);
		},
	});
}
