// The input engine alone, on a clock of its own: what is a scan, what is typing, what is swallowed.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Input, codeKey, isCpf, maskCpf } from "../../../vouchers/static/till/input.js";
import { Clock, press } from "./clock.mjs";

/** An engine with its clock and all it reported. */
function bench(options = {}) {
  const clock = new Clock();
  const seen = { scans: [], texts: [], keys: [], marks: 0, undone: 0 };
  const input = new Input({
    onScan: ({ text, source }) => seen.scans.push(`${source} ${text}`),
    onText: (text) => seen.texts.push(text),
    onKey: (key) => seen.keys.push(key),
    mark: () => { seen.marks += 1; return () => { seen.undone += 1; }; },
    shortcuts: ["Escape", "F2", "F4", "?"],
    now: clock.now,
    after: clock.after,
    ...options,
  });
  const key = (name, more) => {
    const event = press(clock, name, more);
    input.keydown(event);
    return event;
  };
  /** Type the characters, `pace` milliseconds apart; the first at once. Returns the events. */
  const type = (text, pace = 12) => [...text].map((char, i) => { if (i) clock.pass(pace); return key(char); });
  const scan = (text, pace = 12, end = "Enter") => { type(text, pace); clock.pass(pace); return key(end); };
  return { clock, input, key, type, scan, ...seen, seen };
}

test("a burst ended by Enter is a scan, and its Enter is swallowed", () => {
  const { scan, scans } = bench();
  const enter = scan("VALE-7K2M-9Q");
  assert.deepEqual(scans, ["scanner VALE-7K2M-9Q"]);
  assert.equal(enter.prevented, true);
  assert.equal(enter.swallowed, true);
});

test("a burst ended by Tab is a scan, and the focus stays", () => {
  const { scan, scans } = bench();
  assert.equal(scan("VALE7K", 30, "Tab").prevented, true);
  assert.deepEqual(scans, ["scanner VALE7K"]);
});

test("a burst without an end character is a scan after 100 ms of silence", () => {
  const { clock, type, scans } = bench();
  type("VALE-7K2M-9Q");
  clock.pass(99);
  assert.deepEqual(scans, []);
  clock.pass(1);
  assert.deepEqual(scans, ["scanner VALE-7K2M-9Q"]);
});

test("30 ms a character on average is a scan, 31 is typing", () => {
  const slow = bench();
  assert.equal(slow.scan("ABCDEF", 31).swallowed, false);
  assert.deepEqual(slow.scans, []);
  const fast = bench();
  fast.scan("ABCDEF", 30);
  assert.deepEqual(fast.scans, ["scanner ABCDEF"]);
});

test("the average counts: a late character ends no burst and cuts nothing off", () => {
  const { clock, type, key, scans } = bench();
  key("V");
  clock.pass(95);
  type("ALE7K2M9Q", 8);
  clock.pass(8);
  key("Enter");
  assert.deepEqual(scans, ["scanner VALE7K2M9Q"]);
});

test("a hiccup in the middle of a burst does not end it", () => {
  const { clock, type, key, scans } = bench();
  type("VALE7K2M", 8);
  clock.pass(95);
  type("9QXY", 8);
  clock.pass(8);
  key("Enter");
  assert.deepEqual(scans, ["scanner VALE7K2M9QXY"]);
});

test("five characters are typing, six are a scan", () => {
  const short = bench();
  assert.equal(short.scan("ABCDE").prevented, false);
  assert.deepEqual(short.scans, []);
  const long = bench();
  long.scan("ABCDEF");
  assert.deepEqual(long.scans, ["scanner ABCDEF"]);
});

test("typing leaves every key to the page", () => {
  const { clock, type, key, scans } = bench();
  const events = type("VALE-7K2M", 140);
  clock.pass(140);
  events.push(key("Enter"));
  clock.pass(1000);
  assert.deepEqual(scans, []);
  assert.deepEqual(events.filter((event) => event.prevented || event.swallowed), []);
});

test("back-to-back scans at 12 ms a character, without a pause between them", () => {
  const { clock, scan, scans } = bench();
  for (const code of ["VALE-0001", "VALE-0002", "VALE-0003"]) { scan(code); clock.pass(12); }
  assert.deepEqual(scans, ["scanner VALE-0001", "scanner VALE-0002", "scanner VALE-0003"]);
});

test("a thousand scans, none dropped", () => {
  const { clock, scan, scans } = bench();
  const codes = Array.from({ length: 1000 }, (_, i) => `VALE-${String(i).padStart(6, "0")}`);
  for (const code of codes) { scan(code); clock.pass(12); }
  assert.deepEqual(scans, codes.map((code) => `scanner ${code}`));
});

