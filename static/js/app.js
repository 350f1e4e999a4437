import { startCharts } from "./charts/index.js";
import { startForms } from "./forms.js";
import { startMessages } from "./messages.js";
import { startShortcuts } from "./shortcuts.js";
import { startTheme } from "./theme.js";
import { startTimes } from "./times.js";

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
