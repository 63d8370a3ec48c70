// Whether the server can be reached. The truth is a request that fails and a small question that is asked
// again, ever less often, until it is answered. Knows neither page nor network: `probe` does the asking.

/** Milliseconds between the questions while the link is down; the last one repeats. */
export const PAUSES = [1000, 2000, 4000, 8000, 15_000];

export class Link {
  #cancel = () => {};
  #tries = 0;
  #asking = null;
  isDown = false;

  /**
   * probe() · resolves when the server answers, rejects when it does not
   * onChange(isDown) · called when that changed; after(ms, act) returns a function that cancels
   */
  constructor({ probe, onChange, after }) {
    Object.assign(this, { probe, onChange, after });
  }

  /** A request got no answer. */
  failed() {
    if (this.isDown) return;
    this.#set(true);
    this.#tries = 0;
    this.#later();
  }

  /** A request was answered. */
  answered() {
    if (this.isDown) this.#set(false);
  }

  /** Ask now; resolves to whether the server answers. Several askers share one question. */
  check() {
    this.#asking ??= this.#ask().finally(() => { this.#asking = null; });
    return this.#asking;
  }

  async #ask() {
    try {
      await this.probe();
      this.answered();
      return true;
    } catch {
      this.failed();
      return false;
    }
  }

  #later() {
    this.#cancel();
    const pause = PAUSES[Math.min(this.#tries++, PAUSES.length - 1)];
    this.#cancel = this.after(pause, async () => { if (this.isDown && !(await this.check())) this.#later(); });
  }

  #set(isDown) {
    this.isDown = isDown;
    if (!isDown) this.#cancel();
    this.onChange(isDown);
  }
}
