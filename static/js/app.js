import { startForms } from "./forms.js";
import { startMessages } from "./messages.js";
import { startShortcuts } from "./shortcuts.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

/** The charts' code is fetched only by pages that have one. */
async function startCharts(root) {
  if (!root.querySelector("[data-chart]")) return;
  const charts = await import("./charts/index.js");
  charts.startCharts(root);
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
