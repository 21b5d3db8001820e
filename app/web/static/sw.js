// Keeps the shell on the handheld, so that a reload without network still opens the page with its queue. VERSION and SHELL
// are put in front by the server. It never answers a scan: that is the server's alone.

const CACHE = `floor-${VERSION}`;
const PATIENCE = 4000;   // ms for a page from the network, before the kept one is shown

self.addEventListener("install", event => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL);
    await cache.add("/floor").catch(() => {});   // the page that is just being opened
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", event => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", event => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromShell(request));
  else if (request.mode === "navigate" && url.pathname === "/floor") event.respondWith(page(request));
});

async function fromShell(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (fresh.ok) await cache.put("/floor", fresh.clone());
    return fresh;
  } catch (away) {
    const kept = await cache.match("/floor");
    if (kept) return kept;
    throw away;
  }
}
