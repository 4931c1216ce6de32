// Laboratory results: whether an abnormal one is clinically significant is asked at once, in its own row, so that Tab
// finds the question next. The server judges again; this only decides what is in sight. Values may carry a sign ("<0.9").
(() => {
  "use strict";
  const rows = [...document.querySelectorAll(".result")];
  if (!rows.length) return;
  const number = (text) => (text.trim() === "" ? null : Number(text.normalize("NFKC")));

  const isAbnormal = (row) => {
    const [, sign, digits] = row.querySelector(".item-entry > input").value.normalize("NFKC").match(/^\s*([<>=]?)\s*(.*)$/s);
    const value = number(digits);
    const used = row.querySelector("[data-low]").dataset;
    const [typedLow, typedHigh] = row.querySelectorAll(".limits input");
    const low = number(typedLow.value) ?? number(used.low);
    const high = number(typedHigh.value) ?? number(used.high);
    if (value === null || Number.isNaN(value)) return false;
    if (sign === "<") return low !== null && low > 0 && value <= low;
    if (sign === ">") return high !== null && value >= high;
    return (low !== null && value < low) || (high !== null && value > high);
  };

  const follow = (row) => {
    const question = row.querySelector(".significance");
    const asked = isAbnormal(row);
    // A question that holds the focus, or an error, stays where it is.
    if (!asked && (question.contains(document.activeElement) || row.querySelector("[id$='_cs_error']"))) return;
    question.hidden = !asked;
  };

  document.addEventListener("input", (event) => {
    const row = event.target.closest(".result");
    if (row) follow(row);
  });
  document.addEventListener("change", (event) => {
    const row = event.target.closest(".result");
    if (row && !event.target.closest(".significance")) follow(row);
  });
  // Another laboratory, day or unit brings other limits: the server has swapped them in.
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    const row = event.target.closest(".result");
    if (row && event.target.id.endsWith("_l")) follow(row);
  });
  document.addEventListener("focusout", (event) => {
    const limits = event.target.closest("details.limits");
    if (limits && !limits.contains(event.relatedTarget)) limits.open = false;
  });
})();
