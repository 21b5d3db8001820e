// The handheld's own camera as its scanner: what stands in the frame is read by a worker beside the page, and goes the same
// way as a wedge's burst. Fetched when somebody presses the key, never before. Only the frame's part of the picture is
// looked at; two codes in it are none, and a code counts when two pictures running say the same.

const AGREE = 2;               // pictures
const EVERY = 50;              // ms between two of them
const LONGEST = 60_000;        // ms that nobody aims: the camera ends by itself
const STARTS = 15_000;         // ms until the reader answers its first picture
const FRAME = { width: 0.86, height: 0.5 };   // of what is shown of the picture; kit.css draws the same
const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
const DENIED = {
  NotAllowedError: "The camera is not allowed here. Allow it in the browser, for this page.",
  NotFoundError: "This device has no camera.",
  NotReadableError: "Another app has the camera. Close that one.",
};

let decoder = null, stream = null;

document.addEventListener("visibilitychange", () => { if (document.hidden) sheet().close(); });

const sheet = () => document.getElementById("camera");
const tell = text => { sheet().querySelector("[data-told]").textContent = text; };

// `read(label)` once, when a code was read; then, as with the Close key, the camera is off.
export async function aim(read) {
  const dialog = sheet(), video = dialog.querySelector("video"), light = dialog.querySelector("[data-light]");
  dialog.addEventListener("close", stop, { once: true });
  light.hidden = true;
  dialog.showModal();
  if (!navigator.mediaDevices) return tell("The camera needs HTTPS. Ask the admin, or type the code.");
  tell("The camera starts …");
  try {
    const opened = await navigator.mediaDevices.getUserMedia({ video: WANTED });
    if (!dialog.open) return opened.getTracks().forEach(track => track.stop());
    stream = opened;
    video.srcObject = stream;
    await video.play();
  } catch (problem) {
    return dialog.open ? tell(DENIED[problem.name] ?? "The camera did not start. Type the code.") : undefined;
  }
  if (!dialog.open) return undefined;
  lit(light);
  tell("Hold one code in the frame.");
  return look(dialog, video, read);
}

async function look(dialog, video, read) {
  const paper = document.createElement("canvas"), until = performance.now() + LONGEST;
  let before = "", same = 0;
  while (dialog.open && performance.now() < until) {
    let found;
    try {
      found = await decoded(framed(video, paper));
    } catch {
      decoder?.terminate();
      decoder = null;
      return tell("The code reader did not load. Look for the network, then try again.");
    }
    if (!dialog.open) return undefined;
    const codes = [...new Set(found)];
    if (codes.length > 1) tell("Several codes in the frame. Go nearer to one.");
    const code = codes.length === 1 ? codes[0] : "";
    same = code && code === before ? same + 1 : 1;
    before = code;
    if (code && same >= AGREE) {
      dialog.close();
      return read(code);
    }
    await new Promise(done => setTimeout(done, EVERY));
  }
  return dialog.close();
}

function framed(video, paper) {
  const scale = Math.max(video.clientWidth / video.videoWidth, video.clientHeight / video.videoHeight);   // it covers its box
  const width = Math.round(video.clientWidth / scale * FRAME.width), height = Math.round(video.clientHeight / scale * FRAME.height);
  const x = Math.round((video.videoWidth - width) / 2), y = Math.round((video.videoHeight - height) / 2);
  Object.assign(paper, { width, height });
  const ink = paper.getContext("2d", { willReadFrequently: true });
  ink.drawImage(video, x, y, width, height, 0, 0, width, height);
  return ink.getImageData(0, 0, width, height);
}

// What stands on a picture. Rejects when the reader cannot be loaded.
function decoded(picture) {
  return new Promise((done, failed) => {
    decoder ??= new Worker(new URL("camera_worker.js", import.meta.url));
    const late = setTimeout(failed, STARTS);
    decoder.onmessage = ({ data }) => { clearTimeout(late); if (data.problem) failed(new Error(data.problem)); else done(data.read); };
    decoder.onerror = event => { event.preventDefault(); clearTimeout(late); failed(new Error("no worker")); };
    decoder.postMessage(picture, [picture.data.buffer]);
  });
}

// The lamp beside the lens, where there is one: aisles are dark.
function lit(key) {
  const [track] = stream.getVideoTracks();
  if (!track.getCapabilities?.().torch) return;
  let on = false;
  key.hidden = false;
  key.onclick = () => {
    on = !on;
    track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
    key.setAttribute("aria-pressed", on);
  };
}

function stop() {
  stream?.getTracks().forEach(track => track.stop());
  stream = null;
  sheet().querySelector("video").srcObject = null;
}
