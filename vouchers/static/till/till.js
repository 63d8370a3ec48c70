// The till's page: joins the input engine, the queue, the sounds and the camera to what is on screen.
// Every word is in the page already; the server decides every verdict, and while it cannot be reached the store's
// policy decides what a person may be asked. Source: cashier-screen.md, docs/contingency.md.

import { Input, codeKey, isCpf, maskCpf } from "./input.js";
import { Keypad } from "./keypad.js";
import { GATEWAY, csrfToken, signal } from "./offline/api.js";
import { Link } from "./offline/link.js";
import { Offline } from "./offline/page.js";
import { Queue } from "./queue.js";
import { Sounds } from "./sound.js";
import { Viewfinder } from "./viewfinder.js";
import { Watch } from "./watch.js";

/**
 * Milliseconds a verdict stays, how long a person is asked before a scan goes on unanswered, how long a link that was
 * down has to show that it is back, a round trip that counts as slow, and the longest anything is waited for.
 */
const STAY = 20_000;
const ASKED = 45_000;
const GLANCE = 600;
const SLOW = 1000;
const PATIENCE = 30_000;

const $ = (id) => document.getElementById(id);
const page = $("till");
const banner = $("banner");
const form = $("scan-form");
const code = $("code");
const help = $("help");
const sounds = new Sounds();
const after = (ms, act) => { const timer = setTimeout(act, ms); return () => clearTimeout(timer); };

// --- The banner: the latest scan owns it ---
let shown = null; // the scan it shows: {id, text}
let putAway = () => {};

const stage = (name) => document.querySelector(`template[data-stage="${name}"]`).content.cloneNode(true);

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function show(content, scan, stageName = "") {
  if (shown?.isOffered && shown.id !== scan?.id) offline.decline(shown);
  shown = scan;
  banner.dataset.stage = stageName;
  banner.replaceChildren(content);
  const echo = banner.querySelector("[data-code]");
  if (scan?.text) echo.textContent = isCpf(scan.text) ? maskCpf(scan.text) : scan.text;
  putAway();
  window.htmx?.process(banner);
  // What has to be looked at stays until somebody has looked; a question waits longer than a verdict.
  const stay = banner.querySelector("[data-offer], [data-note]") ? ASKED : STAY;
  putAway = scan && !banner.querySelector("[data-look]") ? after(stay, () => show(stage("idle"), null)) : () => {};
  return banner.firstElementChild;
}

/** Say and sound what the banner shows; focus stays where it is. */
function proclaim(kind, words) {
  sounds.play(["look", "offer"].includes(kind) ? "waiting" : kind);
  // Only one of the two speaks; the text must change to be spoken.
  $(kind === "valid" ? "say-alert" : "say-status").textContent = "";
  const region = $(kind === "valid" ? "say-status" : "say-alert");
  region.textContent = "";
  setTimeout(() => { region.textContent = words; }, 30);
}

/** Something about a scan that no longer owns the banner and is in no list. */
function complain(text) {
  const card = $("toast-template").content.firstElementChild.cloneNode(true);
  card.className = "toast-card toast-error";
  card.dataset.toast = "error";
  card.querySelector(".toast-text").textContent = text;
  $("toasts").append(card);
}

const wordsOf = (verdict) =>
  [".till-word", ".till-reason", ".till-next"].map((name) => verdict.querySelector(name).textContent.trim()).join(" ");

// --- The link to the server ---
let sale = null; // where the sale of the last customer seen is registered

const link = new Link({
  probe: () => signal(offline.urls),
  after,
  onChange(isDown) {
    page.dataset.link = isDown ? "offline" : "online";
    if (!isDown) watch.soon();
    offline.linkChanged(isDown);
  },
});

const offline = new Offline({
  page,
  element: $("offline"),
  link,
  after,
  onAnswers(answers) {
    for (const answer of answers) handedOver(answer);
    watch.soon();
  },
});

