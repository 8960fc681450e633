// SPDX-License-Identifier: GPL-2.0
// Elements. What others wrote gets into the page as text and attributes only.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
	for (const [key, value] of Object.entries(props || {})) {
		if (value === undefined || value === null || value === false)
			continue;
		if (key.startsWith("on"))
			node.addEventListener(key.slice(2), value);
		else
			node.setAttribute(key, value === true ? "" : value);
	}
	for (const child of children.flat(3))
		if (child !== undefined && child !== null && child !== false)
			node.append(child);
	return node;
}

export function el(name, props, ...children) {
	return fill(document.createElement(name), props, children);
}

export function svg(name, props, ...children) {
	return fill(document.createElementNS(SVG, name), props, children);
}

// The address of a page: parts may have any characters.
export function link(...parts) {
	return "#/" + parts.map(encodeURIComponent).join("/");
}

export function anchor(text, ...parts) {
	return el("a", { href: link(...parts) }, text);
}

export function button(text, onclick, kind, label) {
	return el("button", { type: "button", class: kind, onclick, "aria-label": label }, text);
}

export function hostLink(domain, name) {
	return anchor(name, "d", domain, "host", name);
}

export function notice(text) {
	const box = document.getElementById("notice");

	box.textContent = text;
	clearTimeout(notice.timer);
	notice.timer = setTimeout(() => { box.textContent = ""; }, 8000);
}

// A state is a colour and a word.
export function status(kind, text) {
	return el("span", { class: `status ${kind}` }, el("span", { class: "dot", "aria-hidden": "true" }), text);
}

export function tag(text, kind) {
	return el("span", { class: `tag ${kind || ""}` }, text);
}

export function tags(list) {
	return list.length ? el("span", { class: "tags" }, list.map((text) => tag(text))) : "";
}

export function code(text) {
	return text ? el("code", null, text) : el("span", { class: "none" }, "–");
}

// What failed, and what to do.
export function failure(error, again) {
	return el("div", { class: "failure", role: "alert", "data-code": error.code },
		  el("strong", null, error.title || "This page failed"),
		  el("p", null, error.message),
		  again && button("Try again", again));
}

export function empty(title, what, ...more) {
	return el("div", { class: "empty" }, el("strong", null, title), what && el("p", null, what), more);
}

export function card(title, ...children) {
	return el("section", { class: "card" }, title && el("h2", null, title), children);
}

export function number(n) {
	return Number.isFinite(n) ? n.toLocaleString("en") : "–";
}

export function plural(n, one, many) {
	return `${number(n)} ${n === 1 ? one : many || one + "s"}`;
}

// How long ago that was, in seconds since 1970.
export function ago(time) {
	const s = Math.max(0, Math.round(Date.now() / 1000 - time));

	if (s < 60)
		return `${s} s ago`;
	if (s < 3600)
		return `${Math.floor(s / 60)} min ago`;
	return s < 86400 ? `${Math.floor(s / 3600)} h ago` : `${Math.floor(s / 86400)} d ago`;
}

export function when(time) {
	const date = new Date(time * 1000);
	const two = (n) => String(n).padStart(2, "0");

	if (Number.isNaN(date.getTime()))
		return el("span", null, String(time));
	return el("time", { datetime: date.toISOString(), title: ago(time) },
		  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
		  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`);
}

export function facts(pairs) {
	return el("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, ...value]) =>
		el("div", null, el("dt", null, name), el("dd", null, value))));
}

// Tables that must not scroll the page scroll by themselves.
export function plainTable(caption, heads, rows) {
	return el("div", { class: "scroll" }, el("table", null,
		el("caption", { class: "hidden" }, caption),
		el("thead", null, el("tr", null, heads.map((h) => el("th", { scope: "col" }, h)))),
		el("tbody", null, rows.map((cells) => el("tr", null, cells.map((cell, i) =>
			el("td", { "data-label": heads[i] || null }, cell)))))));
}
