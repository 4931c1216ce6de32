// Menus in the bar (<details class="menu">): one open at a time; Escape or a click elsewhere closes.
(() => {
  "use strict";
  const closeAllBut = (kept) =>
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (menu !== kept) menu.open = false;
    });
  document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
