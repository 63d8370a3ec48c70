// Turns key presses, pastes, typed text and camera sightings into scans. It sees events and knows nothing
// of the page: what a burst has typed into it is taken back through `mark`. Source: cashier-screen.md
// laws 3 to 5. Times are milliseconds on the clock of `Event.timeStamp`, which a busy page cannot delay.

/** Slowest average of a burst, per character. */
export const PACE = 30;
/** Fewest characters of a burst. */
export const SHORTEST = 6;
/** Silence that ends a burst. */
export const SILENCE = 100;
/** Where keys are no burst as a whole, one may begin after a pause this long: what came before was typing. */
export const PAUSE = 2 * PACE;
/** How long the same code is ignored, by source. Typed and pasted codes are always meant. */
export const IGNORED = { scanner: 2500, camera: 5000 };

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);
const ENDS = new Set(["Enter", "Tab"]);

/** What two codes are compared by: no spaces, no dashes, no case. */
export const codeKey = (text) => text.replace(/[\s\-\u2010-\u2015\u2212]+/g, "").toUpperCase();

/** Whether the text is a CPF as people type it, with check digits that fit. */
export function isCpf(text) {
  if (!/^\d{3}\.?\d{3}\.?\d{3}-?\d{2}$/.test(text.trim())) return false;
  const digits = [...text.replace(/\D/g, "")].map(Number);
  if (digits.every((digit) => digit === digits[0])) return false;
  const check = (count) => {
    const sum = digits.slice(0, count).reduce((total, digit, i) => total + digit * (count + 1 - i), 0);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === digits[9] && check(10) === digits[10];
}

/** A CPF as it may be shown at the counter. */
export const maskCpf = (text) => text.replace(/\D/g, "").replace(/^.{3}(.{3})(.{3}).{2}$/, "•••.$1.$2-••");

/** The character a key press stands for, or null. */
function characterOf(event) {
  if ([...event.key].length !== 1) return null;
  // AltGr types characters, and some systems report it as Ctrl+Alt.
  const control = event.ctrlKey || event.altKey || event.metaKey;
  return control && !event.getModifierState?.("AltGraph") ? null : event.key;
}

const isFast = (keys) => keys.length < 2 || (keys.at(-1).at - keys[0].at) / (keys.length - 1) <= PACE;

/** The keys that are a burst: all of them, or those after the last pause; null when it was typing. */
function burstIn(keys) {
  const pause = keys.findLastIndex((key, i) => i > 0 && key.at - keys[i - 1].at > PAUSE);
  const found = isFast(keys) || pause < 0 ? keys : keys.slice(pause);
  return found.length >= SHORTEST && isFast(found) ? found : null;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

export class Input {
  #keys = []; // the characters so far: {char, at, event}
  #undo = () => {};
  #timer = null;
  #waiting = null; // a shortcut that a burst may still turn out to begin with
  #quietUntil = -Infinity;
  #swallowed = new Set();
  #last = new Map(); // code key -> when it was last read

  /**
   * onScan({text, source}) · source: scanner, camera, typed, paste
   * onText(text) · pasted text that still waits for Enter
   * onKey(key, event) · one of `shortcuts` was pressed by a person; a character has been typed by then
   * mark(event) · before a first character; returns what takes back all that follows it
   * now() · same clock as Event.timeStamp; after(ms, act) returns a function that cancels
   */
  constructor({ onScan, onText = () => {}, onKey = () => {}, shortcuts = [], mark = () => () => {}, now, after }) {
    Object.assign(this, { onScan, onText, onKey, shortcuts: new Set(shortcuts), mark, now, after });
  }

  /** Hear everything that happens in `target`, before anybody else does. */
  listen(target) {
    target.addEventListener("keydown", (event) => this.keydown(event), true);
    target.addEventListener("keyup", (event) => this.keyup(event), true);
  }

  keydown(event) {
    // A key held down repeats about as fast as a scanner types.
    if (event.isComposing || event.repeat || typeof event.key !== "string" || MODIFIERS.has(event.key)) return;
    const at = event.timeStamp;
    // The silence may have passed while the page was busy and no timer ran.
    if (this.#keys.length && at - this.#keys.at(-1).at > SILENCE) this.#end();
    const char = characterOf(event);
    if (char !== null) this.#character(event, char, at);
    else if (ENDS.has(event.key)) this.#terminator(event, at);
    else if (this.#keys.length > 1 && isFast(this.#keys)) this.#drop(event);
    else if (this.shortcuts.has(event.key)) this.#shortcut(event);
  }

  keyup(event) {
    if (this.#swallowed.delete(event.key)) swallow(event);
  }

  /** Pasted text replaces what was typed; with a line end, as scanners that paste send it, it is a scan. */
  paste(text) {
    this.#forgetKeys();
    const lines = text.split(/[\r\n]+/);
    const first = lines.find((line) => line.trim())?.trim();
    if (!first) return;
    if (lines.length > 1) this.#emit(first, "paste");
    else this.onText(first);
  }

  /** A person typed a code and confirmed it. */
  typed(text) {
    this.#forgetKeys();
    this.#emit(text.trim(), "typed");
  }

  /** The camera sees a code, as it does many times a second while the code is in view. */
  seen(text) {
    if (text.trim()) this.#emit(text.trim(), "camera");
  }

  /** The code may be read again at once: nothing came of its scan. */
  forget(text) {
    this.#last.delete(codeKey(text));
  }

  #character(event, char, at) {
    this.#cancelShortcut();
    if (!this.#keys.length) this.#undo = this.mark(event);
    // A space presses a focused button, and inside a burst it is a character.
    if (char === " " && this.#keys.length > 1 && isFast(this.#keys)) this.#drop(event);
    this.#keys.push({ char, at, event });
    this.#timer?.();
    // Twice, so that keys which waited behind the timer in a busy page are heard first.
    this.#timer = this.after(SILENCE, () => { this.#timer = this.after(0, () => this.#silence()); });
  }

  /** Nothing came for a while. Keys that are no burst yet stay: the next one's own time tells whether it is late. */
  #silence() {
    if (burstIn(this.#keys) || this.#isShortcut()) this.#end();
  }

  #isShortcut() {
    return this.#keys.length === 1 && this.shortcuts.has(this.#keys[0].char);
  }

  #terminator(event, at) {
    if (burstIn(this.#keys)) {
      this.#drop(event);
      this.#end();
      this.#quietUntil = at + SILENCE;
    } else if (at <= this.#quietUntil) {
      // The second half of CR LF, or an end that came after the silence.
      this.#drop(event);
    } else {
      this.#forgetKeys();
    }
  }

  #shortcut(event) {
    if (/^F\d+$/.test(event.key)) event.preventDefault();
    this.#cancelShortcut();
    this.#waiting = this.after(SILENCE, () => this.onKey(event.key, event));
  }

  #cancelShortcut() {
    this.#waiting?.();
    this.#waiting = null;
  }

  /** Silence, or an end character: a burst is a scan, anything else was typing. */
  #end() {
    const keys = this.#keys;
    const burst = burstIn(keys);
    const isShortcut = this.#isShortcut();
    this.#forgetKeys();
    if (burst) {
      this.#quietUntil = keys.at(-1).at + 2 * SILENCE;
      this.#undo();
      this.#emit(burst.map((key) => key.char).join("").trim(), "scanner");
    } else if (isShortcut) {
      this.onKey(keys[0].char, keys[0].event);
    }
  }

  #forgetKeys() {
    this.#timer?.();
    this.#timer = null;
    this.#keys = [];
  }

  #drop(event) {
    this.#swallowed.add(event.key);
    swallow(event);
  }

  #emit(text, source) {
    const key = codeKey(text);
    const now = this.now();
    const window = IGNORED[source] ?? 0;
    const ignored = key && now - (this.#last.get(key) ?? -Infinity) < window;
    // A code that stays in front of the camera is one sighting, however long it stays.
    if (!ignored || source === "camera") this.#last.set(key, now);
    if (ignored) return;
    for (const [old, at] of this.#last) if (now - at > IGNORED.camera) this.#last.delete(old);
    this.onScan({ text, source });
  }
}
