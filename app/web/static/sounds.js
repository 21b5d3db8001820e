// Four verdicts, four sounds and four vibrations, plus the short click of "read, not yet judged". The context is made at
// load: made at the first scan it blocked for 440 ms and cut a digit off the code.

// [Hz, from ms, for ms, wave, loudness]
const TONES = {
  read: [[2100, 0, 18, "sine", 0.15]],
  ok: [[1318, 0, 90, "sine", 0.5]],
  step: [[880, 0, 90, "sine", 0.5], [1318, 100, 90, "sine", 0.5], [1760, 200, 160, "sine", 0.5]],
  warning: [[620, 0, 140, "triangle", 0.8], [620, 200, 140, "triangle", 0.8]],
  error: [[190, 0, 320, "square", 0.7], [150, 360, 420, "square", 0.7]],
};
const SHAKES = { read: 15, ok: 40, step: [40, 40, 90], warning: [120, 60, 120], error: [400, 100, 400] };

let context = null;
try { context = new AudioContext({ latencyHint: "interactive" }); } catch { /* a device without sound still vibrates */ }
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, wake, { capture: true, passive: true });

function wake() {
  if (context?.state === "suspended") context.resume().catch(() => {});
}

export function play(name) {
  document.dispatchEvent(new CustomEvent("floor:sound", { detail: name }));
  navigator.vibrate?.(SHAKES[name]);
  if (!context || context.state !== "running") return;
  for (const [pitch, from, length, wave, loud] of TONES[name]) {
    const tone = context.createOscillator(), level = context.createGain();
    const begin = context.currentTime + from / 1000, end = begin + length / 1000;
    tone.type = wave;
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(loud, begin);
    level.gain.exponentialRampToValueAtTime(0.001, end);
    tone.connect(level).connect(context.destination);
    tone.start(begin);
    tone.stop(end);
  }
}

// A browser lets no page sound before somebody touched it: a station that was only switched on is mute.
export const mute = () => context !== null && context.state !== "running";

export const names = Object.keys(TONES).filter(name => name !== "read");
