// The till's page without its own link, on screen: the words for it lie in the page's templates, and this puts
// them there, with the amounts and times. Joins the desk to the browser: database, service worker, locks, other
// pages of the same till. Where one of these is missing, the page says so and works as before.

import { Declined, Unreachable, deliver, fetchSnapshot } from "./api.js";
import { openDatabase } from "./database.js";
import { Desk } from "./desk.js";

/** Milliseconds between two snapshots, and between two tries to hand over what waits. */
const REFRESH = 5 * 60_000;
const AGAIN = 15_000;
/** A cache of its own for the page: it is thrown away with the person's work. See worker.js. */
const PAGE = "till-page";
const SYNC = "till-hand-over";
const SHELL_HEADER = "X-Till-Shell";
/** The server says that nobody's shift is open here. */
const NO_SHIFT = new Set(["no_till", "no_shift", "locked"]);

const isAble = () => isSecureContext && "serviceWorker" in navigator && "indexedDB" in window && Boolean(crypto.subtle);

export class Offline {
  #desk = null;
  #worker = null;
  #ring = null;
  #cancel = { snapshot: () => {}, handOver: () => {} };

  /**
   * page · the till's element, with its addresses; element · where the state and what waits are shown
   * link · see link.js; after(ms, act) · returns what cancels; onAnswers(answers) · scans were handed over
   */
  constructor({ page, element, link, after, onAnswers }) {
    Object.assign(this, { page, element, link, after, onAnswers });
    const base = page.dataset.contingency;
    this.urls = { signal: `${base}sinal/`, snapshot: `${base}retrato/`, delivery: `${base}entrega/` };
  }

  /** Whether scans can be read without a link. */
  get isReady() {
    return this.#desk !== null;
  }

  async start() {
    if (!isAble()) {
      this.element.dataset.state = "unable";
      return;
    }
    try {
      const { urls } = this;
      const database = await openDatabase();
      const desk = new Desk({
        database,
        clock: () => Date.now(),
        fetchSnapshot: (etag) => fetchSnapshot(urls, etag),
        deliver: (items) => deliver(urls, items),
      });
      const { till, cashier, shift } = this.page.dataset;
      const owner = { till: Number(till), cashier: Number(cashier), shift: Number(shift) };
      const before = await desk.owner();
      if (before && Object.keys(owner).some((name) => before[name] !== owner[name])) await caches.delete(PAGE);
      await desk.start(owner);
      this.#desk = desk;
    } catch {
      this.element.dataset.state = "unable";
      return;
    }
    this.#ring = new BroadcastChannel("till");
    this.#ring.addEventListener("message", ({ data }) => this.#heard(data));
    await this.#show();
    this.refresh();
    this.handOver();
    this.#register();
  }

  /** The link came back, or went. */
  linkChanged(isDown) {
    if (!this.isReady) return;
    if (isDown) { this.#worker?.sync?.register(SYNC).catch(() => {}); return; }
    this.refresh();
    this.handOver();
  }

  /** A scan without a link: what the banner shows, and its stage. */
  async read(scan) {
    try {
      const verdict = await this.#desk.scanned(scan);
      this.#show();
      return this.#banner(verdict);
    } catch {
      return this.#banner({ stage: "unkept" });
    }
  }

  /** The person decided to accept what was offered. */
  async accept(scan) {
    try {
      const verdict = await this.#desk.accept(scan.id);
      this.#show();
      this.handOver();
      return this.#banner(verdict);
    } catch {
      return this.#banner({ stage: "unkept" });
    }
  }

  /** The question was put away, or the scan goes to the server after all. */
  async decline(scan) {
    await this.#desk?.decline(scan.id);
    this.handOver();
  }

  async withdraw(scan) {
    await this.#desk?.withdraw(scan.id);
    this.#show();
  }

  /** The server's verdict about a scan, so that it is not offered here later. */
  learned(scan, kind) {
    this.#desk?.learned({ id: scan.id, text: scan.text, kind }).catch(() => {});
  }

  /** Bring the snapshot and the kept page up to date, and do it again later. */
  async refresh() {
    this.#cancel.snapshot();
    this.#cancel.snapshot = this.after(REFRESH, () => this.refresh());
    if (this.link.isDown) return;
    try {
      await this.#desk.refresh();
      await this.#keepPage();
    } catch (error) {
      if (error instanceof Unreachable) this.link.failed();
      else if (error instanceof Declined && NO_SHIFT.has(error.word)) await this.wipe();
    }
    this.#show();
  }

  /** Hand over what waits; while something does and cannot be, try again. */
  async handOver() {
    if (!this.isReady) return;
    this.#cancel.handOver();
    if (!this.link.isDown) {
      try {
        const answers = await this.#desk.handOver();
        this.element.removeAttribute("data-signed-out");
        if (answers?.length) {
          this.onAnswers(answers);
          this.#ring.postMessage("handed over");
        }
      } catch (error) {
        if (error instanceof Unreachable) this.link.failed();
        this.element.toggleAttribute("data-signed-out", error instanceof Declined && error.word === "signed_out");
      }
    }
    const waiting = await this.#show();
    if (waiting.length) this.#cancel.handOver = this.after(AGAIN, () => this.handOver());
  }

  /** Forget this person in this browser; scans that wait stay until they are handed over. */
  async wipe() {
    await this.#desk?.wipe();
    await caches.delete(PAGE);
    this.#ring?.postMessage("wiped");
  }

  async #register() {
    try {
      const { worker, scope } = this.page.dataset;
      this.#worker = await navigator.serviceWorker.register(worker, { type: "module", scope });
    } catch {
      // A browser without module workers: everything but reopening the page without a link still works.
      this.element.dataset.worker = "none";
    }
  }

