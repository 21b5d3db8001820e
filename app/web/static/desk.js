// The desk: one live line, one chosen row, and the keys shown on the buttons. When something changes the page fetches
// itself and is morphed; the row under the pointer (or the chosen one) stays where the eye and the hand are.

const DEBOUNCE = 300;           // ms of news gathered into one fetch
const AT_MOST_EVERY = 1000;     // ms between two fetches of one page
const LIVE_AGAIN = 10_000;      // ms between looks whether the live line still stands
const SAID_FOR = 12_000;        // ms a good answer stays; a refusal stays until it is closed

const meta = name => document.querySelector(`meta[name=${name}]`)?.content ?? "";
const byId = id => document.getElementById(id);
const board = () => byId("board");
const rows = () => [...document.querySelectorAll("table.rows tr[data-row]")].filter(row => row.offsetParent);
let chosen = "", first = true, waiting = 0, last = 0, stale = false, up = false, pointer = null, shift = 0;

// ── the chosen row ──────────────────────────────────────────────────────────────────────────────
const rowOf = key => rows().find(row => row.dataset.row === key);
const moreOf = row => row?.nextElementSibling?.matches("tr.more") ? row.nextElementSibling : row && byId(`of-${row.dataset.row}`);

function choose(row, { look = true } = {}) {
  for (const other of document.querySelectorAll("tr[data-row][aria-current]")) if (other !== row) other.removeAttribute("aria-current");
  for (const more of document.querySelectorAll("tr.more, .evidence[data-of]")) more.hidden = more !== moreOf(row);
  chosen = row?.dataset.row ?? "";
  for (const turned of document.querySelectorAll("[data-turned]")) if (!moreOf(row)?.contains(turned)) delete turned.dataset.turned;
  if (!row) return;
  row.setAttribute("aria-current", "true");
  if (look) row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows(), at = all.findIndex(row => row.dataset.row === chosen);
  if (all.length) choose(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
}

// ── keys ────────────────────────────────────────────────────────────────────────────────────────
const typing = target => target.matches?.("input:not([type=checkbox]), select, textarea");

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (event.key === "Enter" && event.target.matches?.("form[hx-post] select") && event.target.value) {   // a reason chosen by keys is given by Enter
    event.preventDefault();
    return event.target.form.requestSubmit();
  }
  if (typing(event.target)) return;
  const row = rowOf(chosen);
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "Enter" && row && (event.target === document.body || event.target === board())) row.querySelector("[data-open]")?.click();
  else if (event.key === "/") document.querySelector("[data-find]")?.focus();
  else if (event.key === "x" && row?.querySelector("[data-tick]")) row.querySelector("[data-tick]").click();
  else if (!press(event.key, row)) return;
  event.preventDefault();
});

// A key acts on the chosen row's own buttons first, then on the page's.
function press(key, row) {
  const of = place => [...place?.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) ?? []].find(button => button.offsetParent && !button.disabled);
  const button = of(moreOf(row)) ?? of(row) ?? [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(one => one.offsetParent && !one.closest("tr") && !one.disabled);
  const empty = button?.form && [...button.form.elements].find(one => one.required && !one.value);
  if (empty && button.type === "submit") empty.focus();
  else if (button?.matches("select")) turn(button);
  else button?.click();
  return Boolean(button);
}

// A choice with a key of its own: the next one, kept until it is decided or another row is looked at.
function turn(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dataset.turned = "";
}

document.addEventListener("click", event => {
  if (event.target.closest("[data-dismiss]")) return byId("said").replaceChildren();
  const row = event.target.closest("tr[data-row]");
  if (row && !event.target.closest("a, button, input, select, label")) choose(row.dataset.row === chosen ? null : row, { look: false });
});

// ── live: the page fetches itself, and nothing moves under the pointer ──────────────────────────
document.addEventListener("pointermove", event => { pointer = { x: event.clientX, y: event.clientY }; settle(); });
document.addEventListener("pointerleave", () => { pointer = null; settle(); });

function anchor() {
  const under = pointer && document.elementFromPoint(pointer.x, pointer.y)?.closest("tr[data-row], tr.more");
  const key = under?.dataset.row ?? under?.dataset.of ?? chosen;
  const row = key && rowOf(key);
  return row ? { key, under: Boolean(under), top: row.getBoundingClientRect().top } : null;
}

// Once the pointer has left the row it was held at, the page may stand as it likes.
function settle() {
  if (!shift) return;
  const under = pointer && document.elementFromPoint(pointer.x, pointer.y)?.closest("tr");
  if (under) return;
  shift = 0;
  board().style.marginTop = "";
}