test("a new burst replaces one that broke off", () => {
  const { clock, type, scan, scans } = bench();
  type("VALE");
  clock.pass(101);
  scan("OUTRO-9999");
  assert.deepEqual(scans, ["scanner OUTRO-9999"]);
});

test("characters typed just before a burst do not become part of it", () => {
  const { clock, key, scan, scans } = bench();
  for (const char of "abc") { key(char); clock.pass(95); }
  scan("VALE7K", 20);
  assert.deepEqual(scans, ["scanner VALE7K"]);
});

test("an unended burst and the next one are two scans", () => {
  const { clock, type, scan, scans } = bench();
  type("VALE-0001");
  clock.pass(120);
  scan("VALE-0002");
  assert.deepEqual(scans, ["scanner VALE-0001", "scanner VALE-0002"]);
});

test("a page too busy to run timers still tells two bursts apart", () => {
  const { clock, type, scan, scans } = bench();
  type("VALE-0001");
  clock.stall(150);
  scan("VALE-0002");
  assert.deepEqual(scans, ["scanner VALE-0001", "scanner VALE-0002"]);
});

test("keys that waited in a busy page are judged by when they were pressed", () => {
  const { clock, input, scans } = bench();
  // Pressed 80 ms apart, handed over all at once: typing, not a burst.
  [..."DIGITADO"].forEach((char, i) => input.keydown(press(clock, char, { timeStamp: i * 80 })));
  input.keydown(press(clock, "Enter", { timeStamp: 640 }));
  assert.deepEqual(scans, []);
});

test("keys that a busy page hands over after the silence still belong to their burst", () => {
  const { clock, input, scans } = bench();
  const keys = [..."VALE-7K2M", "Enter"];
  keys.forEach((char, i) => {
    input.keydown(press(clock, char, { timeStamp: i * 12 }));
    if (i === 0) clock.pass(400);
  });
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
});

test("control and function keys inside a burst are dropped", () => {
  const { clock, type, key, scans, seen } = bench();
  type("VALE");
  clock.pass(5);
  const dropped = [key("F2"), key("j", { ctrlKey: true }), key("Escape"), key("ArrowDown"), key("F5")];
  clock.pass(5);
  type("7K2M");
  clock.pass(5);
  key("Enter");
  clock.pass(500);
  assert.deepEqual(scans, ["scanner VALE7K2M"]);
  assert.deepEqual(seen.keys, []);
  assert.deepEqual(dropped.map((event) => event.prevented), [true, true, true, true, true]);
});

test("a function key that a scanner sends in front of its code does nothing", () => {
  const { clock, key, scan, scans, seen } = bench();
  key("F2");
  clock.pass(10);
  scan("VALE-7K2M");
  clock.pass(500);
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
  assert.deepEqual(seen.keys, []);
});

test("a function key a person presses acts after the silence", () => {
  const { clock, key, seen } = bench();
  assert.equal(key("F4").prevented, true);
  clock.pass(100);
  assert.deepEqual(seen.keys, ["F4"]);
});

test("a question mark alone asks for help, in a burst it is a character", () => {
  const { clock, key, scan, scans, seen } = bench();
  key("?");
  clock.pass(100);
  assert.deepEqual(seen.keys, ["?"]);
  scan("?V=7K2M9");
  clock.pass(100);
  assert.deepEqual(seen.keys, ["?"]);
  assert.deepEqual(scans, ["scanner ?V=7K2M9"]);
});

test("the line feed after a carriage return presses nothing", () => {
  const { clock, key, scan, scans } = bench();
  scan("VALE-7K2M");
  clock.pass(12);
  assert.equal(key("Enter").prevented, true);
  clock.pass(200);
  assert.equal(key("Enter").prevented, false);
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
});

test("an Enter that comes after the silence presses nothing", () => {
  const { clock, type, key, scans } = bench();
  type("VALE-7K2M");
  clock.pass(150);
  assert.equal(key("Enter").prevented, true);
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
});

test("a key held down is not a scanner", () => {
  const { clock, key, scans } = bench();
  key("a");
  for (let i = 0; i < 40; i++) { clock.pass(30); key("a", { repeat: true }); }
  clock.pass(30);
  assert.equal(key("Enter").prevented, false);
  clock.pass(200);
  assert.deepEqual(scans, []);
});

