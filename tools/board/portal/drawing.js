// SPDX-License-Identifier: GPL-2.0
// The drawing of a domain: subnets, their hosts, who forwards, and guests.

import { all, ask, path } from "./api.js";
import { el, empty, failure, link, plural, svg } from "./dom.js";
import { subnetOf } from "./live.js";

const UPDATE_MS = 10000;
const ASKED_SUBNETS = 32;	// in one round, of so many it is asked who forwards,
const ASKED_FORWARDERS = 32;	// and so many are asked for their peers
const HOSTS_WITH_GUESTS = 24, GUESTS = 150, HOSTS = 96;	// more is shown in less detail
const TILES = 60, PILLS = 6;	// of a subnet, of a host
const COLOURS = 6;		// of segments, see style.css

const GAP = 12, PAD = 16, HEAD = 52, TRUNK = 36, DROP = 46;
const TILE = 160, TILE_HEAD = 48, PILL = 24;
const DOT = 16;
const CHAR = 7.4;		// width of a character, about

const collator = new Intl.Collator("en", { numeric: true });

function cut(text, width) {
	const room = Math.max(1, Math.floor(width / CHAR));

	return text.length > room ? text.slice(0, room - 1) + "…" : text;
}

/* ------------------------------------------------------ who forwards, by what */

// What a host says of who forwards for its subnet, by segment.
function netsIn(report, subnet) {
	const found = new Map();

	for (const net of report.nets || [])
		for (const s of net.subnets || [])
			if (s.subnet === subnet)
				found.set(net.segment, s);
	return found;
}

// Its peers, by segment and name.
function peersIn(report) {
	return new Map((report.nets || []).map((net) =>
		[net.segment, new Map((net.peers || []).map((p) => [p.node, p]))]));
}

// Forwarders of all subnets, so that those asked first are not all of one.
function inTurn(nets) {
	const turns = [];

	for (const bySegment of nets.values())
		[...new Set([...bySegment.values()].map((s) => s.forwarder))].forEach((name, i) => {
			turns[i] = [...(turns[i] || []), name];
		});
	return new Set(turns.flat());
}

/*
 * What is asked of some keys each time: of those that are new, then of those asked longest
 * ago, as maps keep the order in which things were set. Of others what is known stays.
 */
async function renew(known, wanted, room, ask) {
	const next = new Map([...known].filter(([key]) => wanted.has(key)));
	const keys = [...[...wanted].filter((key) => !known.has(key)), ...next.keys()];

	for (const key of keys.slice(0, room)) {
		const value = await ask(key);

		next.delete(key);
		next.set(key, value);
	}
	return next;
}

/*
 * Hosts of a subnet agree on who forwards, so one of each is asked, and who forwards is
 * asked for its peers. A board has many viewers: not all is asked at once.
 */
class Forwarders {
	constructor(live) {
		this.live = live;
		this.nets = new Map();	// subnet to {forwarder, mode}, by segment
		this.peers = new Map();	// host to its peers, by segment and name
		this.ended = false;
	}

	async report(name) {
		// The page was left: nobody waits for the rest.
		if (this.ended)
			return {};
		try {
			return (await ask("GET", path("domains", this.live.domain, "hosts", name, "report"))).report;
		} catch (error) {
			// It has left, or not reported yet.
			if (error.status === 404)
				return {};
			throw error;
		}
	}

	// One host of each subnet, of those that reported.
	async reporters() {
		const first = new Map();

		for (const { name } of await all(path("domains", this.live.domain, "reports"))) {
			const host = this.live.hosts.get(name);

			if (host && !first.has(host.subnet))
				first.set(host.subnet, name);
		}
		return first;
	}

	// What was known is shown until all is known anew, and also if that fails.
	async update() {
		const first = await this.reporters();
		const asked = new Map();
		const report = async (name) => {
			if (!asked.has(name))
				asked.set(name, await this.report(name));
			return asked.get(name);
		};
		const nets = await renew(this.nets, new Set(first.keys()), ASKED_SUBNETS,
					 async (subnet) => netsIn(await report(first.get(subnet)), subnet));
		const names = new Set([...inTurn(nets)].filter((name) => this.live.hosts.has(name)));
		const peers = await renew(this.peers, names, ASKED_FORWARDERS,
					  async (name) => peersIn(await report(name)));

		this.nets = nets;
		this.peers = peers;
	}

	// Who forwards for a subnet, in any of these segments.
	of(subnet, segments) {
		const nets = this.nets.get(subnet) || new Map();
		const found = new Map();

		for (const segment of segments) {
			const net = nets.get(segment);

			if (net && this.live.hosts.has(net.forwarder))
				found.set(net.forwarder, [...(found.get(net.forwarder) || []), segment]);
		}
		return found;
	}

