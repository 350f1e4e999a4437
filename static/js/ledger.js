// The debt form's rows and the register's address. Without this, forms and links do the same.

// An address to keep as a link says only what was chosen.
const USUAL = { state: "open", sort: "due" };

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "filters") return;
  const chosen = event.detail.parameters;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "" || value === USUAL[name]) delete chosen[name];
  }
});

function addRow(button) {
  const prefix = button.dataset.addRow;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const most = document.getElementById(`id_${prefix}-MAX_NUM_FORMS`);
  const index = Number(total.value);
  if (index >= Number(most.value)) return;
  const row = document.getElementById(`${prefix}-row`).content.cloneNode(true);
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replaceAll("__prefix__", index);
    }
  }
  const rows = document.querySelector(`[data-rows-of="${prefix}"]`);
  rows.append(row);
  total.value = index + 1;
  rows.lastElementChild.querySelector("input").focus();
}

for (const button of document.querySelectorAll("[data-add-row]")) {
  button.hidden = false;
  button.addEventListener("click", () => addRow(button));
}
