// A reason for a missing value and a value exclude each other: choosing a reason empties and locks the
// field, taking it back gives the value back; leaving the choice empty folds it away.
(() => {
  "use strict";
  const fieldsOf = (row) =>
    [...row.querySelectorAll(".item-entry input, .item-entry select, .item-entry textarea")].filter(
      (field) => !field.closest(".missing"),
    );

  const kept = new WeakMap();

  const apply = (select) => {
    const row = select.closest(".item");
    const missing = select.value !== "";
    row.classList.toggle("is-missing", missing);
    fieldsOf(row).forEach((field) => {
      const choice = field.type === "radio" || field.type === "checkbox";
      if (missing && !kept.has(field)) {
        kept.set(field, choice ? field.checked : field.value);
        if (choice) field.checked = false;
        else if (!field.matches("select.unit-select")) field.value = "";
      } else if (!missing && kept.has(field)) {
        if (choice) field.checked = kept.get(field);
        else field.value = kept.get(field);
        kept.delete(field);
      }
      field.disabled = missing;
    });
    select.tabIndex = missing ? 0 : -1; // a locked field leaves this as the row's only stop
    if (!missing) select.closest("details").open = false;
  };

  document.querySelectorAll(".missing select").forEach((select) => {
    if (select.value) apply(select);
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".missing select")) return;
    apply(event.target);
    if (event.target.value === "") {
      const first = fieldsOf(event.target.closest(".item"))[0];
      if (first) first.focus();
    }
  });
  document.addEventListener("focusout", (event) => {
    const missing = event.target.closest("details.missing");
    if (missing && !missing.contains(event.relatedTarget) && !missing.querySelector("select").value) missing.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !event.target.matches(".missing select")) return;
    const first = fieldsOf(event.target.closest(".item")).find((field) => !field.disabled);
    if (first) first.focus();
  });
})();
