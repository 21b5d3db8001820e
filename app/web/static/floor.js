// The handheld: what is read goes to the queue, what the server answers goes on the glass. Every scan is heard twice, at
// once as "read" and then as the server's verdict; a refusal holds the input until the worker has understood it.

import { settle } from "./device.js";
import { live } from "./live.js";
import * as pad from "./pad.js";
import * as photo from "./photo.js";
import * as queue from "./queue.js";
import { chip, held, say, shown, speak } from "./say.js";
import { attend, listen } from "./scan.js";
import * as sheets from "./sheets.js";
import * as signin from "./signin.js";
import { mute, play } from "./sounds.js";
import { forgetScreen, keepScreen, lastScreen } from "./store.js";

const TRAIL = 500;              // steps remembered, to know an old page again
const BOUNCE = 400;             // ms in which the same code again is a trigger that bounced
const VERDICTS = ["ok", "step", "warning", "error"];

const meta = name => document.querySelector(`meta[name=${name}]`)?.content ?? "";
const root = document.documentElement;
const screen = () => document.getElementById("screen");
const seen = selector => [...screen().querySelectorAll(selector)].filter(element => element.offsetParent);
const worker = meta("worker"), firstStep = screen().dataset.step ?? "";
let trail = [firstStep];        // the steps this device has shown
const last = { raw: "", at: -BOUNCE };
let refused = "";               // the label that the refusal on the glass is about

// ── what a worker does ──────────────────────────────────────────────────────────────────────────
function scan(raw) {
  sheets.closeAll();
  const asks = screen().dataset.ask;
  if (asks === "badge" || (asks === "pin" && !("release" in screen().dataset))) { play("read"); say("", `Read ${shown(raw)}`); return signin.badge(raw, swap); }
  if (screen().classList.contains("hold")) {
    if (!acknowledges(raw)) return refuse();
    understood();
    if (/^CMD\/OK$/i.test(raw)) return undefined;
  }
  const now = performance.now(), bounced = raw === last.raw && now - last.at < BOUNCE && !("repeats" in screen().dataset);
  Object.assign(last, { raw, at: now });
  if (bounced) { play("warning"); return say("warn", `Read twice, counted once: ${shown(raw)}`); }
  return turn("scan", raw, `Read ${shown(raw)}`);
}

// A label that arrived in pieces is no label.
function torn() {
  play("warning");
  say("warn", "Read in pieces. Scan it again.");
}

// The right label, or a command, says that the worker has seen the refusal; anything else does not. What is right the server
// said, text by text: "01…*" begins so, as GS1 labels do, and a lone "*" is any other label than the one refused.
function acknowledges(raw) {
  const bare = raw.replace(/^\][A-Za-z]\w/, "").replace(/^\x1d/, "");
  if (/^CMD\//i.test(bare)) return true;
  return (screen().dataset.right ?? "").split("\n").some(label => {
    if (label === "*") return raw !== refused;
    if (label.endsWith("*")) return bare.startsWith(label.slice(0, -1)) || bare.includes(`/${label.slice(0, 2)}/${label.slice(2, -1)}`);
    return label && (bare === label || bare.endsWith(`/${label}`) || sameNumber(bare, label));
  });
}

// A GTIN with or without its leading zeros.
const NUMBER = /^\d{8,14}$/;
const sameNumber = (one, other) => NUMBER.test(one) && NUMBER.test(other) && one.padStart(14, "0") === other.padStart(14, "0");

function refuse() {
  play("error");
  seen(".main")[0]?.focus();
}

function tap(name) {
  const now = performance.now(), bounced = name === last.raw && now - last.at < BOUNCE;
  Object.assign(last, { raw: name, at: now });
  if (!bounced) turn("tap", name);
}

async function turn(kind, raw, words = "") {
  if (screen().classList.contains("stop")) understood();
  play("read");
  if (words) say("", words);
  try {
    await queue.take(kind, raw);
  } catch (problem) {
    play("error");
    say("err", problem.message);
  }
}

// Acknowledged: the question is shown again, and what was scanned behind the refusal is named once more.
function understood() {
  screen().classList.remove("hold", "stop");
  held(queue.status().held);
  attend();
}

function back() {
  if (screen().classList.contains("stop")) return understood();
  const key = seen(".back")[0];
  return key?.click();
}

