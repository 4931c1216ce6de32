// A term chosen from a long list by typing (data-terms: where the list is searched), and the grades of what was
// chosen with their wording (data-grade-of: the name of the term's field). The field of the term is a combobox:
// arrows move, Enter or Tab chooses, Escape closes. What is typed is sent in the body of a request, never in an
// address.
(() => {
  "use strict";
  const WAIT = 150; // ms after the last key
  const found = new WeakMap(); // per field: the terms shown
  const waiting = new WeakMap();
  const asked = new WeakMap();

  const parts = (field) => {
    const place = field.closest("[data-terms]");
    return { place, list: place.querySelector("[role=listbox]"), status: place.querySelector("[role=status]") };
  };
  const active = (list) => list.querySelector("[aria-selected=true]");

  const close = (field) => {
    const { list } = parts(field);
    clearTimeout(waiting.get(field));
    asked.set(field, (asked.get(field) || 0) + 1);
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const mark = (field, option) => {
    const { list } = parts(field);
    const before = active(list);
    if (before) before.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };

  const line = (className, text, lang) => {
    const made = document.createElement("span");
    made.className = className;
    if (lang) made.lang = lang;
    made.textContent = text;
    return made;
  };

  const show = (field, terms) => {
    const { place, list, status } = parts(field);
    found.set(field, terms);
    list.replaceChildren(
      ...terms.map((term, index) => {
        const option = document.createElement("li");
        option.id = `${field.id}_option${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.index = index;
        option.append(line("term-name", term.label), line("term-group", [term.other, term.group].filter(Boolean).join(" · ")));
        return option;
      }),
    );
    list.hidden = !terms.length;
    field.setAttribute("aria-expanded", String(Boolean(terms.length)));
    mark(field, list.firstElementChild);
    // Room for the list above the bar of buttons.
    if (terms.length && list.getBoundingClientRect().bottom > window.innerHeight - 96) {
      field.closest(".item").scrollIntoView({ block: "start" });
    }
    status.textContent = terms.length ? place.dataset.found.replace("%s", terms.length) : place.dataset.none;
    status.classList.toggle("visually-hidden", Boolean(terms.length));
  };

  const search = async (field) => {
    const { place, status } = parts(field);
    const number = (asked.get(field) || 0) + 1;
    asked.set(field, number);
    if (!field.value.trim()) {
      close(field);
      status.textContent = "";
      return;
    }
    const body = new FormData();
    body.append("typed", field.value);
    let answer;
    try {
      answer = await fetch(place.dataset.terms, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": field.form.elements.csrfmiddlewaretoken.value },
      });
    } catch {
      return; // the page says by itself that the connection is gone; what is typed stays
    }
    if (!answer.ok || asked.get(field) !== number || document.activeElement !== field) return;
    const { terms } = await answer.json();
    if (asked.get(field) === number) show(field, terms);
  };

  // The grades a term has, with its own wording; the general wording where no term is chosen.
  const regrade = (field, term) => {
    for (const group of document.querySelectorAll(`[data-grade-of="${CSS.escape(field.name)}"]`)) {
      for (const choice of group.querySelectorAll(".choice")) {
        const radio = choice.querySelector("input");
        const wording = choice.querySelector(".wording");
        wording.textContent = term ? term.grades[radio.value] || "" : wording.dataset.general;
        choice.hidden = !wording.textContent && !radio.checked;
      }
    }
  };

  const choose = (field, option) => {
    const term = found.get(field)[Number(option.dataset.index)];
    field.value = term.label;
    regrade(field, term);
    close(field);
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const isField = (target) => target instanceof HTMLInputElement && target.matches("[data-terms] [role=combobox]");

  document.addEventListener("input", ({ target }) => {
    if (!isField(target)) return;
    clearTimeout(waiting.get(target));
    // The list is of what was typed before: nothing of it can be chosen, and an answer under way is too late.
    asked.set(target, (asked.get(target) || 0) + 1);
    mark(target, null);
    if (!target.value.trim()) regrade(target, null);
    waiting.set(target, setTimeout(() => search(target), WAIT));
  });

  document.addEventListener(
    "keydown",
    (event) => {
      const field = event.target;
      if (!isField(field) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const { list } = parts(field);
      const option = active(list);
      const open = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!open) search(field);
        else {
          const next = event.key === "ArrowDown" ? option?.nextElementSibling || list.firstElementChild : option?.previousElementSibling || list.lastElementChild;
          mark(field, next);
        }
      } else if (event.key === "Enter" && open && option) choose(field, option);
      else if (event.key === "Escape" && open) close(field);
      else {
        if (event.key === "Tab" && !event.shiftKey && open && option) choose(field, option);
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );

  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-terms] [role=option]");
    if (!option) return;
    event.preventDefault(); // the field keeps the focus
    choose(option.closest("[data-terms]").querySelector("[role=combobox]"), option);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (isField(target)) close(target);
  });
})();
