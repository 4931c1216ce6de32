// Keys of a form marked data-keys; records/keys.html lists them for people.
// Buttons: name="action" value="save" and value="submit". Letters are read by position on the keyboard,
// because Alt+M types µ on some.
(() => {
  "use strict";
  const form = document.querySelector("form[data-keys]");
  if (!form) return;
  const press = (action) => {
    const button = form.querySelector(`[name="action"][value="${action}"]:not(:disabled)`);
    if (button) form.requestSubmit(button);
  };
  const open = (row, selector) => {
    const place = row && row.querySelector(selector);
    if (!place) return false;
    place.click();
    return true;
  };

  const openMissing = (row) => {
    const missing = row && row.querySelector("details.missing");
    if (!missing) return false;
    missing.open = true;
    missing.querySelector("select").focus();
    return true;
  };

  const focusUnit = (row) => {
    const unit = row && row.querySelector(".unit-select");
    if (!unit) return false;
    unit.focus();
    return true;
  };

  const openLimits = (row) => {
    const limits = row && row.querySelector("details.limits");
    if (!limits) return false;
    limits.open = true;
    limits.querySelector("input").focus();
    return true;
  };

  const choose = (event) => {
    const group = event.target.closest(".choices");
    if (!group || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return false;
    const radios = [...group.querySelectorAll("input:not(:disabled)")];
    if (event.key === "Delete" || event.key === "Backspace") {
      const checked = radios.find((radio) => radio.checked);
      if (checked) {
        checked.checked = false;
        checked.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return true;
    }
    if (event.key.length !== 1 || event.key === " ") return false;
    const key = event.key.toLowerCase();
    // A code of one character answers first (0 … 4, Y, N), then the first letter of the words, then of the code
    // (Chinese words have no letters to press), then the position.
    const chosen =
      radios.find((radio) => radio.value.toLowerCase() === key) ||
      radios.find((radio) => radio.labels[0].textContent.trim().toLowerCase().startsWith(key)) ||
      radios.find((radio) => radio.value.toLowerCase().startsWith(key)) ||
      radios[Number(key) - 1];
    if (!chosen) return false;
    chosen.focus();
    if (!chosen.checked) chosen.click();
    return true;
  };

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest(".item");
    const control = event.ctrlKey || event.metaKey;
    let done = false;
    if (control && !event.altKey && event.key === "Enter") done = press("submit") ?? true;
    else if (event.altKey && !control && event.code === "KeyM") done = openMissing(row);
    else if (event.altKey && !control && event.code === "KeyU") done = focusUnit(row);
    else if (event.altKey && !control && event.code === "KeyL") done = openLimits(row);
    else if (event.altKey && !control && event.code === "KeyH") done = open(row, "[data-history]");
    else if (event.altKey && !control && event.code === "KeyQ") done = open(row, "[data-queries]");
    else if (event.altKey && !control && event.code === "KeyV") done = open(row, ".seen-tick");
    else if (event.altKey && !control && event.key === "ArrowDown") done = open(row, "[data-date-for]");
    else if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) done = true; // never by accident
    else done = choose(event);
    if (done) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.code !== "KeyS") return;
    event.preventDefault();
    press("save");
  });
})();