function submit() {
  if (screen().dataset.ask === "pin") return signin.submit(swap, pushed);
  const { raw, missing } = pad.value(), { otherwise } = seen("[data-submit]")[0]?.dataset ?? {};
  if (raw) return turn("type", raw);
  if (otherwise) return tap(otherwise);   // nothing typed: the main key is a key like any other
  play("warning");
  return say("warn", missing);
}

function main(text) {
  const key = seen(".main")[0];
  if (text && "counts" in screen().dataset && !screen().classList.contains("stop")) return turn("type", text);
  if (text && key?.dataset.open === "type") return sheets.open("type", text);
  return key?.click();
}

const typed = code => screen().dataset.ask === "badge" ? signin.badge(code, swap) : turn("type", code, `Typed ${shown(code)}`);
const digit = what => signin.digit(what) || pad.digit(what);

// The handheld's camera, for who has no scanner: its reader is fetched now, not with the page.
async function camera() {
  sheets.closeAll();
  try {
    const { aim } = await import("./camera.js");
    await aim(scan);
  } catch {
    play("error");
    say("err", "No network. The camera needs it the first time.");
  }
}

// Where the camera is the scanner, the big key is its trigger; but a number is typed.
const triggers = open => open === "type" && "camera" in root.dataset && !document.querySelector("dialog[open]") && !("counts" in screen().dataset);

document.addEventListener("click", event => {
  const key = event.target.closest("button");
  if (!key) return;
  const { tap: name, open, digit: what } = key.dataset;
  if (name) { sheets.closeAll(); tap(name); }
  else if (open === "camera" || triggers(open)) camera();
  else if (open) sheets.open(open);
  else if (what) digit(what);
  else if ("photo" in key.dataset) photo.take(hash => turn("photo", hash, "Photo taken"));
  else if ("submit" in key.dataset) submit();
  else if ("ack" in key.dataset) understood();
  else if ("leave" in key.dataset) location.replace("/floor");
  else if ("close" in key.dataset) sheets.closeAll();
});
document.addEventListener("keydown", event => {
  if (event.key === "Enter" && event.target.matches?.("#screen [data-text]")) { event.preventDefault(); submit(); }
});

// ── what the server answers ─────────────────────────────────────────────────────────────────────
function swap(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.querySelector("#screen");
  if (!fresh) return;
  sheets.closeAll();
  screen().replaceWith(fresh);
  status();
  const verdict = fresh.dataset.verdict;
  if (VERDICTS.includes(verdict)) play(verdict);
  speak();
  attend();
  if (news.step === fresh.dataset.step) refreshed(news.html, news.step);
}

function keep(html, step) {
  trail = [...trail, step].slice(-TRAIL);
  keepScreen({ html, step, worker, trail }).catch(() => {});
}

function status() {
  const now = queue.status();
  chip(now);
  sheets.showWaiting(now);
  if (now.trouble && now.unsent) say("offline", now.trouble === "busy" ? "Server busy. Saved here, go on." : "Offline. Saved here, go on.");
  const bound = screen().querySelector("[data-bound]");
  if (bound && now.others.length) bound.textContent = `${now.others.length} unsent of ${now.others[0].worker} wait here.`;
}

// After the paint: "read" is what the worker waits for, the rest may come a moment later.
let soon = 0;
function statusSoon() {
  soon ||= setTimeout(() => { soon = 0; status(); }, 0);
}

