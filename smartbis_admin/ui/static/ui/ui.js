// Behaviour of every page. Everything works without it; this makes it faster and kinder.

const text = (name) => document.body.dataset[name] || "";

// --- Toasts: announced once, good news goes away by itself, bad news stays. ---
const announcer = document.getElementById("announcer");
const toasts = document.getElementById("toasts");

function announce(message) {
  announcer.textContent = "";
  // A live region speaks of changes only: the text has to come after it.
  setTimeout(() => { announcer.textContent = message; }, 100);
}

function start(toast) {
  if (toast.dataset.started) return;
  toast.dataset.started = "1";
  announce(toast.querySelector(".toast-text").textContent);
  // What can be answered stays until it is: nobody has to be fast.
  if (["error", "warning"].includes(toast.dataset.toast) || toast.querySelector("form")) return;
  let timer;
  const wait = () => { timer = setTimeout(() => toast.remove(), 6000); };
  for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, wait);
  wait();
}

export function toast(message, level = "error") {
  const card = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  card.className = `toast-card toast-${level}`;
  card.dataset.toast = level;
  card.querySelector(".toast-text").textContent = message;
  toasts.append(card);
  start(card);
}

const startAll = () => toasts.querySelectorAll("[data-toast]").forEach(start);
startAll();
new MutationObserver(startAll).observe(toasts, { childList: true });

// --- One listener per kind of event, on the document, so that swapped parts need nothing. ---
document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-toast-close]")) target.closest("[data-toast]").remove();
  const copy = target.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(text("textCopied"), "success"));
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = document.querySelector("[data-omnibox] input[type=search], input[type=search]");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
});

// --- Theme ---
const choice = document.querySelector("[data-theme-choice]");
if (choice) {
  const current = choice.querySelector(`[value=${window.smartbisTheme.remembered()}]`);
  if (current) current.checked = true;
  choice.addEventListener("change", (event) => window.smartbisTheme.set(event.target.value));
}

// --- Forms: no second press, no lost typing, the error summary takes the focus. ---
const changed = new WeakSet();
let leaving = false;

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) changed.add(form);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  // A file is saved and the page stays: it may be asked for again.
  if (event.submitter?.hasAttribute("data-again")) return;
  // htmx answers in the page; only a real submit leaves it.
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  leaving = true;
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  // Not at once: a disabled button's own name and value would not be sent.
  setTimeout(() => { button.disabled = true; });
});

window.addEventListener("beforeunload", (event) => {
  const dirty = [...document.querySelectorAll("form[data-guard]")].some((form) => changed.has(form));
  if (dirty && !leaving) event.preventDefault();
});

window.addEventListener("pageshow", () => {
  leaving = false;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy=true]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
});

document.querySelector("[data-focus]")?.focus();

// --- Rows picked in a list: the box in the heading picks the page, the count is said. ---
document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("[data-pick], [data-pick-page], [data-pick-all]")) return;
  const list = document.getElementById("list");
  const rows = [...list.querySelectorAll("[data-pick]")];
  const page = list.querySelector("[data-pick-page]");
  const all = list.querySelector("[data-pick-all]");
  if (box === page) rows.forEach((row) => { row.checked = page.checked; });
  if (box === all) rows.forEach((row) => { row.checked = all.checked; });
  if (box !== all) all.checked = false;
  const picked = rows.filter((row) => row.checked).length;
  page.checked = picked === rows.length;
  page.indeterminate = picked > 0 && picked < rows.length;
  const count = list.querySelector("[data-pick-count]");
  const words = picked === 1 ? count.dataset.one : count.dataset.many.replace("#", picked);
  count.textContent = picked && !all.checked ? words : "";
});

// --- Ages go on counting, in the words of ui/formats.py (both take them from CLDR). ---
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short", numeric: "always" });
const now = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" }).format(0, "second");

function tick() {
  for (const time of document.querySelectorAll("time[data-age]")) {
    const seconds = Math.floor((Date.now() - new Date(time.dateTime)) / 1000);
    if (seconds >= 60 * 86400) continue;
    const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60]].find(([, size]) => seconds >= size) || [];
    const shown = unit ? relative.format(-Math.floor(seconds / size), unit) : now;
    if (time.textContent !== shown) time.textContent = shown;
  }
}
setInterval(tick, 15000);

// --- htmx: a failed request is said, not swallowed. ---
document.addEventListener("htmx:sendError", () => toast(text("textNetwork")));
document.addEventListener("htmx:responseError", () => toast(text("textError")));
