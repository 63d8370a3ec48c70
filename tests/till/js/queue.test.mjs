// The queue alone: order, one at a time, nothing dropped, and a late answer that holds nobody up.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Queue } from "../../../vouchers/static/till/queue.js";
import { Clock, settle } from "./clock.mjs";

/** A queue whose answers are given by hand: `answer(id)`, `fail(id)`. */
function bench() {
  const clock = new Clock();
  const sent = [];
  const stages = [];
  const calls = new Map();
  const queue = new Queue({
    send: (scan) => {
      sent.push(scan.id);
      return new Promise((resolve, reject) => calls.set(scan.id, { resolve, reject }));
    },
    onStage: (scan, stage, answer) => stages.push([clock.now(), scan.id, stage, ...(answer ? [answer] : [])]),
    after: clock.after,
  });
  const answer = async (id, text) => { calls.get(id).resolve(text); await settle(); };
  const fail = async (id) => { calls.get(id).reject(new TypeError("no network")); await settle(); };
  return { clock, queue, sent, stages, answer, fail };
}

test("a quick answer is all that is said", async () => {
  const { clock, queue, stages, answer } = bench();
  queue.add({ id: "a" });
  clock.pass(250);
  await answer("a", "valid");
  clock.pass(20_000);
  assert.deepEqual(stages, [[250, "a", "answered", "valid"]]);
  assert.equal(queue.length, 0);
});

test("300 ms waiting, 3 s slow, 8 s lost, and the answer may still come", async () => {
  const { clock, queue, stages, answer } = bench();
  queue.add({ id: "a" });
  clock.pass(9000);
  await answer("a", "valid");
  assert.deepEqual(stages, [
    [300, "a", "waiting"],
    [3000, "a", "slow"],
    [8000, "a", "lost"],
    [9000, "a", "answered", "valid"],
  ]);
});

test("scans read during a request are sent in their order, one at a time", async () => {
  const { queue, sent, stages, answer } = bench();
  for (const id of ["a", "b", "c"]) queue.add({ id });
  assert.deepEqual(sent, ["a"]);
  await answer("a", "1");
  assert.deepEqual(sent, ["a", "b"]);
  await answer("b", "2");
  await answer("c", "3");
  assert.deepEqual(sent, ["a", "b", "c"]);
  assert.deepEqual(stages.map(([, id, stage]) => `${id} ${stage}`), ["a answered", "b answered", "c answered"]);
});

test("after 8 s without an answer the next scan goes ahead", async () => {
  const { clock, queue, sent, stages, answer } = bench();
  queue.add({ id: "a" });
  queue.add({ id: "b" });
  clock.pass(7999);
  assert.deepEqual(sent, ["a"]);
  clock.pass(1);
  assert.deepEqual(sent, ["a", "b"]);
  await answer("b", "used");
  await answer("a", "valid");
  assert.deepEqual(stages.slice(-2).map(([, id, , text]) => `${id} ${text}`), ["b used", "a valid"]);
  assert.equal(queue.length, 0);
});

test("a scan whose request failed is sent again with the same identity", async () => {
  const { clock, queue, sent, stages, answer, fail } = bench();
  queue.add({ id: "a" });
  await fail("a");
  clock.pass(1000);
  await settle();
  assert.deepEqual(sent, ["a", "a"]);
  await answer("a", "valid");
  assert.deepEqual(stages.at(-1), [1000, "a", "answered", "valid"]);
});

test("without a network it gives up at 8 s and asks no more", async () => {
  const { clock, queue, sent, stages } = bench();
  queue.send = () => { sent.push("a"); return Promise.reject(new TypeError("no network")); };
  queue.add({ id: "a" });
  await clock.passSlowly(20_000);
  assert.equal(sent.length, 8);
  assert.deepEqual(stages.map(([at, , stage]) => [at, stage]), [[300, "waiting"], [3000, "slow"], [8000, "lost"]]);
  assert.equal(queue.length, 0);
});
