// SPDX-License-Identifier: GPL-2.0
// The domains that the token is for.

import { Problem, all, ask, path } from "./api.js";
import { anchor, button, el, empty, failure, notice } from "./dom.js";
import { NAME, dialog } from "./dialog.js";
import { Table } from "./table.js";

const UPDATE_MS = 10000;

function addDomain(update) {
	dialog({
		title: "Add a domain", verb: "Add",
		text: "A domain has hosts, and the virtual networks that they share.",
		fields: [{ name: "name", label: "Name", ...NAME },
			 { name: "description", label: "Description", help: "For people: whose it is, and what for" }],
		submit: async ({ name, description }) => {
			// PUT would change one that is there.
			if ((await all(path("domains"))).some((d) => d.name === name))
				throw new Problem(0, { title: "The name is taken",
						       detail: `There is a domain “${name}”: take another name.` });
			await ask("PUT", path("domains", name), { description });
			notice(`Domain “${name}” was added.`);
			await update();
		},
	});
}

function removeDomain(name, update) {
	dialog({
		title: `Remove domain “${name}”?`, verb: "Remove", danger: true,
		text: "Its tokens are void then. It must have no segments and hosts any more.",
		submit: async () => {
			await ask("DELETE", path("domains", name));
			notice(`Domain “${name}” was removed.`);
			await update();
		},
	});
}

function nothing(everywhere) {
	return empty("No domain yet", everywhere ?
		"Add one: then hosts can join it, by “vmnetctl join” with a token of theirs." :
		"Whoever has an admin's token for all domains can add one.");
}

export function domainsPage(main, who) {
	const everywhere = who.role === "admin" && !who.domain;
	const problem = el("div");
	const table = new Table({
		caption: "domains", key: (d) => d.name, without: nothing(everywhere),
		actions: everywhere && button("Add domain", () => addDomain(update), "primary"),
		columns: [
			{ name: "Domain", text: (d) => d.name, cell: (d) => anchor(d.name, "d", d.name) },
			{ name: "Description", text: (d) => d.description || "" },
			{ name: "", kind: "act", cell: (d) => everywhere &&
				button("Remove", () => removeDomain(d.name, update), "quiet",
				       `Remove domain ${d.name}`) },
		],
	});
	const update = async () => {
		try {
			table.update(await all(path("domains")));
			problem.replaceChildren();
			table.node.hidden = false;
		} catch (error) {
			problem.replaceChildren(failure(error, update));
		}
	};
	const timer = setInterval(() => document.hidden || update(), UPDATE_MS);

	table.node.hidden = true;
	main.append(el("div", { class: "title" }, el("h1", null, "Domains")), problem,
		    el("section", { class: "card" }, table.node));
	update();
	return () => clearInterval(timer);
}