  async #keepPage() {
    const response = await fetch(this.page.dataset.shell, { cache: "no-store" });
    if (!response.ok || response.headers.get(SHELL_HEADER) !== this.page.dataset.shift) return;
    const cache = await caches.open(PAGE);
    await cache.put(this.page.dataset.scope, response);
  }

  #heard(message) {
    if (message === "wiped") this.#desk.forget();
    else this.onAnswers([]);
    this.#show();
  }

  // --- On screen ---
  async #show() {
    const { snapshot } = this.#desk;
    const waiting = await this.#desk.waiting();
    const mine = waiting.filter((item) => item.till === Number(this.page.dataset.till));
    this.element.dataset.state = snapshot ? "ready" : "empty";
    this.element.querySelector("[data-made]").textContent = snapshot ? this.#time(snapshot.mirror_age_at ?? snapshot.made_at) : "";
    this.element.toggleAttribute("data-waiting", waiting.length > 0);
    this.element.querySelector("[data-count]").textContent = waiting.length;
    this.element.querySelector("ol").replaceChildren(...mine.reverse().map((item) => this.#line(item)));
    return waiting;
  }

  #line({ id, code, at, shown }) {
    const line = this.#template("line", shown).firstElementChild;
    line.dataset.scan = id;
    line.querySelector(".till-line-code").textContent = code.length > 4 ? `…${code.slice(-4)}` : "…";
    line.querySelector("time").textContent = this.#time(at);
    return line;
  }

  #banner({ stage, entry, line }) {
    const names = entry ? [`${stage}-${entry.kind}`, `spent-${entry.kind}`, "spent"] : [stage];
    const content = this.#template("offline", names.find((name) => document.querySelector(`template[data-offline="${name}"]`)));
    content.firstElementChild.dataset.stage = stage;
    const [, , value, , minimum] = line ?? [];
    const facts = { value: value && this.#money(value), minimum: minimum && this.#money(minimum), at: entry && this.#time(entry.at) };
    for (const fact of content.querySelectorAll("[data-fact]")) {
      const text = facts[fact.dataset.fact];
      fact.hidden = !text;
      if (text) fact.querySelector("[data-here]").textContent = text;
    }
    return content;
  }

  #template(kind, name) {
    return document.querySelector(`template[data-${kind}="${name}"]`).content.cloneNode(true);
  }

  #time(seconds) {
    const at = new Date(seconds * 1000);
    const { lang } = document.documentElement;
    const clock = { hour: "2-digit", minute: "2-digit", timeZone: this.page.dataset.zone };
    const isToday = new Date().toDateString() === at.toDateString();
    return at.toLocaleString(lang, isToday ? clock : { ...clock, day: "2-digit", month: "2-digit" });
  }

  #money(text) {
    // The text is exact; a browser's number is too for the cents of any voucher.
    return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "BRL" }).format(text);
  }
}
