// SPDX-License-Identifier: GPL-2.0
// A domain, as it is now: its parts, each a page.

import { el, link, number } from "./dom.js";
import { drawingPage } from "./drawing.js";
import { hostPage } from "./host.js";
import { hostTable, segmentTable, vmTable } from "./lists.js";
import { operationsPage } from "./operations.js";

const TABS = [["network", "Network"], ["hosts", "Hosts"], ["vms", "VMs"],
	      ["segments", "Segments"], ["operations", "Operations"]];

function tablePage(main, live, table, rows) {
	main.append(el("section", { class: "card" }, table.node));
	return live.subscribe(() => live.synced && table.update(rows && rows()));
}

const pages = {
	network: (main, live) => drawingPage(main, live),
	hosts: (main, live, who) => tablePage(main, live, hostTable(live, who), () => live.allHosts()),
	vms: (main, live, who) => tablePage(main, live, vmTable(live, who), () =>
		[...live.vms.values()].map((vm) => live.withState(vm))),
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
	const up = [...live.vms.values()].filter((vm) => live.withState(vm).live).length;
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
