// Choosing candidates: all on the page at once, or with x the row that j and k have reached.

const chosen = () => document.querySelectorAll("#dismiss input[name=candidate]:checked");

function count() {
  const place = document.querySelector("[data-chosen]");
  if (place) place.textContent = chosen().length || "";
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) {
    for (const box of document.querySelectorAll("#dismiss input[name=candidate]")) {
      box.checked = event.target.checked;
    }
  }
  count();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const box = document.activeElement.closest("tr")?.querySelector("input[name=candidate]");
  if (!box) return;
  box.checked = !box.checked;
  count();
});