test("capitals and AltGr characters count, modifiers do not", () => {
  const { clock, key, scans } = bench();
  for (const char of "VALE") { key("Shift"); clock.pass(2); key(char, { shiftKey: true }); clock.pass(6); }
  const altGraph = { ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" };
  key("/", altGraph);
  clock.pass(6);
  key("9");
  clock.pass(6);
  key("Enter");
  assert.deepEqual(scans, ["scanner VALE/9"]);
});

test("a space inside a burst presses no button, and neither does letting it go", () => {
  const { clock, input, type, key, scans } = bench();
  type("VALE");
  clock.pass(8);
  assert.equal(key(" ").prevented, true);
  const up = press(clock, " ");
  input.keyup(up);
  assert.equal(up.prevented, true);
  clock.pass(8);
  type("7K2M");
  clock.pass(8);
  key("Enter");
  assert.deepEqual(scans, ["scanner VALE 7K2M"]);
  const later = press(clock, " ");
  input.keyup(later);
  assert.equal(later.prevented, false);
});

test("what a burst typed into the page is taken back, typing stays", () => {
  const burst = bench();
  burst.scan("VALE-7K2M");
  assert.equal(burst.seen.undone, 1);
  const typing = bench();
  typing.type("VALE-7K2M", 120);
  typing.clock.pass(500);
  assert.equal(typing.seen.undone, 0);
});

test("composition keys of an input method are left alone", () => {
  const { clock, key, scans } = bench();
  for (let i = 0; i < 8; i++) { key("a", { isComposing: true }); clock.pass(5); }
  clock.pass(200);
  assert.deepEqual(scans, []);
});

test("the same code from the scanner is ignored for 2.5 s, however it is written", () => {
  const { clock, input, scan, scans } = bench();
  scan("VALE-7K2M");
  clock.pass(2300);
  scan("vale7k2m");
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
  clock.pass(200);
  scan("VALE-7K2M");
  assert.deepEqual(scans, ["scanner VALE-7K2M", "scanner VALE-7K2M"]);
});

test("another code in between does not bring the first one back", () => {
  const { clock, scan, scans } = bench();
  scan("VALE-0001");
  clock.pass(200);
  scan("VALE-0002");
  clock.pass(200);
  scan("VALE-0001");
  assert.deepEqual(scans, ["scanner VALE-0001", "scanner VALE-0002"]);
});

test("a scan that came to nothing may be repeated at once", () => {
  const { clock, input, scan, scans } = bench();
  scan("VALE-7K2M");
  clock.pass(400);
  input.forget("vale 7k2m");
  scan("VALE-7K2M");
  assert.deepEqual(scans, ["scanner VALE-7K2M", "scanner VALE-7K2M"]);
});

test("a code in front of the camera is one sighting until it has been away for 5 s", () => {
  const { clock, input, scans } = bench();
  for (let i = 0; i < 80; i++) { input.seen("VALE-7K2M"); clock.pass(150); }
  assert.deepEqual(scans, ["camera VALE-7K2M"]);
  clock.pass(4700);
  input.seen("VALE-7K2M");
  assert.equal(scans.length, 1);
  clock.pass(5000);
  input.seen("VALE-7K2M");
  assert.equal(scans.length, 2);
});

test("a typed code is always meant", () => {
  const { clock, input, scan, scans } = bench();
  scan("VALE-7K2M");
  clock.pass(500);
  input.typed(" vale-7k2m ");
  assert.deepEqual(scans, ["scanner VALE-7K2M", "typed vale-7k2m"]);
});

test("pasted text waits for Enter; with a line end it is a scan", () => {
  const { input, scans, texts } = bench();
  input.paste("  VALE-7K2M ");
  assert.deepEqual([scans, texts], [[], ["VALE-7K2M"]]);
  input.paste("VALE-9999\r\n");
  assert.deepEqual(scans, ["paste VALE-9999"]);
  input.paste(" \n ");
  assert.equal(scans.length, 1);
});

test("listening hears the keys of a whole page first", () => {
  const { clock, input, scans } = bench();
  const target = new EventTarget();
  input.listen(target);
  let pressed = 0;
  target.addEventListener("keydown", (event) => { if (event.key === "Enter") pressed += 1; });
  for (const key of [..."VALE-7K2M", "Enter"]) {
    const event = new Event("keydown", { cancelable: true });
    Object.defineProperties(event, { key: { value: key }, timeStamp: { value: clock.now() } });
    target.dispatchEvent(event);
    clock.pass(12);
  }
  assert.deepEqual(scans, ["scanner VALE-7K2M"]);
  assert.equal(pressed, 0);
});

test("codes are compared without case, spaces and dashes", () => {
  assert.equal(codeKey(" vale-7k2m – 9q "), "VALE7K2M9Q");
});

test("a CPF is 11 digits whose check digits fit, with or without punctuation", () => {
  assert.deepEqual(
    ["529.982.247-25", "52998224725", " 52998224725 ", "52998224724", "11111111111", "5299822472", "VALE-7K2M", ""]
      .map(isCpf),
    [true, true, true, false, false, false, false, false],
  );
});

test("a CPF is shown masked", () => {
  assert.equal(maskCpf("529.982.247-25"), "•••.982.247-••");
});
