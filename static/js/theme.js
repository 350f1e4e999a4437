// Theme: "system", "light" or "dark"; the choice stays in this browser.

const root = document.documentElement;

function read() {
  return root.dataset.theme ?? "system";
}

function announce() {
  document.dispatchEvent(new CustomEvent("themechange"));
}

function choose(theme) {
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Storage is blocked: the choice lasts until the next page.
  }
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  show();
  announce();
}

function show() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === read()));
  }
}

export function startTheme() {
  show();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) choose(button.dataset.themeChoice);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}
