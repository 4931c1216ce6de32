// Asks the server and sends what waits. An entry keeps its key until the server has said that it is stored.
(() => {
  "use strict";
  const body = document.body;
  const diary = window.diary;
  const SHORT = 15000;
  const LONG = 90000;
  let csrf = "";

  // Gives {status, answer}, or null where there was no answer: then nothing is known and it is asked again later.
  const ask = async (method, address, form) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), form && form.has("photo") ? LONG : SHORT);
    try {
      const response = await fetch(address, {
        method,
        body: form,
        signal: patience.signal,
        credentials: "same-origin",
        redirect: "error",
        headers: { "Accept-Language": document.documentElement.lang === "en" ? "en" : "zh-hans", "X-CSRFToken": csrf },
      });
      return { status: response.status, answer: await response.json() };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  };

  diary.state = async () => {
    const said = await ask("GET", body.dataset.state);
    if (!said || said.status !== 200) return null;
    csrf = said.answer.csrf;
    return said.answer;
  };

  diary.open = (token, year) => {
    const form = new FormData();
    form.set("token", token);
    form.set("year", year);
    return ask("POST", body.dataset.open, form);
  };

  const asForm = (entry) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(entry.answers)) form.set(name, value);
    for (const name of ["key", "stated", "typed"]) form.set(name, entry[name]);
    if (entry.replaces) form.set("replaces", entry.replaces);
    if (entry.photo) form.set("photo", new Blob([entry.photo.bytes], { type: entry.photo.type }), "photo");
    return form;
  };

  // Sends one entry. Gives "stored", "refused", "ended" (the link) or "later", and what the server said.
  diary.send = async (entry) => {
    const said = await ask("POST", body.dataset.entries, asForm(entry));
    if (!said) return { became: "later", offline: true };
    if (said.status === 200) return { became: "stored", ...said.answer };
    const sentence = said.answer.sentence || "";
    if (said.status === 401) return { became: "ended", sentence };
    if (said.status === 422) return { became: "refused", sentence };
    return { became: "later", sentence };
  };
})();
