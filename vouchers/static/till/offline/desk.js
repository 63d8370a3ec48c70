// What a till does while its own link is down: keeps a snapshot of the codes that are good, judges scans by it,
// accepts what a person decided to accept, and hands everything over. Knows no page. Everything is kept in the
// browser's database, because pages are closed and computers switched off. Source: docs/contingency.md.

import { codeKey, isCpf } from "../input.js";
import { find, fromBase64 } from "./codes.js";
import { Outbox, alone } from "./outbox.js";
import { judge } from "./policy.js";
import { open, seal } from "./vault.js";

/** Seconds the snapshot at hand is not asked for again in full, and how many codes of this till are remembered. */
const FULL = 3600;
const REMEMBERED = 1000;
/** Verdicts of the server after which a code is not offered here, whatever an older snapshot says. */
const SPENT = new Set(["valid", "used", "waiting", "contingency"]);
const SNAPSHOT = "snapshot";
const LEDGER = "ledger";
const OWNER = "owner";

export class Desk {
  #pages = null; // what this page read from the database: {snapshot, salt, lines}
  #asked = new Map(); // scans a person is being asked about: id -> {key, found}

  /**
   * database · database.js; clock() · Unix milliseconds
   * fetchSnapshot(etag), deliver(items) · see api.js
   */
  constructor({ database, clock, fetchSnapshot, deliver }) {
    Object.assign(this, { database, clock, fetchSnapshot });
    this.keys = {
      get: (name) => database.get("keys", name),
      // Another page may have made it this moment, and then that one counts.
      put: (name, key) => database.write([{ store: "keys", add: key, name }]).catch(() => {}),
    };
    this.outbox = new Outbox({ database, keys: this.keys, clock, send: deliver });
  }

  /** Begin for this till, cashier and shift. What another person's shift left is forgotten, their scans are not. */
  async start(owner) {
    const before = await this.owner();
    if (before && ["till", "cashier", "shift"].some((name) => before[name] !== owner[name])) await this.wipe();
    await this.database.write([{ store: "kept", put: owner, name: OWNER }]);
    await this.#read();
  }

  /** Whose the database is: {till, cashier, shift}; null before the first start. */
  owner() {
    return this.database.get("kept", OWNER);
  }

  /** The snapshot's head, without its codes; null while there is none. */
  get snapshot() {
    return this.#pages?.snapshot ?? null;
  }

  /** The server's time as far as this browser knows it, in seconds. */
  now() {
    return (this.clock() + (this.snapshot?.skew ?? 0)) / 1000;
  }

  /** Bring the snapshot up to date. Rejects as `fetchSnapshot` does; the old one stays then. */
  async refresh() {
    const kept = await open(this.keys, SNAPSHOT, await this.database.get("kept", SNAPSHOT));
    const isFresh = kept && this.clock() / 1000 - kept.fetched < FULL;
    const { body, etag, at } = await this.fetchSnapshot(isFresh ? kept.etag : "");
    const skew = at * 1000 - this.clock();
    const fetched = body ? this.clock() / 1000 : kept.fetched;
    const fresh = body ? { ...body, etag, skew, fetched } : { ...kept, made_at: at, skew };
    await this.database.write([{ store: "kept", put: await seal(this.keys, SNAPSHOT, fresh), name: SNAPSHOT }]);
    this.#use(fresh);
  }

