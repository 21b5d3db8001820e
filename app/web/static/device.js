// The device around the page: it stays awake, starts without the network, and its back key is one step back.

function stayAwake() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}

// `back()` goes one step back, or is null while nobody is signed in. A plain-http LAN has no wake lock and no shell.
export function settle({ back }) {
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  navigator.serviceWorker?.register("/sw.js", { scope: "/floor" }).catch(() => {});
  if (!back) return;
  history.pushState({}, "");
  addEventListener("popstate", () => {
    history.pushState({}, "");
    back();
  });
}
