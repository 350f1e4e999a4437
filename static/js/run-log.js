// The log of a run: it follows what comes in until somebody scrolls up to read.

const NEAR = 40; // pixels from the end that still count as being at the end

const log = document.querySelector("[data-log]");
const follow = document.querySelector("[data-follow]");

function toEnd() {
  log.scrollTop = log.scrollHeight;
}

if (log && follow) {
  follow.closest("[data-follow-label]").hidden = !log.querySelector("[data-log-more]");
  // A line that an address names is to be read, not scrolled past.
  if (location.hash.startsWith("#l") && document.querySelector(location.hash)) follow.checked = false;
  if (follow.checked) toEnd();
  let last = log.scrollTop;
  log.addEventListener("scroll", () => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (log.scrollTop < last && !isAtEnd) follow.checked = false;
    else if (isAtEnd) follow.checked = true;
    last = log.scrollTop;
  });
  follow.addEventListener("change", () => {
    if (follow.checked) toEnd();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (follow.checked) toEnd();
  });
}
