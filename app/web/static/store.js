// The handheld's own memory: every scan lies here, on the disk, before it is sent, and leaves when it is answered.
// Also the last screen, so that a reload without network still shows what was asked. A PIN never comes here.

const NAME = "pickface";
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("turns", { keyPath: "n", autoIncrement: true });
      request.result.createObjectStore("last");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => { opening = null; reject(request.error); };
  });
  return opening;
}

// Runs `work` on a store and resolves with its result once that is on the disk.
async function within(name, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const step = db.transaction(name, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const request = work(step.objectStore(name));
    step.oncomplete = () => resolve(request?.result);
    step.onabort = step.onerror = () => reject(step.error);
  });
}

export const add = turn => within("turns", "readwrite", store => store.add(turn));
export const all = () => within("turns", "readonly", store => store.getAll());

// One answer's consequences at once: the answered turn leaves, those behind a refused one are marked as held.
export const settle = (gone, held) => within("turns", "readwrite", store => {
  for (const turn of held) store.put(turn);
  for (const turn of gone) store.delete(turn.n);
});

export const keepScreen = screen => within("last", "readwrite", store => store.put(screen, "screen"));
export const lastScreen = () => within("last", "readonly", store => store.get("screen"));
export const forgetScreen = () => within("last", "readwrite", store => store.delete("screen"));
