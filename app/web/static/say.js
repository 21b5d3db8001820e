// What this device says by itself, between two answers of the server: read, saved, offline, held.

const icon = name => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
};

const ICONS = { "": "scan", ok: "check", warn: "bang", err: "cross", offline: "offline" };
const screen = () => document.getElementById("screen");

// The band under the status bar. `kind`: "" read · ok · warn · err · offline.
export function say(kind, text) {
  let band = screen().querySelector(".say");
  if (!band) {
    band = document.createElement("p");
    screen().querySelector(".top").after(band);
  }
  band.className = `say ${kind === "offline" ? "warn" : kind}`;
  band.setAttribute("role", kind === "err" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  band.replaceChildren(icon(ICONS[kind]), words);
}

export const shown = raw => {
  const text = raw.replace(/^\][A-Za-z]\w/, "").replace(/\x1d/g, " ").replace(/^(LOC|LPN|ITM|DOC|BDG|STN|CMD)\//, "");
  return text.length > 28 ? `${text.slice(0, 27)}…` : text;
};

const list = turns => turns.map(turn => shown(turn.raw)).join(", ");
export const heldWords = turns => `Held: ${list(turns.slice(0, 3))}${turns.length > 3 ? ` and ${turns.length - 3} more` : ""}. Scan again what is in your hand.`;

export function chip({ unsent, held, slow }) {
  const mark = screen().querySelector("[data-unsent]");
  if (!mark) return;
  const calm = !unsent && !held.length && !slow;
  mark.classList.toggle("warn", Boolean(unsent > 1 || held.length || slow));
  const words = slow ? "slow network" : held.length && !unsent ? `${held.length} held` : `${unsent} unsent`;
  mark.replaceChildren(icon(calm ? "check" : unsent > 1 || held.length || slow ? "bang" : "wait"), words);
}

// A refusal shows what was held behind it; a task shows it in the band.
export function held(turns) {
  const note = screen().querySelector("[data-held]");
  if (note && screen().classList.contains("stop")) {
    note.hidden = !turns.length;
    note.textContent = turns.length ? heldWords(turns) : "";
  } else if (turns.length) say("warn", heldWords(turns));
}

// Speaks the prompt when the worker wants it.
export function speak() {
  if (localStorage.getItem("speech") !== "1" || !("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(screen().dataset.speech ?? "");
  words.lang = document.documentElement.lang;
  speechSynthesis.speak(words);
}