	// None before it was asked.
	peersOf(host, segments) {
		const peers = this.peers.get(host);

		return peers && new Map(segments.flatMap((segment) => [...peers.get(segment) || []]));
	}
}

/* ---------------------------------------------------------------- what there is */

function gather(live, forwarders, segment) {
	const segments = segment ? [segment] : [...live.segments.keys()];
	const subnets = new Map();

	for (const host of live.allHosts()) {
		const vms = live.vmsOf(host.name)
			.filter((vm) => !segment || vm.segment === segment).map((vm) => live.withState(vm));
		const key = host.live ? host.subnet : "gone";

		if (segment && !vms.length && !(host.segments || []).includes(segment))
			continue;
		if (!subnets.has(key))
			subnets.set(key, { key, gone: !host.live, hosts: [] });
		subnets.get(key).hosts.push({ ...host, vms });
	}
	for (const subnet of subnets.values()) {
		subnet.name = subnet.gone ? "Not heard of" : subnetOf(subnet.hosts[0]);
		subnet.forwarders = subnet.gone ? new Map() : forwarders.of(subnet.key, segments);
		const peers = [...subnet.forwarders.keys()].map((name) => forwarders.peersOf(name, segments)).filter(Boolean);

		subnet.asked = peers.length > 0;
		subnet.peers = new Map(peers.flatMap((of) => [...of]));
		subnet.hosts.sort((a, b) => subnet.forwarders.has(b.name) - subnet.forwarders.has(a.name) ||
			collator.compare(a.name, b.name));
		subnet.vms = subnet.hosts.reduce((sum, host) => sum + host.vms.length, 0);
	}
	return [...subnets.values()].sort((a, b) => a.gone - b.gone || collator.compare(a.name, b.name));
}

// By what the forwarder reaches other subnets: ["rrdp"], ["udp"], both, or none known.
function transports(subnet) {
	const own = new Set(subnet.hosts.map((host) => host.name));
	const used = [...subnet.peers.values()].filter((peer) => !own.has(peer.node) && peer.transport);

	return [...new Set(used.map((peer) => peer.transport))].sort();
}

function detailOf(subnets, wanted) {
	const hosts = subnets.reduce((sum, s) => sum + s.hosts.length, 0);
	const vms = subnets.reduce((sum, s) => sum + s.vms, 0);

	if (wanted)
		return wanted;
	if (hosts <= HOSTS_WITH_GUESTS && vms <= GUESTS)
		return "guests";
	return hosts <= HOSTS ? "hosts" : "subnets";
}

/* ------------------------------------------------------------------------ parts */

function pill(vm, x, y, width, colours) {
	const live = vm.live ? "" : " gone";

	return svg("g", { class: `pill seg-${colours.get(vm.segment)}${live}`, "data-vm": `${vm.segment}/${vm.name}` },
		   svg("title", null, `${vm.name} in ${vm.segment}: ${[vm.ipv4, vm.ipv6, vm.mac].filter(Boolean).join(", ")}`),
		   svg("rect", { x, y, width, height: PILL - 4, rx: 5 }),
		   svg("rect", { class: "mark", x: x + 6, y: y + 6, width: 8, height: 8, rx: 2 }),
		   svg("text", { x: x + 20, y: y + 14.500 }, cut(vm.name, width - 26)));
}

function tileHeight(host, guests) {
	return TILE_HEAD + (guests && host.vms.length ? Math.min(host.vms.length, PILLS + 1) * PILL + 6 : 0);
}

function tileDetail(subnet, host, guests) {
	const peer = subnet.peers.get(host.name);
	const by = peer ? peer.transport + (peer.state === "up" ? "" : ` ${peer.state}`) : (host.transports || []).join("/");

	if (!host.live)
		return plural(host.vms.length, "VM") + " left behind";
	return [subnet.forwarders.has(host.name) ? "forwards" : by,
		guests ? `node ${host.node}` : plural(host.vms.length, "VM")].filter(Boolean).join(" · ");
}