/** Ask the server; rejects while it cannot be reached or is in trouble. */
async function ask(url, options = {}) {
  let response;
  try {
    const limit = options.signal ?? AbortSignal.timeout(PATIENCE);
    response = await fetch(url, { ...options, signal: limit, headers: { "HX-Request": "true" } });
  } catch (error) {
    link.failed();
    throw error;
  }
  if (GATEWAY.has(response.status)) link.failed();
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  // An answer that was on its way when the link went down does not bring it back.
  if (navigator.onLine) link.answered();
  const elsewhere = response.headers.get("HX-Redirect");
  if (elsewhere) {
    leave(elsewhere);
    return new Promise(() => {});
  }
  return response;
}

// --- Scans ---
let leaving = false;

function leave(url) {
  if (link.isDown) { complain($("needs-link").content.textContent); return; }
  leaving = true;
  location.assign(url);
}

const queue = new Queue({
  after,
  async send(scan) {
    // While the link is down the small question goes first: it does nothing, whatever becomes of its answer, and
    // where requests just vanish the customer does not wait for it.
    const late = new Promise((done) => { after(GLANCE, () => done(false)); });
    if (link.isDown && !(await Promise.race([link.check(), late]))) return withoutLink(scan);
    const started = performance.now();
    scan.failed = false;
    scan.request = new AbortController();
    const cancel = after(PATIENCE, () => scan.request.abort());
    try {
      const response = await ask(form.action, { method: "POST", body: await fieldsOf(scan), signal: scan.request.signal });
      const content = fragment(await response.text());
      if (!link.isDown) page.dataset.link = performance.now() - started > SLOW ? "slow" : "online";
      return response.ok && content.querySelector(".till-verdict") ? content : stage("failed");
    } catch (error) {
      scan.failed = true;
      if (await link.check()) throw error;
      return withoutLink(scan);
    } finally {
      cancel();
    }
  },
  onStage(scan, name, answer) {
    if (name === "answered") return answered(scan, answer);
    // An answer that is late may never come: ask whether anybody is there.
    if (name === "slow") link.check().then((isUp) => { if (!isUp && offline.isReady) scan.request?.abort(); });
    if (name === "lost") watch.follow(scan);
    if (shown?.id === scan.id) show(stage(name), scan, name);
    if (name === "lost") proclaim("waiting", wordsOf(stage(name).firstElementChild));
  },
});

/** What one scan says to the server. */
async function fieldsOf(scan) {
  const body = new FormData(form);
  // Of a page that was kept, or of before somebody signed in again, the token in the form is an old one.
  body.set("csrfmiddlewaretoken", (await csrfToken()) || body.get("csrfmiddlewaretoken"));
  body.set("scan", scan.id);
  body.set("code", scan.text);
  if (scan.confirms) { body.set("confirm", "1"); body.set("amount", scan.amount); }
  if (scan.accepts) body.set("contingency", "1");
  body.set("waited", Math.round(performance.now() - scan.at));
  return body;
}

/** The answer to a scan the server could not be asked about. It keeps its identity: the request may have arrived. */
async function withoutLink(scan) {
  if (!offline.isReady || scan.confirms) throw new Error("no link");
  return offline.read(scan);
}

const told = new Set(); // scans whose final verdict was said

function answered(scan, content) {
  const verdict = content.firstElementChild;
  const { kind, go } = verdict.dataset;
  const words = wordsOf(verdict);
  const isHere = "stage" in verdict.dataset; // judged by this page, without the server
  scan.answered = true;
  scan.isOffered = verdict.querySelector("[data-offer]")?.dataset.offer === "here";
  if (!isHere) offline.learned(scan, kind);
  if (!isHere && !("open" in verdict.dataset)) told.add(scan.id);
  if ("mayRepeat" in verdict.dataset) input.forget(scan.text);
  sale = verdict.dataset.sale ?? sale;
  if (shown?.id === scan.id) show(content, scan);
  else if (scan.isOffered) offline.decline(scan);
  proclaim(kind, words);
  if (!isHere) watch.soon();
  if (go && !queue.length) leave(go);
}

/** A scan that waited was handed over. What the list does not tell by itself is said. */
async function handedOver({ id, state, contingency, verdict }) {
  if (state === "rejected") {
    const line = $("offline").querySelector(`[data-scan="${id}"] .till-line-code`);
    return complain(`${line?.textContent ?? ""} ${wordsOf(stage("unsent").firstElementChild)}`);
  }
  if (contingency === "conflict") proclaim(verdict.kind, `${verdict.word} ${verdict.reason}`);
  if (shown?.id !== id) return null;
  const content = await watch.find(id).catch(() => null);
  if (content && shown?.id === id) show(content, shown);
  return null;
}

