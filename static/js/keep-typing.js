// What is typed into a form (data-keep: where to) is kept on the server, a moment after each pause and when the page
// goes out of sight; the page offers it again until it is saved. static/js/unsaved.js hears of it ("draftkept").
(() => {
  "use strict";
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const PAUSE = 1500;
  const line = form.querySelector("[data-kept]");
  // Says with the form that something of it is kept, so that it goes when the form is saved.
  const mark = form.querySelector("[name=kept]");

  // Files cannot be kept.
  const read = () => new URLSearchParams(
    [...new FormData(form)].filter(([name, value]) => name !== "kept" && typeof value === "string"));
  let kept = read().toString();
  let timer = null;
  let leaving = false;

  const clock = () => {
    const now = new Date();
    return [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  };

  const keep = async () => {
    const typed = read();
    if (leaving || typed.toString() === kept) return;
    mark.disabled = false;
    try {
      const answer = await fetch(form.dataset.keep, { method: "POST", body: typed, redirect: "manual" });
      if (!answer.ok) throw new Error(answer.status);
      kept = typed.toString();
      line.textContent = `${line.dataset.words} ${clock()}`;
      line.classList.remove("when-late");
      if (read().toString() === kept) document.dispatchEvent(new Event("draftkept"));
    } catch {
      if (leaving) return;
      line.textContent = line.dataset.notKept;
      line.classList.add("when-late");
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  // A closed laptop, another tab, a closed window.
  document.addEventListener("visibilitychange", () => {
    const typed = read();
    if (document.visibilityState !== "hidden" || leaving || typed.toString() === kept) return;
    mark.disabled = false;
    if (navigator.sendBeacon(form.dataset.keep, typed)) kept = typed.toString();
  });
})();
