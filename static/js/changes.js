// A form submitted before (data-submitted): a changed answer is marked, the old one stands struck through beside
// it, and the reason is asked once, at the end.
(() => {
  "use strict";
  const form = document.querySelector("form[data-submitted]");
  if (!form) return;
  const reason = form.querySelector("[data-change-reason]");

  const answer = (row) => {
    const words = [];
    row.querySelectorAll(".item-entry input, .item-entry select, .item-entry textarea").forEach((field) => {
      if (field.matches(".unit-select")) words.push(field.selectedOptions[0]?.textContent.trim());
      else if (field.tagName === "SELECT") { if (field.value) words.push(field.selectedOptions[0].textContent.trim()); }
      else if (field.type === "radio" || field.type === "checkbox") { if (field.checked) words.push(field.labels[0].textContent.trim()); }
      else if (field.value.trim()) words.push(field.value.trim());
    });
    return words.join(" ");
  };

  const before = new Map([...form.querySelectorAll(".item")].map((row) => [row, answer(row)]));

  const show = (row) => {
    if (row.querySelector("del.item-was:not([data-was])")) return; // the server knows the older value
    const changed = answer(row) !== before.get(row);
    row.classList.toggle("is-changed", changed);
    let was = row.querySelector("[data-was]");
    if (changed && !was && before.get(row)) {
      was = document.createElement("del");
      was.className = "item-was";
      was.dataset.was = "";
      was.textContent = before.get(row);
      row.querySelector(".item-entry").append(was);
    } else if (!changed && was) {
      was.remove();
    }
  };

  const update = () => {
    before.forEach((_, row) => show(row));
    if (reason && !reason.querySelector("input").value) reason.hidden = !form.querySelector(".item.is-changed, .rows.is-changed");
  };
  form.addEventListener("change", update);
  form.addEventListener("input", (event) => {
    const row = event.target.closest(".item");
    if (row) show(row);
  });
})();
