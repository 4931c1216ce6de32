// Dates are typed (2026-8-3, 2026/8/3, 2026.8.3, 20260803) or picked. On leaving the field a date that can be
// read in one way only is written as 2026-08-03; anything else stays as typed, and the server says what is wrong.
(() => {
  "use strict";
  const two = (number) => number.padStart(2, "0");

  const tidy = (text, kind) => {
    const typed = text.trim().replace(/[年月/.．。]/g, "-").replace(/日/g, " ").replace(/：/g, ":").replace(/-+(?=\s|$)/, "").trim();
    const time = /^(\d{1,2}):(\d{2})$/.exec(typed);
    if (kind === "time") return time ? `${two(time[1])}:${time[2]}` : text;
    const parts = /^(\d{4})-?(\d{2})-?(\d{2})(?:[ T]+(\d{1,2}):?(\d{2}))?$/.exec(typed) ||
      /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2}))?$/.exec(typed);
    if (parts) {
      const day = `${parts[1]}-${two(parts[2])}-${two(parts[3])}`;
      if (kind === "datetime") return parts[4] ? `${day} ${two(parts[4])}:${parts[5]}` : day;
      return parts[4] ? text : day;
    }
    if (kind === "partialdate" && /^\d{4}$/.test(typed)) return typed;
    const month = /^(\d{4})-(\d{1,2})$/.exec(typed);
    return kind === "partialdate" && month ? `${month[1]}-${two(month[2])}` : text;
  };

  // In the capture phase, so that whoever listens to the same event reads the tidy date.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("[data-date]")) return;
    const tidied = tidy(field.value, field.dataset.date);
    if (tidied !== field.value) field.value = tidied;
  }, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-date-for]");
    if (!button) return;
    const field = document.getElementById(button.dataset.dateFor);
    if (field.disabled || field.readOnly) return;
    const withTime = field.dataset.date === "datetime";
    const picker = document.createElement("input");
    picker.type = withTime ? "datetime-local" : "date";
    picker.className = "date-picker";
    picker.tabIndex = -1;
    picker.setAttribute("aria-hidden", "true");
    picker.value = tidy(field.value, field.dataset.date).replace(" ", "T");
    button.append(picker);
    picker.addEventListener("change", () => {
      field.value = picker.value.replace("T", " ");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    picker.addEventListener("click", (inner) => inner.stopPropagation());
    picker.addEventListener("blur", () => picker.remove());
    field.focus();
    try {
      picker.showPicker();
    } catch {
      picker.remove();
    }
  });
})();
