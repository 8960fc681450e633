// SPDX-License-Identifier: GPL-2.0
// A domain as it is now: what the board tells of it, kept up to date.

import { Problem, events, path } from "./api.js";

const DRAW_MS = 250;		// changes are shown together
const AGAIN_MS = 1000;
const AGAIN_MAX_MS = 15000;
const SILENT_MS = 40000;	// the board says every 15 s that it is there

function nothing() {
	return { host: new Map(), vm: new Map(), segment: new Map() };
}

export class Live {
	constructor(domain) {
		this.domain = domain;
		this.listeners = new Set();
		this.closed = false;
		this.state = "connecting";
		this.error = null;
		this.since = 0;
		this.synced = false;
		this.show(nothing());
		// A browser has few connections to a board: hidden tabs do not keep any.
		this.onvisibility = () => document.hidden ? this.stop() : this.run();
		document.addEventListener("visibilitychange", this.onvisibility);
		this.run();
	}

	close() {
		this.closed = true;
		document.removeEventListener("visibilitychange", this.onvisibility);
		this.stop();
		this.listeners.clear();
		clearTimeout(this.timer);
	}

	stop() {
		if (this.abort)
			this.abort.abort();
		this.abort = null;
	}

	subscribe(listener) {
		this.listeners.add(listener);
		listener();
		return () => this.listeners.delete(listener);
	}

	changed() {
		if (this.timer || this.closed)
			return;
		this.timer = setTimeout(() => this.tell(), DRAW_MS);
	}

	tell() {
		clearTimeout(this.timer);
		this.timer = null;
		this.show(this.maps);
		for (const listener of this.listeners)
			this.call(listener);
	}

	// A part of the page that fails fails alone, and is told as if nobody had called it.
	call(listener) {
		try {
			listener();
		} catch (error) {
			reportError(error);
		}
	}

	// What is asked for again and again.
	show(maps) {
		this.maps = maps;
		this.hosts = maps.host;
		this.vms = maps.vm;
		this.segments = maps.segment;
		this.byHost = new Map();
		for (const vm of this.vms.values()) {
			const key = vm.host || "";

			if (!this.byHost.has(key))
				this.byHost.set(key, []);
			this.byHost.get(key).push(vm);
		}
	}

	vmsOf(host) {
		return this.byHost.get(host) || [];
	}

	// A host that was not heard of is no event of its VMs.
	withState(vm) {
		return { ...vm, live: vm.live && this.hosts.has(vm.host) };
	}

	// Hosts that are there, and those that are not but were, as VMs name them.
	allHosts() {
		const list = [...this.hosts.values()].map((host) => ({ ...host, live: true }));

		for (const name of this.byHost.keys())
			if (name && !this.hosts.has(name))
				list.push({ name, live: false, addresses: [], transports: [], segments: [] });
		return list;
	}

	say(state, error) {
		if (this.state === state && !error)
			return;
		this.state = state;
		this.error = error || null;
		document.dispatchEvent(new CustomEvent("live", { detail: this }));
		this.changed();
	}

	// Who begins anew shows what was known until all is told.
	take(known, { type, data }) {
		if (type === "sync") {
			const first = !this.synced;

			this.since = data.revision;
			this.wait = AGAIN_MS;
			this.synced = true;
			this.maps = known;
			if (first)
				this.tell();
			else
				this.changed();
			this.say("live");
		} else if (type === "gone") {
			this.since = 0;
		} else if (known[data.kind]) {
			const key = data.kind === "vm" ? `${data.segment}/${data.name}` : data.name;

			if (type === "put")
				known[data.kind].set(key, data.object);
			else
				known[data.kind].delete(key);
		}
	}

	// What is not understood is asked for again, and from the beginning.
	understand(known, event) {
		try {
			this.take(known, event);
		} catch (error) {
			reportError(error);
			this.since = 0;
			throw new Problem(0, { code: "not_understood", title: "The board said what this page does not understand",
					       detail: error.message });
		}
	}

	async follow(abort) {
		const where = `${path("domains", this.domain, "watch")}?since=${this.since}`;
		const known = this.since ? this.maps : nothing();
		const watchdog = () => setTimeout(() => abort.abort(), SILENT_MS);
		let timer = watchdog();

		try {
			for await (const event of events(where, abort.signal)) {
				clearTimeout(timer);
				timer = watchdog();
				if (event)
					this.understand(known, event);
			}
		} finally {
			clearTimeout(timer);
			// However it ended, no connection is left behind.
			abort.abort();
		}
	}

	// Returns whether to try again. What the board refuses for good, it will again.
	async once(abort) {
		let why = null;

		try {
			await this.follow(abort);
		} catch (error) {
			why = error instanceof Problem ? error : null;
		}
		if (this.abort !== abort)
			return false;
		if (why && why.code === "revision_gone")
			this.since = 0;
		const end = why && [400, 401, 403, 404].includes(why.status);

		this.say(end ? "ended" : "lost", why);
		return !end;
	}

	async run() {
		if (this.abort || this.closed || document.hidden)
			return;
		this.wait = AGAIN_MS;
		for (;;) {
			const abort = new AbortController();

			this.abort = abort;
			if (!await this.once(abort))
				return;
			// Not all at once, when a board is back.
			await new Promise((resolve) => setTimeout(resolve, this.wait * (0.5 + Math.random())));
			this.wait = Math.min(2 * this.wait, AGAIN_MAX_MS);
			if (this.abort !== abort)
				return;
		}
	}
}

// The number of a subnet of IPv4 is its address, unless somebody chose it.
export function subnetOf(host) {
	const [address, length] = String(host.addresses[0] || "").split("/");
	const octets = address.split(".").map(Number);
	const bits = octets.reduce((sum, octet) => sum * 256 + octet, 0);
	const size = 2 ** (32 - length);

	if (octets.length !== 4 || Math.floor(bits / size) * size !== host.subnet)
		return `subnet ${host.subnet}`;
	return [24, 16, 8, 0].map((n) => Math.floor(host.subnet / 2 ** n) % 256).join(".") + `/${length}`;
}