function tile(page, subnet, host, x, y, width, height, guests) {
	const forwards = subnet.forwarders.get(host.name);
	const kind = !host.live ? "gone" : forwards ? "forwards" : "";
	const shown = host.vms.length > PILLS + 1 ? host.vms.slice(0, PILLS) : host.vms;
	const pills = guests ? shown.map((vm, i) =>
		pill(vm, x + 8, y + TILE_HEAD + i * PILL, width - 16, page.colours)) : [];

	if (guests && shown.length < host.vms.length)
		pills.push(svg("text", { class: "more", x: x + 28, y: y + TILE_HEAD + PILLS * PILL + 14 },
			       `+${host.vms.length - shown.length} more`));
	return svg("a", { href: link("d", page.live.domain, "host", host.name), class: `tile-host ${kind}`,
			  "data-host": host.name, "data-key": `host ${host.name}`,
			  "data-forwards": forwards ? forwards.join(" ") : null },
		   svg("title", null, `${host.name}: ${host.live ? (host.addresses || []).join(", ") : "not heard of"}` +
		       (forwards ? `; forwards for its subnet in ${forwards.join(", ")}` : "")),
		   svg("rect", { class: "box", x, y, width, height, rx: 8 }),
		   svg("circle", { class: "dot", cx: x + 15, cy: y + 17, r: 4 }),
		   svg("text", { class: "name", x: x + 26, y: y + 21.500 }, cut(host.name, width - 34)),
		   svg("text", { class: "detail", x: x + 12, y: y + 38 }, cut(tileDetail(subnet, host, guests), width - 14)),
		   pills);
}

function dot(subnet, host, x, y) {
	const forwards = subnet.forwarders.has(host.name);
	const half = forwards ? 6 : 4.500;

	return svg("g", { class: `host-dot ${host.live ? "" : "gone"} ${forwards ? "forwards" : ""}`, "data-host": host.name },
		   svg("title", null, `${host.name}: ${plural(host.vms.length, "VM")}${forwards ? ", forwards" : ""}`),
		   host.live ? svg("rect", { x: x - half, y: y - half, width: 2 * half, height: 2 * half, rx: 2.500 }) :
		   svg("path", { d: `M${x - 4} ${y - 4}l8 8m0 -8l-8 8` }));
}

/* ----------------------------------------------------------------------- layout */

// Rows of tiles of a subnet, or of dots.
function inside(subnet, width, detail) {
	if (detail === "subnets") {
		const columns = Math.max(1, Math.floor((width - 2 * PAD) / DOT));

		return { columns, height: Math.ceil(subnet.hosts.length / columns) * DOT };
	}
	const columns = Math.max(1, Math.floor((width - 2 * PAD + GAP) / (TILE + GAP)));
	const tileWidth = (width - 2 * PAD + GAP) / columns - GAP;
	const shown = subnet.hosts.slice(0, TILES);
	const rows = [];

	for (let i = 0; i < shown.length; i += columns)
		rows.push(Math.max(...shown.slice(i, i + columns).map((h) => tileHeight(h, detail === "guests"))));
	return { columns, rows, shown, tileWidth,
		 height: rows.reduce((sum, h) => sum + h + GAP, -GAP) + (shown.length < subnet.hosts.length ? 26 : 0) };
}

function toggle(page, subnet, x, y, detail) {
	const open = detail !== "subnets";
	const act = () => page.toggle(subnet.key, open);

	return svg("g", { role: "button", tabindex: 0, class: "toggle", "data-key": `toggle ${subnet.key}`,
			  "aria-expanded": String(open), "aria-label": `Hosts of ${subnet.name}`, onclick: act,
			  onkeydown: (event) => {
				  if (event.key !== "Enter" && event.key !== " ")
					  return;
				  event.preventDefault();
				  act();
			  } },
		   svg("rect", { x: x - 58, y, width: 58, height: 24, rx: 6 }),
		   svg("text", { x: x - 29, y: y + 16, "text-anchor": "middle" }, open ? "Fold" : "Unfold"));
}

function box(page, subnet, x, y, width, height) {
	const { detail, layout } = subnet;
	const parts = [], top = y + HEAD;
	const plug = page.linked && !subnet.gone;
	const left = x + PAD + (plug ? 22 : 0);

	if (detail === "subnets") {
		subnet.hosts.forEach((host, i) => parts.push(dot(subnet, host,
			x + PAD + (i % layout.columns + 0.500) * DOT, top + (Math.floor(i / layout.columns) + 0.500) * DOT)));
	} else {
		let ty = top;

		layout.shown.forEach((host, i) => {
			const row = Math.floor(i / layout.columns), column = i % layout.columns;

			if (i && !column)
				ty += layout.rows[row - 1] + GAP;
			parts.push(tile(page, subnet, host, x + PAD + column * (layout.tileWidth + GAP), ty,
					layout.tileWidth, layout.rows[row], detail === "guests"));
		});
		if (layout.shown.length < subnet.hosts.length)
			parts.push(svg("text", { class: "more", x: x + PAD, y: top + layout.height - 4 },
				`+${plural(subnet.hosts.length - layout.shown.length, "more host")}: see the list of hosts`));
	}
	return svg("g", { class: `subnet ${subnet.gone ? "gone" : ""}`, "data-subnet": subnet.name, "data-detail": detail },
		   svg("rect", { class: "box", x, y, width, height, rx: 12 }),
		   svg("text", { class: "name", x: left, y: y + 23 }, cut(subnet.name, width - 140)),
		   svg("text", { class: "detail", x: left, y: y + 40 },
		       cut(`${plural(subnet.hosts.length, "host")}, ${plural(subnet.vms, "VM")}`, width - 140)),
		   page.folds && !subnet.gone && toggle(page, subnet, x + width - PAD, y + 14, detail), parts);
}

