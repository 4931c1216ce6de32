// Says so when an htmx request got no answer; the words stand in the page's #connection element.
(() => {
  "use strict";
  const say = (words) => {
    const line = document.getElementById("connection");
    if (!line) return;
    line.textContent = words ? line.dataset[words] : "";
    line.hidden = !words;
  };
  document.addEventListener("htmx:sendError", () => say("lost"));
  document.addEventListener("htmx:timeout", () => say("lost"));
  document.addEventListener("htmx:responseError", (event) => {
    say([401, 403].includes(event.detail.xhr.status) ? "signedOut" : "refused");
  });
  document.addEventListener("htmx:afterOnLoad", () => say(null));
  // A sign-in page answered into a part of this page is not what was asked for.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.xhr.responseText.trimStart().toLowerCase().startsWith("<!doctype")) return;
    event.detail.shouldSwap = false;
    say("signedOut");
    document.dispatchEvent(new Event("signedout"));
  });
})();
