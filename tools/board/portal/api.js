// SPDX-License-Identifier: GPL-2.0
// Questions to the board. The token is forgotten with the tab.

const KEY = "vmnet-board-token";
const PAGE = 1000;

export class Problem extends Error {
	constructor(status, body) {
		super(body.detail || `The board answered with status ${status}.`);
		this.status = status;
		this.code = body.code || "";
		this.title = body.title || "The board refused";
	}
}

export const token = {
	get: () => sessionStorage.getItem(KEY),
	set: (text) => sessionStorage.setItem(KEY, text),
	forget: () => sessionStorage.removeItem(KEY),
};

async function send(method, where, { body, accept, signal } = {}) {
	const headers = { Authorization: `Bearer ${token.get()}` };

	if (accept)
		headers.Accept = accept;
	try {
		return await fetch(where, { method, headers, signal, cache: "no-store",
					    credentials: "omit", redirect: "error",
					    body: body && JSON.stringify(body) });
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		throw new Problem(0, { code: "unreachable", title: "The board does not answer",
				       detail: "Is it running, and can this browser reach it? This page asks again by itself." });
	}
}

async function check(answer) {
	let body = {};

	if (answer.ok)
		return answer;
	try {
		body = await answer.json();
	} catch {
		// A proxy on the way may say something that is no JSON.
	}
	if (answer.status === 401)
		document.dispatchEvent(new CustomEvent("unauthorized"));
	throw new Problem(answer.status, body);
}

export async function ask(method, where, body) {
	return (await check(await send(method, where, { body }))).json();
}

export async function text(where) {
	return (await check(await send("GET", where))).text();
}

// The address of a thing: parts may have any characters.
export function path(...parts) {
	return "v1/" + parts.map(encodeURIComponent).join("/");
}

// All pages of a list.
export async function all(where) {
	const items = [];
	let after = "";

	for (;;) {
		const page = await ask("GET", `${where}?limit=${PAGE}${after}`);

		items.push(...page.items);
		if (!page.next)
			return items;
		after = `&after=${encodeURIComponent(page.next)}`;
	}
}

function read(block) {
	const event = { type: "", data: "" };

	for (const line of block.split("\n")) {
		if (line.startsWith("event: "))
			event.type = line.slice(7);
		else if (line.startsWith("data: "))
			event.data += line.slice(6);
	}
	return event.type ? { type: event.type, data: JSON.parse(event.data || "{}") } : null;
}

// Server-sent events, null for a sign of life. EventSource cannot send the token.
export async function* events(where, signal) {
	const answer = await check(await send("GET", where, { accept: "text/event-stream", signal }));
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	let rest = "";

	for (;;) {
		const { value, done } = await reader.read();

		if (done)
			return;
		const blocks = (rest + value).split("\n\n");

		rest = blocks.pop();
		for (const block of blocks)
			yield read(block);
	}
}
