// The debt form: more rows for the steps of a plan. Without this the form's own empty rows serve.

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
