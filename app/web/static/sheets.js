// Sheets over the screen: typing a code, the keys that did not fit, and the worker's own settings.

import { shown } from "./say.js";
import { attend } from "./scan.js";
import { play, names } from "./sounds.js";

const root = document.documentElement;
const sheet = name => document.getElementById(name);
const kept = `size:${document.querySelector("meta[name=worker]").content}`;

export function closeAll() {
  for (const open of document.querySelectorAll("dialog[open]")) open.close();
}

export function open(name, text = "") {
  closeAll();
  if (name === "more") {
    const rest = document.querySelector("#screen template[data-rest]");
    sheet("more").querySelector("[data-list]").replaceChildren(...(rest ? rest.content.cloneNode(true).children : []));
  }
  sheet(name).showModal();
  if (name !== "type") return;
  const box = sheet("type-box"), counts = "counts" in document.getElementById("screen").dataset;
  box.inputMode = counts ? "numeric" : "text";
  sheet("type-title").textContent = counts ? "Type how many" : "Type a code";
  box.value = text;
  box.focus();
}

// Who waits in the queue, by name: nothing is ever hidden from the worker.
export function showWaiting({ waiting, held, others }) {
  const line = (turn, state) => {
    const row = document.createElement("li"), what = document.createElement("span"), how = document.createElement("strong");
    what.textContent = shown(turn.raw);
    how.textContent = state;
    row.append(what, how);
    return row;
  };
  sheet("who").querySelector("[data-waiting]").replaceChildren(
    ...waiting.slice(0, 5).map(turn => line(turn, "unsent")),
    ...held.slice(0, 3).map(turn => line(turn, "held")),
    ...others.slice(0, 3).map(turn => line(turn, `of ${turn.worker}`)),
  );
}

// `typed(code)` when a code was typed by hand, `out()` when the worker logs out.
export function setUp({ typed, out }) {
  for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", () => setTimeout(attend, 0));
  sheet("type").querySelector("form").addEventListener("submit", event => {
    event.preventDefault();
    const code = sheet("type-box").value.trim();
    closeAll();
    if (code) typed(code);
  });
  sheet("who").addEventListener("click", event => {
    const key = event.target.closest("button");
    if (!key) return;
    if (key.dataset.sizeTo) resize(key.dataset.sizeTo);
    if (key.dataset.switch) flip(key.dataset.switch, localStorage.getItem(key.dataset.switch) !== "1");
    if ("sounds" in key.dataset) names.forEach((name, at) => setTimeout(play, at * 900, name));
    if ("out" in key.dataset) out();
  });
  resize(localStorage.getItem(kept) ?? root.dataset.size, false);
  for (const name of ["dark", "speech", "left", "camera"]) flip(name, localStorage.getItem(name) === "1", false);
}

function resize(size, keep = true) {
  root.dataset.size = size;
  if (keep) localStorage.setItem(kept, size);
  for (const key of document.querySelectorAll("[data-size-to]")) key.setAttribute("aria-pressed", key.dataset.sizeTo === size);
}

function flip(name, on, keep = true) {
  if (keep) localStorage.setItem(name, on ? "1" : "0");
  if (name === "dark" && (keep || on)) root.dataset.theme = on ? "dark" : "light";
  if (name === "left") root.dataset.pad = on ? "left" : "right";
  if (name === "camera") root.toggleAttribute("data-camera", on);
  document.querySelector(`[data-switch=${name}]`).setAttribute("aria-pressed", on);
}
