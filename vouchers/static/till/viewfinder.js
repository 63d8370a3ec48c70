// The panel with the camera's picture: opens and closes it, says why there is none, and turns the torch on. The
// camera and its decoder are loaded when somebody asks for them.

export class Viewfinder {
  #camera = null;

  /** panel, opener, closer, torch · elements; files, onCode · see camera.js */
  constructor({ panel, opener, closer, torch, files, onCode }) {
    Object.assign(this, { panel, opener, torch, files, onCode });
    opener.addEventListener("click", () => (panel.hidden ? this.open() : this.close()));
    closer.addEventListener("click", () => { this.close(); opener.focus(); });
    torch.addEventListener("click", () => this.#light());
  }

  async open() {
    const { panel } = this;
    panel.hidden = false;
    panel.dataset.state = "starting";
    this.opener.setAttribute("aria-expanded", "true");
    try {
      const { Camera } = await import("./camera.js");
      this.#camera ??= new Camera({ video: panel.querySelector("video"), onCode: this.onCode, files: this.files });
      await this.#camera.start();
      panel.dataset.state = "on";
      this.torch.hidden = !this.#camera.canTorch;
    } catch (error) {
      panel.dataset.state = error.name === "NotAllowedError" ? "refused" : "missing";
    }
  }

  close() {
    this.#camera?.stop();
    this.panel.hidden = true;
    this.torch.setAttribute("aria-pressed", "false");
    this.opener.setAttribute("aria-expanded", "false");
  }

  async #light() {
    const on = this.torch.getAttribute("aria-pressed") !== "true";
    await this.#camera.torch(on);
    this.torch.setAttribute("aria-pressed", String(on));
  }
}
