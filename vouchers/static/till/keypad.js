// The keys on the screen, for a till without a keyboard: codes in letters and digits, amounts in digits. Types into
// the field that a person is at, and remembers whether it is wanted. Knows the markup and no till.

const WANTED = "till-keypad";

export class Keypad {
  #target = null;

  /** `fields()` are the fields it types into, the first one unless another has the focus: [{element, layer}]. */
  constructor({ element, button, fields }) {
    Object.assign(this, { element, button, fields });
    button.addEventListener("click", () => this.toggle(element.hidden));
    // The field keeps the focus, and with it the place where the next key goes.
    element.addEventListener("pointerdown", (event) => event.preventDefault());
    element.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]");
      if (key) this.#press(key.dataset.key);
    });
    document.addEventListener("focusin", () => this.#follow());
    this.toggle(localStorage.getItem(WANTED) === "1");
  }

  toggle(isWanted) {
    this.element.hidden = !isWanted;
    this.button.setAttribute("aria-expanded", String(isWanted));
    localStorage.setItem(WANTED, isWanted ? "1" : "0");
    this.#target = null;
    this.#follow();
  }

  /** Type where the focus is; fields come and go with the banner. */
  #follow() {
    const fields = this.fields();
    for (const { element, mode } of fields) element.inputMode = this.element.hidden ? mode : "none";
    const field = fields.find(({ element }) => element === document.activeElement)
      ?? fields.find(({ element }) => element === this.#target?.element) ?? fields[0];
    if (field.element === this.#target?.element) return;
    this.#target = field;
    this.#show(field.layer);
  }

  #show(layer) {
    this.element.dataset.layer = layer;
  }

  #press(key) {
    this.#follow();
    const { element } = this.#target;
    if (key === "letters" || key === "digits") return this.#show(key);
    if (key === "enter") return element.form.requestSubmit();
    const value = element.value;
    element.value = key === "delete" ? value.slice(0, -1) : value + key;
    element.dispatchEvent(new Event("input", { bubbles: true }));
    return null;
  }
}
