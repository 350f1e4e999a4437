// Forms: filters submit themselves where htmx does not, a form is sent once, secrets can be copied.

function onChange(event) {
  const form = event.target.closest("form[data-auto-submit]");
  if (form) form.requestSubmit();
}

function onSubmit(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  event.submitter?.setAttribute("aria-disabled", "true");
}

async function onClick(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]") ?? button;
  label.textContent = (await copied(source)) ? "Copied" : "Selected: press Ctrl+C";
}

// Browsers have no clipboard for pages that come over plain HTTP from another host.
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    return true;
  } catch {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

export function startForms() {
  document.addEventListener("change", onChange);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onClick);
  // Back from the browser's cache: the form may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
    }
  });
}
