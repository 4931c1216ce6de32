// Rows that apply only after certain answers: data-shown-when='{"prior_treatment": ["Y"]}', every name must
// hold one of its codes; "" among them stands for no answer. A hidden row's fields are disabled, so that they are not sent. A name that is no row of
// the form is looked up in the form's data-context; one found nowhere leaves the row as the server drew it.
(() => {
  "use strict";
  // A row of a table looks among its own items first.
  const itemOf = (form, name, place) => {
    const item = `[data-item="${CSS.escape(name)}"]`;
    return place.closest("[data-row]")?.querySelector(item) || [...form.querySelectorAll(item)].find((one) => !one.closest("[data-row]"));
  };
  const valuesOf = (form, name, context, place) => {
    const row = itemOf(form, name, place);
    if (!row) return name in context ? [String(context[name])] : null;
    if (row.hidden) return [];
    const entry = row.querySelector(".item-entry");
    const fields = [...entry.querySelectorAll("input, .form-select:not(.unit-select), textarea")].filter(
      (field) => !field.closest(".missing"),
    );
    return fields
      .filter((field) => !["radio", "checkbox"].includes(field.type) || field.checked)
      .map((field) => field.value);
  };

  // Only what was disabled here is enabled again: a field may be locked for another reason.
  const toggle = (row) =>
    row.querySelectorAll("input, select, textarea").forEach((field) => {
      if (row.hidden && !field.disabled) {
        field.disabled = true;
        field.dataset.unshown = "";
      } else if (!row.hidden && "unshown" in field.dataset) {
        field.disabled = false;
        delete field.dataset.unshown;
      }
    });

  const follow = (form) => {
    const context = JSON.parse(form.dataset.context || "{}");
    const update = () => {
      const rows = [...form.querySelectorAll("[data-shown-when]")];
      // A row may depend on one that depends on another: in the order of the page, until nothing moves.
      for (let round = 0, moved = true; moved && round < rows.length; round += 1) {
        moved = false;
        for (const row of rows) {
          let shown = true;
          for (const [name, codes] of Object.entries(JSON.parse(row.dataset.shownWhen))) {
            const values = valuesOf(form, name, context, row);
            // An item that is not on the page at all has no answer.
            if (values === null) shown = shown && (codes.includes("") || !row.hidden);
            else shown = shown && (values.length ? values : [""]).some((value) => codes.includes(value));
          }
          if (row.hidden !== shown) continue;
          row.hidden = !shown;
          moved = true;
          toggle(row);
        }
      }
    };
    form.querySelectorAll("[data-shown-when][hidden]").forEach(toggle);
    document.addEventListener("rowadded", ({ detail }) => detail.querySelectorAll("[data-shown-when][hidden]").forEach(toggle));
    form.addEventListener("change", update);
    update();
  };

  document.querySelectorAll("form").forEach((form) => {
    if (form.querySelector("[data-shown-when], [data-rows]")) follow(form);
  });
})();
