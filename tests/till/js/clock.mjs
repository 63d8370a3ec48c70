// A clock that moves only when told, and keyboards to go with it.

export class Clock {
  #at = 0;
  #due = [];

  now = () => this.#at;

  after = (ms, act) => {
    const timer = { at: this.#at + ms, act };
    this.#due.push(timer);
    return () => { this.#due = this.#due.filter((other) => other !== timer); };
  };

  /** Let so many milliseconds pass; what falls due happens at its own time. */
  pass(ms) {
    const end = this.#at + ms;
    for (;;) {
      const next = this.#due.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#due = this.#due.filter((other) => other !== next);
      this.#at = next.at;
      next.act();
    }
    this.#at = end;
  }

  /** Time passes without any timer running, as on a page that is busy. */
  stall(ms) {
    this.#at += ms;
  }

  /** The same, letting promises settle at every step. */
  async passSlowly(ms, step = 100) {
    for (let passed = 0; passed < ms; passed += step) {
      await settle();
      this.pass(Math.min(step, ms - passed));
    }
    await settle();
  }
}

export const settle = async () => { for (let i = 0; i < 20; i++) await null; };

/** A key press as the engine sees it; remembers whether it was swallowed. */
export function press(clock, key, more = {}) {
  return {
    key,
    timeStamp: clock.now(),
    swallowed: false,
    prevented: false,
    preventDefault() { this.prevented = true; },
    stopImmediatePropagation() { this.swallowed = true; },
    ...more,
  };
}
