// Reads labels without focus. A wedge scanner types a burst: keys are gathered at the window and judged, at the
// terminator, by their average pace over event.timeStamp. An Android scan service types through the input method into an
// invisible field: one commit is one label. A human typing is not a scan.

const PACE = 50;        // ms a key, on average, that no human types
const SHORTEST = 3;     // characters of a label
const LONGEST = 512;
const PAUSE = 500;      // ms after which keys no longer belong together
const TORN = 2000;      // ms in which a burst that broke off makes the rest worthless: half a code is another code
const AFTER = 150;      // ms in which a terminator belongs to the commit before it

let keys = [], times = [], torn = false, tabbed = false, committed = -AFTER, boxBefore = "";

const editing = target => target.matches?.("input:not(.capture), textarea, select") ? target : null;
// Where this screen wants words written; typing goes there by itself.
const written = () => document.querySelector("dialog[open] input, #screen [data-text]");
const capture = () => document.getElementById("capture");

const fast = (from = 0, to = keys.length) => to - from > 1 && (times[to - 1] - times[from]) / (to - from - 1) <= PACE;

function gather(text, at) {
  if (times.length && at - times.at(-1) > PAUSE) {
    torn = at - times.at(-1) < TORN && keys.length >= SHORTEST && fast();
    forget();
  }
  if (keys.length >= LONGEST) return;
  keys.push(text);
  times.push(at);
}

function forget() {
  keys = [];
  times = [];
}

// The label among the keys, or "". Digits a human typed just before a scanner's burst are no part of it.
function label(at) {
  if (!keys.length || at - times.at(-1) > PAUSE) return "";
  const gap = times.findLastIndex((time, n) => n > 0 && time - times[n - 1] > 2 * PACE);
  const from = gap > 1 && !fast(0, gap) ? gap : 0;
  return keys.length - from >= SHORTEST && fast(from) ? keys.slice(from).join("") : "";
}

// `to`: scan(text) · torn() · typed(text) · main() · back() · nth(n) · digit(d) → true when the screen takes digits · undigit(n)
export function listen(to) {
  addEventListener("keydown", event => keydown(event, to), true);
  const box = capture();
  box.addEventListener("input", event => commit(event, box, to));
  box.addEventListener("compositionend", () => flush(box, to));
  for (const moment of ["pointerup", "focusin", "visibilitychange"]) document.addEventListener(moment, () => setTimeout(attend, 0));
  addEventListener("pointerdown", () => { forget(); tabbed = false; }, true);
  addEventListener("focus", () => { delete document.documentElement.dataset.away; attend(); });
  addEventListener("blur", () => { document.documentElement.dataset.away = ""; });   // keys go elsewhere: the lamp is out
  attend();
}

// The invisible field has the focus whenever nothing else needs it.
export function attend() {
  const now = document.activeElement;
  if (document.hidden || document.querySelector("dialog[open]") || editing(now)) return;
  if (now === document.body || now === null || (now.matches("button") && !tabbed)) {
    capture().focus({ preventScroll: true });
  }
}

function keydown(event, to) {
  const { key, timeStamp: at } = event;
  const box = editing(event.target);
  if (event.isComposing || key === "Unidentified" || key === "Process" || key === "Dead") return;
  if (key === "Enter" || key === "Tab") return terminator(event, box, at, to);
  if (event.ctrlKey && (key === "]" || event.code === "BracketRight")) {   // how a wedge types the GS1 separator
    gather("\x1d", at);
    return event.preventDefault();
  }
  if (event.ctrlKey && key.toLowerCase() === "j") return terminator(event, box, at, to);
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (key === "Escape") { forget(); return document.querySelector("dialog[open]") ? undefined : (event.preventDefault(), to.back()); }
  if (/^F[1-4]$/.test(key)) { event.preventDefault(); return to.nth(Number(key[1])); }
  if (key === "Backspace" && !box) { event.preventDefault(); forget(); return to.digit("del"); }
  if ([...key].length !== 1) return;
  if (key === " " && !keys.length && !box) return;   // presses the button that has the keyboard's focus
  const field = box ?? written();
  if (field && !keys.length) boxBefore = field.value;
  gather(key, at);
  if (field) return field.focus();
  event.preventDefault();
  if (/^[\d.,-]$/.test(key)) to.digit(key);
}

function terminator(event, box, at, to) {
  const text = keys.join("");
  if (at - committed < AFTER && !keys.length) { committed = -AFTER; return event.preventDefault(); }
  if (torn) {
    torn = false;
    forget();
    event.preventDefault();
    to.undigit(text);
    return to.torn();
  }
  const read = label(at);
  if (read) {
    event.preventDefault();
    event.stopPropagation();
    forget();
    if (box) { box.value = boxBefore; box.dispatchEvent(new Event("input")); }
    else to.undigit(text);
    return to.scan(read);
  }
  forget();
  if (event.key === "Tab") { tabbed = true; return; }
  if (box || document.querySelector("dialog[open]")) return;
  if (tabbed && document.activeElement?.matches("button, a")) return;   // walked to by the keyboard: Enter presses it
  event.preventDefault();
  if (text && !/^\d+$/.test(text)) to.typed(text);
  else to.main(text);
}

// What an input method writes: a whole label in one commit, or letter by letter with an Enter at the end.
function commit(event, box, to) {
  if (event.isComposing) return;
  const text = event.data ?? box.value;
  if (text.length >= SHORTEST) return flush(box, to);
  for (const letter of text) gather(letter, event.timeStamp);
  box.value = "";
}

function flush(box, to) {
  const text = box.value.replace(/[\r\n\t]+$/, "");
  box.value = "";
  forget();
  if (text.length < SHORTEST) return;
  committed = performance.now();
  for (const label of text.split(/[\r\n]+/)) if (label) to.scan(label);
}
