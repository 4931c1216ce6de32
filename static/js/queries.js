// What was asked or answered in the drawer changes the marks of queries at the fields of the page behind it:
// <template data-query-marks> in the drawer holds the new ones, each with the id of the one it replaces.
(() => {
  "use strict";
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "drawer-body") return;
    const given = event.detail.target.querySelector("template[data-query-marks]");
    if (!given) return;
    for (const mark of [...given.content.querySelectorAll(".query-mark")]) {
      const old = document.getElementById(mark.id);
      if (!old) continue;
      old.replaceWith(mark);
      window.htmx.process(mark);
    }
  });
})();
