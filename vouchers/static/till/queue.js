// Sends scans one after another, in the order they were read, and frees the till when an answer is late.
// Knows neither the page nor the network: `send` does the asking. Source: cashier-screen.md laws 1 and 6.

/** Milliseconds after which a scan is shown as waiting, as slow, and the till is free for the next one. */
export const STAGES = { waiting: 300, slow: 3000 };
export const FREE = 8000;
/** Pause before the same scan (same identity, hence safe) is sent again after the network failed. */
export const RETRY = 1000;

export class Queue {
  #scans = [];
  #busy = false;

  /**
   * send(scan) · resolves to the answer, rejects when none came
   * onStage(scan, stage, answer) · stage: waiting, slow, lost, answered; `answered` may follow `lost`
   * after(ms, act) · returns a function that cancels
   */
  constructor({ send, onStage, after }) {
    Object.assign(this, { send, onStage, after });
  }

  /** Scans that have no answer yet and have not been given up on. */
  get length() {
    return this.#scans.length;
  }

  add(scan) {
    scan.timers = Object.entries(STAGES).map(([stage, ms]) => this.after(ms, () => this.onStage(scan, stage)));
    this.#scans.push(scan);
    this.#next();
  }

  #next() {
    if (this.#busy || !this.#scans.length) return;
    this.#busy = true;
    this.#process(this.#scans[0]);
  }

  async #process(scan) {
    const finish = () => {
      scan.timers.forEach((cancel) => cancel());
      if (this.#scans[0] !== scan) return;
      this.#scans.shift();
      this.#busy = false;
      this.#next();
    };
    scan.timers.push(
      this.after(FREE, () => {
        scan.lost = true;
        this.onStage(scan, "lost");
        finish();
      }),
    );
    while (!scan.lost) {
      const answer = await this.send(scan).catch(() => null);
      if (answer) {
        finish();
        this.onStage(scan, "answered", answer);
        return;
      }
      await new Promise((go) => { this.after(RETRY, go); });
    }
  }
}