  async #read() {
    const kept = await open(this.keys, SNAPSHOT, await this.database.get("kept", SNAPSHOT));
    if (kept) this.#use(kept);
  }

  #use({ codes, ...snapshot }) {
    this.#pages = { snapshot, salt: fromBase64(snapshot.salt), lines: new Map(codes.map((line) => [line[0], line])) };
  }

  /**
   * A scan without a link: {id, text} · {stage, entry, line}. Every one is kept for the server, except a CPF,
   * which asks for a customer (stage `customer`). With stage `offer` a person is to be asked.
   */
  async scanned({ id, text }) {
    const key = codeKey(text);
    const found = this.#pages && (await find(text, this.#pages.salt, this.#pages.lines));
    if (!found && isCpf(text)) return { stage: "customer" };
    if (key.length < 2) return { stage: "unknown" };
    const verdict = await this.#judge(key, found);
    const { till, shift } = await this.owner();
    const at = this.now();
    const happened_at = new Date(this.clock()).toISOString();
    const isOffer = verdict.stage === "offer";
    const shown = isOffer || verdict.stage === "repeated" ? "unknown" : "refused";
    const scan = { id, code: text, key: found?.key ?? key, at, happened_at, shown, shift };
    await this.outbox.add(scan, till, { held: isOffer });
    if (isOffer) this.#asked.set(id, { key, found });
    return { ...verdict, line: found?.line };
  }

  async #judge(key, found) {
    return judge({ snapshot: this.snapshot, found, key, ledger: await this.#ledger(), now: this.now() });
  }

  /** Accept a scan that was offered. `accepted`, or what it came to meanwhile (`gone`: the server knows it by now). */
  accept(id) {
    // Two pages of one till must not both use the last one of the hour.
    return alone("till-accept", async () => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (!asked) return { stage: "gone" };
      const verdict = await this.#judge(asked.key, asked.found);
      if (verdict.stage !== "offer") {
        await this.outbox.change(id, { shown: "refused" });
        return verdict;
      }
      const isKept = await this.outbox.change(id, { shown: "accepted" });
      return { stage: isKept ? "accepted" : "gone", line: asked.found.line };
    });
  }

  /** Nobody is asked about this scan any more: it was not accepted. */
  async decline(id) {
    if (this.#asked.delete(id)) await this.outbox.release(id);
  }

  /** The scan that was offered goes to the server after all, which will know it: nothing is kept of it. */
  async withdraw(id) {
    if (this.#asked.delete(id)) await this.outbox.drop(id);
  }

  /** The server's verdict about a code: it is not offered here any more. */
  async learned({ id, text, kind }) {
    if (!SPENT.has(kind)) return;
    const now = this.now();
    await this.#remember([{ key: codeKey(text), id, kind, at: now, told: now }]);
  }

  /** Hand over what waits. Resolves to the answers, null when another page is at it; rejects as `deliver` does. */
  async handOver() {
    const owner = await this.owner();
    if (!owner) return [];
    return this.outbox.handOver(owner.till, (items) => {
      const told = this.now();
      const accepted = items.filter((item) => item.shown === "accepted");
      return this.#remember(accepted.map(({ key, id, at }) => ({ key, id, kind: "contingency", at, accepted: true, told })));
    });
  }

  /** Scans that wait for the server, in order. Those of other tills in this browser wait for their own till. */
  waiting() {
    return this.outbox.list();
  }

  /** Forget the person: snapshot, key and what was seen. Scans that wait stay, encrypted, until they are handed over. */
  async wipe() {
    this.forget();
    const changes = [SNAPSHOT, LEDGER, OWNER].map((name) => ({ store: "kept", drop: name }));
    await this.database.write([...changes, { store: "keys", drop: SNAPSHOT }]);
    await this.outbox.dropKey();
  }

  /** Another page wiped the database: what this one has in memory goes too. */
  forget() {
    this.#pages = null;
    this.#asked.clear();
  }

  /** What this browser saw: what is remembered, and what it accepted and still keeps. Oldest first. */
  async #ledger() {
    const remembered = (await open(this.keys, SNAPSHOT, await this.database.get("kept", LEDGER))) ?? [];
    const known = new Set(remembered.map((entry) => entry.id));
    const waiting = (await this.outbox.list()).filter((item) => item.shown === "accepted" && !known.has(item.id));
    return [...remembered, ...waiting.map(({ key, id, at }) => ({ key, id, kind: "contingency", at, accepted: true }))];
  }

  #remember(entries) {
    if (!entries.length) return null;
    return alone("till-ledger", async () => {
      const before = (await open(this.keys, SNAPSHOT, await this.database.get("kept", LEDGER))) ?? [];
      const ids = new Set(entries.map((entry) => entry.id));
      const after = [...before.filter((entry) => !ids.has(entry.id)), ...entries].slice(-REMEMBERED);
      await this.database.write([{ store: "kept", put: await seal(this.keys, SNAPSHOT, after), name: LEDGER }]);
    });
  }
}
