// What is kept in the browser is encrypted (AES-GCM) under keys that cannot be read out, only used and
// thrown away. `keys` holds them: get(name), put(name, key), drop(name).

const CIPHER = "AES-GCM";

/** Encrypt a value that JSON can hold, under the key of this name; the key is made when there is none. */
export async function seal(keys, name, value) {
  let key = await keys.get(name);
  if (!key) {
    await keys.put(name, await crypto.subtle.generateKey({ name: CIPHER, length: 256 }, false, ["encrypt", "decrypt"]));
    // Another page may have been quicker: what is stored is what counts.
    key = await keys.get(name);
  }
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: CIPHER, iv }, key, new TextEncoder().encode(JSON.stringify(value)));
  return { iv, data };
}

/** The value again; null when its key is gone or it was changed. */
export async function open(keys, name, box) {
  const key = box && (await keys.get(name));
  if (!key) return null;
  try {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: CIPHER, iv: box.iv }, key, box.data)));
  } catch {
    return null;
  }
}
