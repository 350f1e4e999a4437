// Keyboard: "/" search, "g" + letter to go somewhere, j and k through a table, "?" for help.

const CHORD_MS = 1200;
// The page's own clock starts at 0, so "never" is not 0.
const NEVER = -Infinity;
let chordStarted = NEVER;

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
}

function focusSearch() {
  const field =
    document.querySelector("main input[type=search]") ??
    document.querySelector("input[type=search]");
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

function go(letter) {
  const link = document.querySelector(`a[data-go="${CSS.escape(letter)}"]`);
  if (!link) return false;
  link.click();
  return true;
}

function rows() {
  return [...document.querySelectorAll("main table[data-rows] tbody tr")].filter(
    (row) => row.querySelector("a.row-link") && row.offsetParent,
  );
}

/** Moves the cursor by focusing the row's own link, so that Enter and screen readers just work. */
function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  const row = all[Math.min(Math.max(next, 0), all.length - 1)];
  row.querySelector("a.row-link").focus({ focusVisible: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function help() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

const ACTIONS = { "/": focusSearch, "?": help, j: () => step(1), k: () => step(-1) };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.matches("input[type=search]")) {
    event.target.blur();
    return;
  }
  if (isTyping(event.target)) return;
  const chord = event.timeStamp - chordStarted < CHORD_MS;
  chordStarted = NEVER;
  let handled = false;
  if (chord) handled = go(event.key);
  else if (event.key === "g") chordStarted = event.timeStamp;
  else handled = ACTIONS[event.key]?.() ?? false;
  if (handled) event.preventDefault();
}

export function startShortcuts() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-shortcuts]")) help();
    const dialog = event.target.closest("dialog");
    if (dialog && (event.target === dialog || event.target.closest("[data-close-dialog]"))) dialog.close();
  });
}
