// Clocks of serious adverse events go on counting while a page stays open (data-due, data-now: the server's times).
// The light turns at data-amber seconds before it is due, and once it is over. Words: data-left, data-over.
(() => {
  "use strict";
  const clocks = [...document.querySelectorAll("[data-due]")];
  if (!clocks.length) return;
  const started = performance.now();
  const words = (template, minutes) => template.replace("%h", Math.floor(minutes / 60)).replace("%m", minutes % 60);

  const show = (clock) => {
    const now = Date.parse(clock.dataset.now) + performance.now() - started;
    // Times count to the minute: exactly at its due time a report is in time.
    const left = Math.floor(Date.parse(clock.dataset.due) / 60000) - Math.floor(now / 60000);
    const light = left < 0 ? "red" : left * 60 <= Number(clock.dataset.amber) ? "amber" : "green";
    for (const one of ["green", "amber", "red"]) clock.classList.toggle(`clock-${one}`, one === light);
    clock.querySelector(".clock-left").textContent = words(left < 0 ? clock.dataset.over : clock.dataset.left, Math.abs(left));
  };

  const tick = () => clocks.forEach(show);
  tick();
  setInterval(tick, 15000);
})();
