// Sounds that differ in pitch and in pattern, and the vibration to go with each. Knows no page.
// Source: cashier-screen.md law 8.

/** Tones of each verdict: pitch in hertz, start and length in milliseconds. */
const TONES = {
  valid: [[880, 0, 90], [1319, 100, 180]],
  used: [[587, 0, 110], [587, 170, 110], [587, 340, 110]],
  refused: [[208, 0, 480]],
  waiting: [[659, 0, 60]],
  contingency: [[494, 0, 120], [740, 160, 120], [494, 320, 160]],
};
const SHAPES = { valid: "sine", used: "triangle", refused: "square", waiting: "sine", contingency: "triangle" };
const VIBRATIONS = { valid: [60], used: [70, 80, 70, 80, 70], refused: [400], waiting: [25], contingency: [60, 60, 200] };
const VOLUME = 0.25;
const MUTED = "till-muted";

export class Sounds {
  #context = null;
  muted = localStorage.getItem(MUTED) === "1";

  /** Browsers are silent until a person has pressed something: call it soon after a key press or click. */
  unlock() {
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume();
  }

  mute(muted) {
    this.muted = muted;
    localStorage.setItem(MUTED, muted ? "1" : "0");
  }

  play(kind) {
    if (!TONES[kind]) return;
    navigator.vibrate?.(VIBRATIONS[kind]);
    if (this.muted || this.#context?.state !== "running") return;
    for (const [pitch, start, length] of TONES[kind]) this.#tone(SHAPES[kind], pitch, start / 1000, length / 1000);
  }

  #tone(shape, pitch, start, length) {
    const at = this.#context.currentTime + start;
    const gain = new GainNode(this.#context, { gain: 0 });
    // Short slopes, or the loudspeaker clicks.
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(VOLUME, at + 0.008);
    gain.gain.setValueAtTime(VOLUME, at + length - 0.02);
    gain.gain.linearRampToValueAtTime(0, at + length);
    const tone = new OscillatorNode(this.#context, { type: shape, frequency: pitch });
    tone.connect(gain).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}
