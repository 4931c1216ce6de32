// The participant's page: opens the link, takes an entry, and says of each whether it waits or was sent.
(() => {
  "use strict";
  const diary = window.diary;
  const words = document.body.dataset;
  const at = (id) => document.getElementById(id);
  const form = at("entry");
  const EVERY = 30000;
  const ZONE = { timeZone: "Asia/Shanghai", hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  let token = "";
  // What the server said last: diary, call, severe, and how far its clock is ahead of the phone's.
  let about = null;
  let replaces = "";
  let key = "";
  let photo = null;
  // Entries this page has sent, by key: {stated, answers}; the answers go when the page is put away.
  const sent = new Map();

  const show = (id, shown) => { at(id).hidden = !shown; };
  const notice = (text) => { at("notice").textContent = text; show("notice", Boolean(text)); };
  const status = (text) => { at("status").textContent = text; };
  const beijing = (moment) => {
    const part = Object.fromEntries(new Intl.DateTimeFormat("en-CA", ZONE).formatToParts(moment).map((one) => [one.type, one.value]));
    return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}`;
  };
  const now = () => new Date(Date.now() + (about ? about.ahead : 0));

  // ---- the entry being typed ---------------------------------------------------------------------

  const answers = () => {
    const given = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && value.trim() && name !== "stated") given[name] = value.trim();
    }
    if (given.temperature) given.temperature = given.temperature.replace(/[，,。]/, ".");
    return given;
  };

  const fill = (given, stated) => {
    form.reset();
    for (const [name, value] of Object.entries(given)) {
      const field = form.elements[name];
      if (field) field.value = value;
    }
    at("stated").value = stated || beijing(now());
    at("stated").max = beijing(new Date(now().getTime() + 900000));
    form.querySelector("details").open = Boolean(given.test || photo);
    show("own-test", at("test").value === "OTHER");
    show("replacing", Boolean(replaces));
    show("photo-kept", Boolean(photo));
  };

  const begin = () => {
    key = crypto.randomUUID();
    replaces = "";
    photo = null;
    fill({}, "");
  };

  const take = (entry) => {
    ({ key } = entry);
    replaces = entry.replaces || "";
    photo = entry.photo || null;
    fill(entry.answers, entry.stated);
    at("stated").focus();
  };

  const typing = () => ({ diary: about.diary, key, replaces, photo, answers: answers(), stated: at("stated").value });
  let keeping = null;
  const keepNow = () => {
    if (keeping === null) return;
    clearTimeout(keeping);
    keeping = null;
    diary.keep.note("typing", typing());
  };
  const keepTyping = () => {
    clearTimeout(keeping);
    keeping = setTimeout(keepNow, 400);
  };

  // ---- what was written --------------------------------------------------------------------------

  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };

  const line = (stated, state, sentence, buttons) => {
    const item = document.createElement("li");
    item.dataset.state = state;
    const said = document.createElement("span");
    const time = document.createElement("time");
    time.textContent = stated.replace("T", " ");
    said.append(time, ` · ${words[`word${state[0].toUpperCase()}${state.slice(1)}`]}`);
    item.append(said);
    if (sentence) {
      const why = document.createElement("p");
      why.textContent = sentence;
      item.append(why);
    }
    item.append(...buttons);
    return item;
  };

  const list = async () => {
    const rows = [];
    for (const entry of (await diary.keep.waiting(about.diary)).reverse()) {
      const refused = Boolean(entry.refused);
      rows.push(line(entry.stated, refused ? "refused" : "waiting", entry.refused, refused ? [
        button(words.wordChange, () => { take(entry); }),
        button(words.wordDiscard, async () => { await diary.keep.remove(entry.key); await list(); }),
      ] : []));
    }
    for (const [one, entry] of [...sent].reverse()) {
      rows.push(line(entry.stated, "sent", "", [
        button(words.wordCorrect, () => {
          begin();
          replaces = one;
          fill(entry.answers, entry.stated);
          at("stated").focus();
        }),
      ]));
    }
    at("list").querySelector("ul").replaceChildren(...rows);
    show("list", rows.length > 0);
  };

  const isSevere = (given) => {
    const limits = about.severe;
    return Number(given.temperature) >= limits.temperature
      || Object.entries(given).some(([name, value]) => name.startsWith("sym_") && Number(value) >= limits.symptom);
  };

  const warn = () => {
    const call = at("severe").querySelector("[data-call]");
    const number = document.createElement("a");
    number.href = `tel:${about.call.replace(/[^0-9+]/g, "")}`;
    number.textContent = about.call;
    call.replaceChildren(`${words.wordCall} `, number);
    show("severe", true);
    at("severe").scrollIntoView();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = answers();
    if (!Object.keys(given).length && !photo) {
      notice(words.wordEmpty);
      return;
    }
    notice("");
    show("severe", false);
    clearTimeout(keeping);
    keeping = null;
    await diary.keep.entry({ ...typing(), typed: now().toISOString(), order: Date.now(), refused: "" });
    await diary.keep.forget("typing");
    if (isSevere(given)) warn();
    begin();
    status(words.wordSaved);
    await sendAll();
  });

  // ---- sending -----------------------------------------------------------------------------------

  let sending = null;
  const sendAll = () => {
    sending ??= sendWaiting().finally(() => { sending = null; });
    return sending;
  };

  const sendWaiting = async () => {
    await list();
    const due = (await diary.keep.waiting(about.diary)).filter((one) => !one.refused);
    if (!due.length || !(await greet())) return;
    for (;;) {
      const [entry] = (await diary.keep.waiting(about.diary)).filter((one) => !one.refused);
      if (!entry) break;
      status(words.wordSending);
      const said = await diary.send(entry);
      if (said.became === "stored") {
        if (entry.replaces) sent.delete(entry.replaces);
        sent.set(entry.key, { stated: entry.stated, answers: entry.answers });
        await diary.keep.remove(entry.key);
      } else if (said.became === "refused") {
        await diary.keep.entry({ ...entry, refused: said.sentence });
        notice(said.sentence);
      } else {
        status(said.offline ? words.wordOffline : "");
        if (said.sentence) notice(said.sentence);
        await list();
        return;
      }
      await list();
    }
    status(words.wordAllSent);
  };

  // Asks the server how things stand; false where it does not answer or the link is in force no longer.
  const greet = async () => {
    const said = await diary.state();
    if (!said) {
      status(words.wordOffline);
      return false;
    }
    if (said.open) await learn(said, said.now);
    else notice(said.sentence || words.wordNoLink);
    return said.open;
  };

  const learn = async (said, moment) => {
    about = {
      diary: said.diary,
      call: said.call,
      severe: said.severe,
      ahead: moment ? new Date(moment) - Date.now() : (about ? about.ahead : 0),
    };
    for (const one of [...said.sent].reverse()) {
      if (!sent.has(one.key)) sent.set(one.key, { stated: beijing(new Date(one.stated)), answers: {} });
    }
    await diary.keep.note("about", about);
  };

  // ---- coming in ---------------------------------------------------------------------------------

  const enter = async () => {
    notice("");
    show("opening", false);
    show("no-link", false);
    const call = at("call");
    call.textContent = about.call;
    call.href = `tel:${about.call.replace(/[^0-9+]/g, "")}`;
    call.hidden = false;
    const kept = await diary.keep.noted("typing");
    begin();
    if (kept && kept.diary === about.diary) {
      ({ key, replaces, photo } = kept);
      fill(kept.answers, kept.stated);
    }
    form.hidden = false;
    await list();
    await sendAll();
  };

  const opened = async (said) => {
    token = "";
    at("language").href = at("language").href.split("#")[0];
    await learn(said.answer, null);
    const state = await diary.state();
    if (state && state.open) await learn(state, state.now);
    await enter();
  };

  at("opening").addEventListener("submit", async (event) => {
    event.preventDefault();
    notice("");
    if (!(await diary.state())) {
      notice(words.wordOffline);
      return;
    }
    const said = await diary.open(token, at("year").value.trim());
    if (!said) notice(words.wordOffline);
    else if (said.status === 200) await opened(said);
    else notice(said.answer.sentence);
  });

  const start = async () => {
    token = location.hash.slice(1);
    if (token) history.replaceState(null, "", location.pathname);
    try {
      about = (await diary.keep.noted("about")) || null;
    } catch {
      notice(words.wordCannotKeep);
      return;
    }
    if (navigator.serviceWorker) navigator.serviceWorker.register(words.worker).catch(() => {});
    const said = await diary.state();
    if (token) {
      at("language").href = `${at("language").href.split("#")[0]}#${token}`;
      form.hidden = true;
      show("no-link", false);
      // Opened here before: the code was scanned again.
      const known = said && said.open ? await diary.open(token, "") : null;
      if (known && known.status === 200) await opened(known);
      else show("opening", true);
    } else if (said && said.open) {
      await learn(said, said.now);
      await enter();
    } else if (about) {
      // Offline, or the link has ended: what waits stays here, and more can be written.
      await enter();
      if (said) notice(said.sentence || words.wordNoLink);
      else status(words.wordOffline);
    } else {
      show("no-link", true);
    }
  };

  at("none-of-these").addEventListener("click", () => {
    for (const field of form.querySelectorAll(".degrees [value='0']")) field.checked = true;
    keepTyping();
  });
  at("not-replacing").addEventListener("click", begin);
  at("no-photo").addEventListener("click", () => {
    photo = null;
    at("photo").value = "";
    show("photo-kept", false);
    keepTyping();
  });
  at("test").addEventListener("change", () => show("own-test", at("test").value === "OTHER"));
  at("photo").addEventListener("change", async () => {
    const [file] = at("photo").files;
    if (!file) return;
    try {
      photo = await diary.photo(file);
    } catch {
      notice(words.wordPhoto);
      return;
    }
    show("photo-kept", true);
    keepTyping();
  });
  form.addEventListener("input", keepTyping);
  // Another code scanned into the page that is open.
  window.addEventListener("hashchange", () => { if (location.hash.length > 1) start(); });
  window.addEventListener("online", () => { if (about) sendAll(); });
  document.addEventListener("visibilitychange", () => {
    if (!about) return;
    if (document.visibilityState === "visible") {
      sendAll();
      return;
    }
    keepNow();
    // Whoever takes up the phone later finds when something was sent, and not what.
    for (const entry of sent.values()) entry.answers = {};
    list();
  });
  setInterval(() => { if (about && !document.hidden) sendAll(); }, EVERY);
  start();
})();
