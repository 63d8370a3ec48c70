// The till without its own link, outside a browser: hashes, policy, the encrypted queue, the link, and all together.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { find, fromBase64, hashOf, readings } from "../../../vouchers/static/till/offline/codes.js";
import { Desk } from "../../../vouchers/static/till/offline/desk.js";
import { Link, PAUSES } from "../../../vouchers/static/till/offline/link.js";
import { BATCH, HELD } from "../../../vouchers/static/till/offline/outbox.js";
import { acceptedLately, isAbove, judge } from "../../../vouchers/static/till/offline/policy.js";
import { open, seal } from "../../../vouchers/static/till/offline/vault.js";
import { Clock, settle } from "./clock.mjs";
import { Memory } from "./memory.mjs";

const SALT = Buffer.from("0123456789abcdef");
const NOW = 1_795_252_800; // Unix seconds
const hash = (key) => createHash("sha256").update(SALT).update(key).digest().subarray(0, 16).toString("base64url");
const line = (code, { expires = NOW + 86_400, value = "20.00", starts = null, minimum = null } = {}) =>
  [hash(code), expires, value, starts, minimum];

function snapshotOf(codes, more = {}) {
  return {
    version: "1", made_at: NOW, mirror_age_at: NOW - 300, stale_at: NOW + 86_400, salt: SALT.toString("base64"),
    policy: { mode: "accept", max_value: "50.00", max_per_hour: 2, needs_pin: true },
    release: { until: NOW + 7200, by: "Marta" }, already_used_this_hour: 0, accepted_at: [], cut: false, codes, ...more,
  };
}

// --- Codes ---
test("a code's hash is the one the server makes", async () => {
  assert.equal(await hashOf(fromBase64(SALT.toString("base64")), "VALE7K2M9Q"), hash("VALE7K2M9Q"));
  assert.deepEqual(fromBase64("-_8"), Uint8Array.of(0xfb, 0xff));
});

test("look-alikes have every reading, the typed one first, and too many have none", () => {
  assert.deepEqual(readings("A0I"), ["A0I", "A01", "AOI", "AO1"]);
  assert.deepEqual(readings("0000000").length, 128);
  assert.deepEqual(readings("00000000"), ["00000000"]);
});

test("the code as typed counts first, then exactly one other reading", async () => {
  const lines = new Map([line("VALE10"), line("VALEIO"), line("XO")].map((each) => [each[0], each]));
  const key = async (text) => (await find(text, SALT, lines))?.key;
  assert.equal(await key("vale-1 0"), "VALE10");
  assert.equal(await key("valeI0"), undefined); // two fit
  assert.equal(await key("x0"), "XO");
  assert.equal(await key("other"), undefined);
  assert.equal(await find(" - ", SALT, lines), null);
});

// --- Policy ---
test("amounts are compared without floating point", () => {
  assert.equal(isAbove("50.00", "50.00"), false);
  assert.equal(isAbove("50.01", "50.00"), true);
  assert.equal(isAbove("9.9", "10"), false);
  assert.equal(isAbove("90071992547409.93", "90071992547409.92"), true);
});

const CASES = [
  ["offer", {}, {}],
  ["nothing", null, {}],
  ["refuse", { policy: { mode: "refuse", max_value: null, max_per_hour: 0, needs_pin: true } }, {}],
  ["old", { stale_at: null }, {}],
  ["old", { stale_at: NOW - 1 }, {}],
  ["offer", { made_at: NOW + 120 }, {}],
  ["old", { made_at: NOW + 121 }, {}],
  ["unreleased", { release: null }, {}],
  ["released", { release: { until: NOW, by: "Marta" } }, {}],
  ["offer", { release: null, policy: { mode: "accept", max_value: "20.00", max_per_hour: 1, needs_pin: false } }, {}],
  ["limit", { accepted_at: [NOW - 10, NOW - 3599] }, {}],
  ["offer", { accepted_at: [NOW - 10, NOW - 3600] }, {}],
  ["dear", {}, { value: "50.01" }],
  ["worthless", {}, { value: null }],
  ["worthless", { policy: { mode: "accept", max_value: null, max_per_hour: 2, needs_pin: false } }, {}],
  ["offer", {}, { expires: NOW }],
  ["expired", {}, { expires: NOW - 1 }],
  ["offer", {}, { expires: null, starts: NOW }],
  ["early", {}, { starts: NOW + 1 }],
  ["unknown", {}, null],
  ["cut", { cut: true }, null],
];
test("every case of the policy has its own answer", () => {
  for (const [stage, more, voucher] of CASES) {
    const snapshot = more && snapshotOf([], more);
    const found = voucher && { key: "VALE1", line: line("VALE1", voucher) };
    assert.deepEqual(judge({ snapshot, found, key: "VALE1", ledger: [], now: NOW }), { stage }, JSON.stringify([more, voucher]));
  }
});

