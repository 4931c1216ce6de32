// A summary of errors takes the focus; a link in it goes to the field, or to the checked choice of a group.
(() => {
  "use strict";
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    const place = document.getElementById(link.hash.slice(1));
    if (!place) return;
    event.preventDefault();
    const field = place.matches("input, select, textarea")
      ? place
      : place.querySelector("input:checked, input:not([type=hidden]), select, textarea") || place;
    field.focus();
    (field.closest(".item") || field).scrollIntoView({ block: "center" });
  });
})();
