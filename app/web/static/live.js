// The live line: what the server pushes because somebody else changed this worker's screen. htmx keeps the line up; the
// first connection is begun here, when everybody listens to it, and tried again while it fails.

const AGAIN = 5000;    // ms between looks whether the line still stands
const SILENT = 40_000; // ms without a beat (one in 15 s) after which it is dead, whatever the socket believes
const root = document.documentElement;

// `pushed(html, step)`: the station's own scanner took a turn. `nobody(sentence)`: it was used while nobody is signed in.
// `badge(code)`: it read a badge. `twice(sentence)`: its trigger bounced. `refreshed(html, step)`: the scale or the printer
// has news, the question is the same. `signedOut(sentence)`: the login ended elsewhere, or while the line was down.
export function live({ pushed, refreshed, nobody, badge, twice, signedOut }) {
  const line = document.getElementById("live");
  if (!line) return;
  let tried = performance.now(), heard = tried, connection = null;
  line.addEventListener("htmx:sse:after:connection", ({ detail }) => {
    ({ connection } = detail);
    heard = performance.now();
    root.dataset.live = "";
  });
  line.addEventListener("htmx:sse:before:message", () => { heard = performance.now(); });
  line.addEventListener("htmx:sse:close", () => { delete root.dataset.live; });
  line.addEventListener("screen", ({ detail }) => pushed(detail.data, /data-step="([^"]*)"/.exec(detail.data)?.[1] ?? ""));
  line.addEventListener("refresh", ({ detail }) => refreshed(detail.data, /data-step="([^"]*)"/.exec(detail.data)?.[1] ?? ""));
  line.addEventListener("nobody", ({ detail }) => nobody(detail.data));
  line.addEventListener("badge", ({ detail }) => badge(detail.data));
  line.addEventListener("twice", ({ detail }) => twice(detail.data));
  line.addEventListener("signed-out", ({ detail }) => signedOut(detail.data || "You were signed out."));
  setTimeout(() => htmx.trigger(line, "again"));   // after htmx's own, which is as late
  setInterval(() => {
    if ("live" in root.dataset && performance.now() - heard > SILENT) {
      heard = performance.now();
      connection?.reader?.cancel();   // htmx then opens it anew
    }
    if ("live" in root.dataset || performance.now() - tried < AGAIN) return;
    tried = performance.now();
    htmx.trigger(line, "again");
  }, AGAIN / 4);
}
