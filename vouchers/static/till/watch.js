// Keeps the list of recent scans fresh and notices what became of scans in doubt, also of those whose
// request got no answer. Asks often only while something is open. Knows the list's markup, not the banner.

/** Milliseconds between two questions: while something is open, and otherwise. */
const OFTEN = 2000;
const SELDOM = 20_000;

export class Watch {
  #followed = new Map(); // scans whose request got no answer, by id
  #cancel = () => {};
  #asking = false;
  #again = false;

  /**
   * load() · resolves to the list's HTML; find(id) · to a scan's verdict, null when the server does not know it
   * onState(dataset) · what the list says of the surroundings
   * onDecided(line) · a scan of the list is no longer open; onUnknown(scan) · a followed scan never arrived
   */
  constructor({ element, load, find, after, onState, onDecided, onUnknown }) {
    Object.assign(this, { element, load, find, after, onState, onDecided, onUnknown });
  }

  start() {
    this.#later();
  }

  /** Ask now; while an answer is on its way, once more after it. */
  soon() {
    if (this.#asking) { this.#again = true; return; }
    this.#cancel();
    this.#ask();
  }

  /** A scan whose request has no answer: find out whether it arrived, and what became of it. */
  follow(scan) {
    this.#followed.set(scan.id, scan);
    this.soon();
  }

  #later() {
    const isOpen = this.#followed.size || this.element.querySelector("[data-open]");
    this.#cancel = this.after(isOpen ? OFTEN : SELDOM, () => this.#ask());
  }

  async #ask() {
    this.#asking = true;
    try {
      this.#update(await this.load());
      for (const scan of [...this.#followed.values()]) await this.#look(scan);
    } catch {
      // The link is down, and the page says so; the next question is on its way.
    }
    this.#asking = false;
    if (this.#again) { this.#again = false; this.#ask(); } else this.#later();
  }

  async #look(scan) {
    // From here on the list tells of it; an answer that came late has told of it already.
    if (scan.answered || this.element.querySelector(`[data-scan="${scan.id}"]`)) this.#followed.delete(scan.id);
    else if (scan.failed && !(await this.find(scan.id))) {
      this.#followed.delete(scan.id);
      this.onUnknown(scan);
    }
  }

  #update(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    const old = this.element.firstElementChild;
    this.onState(fresh.dataset);
    if (fresh.outerHTML === old?.outerHTML) return;
    const wasOpen = new Set([...this.element.querySelectorAll("a[data-open]")].map((line) => line.dataset.scan));
    const focused = document.activeElement?.closest?.("a[data-scan]")?.dataset.scan;
    this.element.replaceChildren(fresh);
    if (focused) this.element.querySelector(`a[data-scan="${focused}"]`)?.focus({ preventScroll: true });
    for (const line of fresh.querySelectorAll("a[data-scan]:not([data-open])")) {
      if (wasOpen.has(line.dataset.scan)) this.onDecided(line);
    }
  }
}
