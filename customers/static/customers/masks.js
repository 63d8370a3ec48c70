// CPF and phone are punctuated while they are typed. The cursor stays behind the digit it was behind, and
// what the person deletes stays deleted.

const CPF = (digits) => groups(digits.slice(0, 11), [3, 3, 3, 2], [".", ".", "-"]);

function phone(national) {
  // Longer than any Brazilian number: with its country code, left to the server.
  if (national.length > 11) return national;
  const size = national.length > 10 ? 5 : 4;
  if (national.length <= 2) return national.length ? `(${national}` : "";
  const rest = national.slice(2);
  return `(${national.slice(0, 2)}) ${rest.slice(0, size)}${rest.length > size ? `-${rest.slice(size)}` : ""}`;
}

function groups(digits, sizes, marks) {
  let shown = "", start = 0;
  for (const [i, size] of sizes.entries()) {
    const part = digits.slice(start, start + size);
    if (!part) break;
    shown += (i ? marks[i - 1] : "") + part;
    start += size;
  }
  return shown;
}

const onlyDigits = (text) => text.replace(/\D/g, "");

function mask(input, shape) {
  // A number written with its country code is left as typed.
  if (input.value.trim().startsWith("+")) return;
  const before = onlyDigits(input.value.slice(0, input.selectionStart)).length;
  const shown = shape(onlyDigits(input.value));
  if (shown === input.value) return;
  input.value = shown;
  let place = 0;
  for (let seen = 0; place < shown.length && seen < before; place += 1) {
    if (/\d/.test(shown[place])) seen += 1;
  }
  if (document.activeElement === input) input.setSelectionRange(place, place);
}

function isCpf(digits) {
  if (digits.length !== 11 || /^(\d)\1+$/.test(digits)) return false;
  const check = (length) => {
    let sum = 0;
    for (let i = 0; i < length; i += 1) sum += Number(digits[i]) * (length + 1 - i);
    return (sum * 10) % 11 % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

for (const input of document.querySelectorAll("[data-mask]")) {
  const shape = input.dataset.mask === "cpf" ? CPF : phone;
  const note = document.createElement("div");
  note.className = "field-error";
  note.setAttribute("role", "status");
  input.after(note);
  input.addEventListener("input", (event) => {
    // Composed text (some phone keyboards) is not touched before it is finished.
    if (!event.isComposing) mask(input, shape);
    if (input.dataset.mask !== "cpf") return;
    const digits = onlyDigits(input.value);
    const wrong = digits.length === 11 && !isCpf(digits);
    input.setAttribute("aria-invalid", wrong);
    input.classList.toggle("is-invalid", wrong);
    note.textContent = wrong ? input.dataset.wrong : "";
  });
}
