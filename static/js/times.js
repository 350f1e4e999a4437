// <time data-relative>: the server writes words that are true when sent; this keeps them true.

const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function relative(then) {
  const seconds = (then - Date.now()) / 1000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

function update(root) {
  for (const element of root.querySelectorAll("time[data-relative]")) {
    element.textContent = relative(Date.parse(element.dateTime));
  }
}

export function startTimes(root) {
  update(root);
  if (root === document) setInterval(() => update(document), 60_000);
}