test("what this browser knows of the code goes before everything, unless the snapshot is newer and offers it", () => {
  const found = { key: "VALE1", line: line("VALE1") };
  const seen = (entry, also = {}) => judge({ snapshot: snapshotOf([]), found, key: "VALE1", ledger: [{ key: "VALE1", id: "a", kind: "valid", at: NOW, ...entry }], now: NOW + 10, ...also }).stage;
  assert.equal(seen({}), "repeated");
  assert.equal(seen({ at: NOW - 1 }), "spent");
  assert.equal(seen({ at: NOW - 1, told: NOW - 1 }), "spent"); // the second they happened in decides nothing
  assert.equal(seen({ at: NOW - 2, told: NOW - 2 }), "offer");
  assert.equal(seen({ at: NOW - 2, told: NOW - 2 }, { found: null }), "spent");
  assert.equal(seen({ at: NOW - 900, accepted: true }), "spent"); // still waits for the server
});

test("the hour's count takes each acceptance once: the server's, and ours it did not know yet", () => {
  const snapshot = snapshotOf([], { accepted_at: [NOW - 100] });
  const ours = (more) => ({ key: "A", id: "a", accepted: true, at: NOW - 100, ...more });
  assert.equal(acceptedLately(snapshot, [ours({ told: NOW - 50 })], NOW), 1);
  assert.equal(acceptedLately(snapshot, [ours({}), ours({ accepted: false })], NOW), 2);
  assert.equal(acceptedLately(snapshot, [ours({ told: NOW + 5 })], NOW + 10), 2);
  assert.equal(acceptedLately(snapshot, [ours({ at: NOW - 3600 })], NOW), 1);
});

// --- Vault ---
test("what is kept is unreadable without its key, cannot be changed, and the key cannot be read out", async () => {
  const map = new Map();
  const keys = { get: async (name) => map.get(name), put: async (name, key) => { map.set(name, key); } };
  const box = await seal(keys, "a", { code: "VALE-1" });
  assert.ok(!Buffer.from(box.data).toString("latin1").includes("VALE"));
  assert.deepEqual(await open(keys, "a", box), { code: "VALE-1" });
  await assert.rejects(crypto.subtle.exportKey("raw", map.get("a")), /extractable/);
  new Uint8Array(box.data)[0] ^= 1;
  assert.equal(await open(keys, "a", box), null);
  map.clear();
  assert.equal(await open(keys, "a", await seal(keys, "a", 1).finally(() => map.clear())), null);
  assert.equal(await open(keys, "a", undefined), null);
});

// --- Link ---
test("the link is asked for ever less often while it is down, and one answer brings it back", async () => {
  const clock = new Clock();
  const asked = [];
  const states = [];
  let isUp = false;
  const link = new Link({
    probe: async () => { asked.push(clock.now()); if (!isUp) throw new Error("down"); },
    onChange: (isDown) => states.push(isDown),
    after: clock.after,
  });
  link.failed();
  link.failed();
  for (const pause of [...PAUSES, PAUSES.at(-1)]) { clock.pass(pause); await settle(); }
  assert.deepEqual(asked, [1000, 3000, 7000, 15_000, 30_000, 45_000]);
  isUp = true;
  clock.pass(15_000);
  await settle();
  clock.pass(60_000);
  assert.equal(asked.length, 7);
  assert.deepEqual(states, [true, false]);
});

test("several who ask at once share one question", async () => {
  let count = 0;
  const link = new Link({ probe: async () => { count++; }, onChange: () => {}, after: new Clock().after });
  assert.deepEqual(await Promise.all([link.check(), link.check()]), [true, true]);
  assert.equal(count, 1);
});

// --- All together ---
const OWNER = { till: 3, cashier: 7, shift: 41 };

