// Messages: close buttons, and one plain sentence when a background request fails.

const FAILED = "The page could not be updated. Check the connection, then reload.";
const SIGNED_OUT = "You are signed out. Reload the page to sign in again.";

function say(text) {
  const region = document.getElementById("messages");
  const template = document.getElementById("message-template");
  if (!region || !template || region.querySelector("[data-failure]")) return;
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.dataset.failure = "";
  notice.querySelector("[data-text]").textContent = text;
  region.append(notice);
}

export function startMessages() {
  document.addEventListener("click", (event) => {
    event.target.closest("[data-close-notice]")?.closest(".notice")?.remove();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    say(status === 401 || status === 403 ? SIGNED_OUT : FAILED);
  });
  document.addEventListener("htmx:sendError", () => say(FAILED));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) document.querySelector("[data-failure]")?.remove();
  });
}
