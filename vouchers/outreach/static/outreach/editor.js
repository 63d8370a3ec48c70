// The editor of texts: a chip puts its placeholder where the cursor last was. Everything else is htmx.

let last = document.getElementById("id_body");

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-takes-fields]")) last = event.target;
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert]");
  if (!chip || !last) return;
  last.setRangeText(chip.dataset.insert, last.selectionStart, last.selectionEnd, "end");
  last.dispatchEvent(new Event("input", { bubbles: true }));
  last.focus();
});
