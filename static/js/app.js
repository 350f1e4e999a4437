import { startForms } from "./forms.js";
import { startMessages } from "./messages.js";
import { startShortcuts } from "./shortcuts.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

/** The charts' code is fetched only by pages that have one. */
async function startCharts(root) {
  const waiting = root.querySelectorAll("[data-chart] .chart-message");
  if (!waiting.length) return;
  try {
    const charts = await import("./charts/index.js");
    charts.startCharts(root);
  } catch {
    const text = "The chart could not be loaded. The table below has the same figures.";
    for (const message of waiting) message.textContent = text;
  }
}

startTheme();
startMessages();
startShortcuts();
startForms();
startTimes(document);
startCharts(document);

// Fragments swapped in by htmx bring their own charts and times.
document.addEventListener("htmx:load", (event) => {
  startTimes(event.target);
  startCharts(event.target);
});
