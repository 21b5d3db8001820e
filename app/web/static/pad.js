// The number pad: digits of a quantity or a date, kept here until they are sent. Nothing is filled in beforehand.

const MOST_DIGITS = 7;   // a longer number was meant to be a label

let shown = null, digits = "";

const screen = () => document.getElementById("screen");
const field = () => screen().querySelector("[data-field]");

function mine() {
  if (shown !== screen()) { shown = screen(); digits = ""; }
  return Boolean(field());
}

function draw() {
  const place = field(), gap = document.createElement("span");
  for (const words of screen().querySelectorAll(".main [data-empty], .main [data-full]")) words.hidden = ("full" in words.dataset) !== Boolean(digits);
  gap.className = "gap";
  if (screen().dataset.ask === "date") {
    const full = digits.padEnd(6, "–"), text = `${full.slice(0, 2)}.${full.slice(2, 4)}.${full.slice(4)}`;
    const cut = text.indexOf("–");
    place.textContent = cut < 0 ? text : text.slice(0, cut);
    gap.textContent = cut < 0 ? "" : text.slice(cut);
    place.append(gap);
  } else if (digits) place.textContent = digits;
  else { gap.textContent = "–"; place.replaceChildren(gap); }
}

// A digit, "del" or "clear". True when this screen has a pad.
export function digit(what) {
  if (!mine()) return false;
  const most = screen().dataset.ask === "date" ? 6 : MOST_DIGITS;
  if (/^[-.,]$/.test(what)) {
    if (screen().dataset.ask !== "measure") return false;
    if (what === "-") digits = digits.startsWith("-") ? digits.slice(1) : `-${digits}`;
    else if (!digits.includes(".")) digits = `${/\d$/.test(digits) ? digits : `${digits}0`}.`;
  } else if (what === "del") digits = digits.slice(0, -1);
  else if (what === "clear" || digits.length >= most) digits = "";
  else digits = digits === "0" && most === MOST_DIGITS ? what : digits + what;
  draw();
  return true;
}

// The digits of a scanner's burst were no typing: take them back.
export function undigit(text) {
  if (!mine()) return;
  digits = "";
  if (text) draw();
}

// What is sent, or why it cannot be: {raw} or {missing}.
export function value() {
  const text = screen().querySelector("[data-text]");
  if (text) return text.value.trim() ? { raw: text.value.trim() } : { missing: "Type it first." };
  mine();
  if (screen().dataset.ask === "measure") return /\d$/.test(digits) ? { raw: digits } : { missing: "Type the number first." };
  if (screen().dataset.ask !== "date") return digits ? { raw: digits } : { missing: "Type a quantity first." };
  if (digits.length < 6) return { missing: "Day, month, year: six digits." };
  return { raw: `20${digits.slice(4)}-${digits.slice(2, 4)}-${digits.slice(0, 2)}` };
}
