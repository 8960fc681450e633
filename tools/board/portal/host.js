// SPDX-License-Identifier: GPL-2.0
// A host: what the board knows of it, and what it says of itself.

import { ask, path } from "./api.js";
import { may, removeHost } from "./changes.js";
import { ago, button, card, code, el, empty, facts, failure, hostLink, number, plainTable, status,
	 tag, tags, when } from "./dom.js";
import { hostStatus, vmTable } from "./lists.js";
import { subnetOf } from "./live.js";
import { Table } from "./table.js";

const UPDATE_MS = 5000;

const PEERS = { up: "good", connecting: "warn", down: "bad" };

function who(live, node) {
	if (node === null || node === undefined || node === "")
		return el("span", { class: "none" }, "nobody");
	return live.hosts.has(node) ? hostLink(live.domain, node) : String(node);
}

function subnets(live, list) {
	return plainTable("Subnets", ["Subnet", "Forwarder", "Mode", "Reason"], list.map((s) =>
		[subnetName(live, s.subnet), who(live, s.forwarder), s.mode && tag(s.mode), s.reason || ""]));
}

function peers(live, list) {
	return new Table({
		caption: "peers", key: (p) => `${p.node} ${p.transport}`, page: 10,
		columns: [
			{ name: "Peer", text: (p) => String(p.node), cell: (p) => who(live, p.node) },
			{ name: "State", text: (p) => p.state || "", cell: (p) => status(PEERS[p.state] || "idle", p.state || "?") },
			{ name: "Transport", text: (p) => p.transport || "", cell: (p) => p.transport && tag(p.transport) },
			{ name: "Frames sent", kind: "num", text: (p) => number(p.tx_frames), sort: (p) => p.tx_frames || 0 },
			{ name: "Frames received", kind: "num", text: (p) => number(p.rx_frames), sort: (p) => p.rx_frames || 0 },
		],
	});
}

function fdb(live) {
	return new Table({
		caption: "MAC addresses", key: (m) => `${m.mac} ${m.vlan}`, page: 10,
		columns: [
			{ name: "MAC", plain: true, text: (m) => m.mac || "", cell: (m) => code(m.mac) },
			{ name: "VLAN", kind: "num", text: (m) => m.vlan ? String(m.vlan) : "–", sort: (m) => m.vlan || 0 },
			{ name: "Behind", text: (m) => String(m.via ?? ""), cell: (m) => who(live, m.via) },
		],
	});
}

function ports(list) {
	return plainTable("Ports", ["Port", "MAC", "Frames from it", "Frames to it"], list.map((p) =>
		[code(p.name), code(p.mac), number(p.rx_frames), number(p.tx_frames)]));
}

function part(title, count, content) {
	return el("div", { class: "part" }, el("h3", null, title, " ", el("span", { class: "count" }, number(count))),
		  count ? content : el("p", { class: "none" }, "None."));
}

function subnetName(live, subnet) {
	const host = [...live.hosts.values()].find((h) => h.subnet === subnet);

	return host ? subnetOf(host) : `subnet ${subnet}`;
}

// Shows a network of a report; tables are kept, with what was searched and sorted.
class Net {
	constructor(live) {
		this.live = live;
		this.peers = peers(live);
		this.fdb = fdb(live);
		this.node = el("section", { class: "card" });
	}

	update(net) {
		const list = (name) => net[name] || [];
		const total = net.fdb_total ?? list("fdb").length;

		const content = [
			el("h2", null, net.segment || "Network"),
			facts([["Device", code(net.device)], ["VNI", number(net.vni)],
			       ["Peers up", `${number(list("peers").filter((p) => p.state === "up").length)} of ${number(list("peers").length)}`],
			       ["MAC addresses", number(total)]]),
			part("Subnets", list("subnets").length, subnets(this.live, list("subnets"))),
			part("Peers", list("peers").length, this.peers.node),
			part("Ports", list("ports").length, ports(list("ports"))),
			part("MAC database", total, [
				total > list("fdb").length && el("p", { class: "hint" }, list("fdb").length ?
					`The first ${number(list("fdb").length)} of ${number(total)}.` :
					"The host told only how many: there are too many to tell."),
				this.fdb.node]),
		];

		this.peers.update(list("peers"));
		this.fdb.update(list("fdb"));
		this.fdb.node.hidden = !list("fdb").length;
		// What has the focus stays where it is, if it is in a table.
		const held = this.node.contains(document.activeElement) ? document.activeElement : null;

		this.node.replaceChildren(...content);
		if (held && held.isConnected)
			held.focus({ preventScroll: true });
	}
}

