// Rows of a table inside a form (data-rows): a new one is cloned from the table's template and named n1, n2 …;
// a removed one leaves the page, and the server removes what is no longer sent. Alt+N adds below the row in focus.
(() => {
  "use strict";
  const tables = [...document.querySelectorAll("[data-rows]")];
  if (!tables.length) return;
  const tell = (table) => {
    table.classList.add("is-changed");
    table.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const firstField = (place) => place.querySelector("input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)");

  // New rows the server drew, offered or typed before, keep their numbers.
  const numbers = [...document.querySelectorAll("[data-row^=n]")].map((row) => Number(row.dataset.row.slice(1)));
  let made = Math.max(0, ...numbers);
  const add = (table) => {
    const template = table.querySelector("template");
    if (!template || table.querySelectorAll("[data-row]").length >= Number(table.dataset.most)) return;
    made += 1;
    const row = template.content.firstElementChild.cloneNode(true);
    row.querySelectorAll("*").forEach((element) => {
      for (const attribute of [...element.attributes]) {
        if (attribute.value.includes("__key__")) element.setAttribute(attribute.name, attribute.value.replaceAll("__key__", `n${made}`));
      }
    });
    row.dataset.row = `n${made}`;
    template.before(row);
    if (window.htmx) window.htmx.process(row);
    document.dispatchEvent(new CustomEvent("rowadded", { detail: row }));
    tell(table);
    const field = firstField(row);
    if (field) field.focus();
  };

  const remove = (row) => {
    const table = row.closest("[data-rows]");
    const next = row.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row.previousElementSibling;
    row.remove();
    tell(table);
    const place = next?.matches("[data-row]") ? firstField(next) : null;
    (place || table.querySelector("[data-add-row]")).focus();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row], [data-remove-row]");
    if (!button) return;
    if (button.matches("[data-add-row]")) add(button.closest("[data-rows]"));
    else remove(button.closest("[data-row]"));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== "KeyN") return;
    const table = event.target.closest?.("[data-rows]") || tables.find((one) => !one.hidden);
    if (!table) return;
    event.preventDefault();
    add(table);
  });
})();
