// In a worklist (data-worklist) the arrow keys, or j and k, go from row to row; Enter presses the row's button.
(() => {
  "use strict";
  document.querySelectorAll("[data-worklist]").forEach((list) => {
    const buttons = [...list.querySelectorAll(".worklist > li > .btn")];
    const steps = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
    list.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in steps)) return;
      const row = buttons.indexOf(event.target.closest("li")?.querySelector(":scope > .btn"));
      const next = buttons[row + steps[event.key]];
      if (row < 0) return;
      event.preventDefault();
      next?.focus();
    });
  });
})();
