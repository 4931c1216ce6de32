// Light or dark as the machine prefers; set before the first paint, so that nothing flashes. Paper is light.
(() => {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    document.dispatchEvent(new Event("themechange"));
  };
  const follow = () => show(dark.matches ? "dark" : "light");
  follow();
  dark.addEventListener("change", follow);
  window.addEventListener("beforeprint", () => show("light"));
  window.addEventListener("afterprint", follow);
})();
