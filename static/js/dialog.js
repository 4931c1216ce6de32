// Dialogs and the drawer.
// [data-dialog-open="id"] opens that dialog and keeps the page behind it still; [data-dialog-close] closes.
// [data-drawer="title"] is an htmx link into #drawer-body: the drawer opens when its answer is there, stays
// beside the page, and gives the focus back to where it was.
(() => {
  "use strict";
  let opener = null;

  const close = (dialog) => {
    dialog.close();
    if (opener && opener.isConnected) opener.focus();
    opener = null;
  };

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-dialog-open]");
    if (opens) {
      event.preventDefault();
      opener = opens;
      document.getElementById(opens.dataset.dialogOpen).showModal();
      return;
    }
    const closes = event.target.closest("[data-dialog-close]");
    if (closes) close(closes.closest("dialog"));
    if (event.target.matches("dialog:modal")) close(event.target); // the backdrop
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.target.closest("[data-drawer]");
    if (!link) return;
    opener = document.activeElement === document.body ? link : document.activeElement;
    const title = document.getElementById("drawer-title");
    title.textContent = link.dataset.drawer || title.dataset.default;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "drawer-body") return;
    const drawer = document.getElementById("drawer");
    if (!drawer.open) drawer.show();
    document.getElementById("drawer-title").focus();
  });

  document.addEventListener("keydown", (event) => {
    const drawer = document.getElementById("drawer");
    if (event.key === "Escape" && drawer && drawer.open && !document.querySelector("dialog:modal")) close(drawer);
  });
})();