function hold(before) {
  const row = before && rowOf(before.key);
  if (!row) return;
  const moved = row.getBoundingClientRect().top - before.top;
  if (!moved) return;
  if (moved > 0) document.body.style.minHeight = `${Math.ceil(scrollY + innerHeight + moved)}px`;
  scrollBy(0, moved);
  const rest = row.getBoundingClientRect().top - before.top;
  if (rest < 0 && before.under) {           // the rows above went away and there is nothing to scroll by
    shift -= rest;
    board().style.marginTop = `${shift}px`;
  }
}

// Nothing is fetched over what somebody is typing or ticking; it is made up for afterwards.
const busy = () => (typing(document.activeElement) && board().contains(document.activeElement)) || document.querySelector("[data-tick]:checked, [data-turned], .htmx-request");

function news() {
  stale = true;
  pulse();
  if (!waiting) waiting = setTimeout(refresh, Math.max(DEBOUNCE, last + AT_MOST_EVERY - performance.now()));
}

async function refresh() {
  clearTimeout(waiting);
  waiting = 0;
  if (document.hidden || busy()) return pulse();
  stale = false;
  last = performance.now();
  await htmx.ajax("GET", location.href, { source: byId("desk"), target: "#desk", select: "#desk", swap: "outerMorph" });
  pulse();
}

function pulse() {
  const mark = byId("pulse");
  if (!mark) return;
  const time = new Date().toTimeString().slice(0, 8);
  mark.textContent = !up ? "not live: no connection" : stale && busy() ? "waits for you to finish" : `live · ${time}`;
}

// Where decisions are made one after the other, the row that follows the one just decided here is chosen next.
const following = () => decided && document.querySelector("table[data-next]") && chosen && !rowOf(chosen) ? rows()[Math.min(place, rows().length - 1)] : null;

let before = null, place = 0, decided = false;
document.addEventListener("htmx:before:swap", event => {
  if (event.detail.ctx.target?.id !== "desk") return;
  before = anchor();
  place = rows().findIndex(row => row.dataset.row === chosen);
});
document.addEventListener("htmx:after:swap", event => {
  if (event.detail.ctx.target?.id === "desk") {
    choose(rowOf(chosen) ?? following() ?? null, { look: false });
    decided = false;
    hold(before);
  } else if (byId("said")?.dataset.kind === "ok" && !("heeded" in byId("said").dataset)) {   // once, also where it stays
    byId("said").dataset.heeded = "";
    decided = true;
    for (const tick of document.querySelectorAll("[data-tick]:checked")) tick.checked = false;
    for (const turned of document.querySelectorAll("[data-turned]")) delete turned.dataset.turned;
    document.activeElement?.blur();
    news();
    const said = byId("said");
    if (!("stays" in said.dataset)) setTimeout(() => { if (byId("said") === said) said.replaceChildren(); }, SAID_FOR);
  }
});
// What is chosen, opened or typed here is not the server's to change.
document.addEventListener("htmx:before:morph:attr", event => {
  if (["hidden", "aria-current"].includes(event.detail.attrName) && event.target.matches?.("tr, .evidence")) event.preventDefault();
});

// ── requests ────────────────────────────────────────────────────────────────────────────────────
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => { ctx.request.headers["X-CSRF"] = meta("csrf"); });
document.addEventListener("htmx:before:request", ({ target }) => { for (const button of target.querySelectorAll?.("form button") ?? []) button.blur(); });
document.addEventListener("htmx:response:error", event => {
  if (event.detail.ctx.response?.status === 401) location.reload();
});
document.addEventListener("htmx:before:swap", event => {
  const { ctx } = event.detail;
  if (ctx.target?.id === "desk" && ctx.response && ctx.response.status >= 400) event.preventDefault();
});
document.addEventListener("htmx:error", () => {
  const said = byId("said");
  if (said && up) { said.className = "told err"; said.textContent = "The server did not answer. Nothing was changed, or it is not known: look again."; }
});

function live() {
  const line = byId("live");
  let tried = performance.now();
  line.addEventListener("htmx:sse:after:connection", () => { if (!up && !first) news(); up = true; first = false; pulse(); });
  for (const end of ["htmx:sse:close", "htmx:sse:error"]) line.addEventListener(end, () => { up = false; pulse(); });
  for (const topic of new URL(line.getAttribute("hx-sse:connect"), location.href).searchParams.get("on").split(",")) line.addEventListener(topic, news);
  setTimeout(() => htmx.trigger(line, "again"));   // begun when everybody listens, after htmx's own beginning
  setInterval(() => {   // htmx does not try a failed first connection again
    if (stale && !waiting) refresh();
    if (up || performance.now() - tried < LIVE_AGAIN) return;
    tried = performance.now();
    htmx.trigger(line, "again");
  }, LIVE_AGAIN / 4);
  setInterval(news, 1000 * (Number(document.body.dataset.every) || 30));   // times run out by themselves
  document.addEventListener("visibilitychange", () => { if (!document.hidden) news(); });
}

live();
const start = document.querySelector("tr[data-first]");
if (start) choose(start, { look: false });
