// Badge, then PIN. The PIN's digits live in this module until they are sent, and nowhere else: not in the queue, not in
// the device's memory, not in an address. Signing in needs the network; nothing here is tried again by itself.

import { newId } from "./ids.js";
import { say } from "./say.js";

const MOST = 12;
let digits = "", asked = false;

const screen = () => document.getElementById("screen");

async function send(path, body, swap, follow = null) {
  if (asked) return;
  asked = true;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/html", ...(follow && { "X-CSRF": document.querySelector("meta[name=csrf]").content }) },
      body: JSON.stringify(body),
      redirect: "error",
    });
    const goto = response.headers.get("X-Goto");
    if (goto) return location.replace(goto);
    const html = await response.text(), step = response.headers.get("X-Step");
    if (response.status === 401) return location.replace("/floor");
    if (follow && step && html.includes('id="screen"')) return follow(html, step);
    if (html.includes('id="screen"')) swap(html);
    else say("err", response.status === 503 ? "The server is busy. Once more, please." : "That badge cannot be read.");
  } catch {
    say("offline", "No network. Signing in needs it.");
  } finally {
    asked = false;
    digits = "";
    if (screen().dataset.ask === "pin") draw();
  }
}

export const badge = (raw, swap) => send("/floor/badge", { badge: raw }, swap);

export function digit(what) {
  if (screen().dataset.ask !== "pin") return false;
  if (what === "clear") digits = "";
  else if (what === "del") digits = digits.slice(0, -1);
  else if (digits.length < MOST) digits += what;
  draw();
  return true;
}

function draw() {
  const dots = screen().querySelector("[data-dots]");
  const round = full => { const dot = document.createElement("i"); if (full) dot.className = "full"; return dot; };
  dots.replaceChildren(...Array.from({ length: Math.max(4, digits.length) }, (_, at) => round(at < digits.length)));
  dots.setAttribute("aria-label", `${digits.length} digits entered`);
}

// `follow(html, step)`: a supervisor released a step of this worker's.
export function submit(swap, follow) {
  const { badge, takeover, release, step } = screen().dataset;
  if (!digits) return say("warn", "Type your PIN first.");
  if (release !== undefined) return send("/floor/release", { id: newId(), after: step, pin: digits }, swap, follow);
  return send("/floor/pin", { badge, pin: digits, takeover: takeover !== undefined }, swap);
}
