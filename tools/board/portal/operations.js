// SPDX-License-Identifier: GPL-2.0
// For who looks after a domain: versions, leases, errors, what happened.

import { all, ask, path, text } from "./api.js";
import { ago, card, code, el, empty, facts, failure, hostLink, number, plainTable, plural, status,
	 tag, when } from "./dom.js";
import { Table } from "./table.js";

const UPDATE_MS = 5000;
const LATE_S = 120;	// an agent reports each 30 s, if nothing changes

const TYPES = { joined: "good", added: "good", left: "idle", removed: "idle",
		expired: "bad", problem: "warn" };

// Prometheus's text, as a map from "name{labels}".
function metrics(page) {
	const map = new Map();

	for (const line of page.split("\n")) {
		const [, name, value] = /^vmnet_board_(\S+) (\d+)$/.exec(line) || [];

		if (name)
			map.set(name, Number(value));
	}
	return map;
}

function boardCard(health, m) {
	return card("Board", facts([
		["Version", code(health.version)],
		["Store", m.get("store_up") ? status("good", "works") : status("bad", "cannot be reached")],
		["Revision", number(m.get("revision"))], ["Records", number(m.get("records"))],
		["Watchers", number(m.get("watches"))], ["Connections", number(m.get("connections"))],
		["Leases that ended", number(m.get("leases_expired_total"))],
		["Changes not stored", number(m.get("store_failures_total"))],
		["Connections too slow", number(m.get("slow_total"))],
		["Refused requests", number((m.get('requests_total{status="4xx"}') || 0) + (m.get('requests_total{status="5xx"}') || 0))],
	]), el("p", { class: "hint" }, "Since this board began, of all domains."));
}

function errorsCard(m) {
	const rows = [...m].map(([name, value]) => [/^problems_total\{code="(\w+)"\}$/.exec(name), value])
		.filter(([found, value]) => found && value).sort(([, a], [, b]) => b - a)
		.map(([found, value]) => [code(found[1]), number(value)]);

	return card("Errors", rows.length ? plainTable("Errors by code", ["Code", "Times"], rows) :
		    empty("No errors", "The board has refused nothing since it began."));
}

function versionsCard(live, reports) {
	const counts = new Map();

	for (const { versions = {} } of reports) {
		const row = ["agent", "vmnet", "rrdp", "kernel"].map((name) => versions[name] || "?");
		const key = JSON.stringify(row);

		counts.set(key, (counts.get(key) || 0) + 1);
	}
	const rows = [...counts].sort(([, a], [, b]) => b - a)
		.map(([key, count]) => [...JSON.parse(key).map((v) => code(v)), number(count)]);
	const silent = live.hosts.size - reports.length;

	return card("Versions on hosts", rows.length ?
		plainTable("Versions", ["Agent", "vmnet", "rrdp", "Kernel", "Hosts"], rows) :
		empty("No reports yet", "Agents report some seconds after they joined."),
		rows.length > 1 && el("p", { class: "hint" }, "Hosts differ: bring the others up to the newest."),
		rows.length > 0 && silent > 0 && el("p", { class: "hint" }, `${plural(silent, "host")} did not report to this board.`));
}

function leaseTable(live) {
	return new Table({
		caption: "leases", key: (l) => l.name, page: 10,
		without: empty("No lease", "Hosts that join have one."),
		columns: [
			{ name: "Host", text: (l) => l.name, cell: (l) => hostLink(live.domain, l.name) },
			{ name: "Lease", text: (l) => l.live ? "renewed" : "ended",
			  cell: (l) => l.live ? status("good", "Renewed") : status("bad", "Ended") },
			{ name: "TTL", kind: "num", text: (l) => l.ttl ? `${l.ttl} s` : "–", sort: (l) => l.ttl || 0 },
			{ name: "Last report", text: (l) => l.received ? ago(l.received) : "none",
			  sort: (l) => l.received || 0, cell: (l) => !l.received ? status("idle", "None") :
				Date.now() / 1000 - l.received > LATE_S ? status("warn", ago(l.received)) : ago(l.received) },
			{ name: "Networks", kind: "num", text: (l) => number(l.nets), sort: (l) => l.nets || 0 },
			{ name: "Ports", kind: "num", text: (l) => number(l.ports), sort: (l) => l.ports || 0 },
			{ name: "MACs", kind: "num", text: (l) => number(l.macs), sort: (l) => l.macs || 0 },
		],
	});
}

function eventTable(live) {
	return new Table({
		caption: "events", key: (e) => `${e.time} ${e.type} ${e.kind} ${e.segment} ${e.name}`, page: 20, down: true,
		without: empty("Nothing happened", "since this board began."),
		columns: [
			{ name: "Time", text: (e) => when(e.time).textContent, cell: (e) => when(e.time),
			  sort: (e) => e.time },
			{ name: "What", text: (e) => e.type, cell: (e) => status(TYPES[e.type] || "idle", e.type) },
			{ name: "Of", text: (e) => [e.kind, e.segment, e.name].filter(Boolean).join(" "),
			  cell: (e) => [tag(e.kind), " ", e.kind === "host" ? hostLink(live.domain, e.name) :
				[e.segment, e.name].filter(Boolean).join("/")] },
			{ name: "Details", text: (e) => e.text || "",
			  cell: (e) => [e.text || "", e.count > 1 && el("span", { class: "hint" }, ` ${number(e.count)} times`)] },
		],
	});
}

// The board is well, or says why it is not; both are shown.
async function healthOf() {
	try {
		return await ask("GET", "healthz");
	} catch (error) {
		if (error.status === 503)
			return {};
		throw error;
	}
}

export function operationsPage(main, live) {
	const problem = el("div");
	const columns = el("div", { class: "columns" });
	const leases = leaseTable(live), events = eventTable(live);
	const rest = el("div", { class: "inside", hidden: true }, card("Leases", leases.node), card("Event log", events.node));
	let reports = [];
	const showLeases = () => {
		const known = new Map(reports.map((r) => [r.name, r]));

		leases.update(live.allHosts().map((host) => ({ ...known.get(host.name), ...host })));
	};
	const update = async () => {
		try {
			const where = path("domains", live.domain);
			const [health, page, log, list] = await Promise.all([
				healthOf(), text("metrics"), ask("GET", `${where}/events`), all(`${where}/reports`)]);
			const m = metrics(page);

			reports = list;
			columns.replaceChildren(boardCard(health, m), versionsCard(live, list), errorsCard(m));
			events.update(log.items);
			showLeases();
			rest.hidden = false;
			problem.replaceChildren();
		} catch (error) {
			problem.replaceChildren(failure(error, update));
		}
	};
	const off = live.subscribe(showLeases);
	const timer = setInterval(() => document.hidden || update(), UPDATE_MS);

	main.append(problem, columns, rest);
	update();
	return () => {
		off();
		clearInterval(timer);
	};
}