// From the network between subnets to who forwards.
function drop(subnet, x, y, top) {
	const by = transports(subnet);
	const has = subnet.forwarders.size > 0;
	const kind = !has ? "unknown" : by.includes("rrdp") ? "rrdp" : by.length ? "udp" : "";
	const text = !has ? "forwarder not reported" : by.join(" + ") ||
		(subnet.asked ? "no peer elsewhere" : "peers not reported");

	return svg("g", { class: `wire ${kind}`, "data-wire": subnet.name },
		   svg("path", { d: `M${x} ${y}V${has ? top + HEAD : top}` }),
		   svg("circle", { cx: x, cy: y, r: 4 }),
		   svg("text", { x: x + 9, y: y + 20 }, text));
}

// Subnets side by side; one that was unfolded has a row of its own.
function rowsOf(page, subnets, columns) {
	const rows = [];
	let open = false;

	for (const subnet of subnets) {
		const last = rows[rows.length - 1], alone = page.toggled.get(subnet.key) === "hosts";

		if (!last || open || alone || last.length === columns)
			rows.push([subnet]);
		else
			last.push(subnet);
		open = alone;
	}
	return rows;
}

function draw(page, subnets, width) {
	const left = page.linked ? TRUNK : 0;
	const room = width - left;
	const columns = Math.max(1, Math.min(subnets.length, Math.floor((room + GAP) / (2 * TILE + 4 * GAP + 2 * PAD))));
	const wires = [], boxes = [];
	let y = page.linked ? 40 : 1, last = 0;

	for (const row of rowsOf(page, subnets, columns)) {
		const count = page.toggled.get(row[0].key) === "hosts" ? 1 : columns;
		const boxWidth = (room - (count - 1) * GAP) / count;

		for (const subnet of row)
			subnet.layout = inside(subnet, boxWidth, subnet.detail);
		const wired = row.filter((subnet) => !subnet.gone);
		const height = Math.max(...row.map((s) => s.layout.height)) + HEAD + PAD;
		const top = y + (page.linked && wired.length ? DROP : 0);
		const xOf = (n) => left + n * (boxWidth + GAP);

		row.forEach((subnet, n) => boxes.push(box(page, subnet, xOf(n) + 0.500, top, boxWidth - 1, height)));
		if (page.linked && wired.length) {
			wires.push(svg("path", { class: "bus", d: `M14 ${y}H${xOf(wired.length - 1) + PAD + 10}` }));
			wired.forEach((subnet, n) => wires.push(drop(subnet, xOf(n) + PAD + 10, y, top)));
			last = y;
		}
		y = top + height + 2 * GAP;
	}
	if (page.linked)
		wires.unshift(svg("g", { class: "bus" }, svg("path", { d: `M14 26V${last}` }),
				  svg("rect", { x: 1, y: 1, width: 202, height: 26, rx: 13 }),
				  svg("text", { x: 16, y: 18.500 }, "IP network between subnets")));
	return svg("svg", { width, height: y, viewBox: `0 0 ${width} ${y}`, role: "group",
			    "aria-label": `Drawing of ${page.live.domain}`, class: "drawing" }, boxes, wires);
}

/* ------------------------------------------------------------------------- page */

class Page {
	constructor(live) {
		this.live = live;
		this.forwarders = new Forwarders(live);
		this.toggled = new Map();
		this.segment = el("select", { id: "drawing-segment", onchange: () => this.draw() });
		this.detail = el("select", { id: "drawing-detail", onchange: () => { this.toggled.clear(); this.draw(); } },
				 [["", "Automatic"], ["guests", "Guests"], ["hosts", "Hosts"], ["subnets", "Subnets"]]
					.map(([value, text]) => el("option", { value }, text)));
		this.legend = el("ul", { class: "legend", "aria-label": "Legend" });
		this.canvas = el("div", { class: "canvas" });
		this.problem = el("div", { class: "problem" });
		this.node = el("section", { class: "card" },
			       el("div", { class: "toolbar" },
				  el("span", { class: "pair" }, el("label", { for: "drawing-segment" }, "Segment"), this.segment),
				  el("span", { class: "pair" }, el("label", { for: "drawing-detail" }, "Detail"), this.detail)),
			       this.problem, this.canvas, this.legend);
	}

