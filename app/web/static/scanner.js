// The set-up page of a scanner: whatever a wedge types while the page is in front is taken key by key with its moment,
// terminators and control keys too, and sent once it pauses. Nothing is judged here.

const PAUSE = 400;   // ms without a key that end a scan
const LONGEST = 512;
const FEWEST = 4;    // keys that are no scan, but somebody at the keyboard
const SIGNS = { Enter: "\r", Tab: "\t" };

let keys = [], times = [], wait = 0;

const target = () => document.getElementById("heard");

addEventListener("keydown", event => {
  if (event.target.matches?.("input, textarea, select")) return;
  const sign = signOf(event);
  if (!sign || (!keys.length && event.key in SIGNS)) return;   // Enter and Tab alone are somebody walking the page
  event.preventDefault();
  event.stopImmediatePropagation();
  if (keys.length < LONGEST) { keys.push(sign); times.push(event.timeStamp); }
  clearTimeout(wait);
  wait = setTimeout(send, PAUSE);
}, true);

function signOf({ key, code, ctrlKey, altKey, metaKey, isComposing }) {
  if (isComposing || altKey && !ctrlKey || metaKey) return "";
  if (key in SIGNS) return SIGNS[key];
  if (ctrlKey && !altKey) return key === "]" || code === "BracketRight" ? "\x1d" : key.toLowerCase() === "j" ? "\n" : "";
  return [...key].length === 1 ? key : "";   // AltGr is Ctrl with Alt
}

function send() {
  const text = keys.join(""), gaps = times.slice(1).map((at, n) => Math.round(at - times[n])).join(" ");
  keys = [];
  times = [];
  if (text.length >= FEWEST) show(text, gaps);
}

document.addEventListener("input", event => {
  const field = event.target;
  if (!field.matches("[data-burst]")) return;
  clearTimeout(wait);
  wait = setTimeout(() => {
    const text = field.value;
    field.value = "";
    if (text.length >= FEWEST) show(text, "");
  }, PAUSE);
});

document.addEventListener("submit", event => { if (event.target.querySelector("[data-burst]")) event.preventDefault(); });

async function show(text, gaps) {   // as numbers, for a form would change line ends
  const box = target(), codes = [...text].map(sign => sign.codePointAt(0).toString(16)).join(" ");
  await htmx.ajax("POST", box.dataset.scanner, { source: box, target: box, swap: "innerHTML", values: { codes, gaps } });
  box.scrollIntoView({ block: "nearest" });
}