/** Accept what the banner asks about: the same scan, with the person's word for it. */
async function acceptOffer() {
  const { id, isOffered } = shown;
  const text = banner.querySelector("[data-offer] [name=code]")?.value ?? shown.text;
  shown.isOffered = false; // it is answered now
  code.focus({ preventScroll: true });
  sounds.unlock();
  const scan = { id, text, at: performance.now(), accepts: !isOffered };
  if (isOffered && link.isDown) {
    shown = scan;
    answered(scan, await offline.accept(scan));
    return;
  }
  // Offered by the server; or here, and the link is back, so that the server can be asked instead.
  if (isOffered) await offline.withdraw(scan);
  show(stage("read"), scan);
  queue.add(scan);
}

/** Identity of a scan; `randomUUID` exists on https and loopback only. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// --- Input ---
const editable = (element) => element?.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select");

const input = new Input({
  shortcuts: ["Escape", "F2", "F4", "F9", "?"],
  now: () => performance.now(),
  after,
  onScan({ text }) {
    const scan = { id: newId(), text, at: performance.now() };
    help.close();
    code.value = "";
    show(stage("read"), scan);
    queue.add(scan);
    // Not at the first key: opening the loudspeaker takes longer than a scanner's next character.
    sounds.unlock();
  },
  onText(text) {
    code.value = text;
    code.focus();
  },
  onKey(key, event) {
    if (event.target.closest?.("dialog[open]")) return;
    if (key === "F2") leave(page.dataset.customer);
    else if (key === "F4" && $("sale")) leave(sale ?? $("sale").href);
    else if (key === "F9") leave(page.dataset.switch);
    else if (key === "Escape") { code.value = ""; show(stage("idle"), null); }
    else if (key === "?" && code.value.length <= 1) { code.value = ""; help.showModal(); }
  },
  mark(event) {
    const before = document.activeElement;
    const value = editable(before) && before !== code ? before.value : null;
    // Typing anywhere is typing a code; a space presses the button that has the focus.
    if (!editable(before) && event.key !== " " && !help.open) code.focus({ preventScroll: true });
    return () => {
      if (value !== null) before.value = value;
      if (before !== document.activeElement && before?.isConnected) before.focus({ preventScroll: true });
    };
  },
});
input.listen(document);

document.addEventListener("paste", (event) => {
  if (editable(event.target) && event.target !== code) return;
  event.preventDefault();
  input.paste(event.clipboardData.getData("text"));
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (code.value.trim()) input.typed(code.value);
  else if (banner.querySelector("[data-look]")) confirmLook();
  else if (banner.querySelector("[data-offer]")) acceptOffer();
  else if (banner.querySelector("[data-note]")) noteUse();
});

/** Use the voucher that is shown: a scan of its own, which names no code. */
function confirmLook() {
  const amount = banner.querySelector("[data-look] [name=amount]").value;
  const scan = { id: newId(), text: shown?.text ?? "", at: performance.now(), confirms: true, amount };
  show(stage("read"), scan);
  code.focus({ preventScroll: true });
  queue.add(scan);
  sounds.unlock();
}

banner.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.matches("[data-look]")) confirmLook();
  else if (event.target.matches("[data-note]")) noteUse();
  else acceptOffer();
});

/** Note that what is shown was used here. The server says whether somebody noted it before. */
async function noteUse() {
  const scan = shown;
  const note = banner.querySelector("[data-note]");
  const body = new FormData(note);
  code.focus({ preventScroll: true });
  sounds.unlock();
  note.querySelector("button").disabled = true;
  try {
    body.set("csrfmiddlewaretoken", (await csrfToken()) || body.get("csrfmiddlewaretoken"));
    const content = fragment(await (await ask(note.action, { method: "POST", body })).text());
    const verdict = content.querySelector(".till-verdict") ?? stage("failed").firstElementChild;
    proclaim(verdict.dataset.kind, wordsOf(verdict));
    if (shown === scan) show(verdict, scan);
    watch.soon();
  } catch {
    note.querySelector("button").disabled = false;
    complain($("needs-link").content.textContent);
  }
}

