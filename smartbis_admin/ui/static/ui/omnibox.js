// The search box of every page: "/" comes here, arrows choose, Enter opens, Escape closes.
const form = document.querySelector("[data-omnibox]");
const input = form?.querySelector("input[name=q]");
const list = form?.querySelector("[role=listbox]");

const options = () => [...list.querySelectorAll("a[role=option]")];

function show(open) {
  list.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) choose(null);
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

if (form) {
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { show(false); return; }
    if (event.key === "Enter") {
      const chosen = list.querySelector("[aria-selected=true]");
      if (chosen && !list.hidden) { event.preventDefault(); location.assign(chosen.href); }
      return;
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const all = options();
    if (!all.length) return;
    event.preventDefault();
    show(true);
    const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(all[(now === -1 && step === -1 ? all.length : now) + step] ?? all[step === 1 ? 0 : all.length - 1]);
  });
  list.addEventListener("htmx:afterSwap", () => show(list.childElementCount > 0 && document.activeElement === input));
  input.addEventListener("focus", () => { if (list.childElementCount) show(true); });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
}
