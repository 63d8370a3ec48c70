// A file may be dropped anywhere on the form; the file field alone does the same without scripts.
for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("[data-drop-input]");
  const over = (on) => form.classList.toggle("drop-over", on);
  form.addEventListener("dragover", (event) => { event.preventDefault(); over(true); });
  form.addEventListener("dragleave", (event) => { if (!form.contains(event.relatedTarget)) over(false); });
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
