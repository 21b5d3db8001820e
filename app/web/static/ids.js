// Identities of scans, made on the handheld: UUIDv7, so they sort by the moment they were made. crypto.randomUUID does
// not exist on a plain-http LAN, crypto.getRandomValues does.

let last = 0, count = 0;

export function newId() {
  const now = Math.max(Date.now(), last);
  count = now === last ? count + 1 : 0;
  last = count > 0xfff ? now + 1 : now;   // 4,096 in a millisecond borrow the next one
  count &= 0xfff;
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  bytes[0] = (bytes[0] & 0x3f) | 0x80;
  const tail = Array.from(bytes, b => b.toString(16).padStart(2, "0")).join("");
  const time = last.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, "0")}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
