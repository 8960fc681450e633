// SPDX-License-Identifier: GPL-2.0
// Who is logged in, and which page is shown: the part of the address after "#" names it.

import { ask, path, token } from "./api.js";
import { el, empty, failure, notice } from "./dom.js";
import { domainPage, isPage } from "./domain.js";
import { domainsPage } from "./domains.js";
import { Live } from "./live.js";

const AGAIN_MS = 3000;
const main = document.getElementById("main");
let who = null, live = null, end = () => {}, said = "";

/* -------------------------------------------------------------------- head */

const STATES = {
	connecting: ["idle", "Connecting…"],
	live: ["good", "Live"],
	lost: ["bad", "Trying again"],
	ended: ["bad", "Ended"],
};

function showLive() {
	const box = document.getElementById("live");
	const [kind, state] = live ? STATES[live.state] : ["", ""];
	const why = live && live.state === "lost" && (live.error ? live.error.title : "The board does not answer");
	const text = why ? `${why} – trying again` : state;

	box.className = `live status ${kind}`;
	box.replaceChildren(...(text ? [el("span", { class: "dot", "aria-hidden": "true" }), text] : []));
}

function showWho() {
	const box = document.getElementById("who");

	document.getElementById("logout").hidden = !who;
	box.textContent = who ? [who.role, who.host, who.domain || "all domains"].filter(Boolean).join(" · ") : "";
	box.title = who ? "Role of the token, and what it is for" : "";
}

function leave() {
	if (live)
		live.close();
	live = null;
	showLive();
}

function logout(why) {
	leave();
	token.forget();
	who = null;
	said = why || "";
	show();
}

/* ------------------------------------------------------------------- login */

async function login(event, input, done, errors) {
	event.preventDefault();
	errors.replaceChildren();
	done.disabled = true;
	token.set(input.value.trim());
	said = "";
	try {
		// No other octet can be in what is sent.
		if (!/^[\x21-\x7e]+$/.test(token.get()))
			throw Object.assign(new Error("A token has letters, digits and a few signs, and no blanks: was all of it copied?"),
					    { title: "That is no token" });
		who = await ask("GET", path("token"));
		show();
	} catch (error) {
		token.forget();
		done.disabled = false;
		errors.replaceChildren(failure(error));
		input.select();
		input.focus();
	}
}

function loginPage() {
	const errors = el("div", null, said && el("div", { class: "failure", role: "alert" }, el("p", null, said)));
	const input = el("input", { id: "token", type: "password", name: "token", required: true,
				    autocomplete: "off", spellcheck: "false", "aria-describedby": "token-help" });
	const done = el("button", { type: "submit", class: "primary" }, "Log in");

	main.append(el("form", { class: "card login", onsubmit: (event) => login(event, input, done, errors) },
		       el("h1", null, "Log in"),
		       el("p", null, "The portal of the virtual networks that this board knows."),
		       el("div", { class: "field" }, el("label", { for: "token" }, "Token"), input,
			  el("small", { id: "token-help" }, "On the board, ",
			     el("code", null, "vmnet-board token add read"),
			     " makes one to look with, ", el("code", null, "admin"), " one to change things. ",
			     "It is kept until this tab is closed.")),
		       errors, done));
	document.title = "Log in · vmnet";
	input.focus();
}

/* ------------------------------------------------------------------- pages */

// ["d", DOMAIN, PAGE, NAME]
function where() {
	try {
		return location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decodeURIComponent);
	} catch {
		return ["?"];
	}
}

function follow(domain) {
	if (live && live.domain === domain)
		return;
	leave();
	live = new Live(domain);
	showLive();
}

function lostPage(error) {
	end();
	end = () => {};
	main.replaceChildren(el("div", { class: "title" }, el("h1", null, "Not here")),
			     failure(error, () => {
				     leave();
				     show();
			     }),
			     el("p", null, el("a", { href: "#/" }, "All domains")));
}

function route() {
	const [kind, domain, page = "network", name] = where();

	if (!kind) {
		leave();
		document.title = "Domains · vmnet";
		return domainsPage(main, who);
	}
	if (kind !== "d" || !domain || !isPage(page) || (page === "host") !== Boolean(name)) {
		leave();
		main.append(el("div", { class: "card" },
			       empty("There is no such page", "The address may be an old one.",
				     el("a", { href: "#/" }, "All domains"))));
		return () => {};
	}
	follow(domain);
	document.title = `${name || domain} · vmnet`;
	return domainPage(main, who, live, page, name);
}

function show() {
	end();
	end = () => {};
	for (const box of document.querySelectorAll("dialog"))
		box.close();
	main.replaceChildren();
	showWho();
	if (!who) {
		loginPage();
		return;
	}
	end = route();
	window.scrollTo(0, 0);
}

// The token that this tab has, if it reloads.
async function start() {
	if (!token.get()) {
		show();
		return;
	}
	try {
		who = await ask("GET", path("token"));
		show();
	} catch (error) {
		if (error.status === 401)
			return;
		main.replaceChildren(failure(error, start));
		setTimeout(() => who || start(), AGAIN_MS);
	}
}

window.addEventListener("hashchange", () => {
	show();
	if (who)
		main.focus();
});
document.addEventListener("unauthorized", () => {
	if (who || !document.getElementById("token"))
		logout("The token is not good any more: it has expired, or was deleted. Log in with another.");
});
document.addEventListener("live", () => {
	showLive();
	if (live && live.state === "ended" && live.error && live.error.status !== 401)
		lostPage(live.error);
});
// Browsers also tell of errors that are none of a script.
window.addEventListener("error", (event) => event.error &&
	notice(`A part of this page failed: reload it. What failed: ${event.error.message}`));
document.getElementById("logout").addEventListener("click", () => logout());
document.getElementById("skip").addEventListener("click", () => main.focus());
start();