	toggle(key, open) {
		this.toggled.set(key, open ? "subnets" : "hosts");
		this.draw();
	}

	options() {
		const names = ["", ...[...this.live.segments.keys()].sort(collator.compare)];
		const chosen = this.segment.value;

		this.colours = new Map(names.slice(1).map((name, i) => [name, i % COLOURS]));
		if (names.length === this.segment.options.length &&
		    names.every((name, i) => this.segment.options[i].value === name))
			return;
		this.segment.replaceChildren(...names.map((value) => el("option", { value }, value || "All segments")));
		this.segment.value = names.includes(chosen) ? chosen : "";
	}

	draw() {
		const width = this.canvas.clientWidth;

		if (!this.live.synced || !width)
			return;
		this.options();
		const subnets = gather(this.live, this.forwarders, this.segment.value);
		const detail = detailOf(subnets, this.detail.value);

		this.linked = subnets.filter((subnet) => !subnet.gone).length > 1;
		this.folds = detail === "subnets" || this.toggled.size > 0;
		for (const subnet of subnets)
			subnet.detail = this.toggled.get(subnet.key) || detail;
		this.replace(subnets.length ? draw(this, subnets, width) :
			     empty("Nothing to draw yet", this.segment.value ? "No host is in this segment." :
				   "On a host, “vmnetctl join” joins it to this domain; it then appears here."));
		this.drawLegend(subnets, detail);
	}

	// What has the focus is drawn again, and has it then again.
	replace(node) {
		const held = this.canvas.contains(document.activeElement) && document.activeElement.dataset.key;

		this.canvas.replaceChildren(node);
		if (held)
			[...this.canvas.querySelectorAll("[data-key]")].find((n) => n.dataset.key === held)?.focus({ preventScroll: true });
	}

	drawLegend(subnets, detail) {
		const line = (kind, text) => el("li", null, svg("svg", { width: 26, height: 12, "aria-hidden": "true", class: "drawing" },
			svg("g", { class: `wire ${kind}` }, svg("path", { d: "M1 6H25" }))), text);
		const square = (kind, text) => el("li", null, svg("svg", { width: 14, height: 14, "aria-hidden": "true", class: "drawing" },
			svg("g", { class: kind }, svg("rect", { class: "mark", x: 1, y: 1, width: 12, height: 12, rx: 3 }))), text);
		const guests = detail === "guests" ? [...this.colours].slice(0, COLOURS) : [];

		this.legend.replaceChildren(...(!subnets.length ? [] : [
			square("host-dot", "host"), square("host-dot forwards", "forwards for its subnet"),
			...(this.linked ? [line("rrdp", "RRDP"), line("udp", "UDP"), line("unknown", "not reported")] : []),
			...guests.map(([name, i]) => square(`pill seg-${i}`, `VM in ${name}`)),
		]));
	}

	async update() {
		try {
			await this.forwarders.update();
			this.problem.replaceChildren();
		} catch (error) {
			this.problem.replaceChildren(failure({
				code: error.code, title: "Who forwards may have changed",
				message: [error.title, error.message].filter(Boolean).join(": "),
			}));
		}
		this.draw();
	}

	// One round at a time: the next comes after its end, while somebody looks.
	async run() {
		if (this.running || this.ended || document.hidden || !this.live.synced)
			return;
		clearTimeout(this.timer);
		this.running = true;
		try {
			await this.update();
		} finally {
			this.running = false;
			if (!this.ended)
				this.timer = setTimeout(() => this.run(), UPDATE_MS);
		}
	}

	end() {
		this.ended = true;
		this.forwarders.ended = true;
		clearTimeout(this.timer);
	}
}

export function drawingPage(main, live) {
	const page = new Page(live);
	const resize = new ResizeObserver(() => page.draw());
	const look = () => page.run();
	let asked = false;
	const off = live.subscribe(() => {
		page.draw();
		if (live.synced && !asked) {
			asked = true;
			page.run();
		}
	});

	document.addEventListener("visibilitychange", look);
	main.append(page.node);
	resize.observe(page.canvas);
	return () => {
		off();
		document.removeEventListener("visibilitychange", look);
		resize.disconnect();
		page.end();
	};
}
