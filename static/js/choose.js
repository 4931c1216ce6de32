// A form somebody else saved meanwhile: beside each answer that differs (del.item-was) a button takes theirs, or mine
// back. What is stored stands in #stored, by the names of the fields; the words on [data-choose].
(() => {
  "use strict";
  const stored = document.getElementById("stored");
  const words = document.querySelector("[data-choose]");
  if (!stored || !words) return;
  const theirs = JSON.parse(stored.textContent);

  const fields = (row) => [...row.querySelectorAll("input[name], select[name], textarea[name]")];
  const read = (row) => {
    const values = {};
    fields(row).forEach((field) => {
      values[field.name] ??= [];
      if (!/^(radio|checkbox)$/.test(field.type) || field.checked) values[field.name].push(field.value);
    });
    return values;
  };
  const put = (row, values) => {
    fields(row).forEach((field) => {
      const given = values[field.name];
      if (!given) return;
      if (/^(radio|checkbox)$/.test(field.type)) field.checked = given.includes(field.value);
      else field.value = given[0] ?? "";
    });
    row.querySelectorAll("details.missing").forEach((missing) => { missing.open = Boolean(missing.querySelector("select").value); });
    const first = fields(row)[0];
    if (first) first.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.querySelectorAll(".item del.item-was").forEach((was) => {
    const row = was.closest(".item");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary btn-sm";
    button.textContent = words.dataset.choose;
    button.setAttribute("aria-describedby", row.querySelector("label, [id$='_label']")?.id || row.id);
    let mine = null;
    button.addEventListener("click", () => {
      if (mine) {
        put(row, mine);
        mine = null;
      } else {
        mine = read(row);
        put(row, theirs);
      }
      button.textContent = mine ? words.dataset.chosen : words.dataset.choose;
      row.classList.toggle("is-changed", !mine);
    });
    was.after(button);
  });
})();
