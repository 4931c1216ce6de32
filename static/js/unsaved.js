// Leaving a form (data-unsaved) with something typed and not saved is asked about by the browser itself.
(() => {
  "use strict";
  const form = document.querySelector("form[data-unsaved]");
  if (!form) return;
  // A file counts by its name; the token changes where somebody signs in again.
  const read = () => new URLSearchParams([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => [name, value.name ?? value])).toString();
  let saved = read();
  let leaving = false;
  form.addEventListener("submit", () => { leaving = true; });
  // The page kept a draft in the background: the server answers with this event.
  document.addEventListener("draftkept", () => { saved = read(); });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && read() !== saved) event.preventDefault();
  });
})();
