// The scans that have not reached the server: kept encrypted, in order, through reloads and restarts, and
// handed over in that order, by one page at a time. An item leaves only when the server answered for it.
// Knows neither policy nor page. Source: docs/contingency.md.

import { open, seal } from "./vault.js";

/** Items of one hand-over. */
export const BATCH = 50;
/** Milliseconds a scan that was asked about is kept back, so that its answer can still be put on it. */
export const HELD = 60_000;
const KEY = "outbox";
/** Nobody may throw the key away while somebody locks a scan with it. */
const LOCK = "till-outbox-key";

/** One at a time over all pages of this browser; `null` when somebody else is at it and `eager`. */
export function alone(name, act, { eager = false } = {}) {
  if (!globalThis.navigator?.locks) return act();
  return navigator.locks.request(name, { ifAvailable: eager }, (lock) => (lock ? act() : null));
}

export class Outbox {
  /**
   * database · see database.js; keys · see vault.js; clock() · Unix milliseconds
   * send(items) · resolves to the server's answers ([{id, state, …}]), rejects when there were none
   */
  constructor({ database, keys, clock, send }) {
    Object.assign(this, { database, keys, clock, send });
  }

  /** Keep a scan of this till: {id, shown, …}. `held`: a person is being asked about it. */
  async add(scan, till, { held = false } = {}) {
    const until = held ? this.clock() + HELD : 0;
    await alone(LOCK, async () => {
      const box = await seal(this.keys, KEY, scan);
      await this.database.write([{ store: "outbox", add: { id: scan.id, till, held: until, ...box } }]);
    });
  }

  /** Throw the key away, unless something that waits needs it. */
  dropKey() {
    return alone(LOCK, async () => {
      const isEmpty = !(await this.database.all("outbox")).length;
      if (isEmpty) await this.database.write([{ store: "keys", drop: KEY }]);
    });
  }

  /** Change a scan that is held, and hold it no more; false when it has left already. */
  async change(id, changes) {
    const record = await this.database.by("outbox", "id", id);
    const scan = await open(this.keys, KEY, record);
    if (!scan) return false;
    const box = await seal(this.keys, KEY, { ...scan, ...changes });
    await this.database.write([{ store: "outbox", put: { ...record, ...box, held: 0 } }]);
    return true;
  }

  /** Nobody is asked about this scan any more. */
  async release(id) {
    const record = await this.database.by("outbox", "id", id);
    if (record) await this.database.write([{ store: "outbox", put: { ...record, held: 0 } }]);
  }

  /** A scan turned out to need no queue. */
  async drop(id) {
    const record = await this.database.by("outbox", "id", id);
    if (record) await this.database.write([{ store: "outbox", drop: record.position }]);
  }

  /** All scans, in order: {position, till, held, ...scan}; one that cannot be read any more is left out. */
  async list() {
    const records = await this.database.all("outbox");
    const scans = await Promise.all(records.map(async (record) => {
      const scan = await open(this.keys, KEY, record);
      return scan && { ...scan, position: record.position, till: record.till, held: record.held };
    }));
    return scans.filter(Boolean);
  }

  /**
   * Hand over the scans of this till, in order, up to one that is held. Resolves to the answers, to null when
   * another page is at it; rejects like `send`, and what was answered until then is gone. `onAnswer(items)` is
   * called with the scans the server now knows, before they are forgotten here.
   */
  handOver(till, onAnswer = () => {}) {
    return alone("till-hand-over", async () => {
      const answers = [];
      for (;;) {
        const ready = await this.#ready(till);
        if (!ready.length) return answers;
        const told = await this.send(ready);
        const gone = ready.filter((item) => told.some((answer) => answer.id === item.id));
        // An answer that speaks of none of them would be asked for for ever.
        if (!gone.length) throw new Error("the answer names none of the scans");
        await onAnswer(gone);
        await this.database.write(gone.map(({ position }) => ({ store: "outbox", drop: position })));
        answers.push(...told);
      }
    }, { eager: true });
  }

  async #ready(till) {
    const own = (await this.list()).filter((item) => item.till === till);
    const held = own.findIndex((item) => item.held > this.clock());
    return (held < 0 ? own : own.slice(0, held)).slice(0, BATCH);
  }
}
