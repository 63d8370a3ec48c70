// The camera as a fallback for the scanner, loaded when somebody asks for it. Decodes with the browser's
// own detector where there is one that reads QR codes, else with the decoder shipped beside this file.

/** Milliseconds between two looks, and the longest side of what is looked at, in pixels. */
const PAUSE = 120;
const SIDE = 960;
const NATIVE = ["qr_code", "code_128", "code_39", "ean_13", "data_matrix", "itf", "pdf417", "aztec"];
const SHIPPED = ["QRCode", "Code128", "Code39", "EAN13", "DataMatrix", "ITF", "PDF417", "Aztec"];

/** A function that reads the codes in a canvas, as texts. */
async function decoder({ reader, program }) {
  const formats = await window.BarcodeDetector?.getSupportedFormats().catch(() => []);
  if (formats?.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: NATIVE.filter((format) => formats.includes(format)) });
    return async (canvas) => (await detector.detect(canvas)).map((code) => code.rawValue);
  }
  await new Promise((loaded, failed) => {
    const script = Object.assign(document.createElement("script"), { src: reader, onload: loaded, onerror: failed });
    document.head.append(script);
  });
  const { prepareZXingModule, readBarcodes } = window.ZXingWASM;
  await prepareZXingModule({ overrides: { locateFile: () => program }, fireImmediately: true });
  return async (canvas) => {
    const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const codes = await readBarcodes(image, { formats: SHIPPED, tryHarder: true, maxNumberOfSymbols: 4 });
    return codes.filter((code) => code.isValid).map((code) => code.text);
  };
}

export class Camera {
  #stream = null;
  #canvas = document.createElement("canvas");

  /** onCode(text) is called for every sighting; `files` name the shipped decoder: {reader, program}. */
  constructor({ video, onCode, files }) {
    Object.assign(this, { video, onCode, files });
  }

  /** Start looking. Rejects like `getUserMedia` when there is no camera or it is not allowed. */
  async start() {
    this.stop();
    const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    this.#stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    this.decode ??= await decoder(this.files);
    this.#look(stream);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
  }

  get canTorch() {
    return Boolean(this.#stream?.getVideoTracks()[0]?.getCapabilities?.().torch);
  }

  torch(on) {
    return this.#stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  async #look(stream) {
    while (this.#stream === stream) {
      const { videoWidth: width, videoHeight: height } = this.video;
      if (width && !document.hidden) {
        const scale = Math.min(1, SIDE / Math.max(width, height));
        this.#canvas.width = Math.round(width * scale);
        this.#canvas.height = Math.round(height * scale);
        const context = this.#canvas.getContext("2d", { willReadFrequently: true });
        context.drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
        const texts = await this.decode(this.#canvas).catch(() => []);
        if (this.#stream === stream) texts.forEach((text) => this.onCode(text));
      }
      await new Promise((go) => { setTimeout(go, PAUSE); });
    }
  }
}