// --- What changes by itself ---
const watch = new Watch({
  element: $("status"),
  load: async () => (await ask(page.dataset.scans)).text(),
  find: async (id) => {
    const response = await ask(`${page.dataset.scans}${id}/`);
    return response.status === 200 ? fragment(await response.text()) : null;
  },
  after,
  onState({ platform }) { page.dataset.platform = platform; },
  onDecided(line) { arrived(line.dataset.scan, line.dataset.kind, line.textContent.replace(/\s+/g, " ").trim()); },
  onUnknown(scan) {
    const content = stage("unsent");
    const words = wordsOf(content.firstElementChild);
    input.forget(scan.text);
    if (!shown || shown.id === scan.id) show(content, scan);
    else complain(`…${codeKey(scan.text).slice(-4)}: ${words}`);
    proclaim("refused", words);
  },
});

/** The outcome of a scan that was in doubt. */
async function arrived(id, kind, words) {
  if (told.has(id)) return;
  told.add(id);
  proclaim(kind, words);
  if (shown?.id !== id) return;
  const content = await watch.find(id);
  if (content && shown?.id === id) show(content, shown);
}

// --- Recent scans: choose one with the arrows, Enter shows it again ---
$("status").addEventListener("click", async (event) => {
  const line = event.target.closest("a[data-scan]");
  if (!line || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const content = await watch.find(line.dataset.scan);
  if (content) show(content, { id: line.dataset.scan });
});

document.addEventListener("keydown", (event) => {
  if (!["ArrowUp", "ArrowDown"].includes(event.key) || help.open || event.target.closest?.("details[open]")) return;
  const lines = [...page.querySelectorAll("a.till-line")];
  if (!lines.length) return;
  const at = lines.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? Math.min(at + 1, lines.length - 1) : at - 1;
  event.preventDefault();
  (next < 0 ? code : lines[next]).focus();
});

// --- Sound, help, camera ---
const showMute = () => $("mute").setAttribute("aria-pressed", String(sounds.muted));
showMute();
$("mute").addEventListener("click", () => { sounds.mute(!sounds.muted); showMute(); });
document.addEventListener("pointerdown", () => sounds.unlock(), true);
$("help-open").addEventListener("click", () => help.showModal());
help.addEventListener("click", (event) => {
  const { play } = event.target.dataset;
  if (play) sounds.play(play);
});

new Viewfinder({
  panel: $("camera"),
  opener: $("camera-open"),
  closer: $("camera-close"),
  torch: $("torch"),
  files: { reader: page.dataset.reader, program: page.dataset.readerProgram },
  onCode: (text) => input.seen(text),
});

new Keypad({
  element: $("keypad"),
  button: $("keypad-open"),
  fields: () => [
    { element: code, layer: "digits", mode: "" },
    ...[...banner.querySelectorAll("[name=amount]")].map((element) => ({ element, layer: "money", mode: "decimal" })),
  ],
});

// --- Without a link other pages cannot be reached, and leaving would lose this one ---
function stays(event) {
  if (!link.isDown) return;
  event.preventDefault();
  complain($("needs-link").content.textContent);
}
page.addEventListener("click", (event) => {
  const target = event.target.closest("a[href]");
  if (target && !event.defaultPrevented && !event.ctrlKey && !event.metaKey) stays(event);
});
page.addEventListener("submit", (event) => {
  if (event.target === form || banner.contains(event.target)) return;
  stays(event);
});

// --- The page itself ---
// What the browser believes of the link is a hint; the server's answer is the truth.
window.addEventListener("offline", () => link.check());
window.addEventListener("online", () => link.check());
window.addEventListener("beforeunload", (event) => { if (queue.length && !leaving) event.preventDefault(); });
window.addEventListener("pageshow", () => { leaving = false; });
if (banner.firstElementChild.dataset.kind !== "idle") {
  const id = banner.firstElementChild.dataset.scan ?? "";
  show(banner.firstElementChild, { id });
}
watch.start();
offline.start();
page.dataset.ready = "1";
