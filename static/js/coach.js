// Sentences of the coach go into the statement with their evidence. Without this they can be copied.

function insert(button) {
  const form = button.closest("form");
  const field = form.querySelector("[name=impact]");
  const before = field.value.trimEnd();
  field.value = before ? `${before} ${button.dataset.insert}` : button.dataset.insert;
  const evidence = document.createElement("input");
  evidence.type = "hidden";
  evidence.name = "binding";
  evidence.value = button.dataset.binding;
  form.querySelector("[data-bindings]").append(evidence);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (button) insert(button);
});
