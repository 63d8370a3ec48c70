// A typed code against a snapshot that holds no code in plain: hashes, and the readings of a code whose
// look-alikes were confused. The same rules as vouchers/codes.py. Source: docs/contingency.md.

import { codeKey } from "../input.js";

/** Characters people and printers confuse. */
const LOOK_ALIKES = { O: "O0", 0: "0O", I: "I1", 1: "1I" };
/** With more confusable characters than this only the code as typed is looked up. */
const MOST_LOOK_ALIKES = 7;
/** Bytes of the digest that are kept. */
const SIZE = 16;

export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));

const toBase64Url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** What stands for a code in the snapshot; `salt` is bytes, `key` what `codeKey` makes of a code. */
export async function hashOf(salt, key) {
  const text = new TextEncoder().encode(key);
  const bytes = new Uint8Array(salt.length + text.length);
  bytes.set(salt);
  bytes.set(text, salt.length);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return toBase64Url(new Uint8Array(digest, 0, SIZE));
}

/** Every reading of a key whose look-alikes were confused, the key itself first. */
export function readings(key) {
  const choices = [...key].map((char) => LOOK_ALIKES[char] ?? char);
  if (choices.filter((choice) => choice.length > 1).length > MOST_LOOK_ALIKES) return [key];
  return choices.reduce((texts, choice) => texts.flatMap((text) => [...choice].map((char) => text + char)), [""]);
}

/**
 * The snapshot's line for a typed code: {key, line}, or null when there is not exactly one. The code as
 * typed goes before its other readings. `lines` maps hashes to lines.
 */
export async function find(text, salt, lines) {
  const typed = codeKey(text);
  if (!typed) return null;
  const exact = lines.get(await hashOf(salt, typed));
  if (exact) return { key: typed, line: exact };
  const found = [];
  for (const key of readings(typed).slice(1)) {
    const line = lines.get(await hashOf(salt, key));
    if (line) found.push({ key, line });
  }
  return found.length === 1 ? found[0] : null;
}