const on = {
  status: statusSoon,
  answer({ html, step, verdict, turn: done, accepted }) {
    refused = accepted ? "" : done.raw;
    swap(html);
    if (accepted && done.kind === "scan" && !VERDICTS.includes(verdict)) play("ok");
    if (!accepted) held(queue.status().held);
    else if (done.kind === "scan" && !/^CMD\//i.test(done.raw)) weighs();
    keep(html, step);
  },
  broken(done, reply) {
    play("error");
    say("err", `Not taken: ${shown(done.raw)} (${reply.code}). Scan it again.`);
  },
  signedOut() { location.replace("/floor"); },
  forbidden(done) {
    if (sessionStorage.getItem("forbidden") === done.id) return say("err", "Not allowed here. Ask a supervisor.");
    sessionStorage.setItem("forbidden", done.id);   // once: a fresh page brings a fresh token
    return location.replace("/floor");
  },
};

async function out() {
  sheets.closeAll();
  try {
    const response = await fetch("/floor/out", { method: "POST", headers: { "X-CSRF": meta("csrf") } });
    if (!response.ok && response.status !== 401) throw new Error();
    await forgetScreen();
    location.replace("/floor");
  } catch {
    say("offline", "No network. Still signed in.");
  }
}

// ── what others change: the station's own scanner, a take-over ──────────────────────────────────
// Also how things stand when the line begins anew; that may be overtaken by an answer, and then it is a step of the past. Of
// the very same question only what the devices say can be news: a label may have ended while the line was down.
function pushed(html, step) {
  const same = step === screen().dataset.step;
  if (same && !("release" in screen().dataset)) return refreshed(html, step);
  if (!same && trail.includes(step)) return;
  queue.follow(step);
  swap(html);
  keep(html, step);
}

// The devices of a station have news: its side of the page and their signs are drawn anew, the rest stays. News may be
// quicker than the answer they belong to; then they wait for it.
let news = { step: "", html: "" };
function refreshed(html, step) {
  news = { step, html };
  if (step !== screen().dataset.step) return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  lastLabel(holder.content.querySelector("#screen > [data-last-label]"));
  signs(holder.content.querySelectorAll("#screen .dev"));
  const fresh = holder.content.querySelector("#screen .side"), old = screen().querySelector(".side");
  if (!fresh || !old || fresh.isEqualNode(old)) return;
  const trouble = fresh.querySelector("[data-trouble]"), before = old.querySelector("[data-trouble]"), fitted = old.querySelector("[data-fits]");
  old.replaceWith(fresh);
  if (trouble && !before) play("warning");
  if (!screen().classList.contains("stop") && (trouble || before)) say(trouble ? "warn" : "ok", fresh.querySelector("[data-label]")?.textContent.trim() ?? "");
  if (!fitted) weighs();
}

function signs(fresh) {
  const old = seen(".dev");
  if (fresh.length === old.length) fresh.forEach((one, n) => { if (!one.isEqualNode(old[n])) old[n].replaceWith(one); });
}

// The line that says what became of the label asked for last; a refusal in its place stays.
function lastLabel(fresh) {
  const old = screen().querySelector(":scope > .say"), told = old?.matches("[data-last-label]");
  if (screen().classList.contains("stop") || (fresh ? told && fresh.isEqualNode(old) : !told)) return;
  if (fresh && !told) play("warning");
  if (!fresh) old.remove();
  else if (old) old.replaceWith(fresh);
  else screen().querySelector(".top").after(fresh);
}

// The carton stands on the scale as it should: it closes by itself, as if Weigh had been pressed. Only when the weight has
// just become right, never after an undo.
function weighs() {
  const key = seen(".main")[0];
  if (key?.dataset.tap === "weigh" && seen("[data-fits]").length) turn("tap", "weigh");
}

// The station's scanner while nobody is signed in: a badge begins the sign-in, anything else is refused aloud.
const badged = code => { play("read"); return signin.badge(code, swap); };
const NO_SOUND = "This page has no sound yet: touch it once.";
const nobody = sentence => { play("error"); say("err", mute() ? `${sentence} ${NO_SOUND}` : sentence); };
const twice = sentence => { play("warning"); say("warn", sentence); };

function signedOut(sentence) {
  if (!worker) return;   // an old cookie on a page where nobody is signed in
  sessionStorage.setItem("said", sentence);
  location.replace("/floor");
}

async function start() {
  live({ pushed, refreshed, nobody, twice, signedOut, badge: badged });   // before anything is waited for: the line may stand already
  sheets.setUp({ typed, out });
  listen({ scan, torn, main, back, digit, undigit: pad.undigit, typed: text => sheets.open("type", text), nth: n => seen("[data-keys] .key")[n - 1]?.click() });
  settle({ back: worker ? back : null });
  const said = sessionStorage.getItem("said");
  if (said) { sessionStorage.removeItem("said"); say("warn", said); }
  try {
    const kept = worker ? await lastScreen() : undefined;
    // A page we have been past already comes from the shell, not from the server: what was on the glass since is newer.
    if (kept?.worker === worker && kept.trail.includes(firstStep)) {
      trail = kept.trail;
      if (kept.step !== firstStep && screen().dataset.step === firstStep) swap(kept.html);
    }
    await queue.start({ on, worker, csrf: meta("csrf"), step: screen().dataset.step ?? "" });
    if (worker && queue.status().held.length) held(queue.status().held);
  } catch {
    say("err", "This device cannot store scans. Leave private mode.");
  }
  root.dataset.ready = "";
}

start();