function eventsCard(list) {
	return card("Events of the host", list.length ?
		el("ul", { class: "events" }, [...list].reverse().map((e) =>
			el("li", null, when(e.time), el("span", null, e.text || "")))) :
		el("p", { class: "none" }, "It reported none."));
}

class Report {
	constructor(live, name) {
		this.live = live;
		this.name = name;
		this.nets = new Map();
		this.problem = el("div");
		this.head = el("div");
		this.body = el("div", { class: "inside" });
		this.events = el("div");
		this.node = el("div", { class: "inside" }, this.problem, this.head, this.body, this.events);
	}

	show({ received, report }) {
		const versions = report.versions || {};

		this.head.replaceChildren(card("Report", facts([
			["Received", when(received), el("span", { class: "hint" }, ` ${ago(received)}`)],
			["Agent", code(versions.agent)], ["vmnet", code(versions.vmnet)],
			["rrdp", code(versions.rrdp)], ["Kernel", code(versions.kernel)]])));
		const shown = (report.nets || []).map((net, i) => {
			const key = `${net.segment} ${net.device} ${i}`;

			if (!this.nets.has(key))
				this.nets.set(key, new Net(this.live));
			this.nets.get(key).update(net);
			return this.nets.get(key).node;
		});

		// Moving a node takes its focus away.
		if (shown.length !== this.body.children.length || shown.some((n, i) => n !== this.body.children[i]))
			this.body.replaceChildren(...shown);
		this.events.replaceChildren(eventsCard(report.events || []));
	}

	clear() {
		this.head.replaceChildren();
		this.body.replaceChildren();
		this.events.replaceChildren();
	}

	async update() {
		try {
			this.show(await ask("GET", path("domains", this.live.domain, "hosts", this.name, "report")));
			this.problem.replaceChildren();
		} catch (error) {
			if (error.status === 401)
				return;
			if (error.status === 404)
				this.clear();
			this.problem.replaceChildren(error.status === 404 ?
				card("Report", empty("Nothing reported", this.live.hosts.has(this.name) ?
					"Its agent reports some seconds after it joined. If it does not, see its log." :
					"The host is not there; what it reported went with it.")) :
				failure(error, () => this.update()));
		}
	}
}

export function hostPage(main, live, owner, name) {
	const head = el("div");
	const vms = vmTable(live, owner, name);
	const report = new Report(live, name);
	let shown = "";
	const draw = () => {
		if (!live.synced)
			return;
		const known = live.hosts.get(name);
		const host = known ? { ...known, live: true } :
			{ name, live: false, addresses: [], transports: [], segments: [] };
		const there = host.live || live.vmsOf(name).length;
		const text = JSON.stringify(host) + there;

		vms.update(live.vmsOf(name).map((vm) => live.withState(vm)));
		if (text === shown)
			return;
		shown = text;
		head.replaceChildren(there ? card(null,
			el("div", { class: "toolbar" }, hostStatus(host), el("span", { class: "grow" }),
			   may(owner, live).host(name) && button("Remove host", () => removeHost(live, host), "danger")),
			facts(host.live ? [
				["Node", number(host.node)], ["Addresses", host.addresses.map((a) => el("div", null, code(a)))],
				["Subnet", subnetOf(host)], ["Transports", tags(host.transports)],
				["Segments", tags(host.segments)], ["Lease", `${number(host.ttl)} s`]] :
				[["VMs left behind", number(live.vmsOf(name).length)]])) :
			card(null, empty("This host is not there",
					 "It left, or was not heard of in time; if it joins again, it is here.")));
		report.update();
	};
	const off = live.subscribe(draw);
	const timer = setInterval(() => document.hidden || report.update(), UPDATE_MS);

	main.append(head, card("VMs", vms.node), report.node);
	return () => {
		off();
		clearInterval(timer);
	};
}
