// A photo of what went wrong: the handheld's own camera takes it, this page makes it small, and only then it is sent. The
// bytes go up first and come back as a hash; the hash is queued like a scan, so a photo is answered once like one.

import { play } from "./sounds.js";
import { say } from "./say.js";

const LONGEST_SIDE = 1600, MOST_BYTES = 2_000_000;
const QUALITIES = [0.85, 0.7, 0.5, 0.35];
let sending = false;

// `taken(hash)` when the server has it.
export function take(taken) {
  const input = document.createElement("input");
  Object.assign(input, { type: "file", accept: "image/*" });
  input.setAttribute("capture", "environment");
  input.addEventListener("change", () => { if (input.files[0]) send(input.files[0], taken); });
  input.click();
}

export async function send(file, taken) {
  if (sending) return;
  sending = true;
  say("", "Sending the photo …");
  try {
    const small = await shrink(file);
    const response = await fetch("/floor/photo", {
      method: "POST",
      headers: { "Content-Type": "image/jpeg", Accept: "application/json", "X-CSRF": document.querySelector("meta[name=csrf]").content },
      body: small,
      redirect: "error",
    });
    if (response.status === 401) return location.replace("/floor");
    const told = await response.json();
    if (response.ok) return taken(told.hash);
    play("error");
    say("err", `${told.sentence ?? "The photo was not taken."} ${told.todo ?? ""}`);
  } catch (problem) {
    play("error");
    say("err", problem instanceof TypeError ? "No network. A photo needs it." : "That is no photo. Take it again.");
  } finally {
    sending = false;
  }
}

async function shrink(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= MOST_BYTES) return blob;
  }
  throw new Error("too big");
}