/** A till's desk on a database that outlives it: `desk()` is the page opened again. */
async function bench(codes = [line("VALE1"), line("VALE2"), line("VALE3")], more = {}) {
  const state = { now: NOW * 1000, snapshot: snapshotOf(codes, more), etags: [], calls: [], answer: null };
  const database = new Memory();
  state.deliver = async (items) => {
    state.calls.push(items.map(({ id, code, shown, shift, position }) => ({ id, code, shown, shift, position })));
    return state.answer ? state.answer(items) : items.map(({ id }) => ({ id, state: "recorded" }));
  };
  const desk = async (owner = OWNER) => {
    const opened = new Desk({
      database,
      clock: () => state.now,
      fetchSnapshot: async (etag) => {
        state.etags.push(etag);
        if (etag) return { at: Math.floor(state.now / 1000) };
        return { body: { ...state.snapshot, made_at: Math.floor(state.now / 1000) }, etag: '"1"', at: Math.floor(state.now / 1000) };
      },
      deliver: (items) => state.deliver(items),
    });
    if (owner) await opened.start(owner);
    return opened;
  };
  const first = await desk();
  await first.refresh();
  return { state, database, desk, first };
}

const ids = (items) => items.map(({ id, shown }) => `${id} ${shown}`);

test("offered, accepted, kept through a restart, handed over once and in order", async () => {
  const { state, desk, first } = await bench();
  assert.equal((await first.scanned({ id: "a", text: "nothing" })).stage, "unknown");
  const offered = await first.scanned({ id: "b", text: "vale-1" });
  assert.deepEqual([offered.stage, offered.line[2]], ["offer", "20.00"]);
  assert.equal((await first.accept("b")).stage, "accepted");
  const again = await desk();
  assert.equal(again.snapshot.policy.mode, "accept");
  assert.deepEqual(ids(await again.waiting()), ["a refused", "b accepted"]);
  assert.equal((await again.scanned({ id: "c", text: "VALE1" })).stage, "repeated");
  state.now += 11_000;
  assert.equal((await again.scanned({ id: "d", text: "VALE1" })).stage, "spent");
  await again.handOver();
  assert.deepEqual(state.calls, [[
    { id: "a", code: "nothing", shown: "refused", shift: 41, position: 1 },
    { id: "b", code: "vale-1", shown: "accepted", shift: 41, position: 2 },
    { id: "c", code: "VALE1", shown: "unknown", shift: 41, position: 3 },
    { id: "d", code: "VALE1", shown: "refused", shift: 41, position: 4 },
  ]]);
  assert.deepEqual(await again.handOver(), []);
  assert.deepEqual(await again.waiting(), []);
  assert.equal((await again.scanned({ id: "e", text: "VALE1" })).stage, "spent");
});

