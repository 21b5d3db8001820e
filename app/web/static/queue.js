// The way of a turn to the server: given an id, written down, sent in order, deleted when it is answered for good.
// Each names what it follows: the step on the glass, or the turn queued before it. After a refusal the rest is held and
// shown, never sent by itself, because it was scanned before the worker knew.

import { newId } from "./ids.js";
import * as store from "./store.js";

export const MOST_UNSENT = 500;
const FIRST_WAIT = 300, LONGEST_WAIT = 10_000;   // ms between tries, full jitter
const LONGEST_ANSWER = 10_000;                   // ms until a silent server counts as away
const SLOW = 1000;                               // ms until the worker is told the network is slow
const FINAL = [400, 413, 422];                   // trying again cannot help

let turns = [];        // everything kept here, oldest first
let worker = "", csrf = "", step = "", tail = "";
let on = {}, started = null, saving = Promise.resolve();
let sending = false, stopped = false, tries = 0, timer = 0, trouble = "", slow = false;

const mine = state => turns.filter(turn => turn.worker === worker && (!state || turn.state === state));

export function status() {
  return {
    unsent: mine().filter(turn => turn.state !== "held").length,
    held: mine("held"),
    others: turns.filter(turn => turn.worker !== worker),
    waiting: mine().filter(turn => turn.state !== "held"),
    trouble, slow,
  };
}

export function start(options) {
  ({ on, worker, csrf, step } = options);
  tail = step;
  started = store.all().then(kept => {
    const early = turns;   // scanned while the store was still opening
    turns = [...kept, ...early];
    tail = kept.findLast(turn => turn.worker === worker && turn.state === "unsent")?.id ?? tail;
    for (const turn of early) { turn.after = tail; tail = turn.id; }
    started = true;
    on.status();
    pump();
  });
  addEventListener("online", () => { tries = 0; pump(); });
  document.addEventListener("visibilitychange", () => document.hidden || pump());
  return started;
}

// The screen was changed by someone else (the station's own scanner): what is scanned next follows that.
export function follow(fresh) {
  step = fresh;
  if (!status().unsent) tail = fresh;
}

// Takes a scan, a tap or something typed. Resolves when it is safe on this device, rejects when it could not be kept.
export async function take(kind, raw) {
  if (status().unsent >= MOST_UNSENT) throw new Error(`${MOST_UNSENT} unsent. Find the network first.`);
  const turn = { id: newId(), after: tail, kind, raw, symbology: "", at: Date.now() * 1000, worker, state: "saving" };
  if (started === true) tail = turn.id;
  turns.push(turn);
  on.status();
  const earlier = saving;
  saving = (async () => {
    await earlier.catch(() => {});
    if (started !== true) await started;
    await write(turn);
  })();
  await saving;
  pump();
}

async function write(turn) {
  const heldMeanwhile = turn.state === "held";
  try {
    turn.n = await store.add({ ...turn, state: heldMeanwhile ? "held" : "unsent" });
  } catch (cause) {
    turns = turns.filter(other => other !== turn);
    if (tail === turn.id) tail = turn.after;
    on.status();
    throw new Error("This device cannot store scans.", { cause });
  }
  if (turn.state === "saving") turn.state = "unsent";
  else if (turn.state === "held" && !heldMeanwhile) await store.settle([], [turn]);
}

async function pump() {
  clearTimeout(timer);
  if (sending || stopped || !worker || started !== true) return;
  const turn = mine().find(one => one.state !== "held");
  if (turn?.state !== "unsent") return;
  sending = true;
  const slowly = setTimeout(() => { slow = true; on.status(); }, SLOW);
  let reply = null;
  try { reply = await post(turn); } catch { /* no network: it stays and is tried again */ }
  clearTimeout(slowly);
  slow = sending = false;
  try {
    await settle(turn, reply);
  } catch {
    later(LONGEST_WAIT);   // the disk would not delete it: the same id is answered alike next time
  }
}

async function post(turn) {
  const { id, after, kind, raw, symbology, at } = turn;
  const response = await fetch("/floor/scan", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/html", "X-CSRF": csrf },
    body: JSON.stringify({ id, after, kind, raw, symbology, at }),
    signal: AbortSignal.timeout(LONGEST_ANSWER),
    redirect: "error",
  });
  const told = name => response.headers.get(name) ?? "";
  return {
    code: response.status, verdict: told("X-Verdict"), step: told("X-Step"), goto: told("X-Goto"),
    wait: Math.min(30, Number(told("Retry-After")) || 0), text: await response.text(),
  };
}

async function settle(turn, reply) {
  if (reply?.code === 200) return answered(turn, reply);
  if (reply?.code === 401) { stopped = true; return on.signedOut(); }
  if (reply?.code === 403) { stopped = true; return on.forbidden(turn); }
  if (reply && FINAL.includes(reply.code)) {
    await leave(turn, holdRest(turn));
    on.broken(turn, reply);
    return pump();
  }
  trouble = reply ? "busy" : "offline";
  on.status();
  later(reply?.wait ? reply.wait * 1000 : Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries++));
}

async function answered(turn, reply) {
  tries = 0;
  trouble = "";
  step = reply.step;
  const accepted = reply.step === turn.id;
  const held = accepted ? [] : holdRest(turn);
  if (!accepted) tail = step;
  const gone = accepted && turn.kind !== "tap" ? mine("held") : [];   // scanned anew, so the held ones are done with
  await leave(turn, held, gone);
  if (reply.goto) { stopped = true; return on.signedOut(); }   // badged out by a command's barcode
  on.answer({ html: reply.text, verdict: reply.verdict, step, turn, accepted });
  return pump();
}

function holdRest(turn) {
  const rest = mine().filter(other => other !== turn && other.state !== "held");
  for (const other of rest) other.state = "held";
  if (tail !== turn.id && rest.length) tail = step;
  return rest.filter(other => other.n);
}

async function leave(turn, held, gone = []) {
  turns = turns.filter(other => other !== turn && !gone.includes(other));
  await store.settle([turn, ...gone], held);
  on.status();
}

// The worker looked at what was held and lets it go.
export async function discardHeld() {
  const gone = mine("held");
  turns = turns.filter(turn => !gone.includes(turn));
  await store.settle(gone.filter(turn => turn.n), []);
  on.status();
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(pump, Math.max(50, wait));
}
