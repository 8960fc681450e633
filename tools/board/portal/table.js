// SPDX-License-Identifier: GPL-2.0
// A table with search, order and pages.

import { button, el, empty, number } from "./dom.js";

const PAGE = 50;
const SEARCH_MS = 120;
const collator = new Intl.Collator("en", { numeric: true });
let serial = 0;

/*
 * columns: {name, text(row), cell(row)?, sort(row)?, kind?, plain?}; key(row) tells rows
 * apart; the order of digits is that of numbers, but if plain. down: the last is first.
 * without: what is shown if there is nothing at all.
 */
export class Table {
	constructor({ caption, columns, key, without, actions, page, down }) {
		const id = `search-${++serial}`;

		Object.assign(this, { columns, key, without, rows: [], page: 0, order: 0, down: Boolean(down) });
		this.size = page || PAGE;
		this.search = el("input", { type: "search", id, autocomplete: "off", spellcheck: "false",
					    placeholder: `Search ${caption}`, oninput: () => this.find() });
		this.count = el("span", { class: "count", role: "status" });
		this.head = el("tr");
		this.body = el("tbody");
		this.table = el("table", { class: "list" }, el("caption", { class: "hidden" }, caption),
				el("thead", null, this.head), this.body);
		this.nothing = el("div");
		this.prev = button("Previous", () => this.turn(-1));
		this.next = button("Next", () => this.turn(1));
		this.where = el("span", { class: "where" });
		this.pager = el("nav", { class: "pager", "aria-label": `Pages of ${caption}` },
				this.prev, this.where, this.next);
		this.node = el("div", { class: "tablebox" },
			       el("div", { class: "toolbar" },
				  el("label", { class: "hidden", for: id }, `Search ${caption}`),
				  this.search, this.count, el("span", { class: "grow" }), actions),
			       this.table, this.nothing, this.pager);
		// Until it is known what there is.
		this.nothing.append(el("p", { class: "hint" }, "Loading…"));
		this.table.hidden = true;
		this.pager.hidden = true;
		this.drawHead();
	}

	drawHead() {
		this.head.replaceChildren(...this.columns.map((column, i) => {
			const is = i === this.order;

			if (!column.name)
				return el("td");
			return el("th", { scope: "col", class: column.kind,
					  "aria-sort": is ? (this.down ? "descending" : "ascending") : null },
				  el("button", { type: "button", class: "sort", onclick: () => this.sortBy(i) },
				     column.name, el("span", { "aria-hidden": "true", class: "arrow" },
						     is ? (this.down ? "↓" : "↑") : "")));
		}));
	}

	sortBy(i) {
		this.down = this.order === i && !this.down;
		this.order = i;
		this.page = 0;
		this.drawHead();
		this.head.children[i].firstChild.focus();
		this.draw();
	}

	find() {
		clearTimeout(this.timer);
		this.timer = setTimeout(() => {
			this.page = 0;
			this.draw();
		}, SEARCH_MS);
	}

	turn(by) {
		this.page += by;
		this.draw();
		this.node.scrollIntoView({ block: "start" });
		// A button that can no longer be used would lose the focus.
		if (this.prev.disabled)
			this.next.focus();
		else if (this.next.disabled)
			this.prev.focus();
	}

	update(rows) {
		this.rows = rows;
		this.draw();
	}

	wanted() {
		const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);

		if (!words.length)
			return this.rows;
		return this.rows.filter((row) => {
			const text = this.columns.map((c) => c.text ? c.text(row) : "").join("\n").toLowerCase();

			return words.every((word) => text.includes(word));
		});
	}

	sorted(rows) {
		const column = this.columns[this.order];
		const value = column.sort || column.text;
		const sign = this.down ? -1 : 1;
		const compare = (a, b) => typeof a === "number" && typeof b === "number" ?
			a - b : column.plain ? (a > b) - (a < b) : collator.compare(a, b);

		return rows.map((row) => [value(row), row])
			.sort(([a], [b]) => sign * compare(a, b)).map(([, row]) => row);
	}

	draw() {
		const rows = this.sorted(this.wanted());
		const pages = Math.max(1, Math.ceil(rows.length / this.size));

		this.page = Math.min(Math.max(0, this.page), pages - 1);
		const first = this.page * this.size;
		const shown = rows.slice(first, first + this.size);
		const held = this.focused();
		const count = rows.length === this.rows.length ? number(rows.length) :
			`${number(rows.length)} of ${number(this.rows.length)}`;

		// What is said aloud is what changed.
		if (this.count.textContent !== count)
			this.count.textContent = count;
		this.body.replaceChildren(...shown.map((row) => this.row(row)));
		this.table.hidden = !shown.length;
		this.nothing.replaceChildren();
		if (!this.rows.length)
			this.nothing.append(this.without || empty("Nothing here"));
		else if (!shown.length)
			this.nothing.append(empty("Nothing matches", "Search for something else, or clear the search.",
						  button("Clear the search", () => this.clear())));
		this.pager.hidden = pages < 2;
		this.where.textContent =
			`${number(first + 1)}–${number(first + shown.length)} of ${number(rows.length)}`;
		this.prev.disabled = !this.page;
		this.next.disabled = this.page >= pages - 1;
		this.focus(held);
	}

	clear() {
		this.search.value = "";
		this.page = 0;
		this.draw();
		this.search.focus();
	}

	row(row) {
		return el("tr", { "data-key": this.key(row) }, this.columns.map((column, i) => {
			const cell = column.cell ? column.cell(row) : column.text(row);

			return el(i ? "td" : "th", { scope: i ? null : "row", "data-label": column.name || null,
						     class: column.kind }, cell);
		}));
	}

	// What has the focus is drawn again, and has it then again.
	focused() {
		const now = document.activeElement;
		const row = now && this.body.contains(now) && now.closest("tr");

		return row ? { key: row.dataset.key,
			       i: [...row.querySelectorAll("a, button")].indexOf(now) } : null;
	}

	focus(held) {
		if (!held)
			return;
		const row = [...this.body.children].find((r) => r.dataset.key === held.key);
		const target = row && row.querySelectorAll("a, button")[held.i];

		(target || this.search).focus({ preventScroll: true });
	}
}