test("the limit of the hour holds over pages, restarts and hand-overs", async () => {
  const { state, desk, first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  await first.accept("a");
  await first.handOver();
  const other = await desk();
  await other.scanned({ id: "b", text: "VALE2" });
  await first.scanned({ id: "c", text: "VALE3" });
  assert.equal((await other.accept("b")).stage, "accepted");
  assert.equal((await first.accept("c")).stage, "limit");
  assert.deepEqual(ids(await first.waiting()), ["b accepted", "c refused"]);
  state.now += 3_601_000;
  assert.equal((await first.scanned({ id: "d", text: "VALE3" })).stage, "offer");
});

test("an unanswered question is held back with all that follows, then goes as unanswered", async () => {
  const { state, first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  await first.scanned({ id: "b", text: "nothing" });
  await first.handOver();
  assert.deepEqual(state.calls, []);
  await first.decline("a");
  assert.equal((await first.accept("a")).stage, "gone");
  await first.handOver();
  assert.deepEqual(state.calls.map(ids), [["a unknown", "b refused"]]);
  await first.scanned({ id: "c", text: "VALE2" });
  state.now += HELD + 1;
  await first.handOver();
  assert.deepEqual(state.calls.map(ids).at(-1), ["c unknown"]);
  assert.equal((await first.accept("c")).stage, "gone");
});

test("a scan that is withdrawn goes to the server and leaves nothing here", async () => {
  const { first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  await first.withdraw("a");
  assert.deepEqual(await first.waiting(), []);
  await first.learned({ id: "a", text: "VALE-1", kind: "valid" });
  assert.equal((await first.scanned({ id: "b", text: "VALE1" })).stage, "repeated");
});

test("an item leaves only when the server answered for it", async () => {
  const { state, first } = await bench();
  for (let i = 0; i < BATCH + 2; i++) await first.scanned({ id: `n${i}`, text: `none${i}` });
  state.deliver = async () => { throw new Error("no link"); };
  await assert.rejects(first.handOver(), /no link/);
  assert.equal((await first.waiting()).length, BATCH + 2);
  const sizes = [];
  state.deliver = async (items) => {
    sizes.push(items.length);
    if (sizes.length === 2) return [];
    return items.slice(0, 10).map(({ id }) => ({ id, state: "already" }));
  };
  await assert.rejects(first.handOver(), /names none/);
  assert.deepEqual(sizes, [BATCH, 42]);
  assert.equal((await first.waiting())[0].id, "n10");
});

test("two pages hand over at once, and nothing is sent twice", async () => {
  const { state, desk, first } = await bench();
  await first.scanned({ id: "a", text: "none" });
  const other = await desk();
  let go;
  const gate = new Promise((resolve) => { go = resolve; });
  state.deliver = async (items) => { state.calls.push(ids(items)); await gate; return items.map(({ id }) => ({ id, state: "recorded" })); };
  const one = first.handOver();
  while (!state.calls.length) await new Promise(setImmediate);
  const two = other.handOver();
  assert.equal(await two, null);
  go();
  assert.equal((await one).length, 1);
  assert.deepEqual(state.calls, [["a refused"]]);
});

test("a snapshot that is as before is only dated; after an hour it is read in full", async () => {
  const { state, first } = await bench();
  state.now += 300_000;
  await first.refresh();
  assert.deepEqual([first.snapshot.made_at, first.snapshot.stale_at], [NOW + 300, NOW + 86_400]);
  state.now += 3_600_000;
  state.snapshot.stale_at = NOW + 99_999;
  await first.refresh();
  assert.equal(first.snapshot.stale_at, NOW + 99_999);
  assert.deepEqual(state.etags, ["", '"1"', ""]);
});

test("another shift, cashier or till finds nothing of the one before but the scans that wait", async () => {
  const { state, database, desk, first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  await first.accept("a");
  const next = await desk({ till: 4, cashier: 8, shift: 42 });
  assert.equal(next.snapshot, null);
  assert.deepEqual(await database.get("kept", "ledger"), undefined);
  assert.deepEqual(await next.handOver(), []); // it is another till's
  assert.equal((await next.scanned({ id: "b", text: "VALE2" })).stage, "nothing");
  await next.handOver();
  assert.deepEqual(state.calls.map(ids), [["b refused"]]);
  const back = await desk();
  await back.handOver();
  assert.deepEqual(state.calls.map(ids)[1], ["a accepted"]);
  await back.wipe();
  assert.deepEqual([await database.all("keys"), await database.all("kept"), await database.all("outbox")], [[], [], []]);
});

test("wiping while something waits leaves the scan and its key alone", async () => {
  const { state, database, desk, first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  await first.accept("a");
  await first.wipe();
  assert.equal(first.snapshot, null);
  assert.equal(await database.get("keys", "snapshot"), undefined);
  assert.deepEqual(await database.all("kept"), []);
  const again = await desk();
  await again.handOver();
  assert.deepEqual(state.calls.map(ids), [["a accepted"]]);
});

test("a CPF asks for the customer and one sign for nothing; neither is kept", async () => {
  const { first } = await bench([line("52998224725")]);
  assert.equal((await first.scanned({ id: "a", text: "111.444.777-35" })).stage, "customer");
  assert.equal((await first.scanned({ id: "b", text: "X" })).stage, "unknown");
  assert.deepEqual(await first.waiting(), []);
  assert.equal((await first.scanned({ id: "c", text: "529982247-25" })).stage, "offer");
});

test("a disk that is full accepts nothing", async () => {
  const { database, first } = await bench();
  await first.scanned({ id: "a", text: "VALE1" });
  database.beforeWrite = () => { throw new Error("QuotaExceededError"); };
  await assert.rejects(first.accept("a"), /Quota/);
  await assert.rejects(first.scanned({ id: "b", text: "VALE2" }), /Quota/);
  database.beforeWrite = () => {};
  assert.deepEqual(ids(await first.waiting()), ["a unknown"]);
});
