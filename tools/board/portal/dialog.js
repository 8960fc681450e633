// SPDX-License-Identifier: GPL-2.0
// Dialogs: a form, or only the question whether to do it.

import { button, el, failure } from "./dom.js";

export const NAME = {
	pattern: "[A-Za-z0-9]([A-Za-z0-9._\\-]{0,61}[A-Za-z0-9])?", required: true,
	help: "Letters and digits; inside also “-”, “_” and “.”",
};

let serial = 0;

function field(f) {
	const id = `field-${++serial}`;
	const common = { id, name: f.name, required: f.required,
			 "aria-describedby": f.help ? `${id}-help` : null };
	const input = f.options ?
		el("select", common, f.options.map((o) => el("option", { value: o }, o))) :
		el("input", { ...common, type: f.type || "text", value: f.value, min: f.min, max: f.max,
			      pattern: f.pattern, placeholder: f.placeholder, readonly: f.fixed,
			      title: f.help, autocomplete: "off", spellcheck: "false",
			      autocapitalize: "off", list: f.suggest ? `${id}-list` : null });

	return el("div", { class: "field" },
		  el("label", { for: id }, f.label,
		     !f.required && !f.fixed && el("span", { class: "optional" }, " (optional)")), input,
		  f.suggest && el("datalist", { id: `${id}-list` },
				  f.suggest.map((s) => el("option", { value: s }))),
		  f.help && el("small", { id: `${id}-help` }, f.help));
}

// submit(values) does it, and may throw; the dialog then stays and says why.
export function dialog({ title, text, fields = [], verb, danger, submit }) {
	const id = `dialog-${++serial}`;
	const errors = el("div");
	const done = el("button", { type: "submit", class: danger ? "danger" : "primary" }, verb);
	const back = document.activeElement;
	const form = el("form", { method: "dialog" },
			el("h2", { id }, title), text && el("p", { id: `${id}-text` }, text),
			fields.map(field), errors,
			el("div", { class: "buttons" }, button("Cancel", () => box.close()), done));
	const box = el("dialog", { "aria-labelledby": id,
				   "aria-describedby": text ? `${id}-text` : null }, form);

	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		errors.replaceChildren();
		done.disabled = true;
		try {
			const values = [...new FormData(form)].map(([key, value]) => [key, value.trim()]);

			await submit(Object.fromEntries(values.filter(([, value]) => value)));
			box.close();
		} catch (error) {
			errors.append(failure(error));
			done.disabled = false;
		}
	});
	box.addEventListener("close", () => {
		box.remove();
		if (back && back.isConnected)
			back.focus();
	});
	document.body.append(box);
	box.showModal();
	// Enter must not do what cannot be undone.
	if (danger)
		box.querySelector(".buttons button").focus();
}
