// How long somebody is signed in (templates/components/session.html).
// Typing and clicking renew the session, at most once a minute. Two minutes before its end the page warns; then it
// signs out and shows the door over itself. A form that is sent is held back until it is known that its person is
// still signed in; after signing in again it is sent as typed.
(() => {
  "use strict";
  const parts = document.getElementById("session-parts");
  if (!parts) return;
  document.body.append(parts.content.cloneNode(true));
  const door = document.getElementById("sign-in-again");
  const warning = document.getElementById("session-warning");
  const idle = Number(door.dataset.idle) * 1000;
  const warnBefore = Math.min(120000, idle / 2);
  const renewEvery = Math.min(60000, idle / 4);
  const form = door.querySelector("form");
  let active = Date.now();
  let renewed = active;
  let held = null; // the form, and its button, that waits

  // Tabs of one browser share the session: what is done in one counts in all.
  const KEY = "active-at";
  const share = () => { try { localStorage.setItem(KEY, String(active)); } catch { /* no storage: this tab alone */ } };
  const lastActive = () => { try { return Math.max(active, Number(localStorage.getItem(KEY)) || 0); } catch { return active; } };

  let token = (document.querySelector("[name=csrfmiddlewaretoken]") || {}).value || "";
  const useToken = (fresh) => {
    token = fresh;
    document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = fresh; });
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
  };
  const post = (address, body) => fetch(address, {
    method: "POST", body, redirect: "manual", credentials: "same-origin", headers: { "X-CSRFToken": token },
  });

  // "in", "out", or "lost" where the server cannot be reached or says neither.
  const ask = async () => {
    let said;
    try {
      const answer = await fetch(door.dataset.state, { credentials: "same-origin", cache: "no-store" });
      if (answer.status !== 200 && answer.status !== 401) return "lost";
      said = await answer.json();
    } catch { return "lost"; }
    useToken(said.token);
    return String(said.person) === door.dataset.person ? "in" : "out";
  };

  const show = (step) => {
    door.querySelectorAll("[data-step]").forEach((part) => { part.hidden = part.dataset.step !== step; });
    door.querySelector(`[data-step="${step}"] input`).focus();
  };
  const say = (sentence) => {
    const line = door.querySelector("[data-said]");
    line.textContent = sentence;
    line.hidden = !sentence;
  };

  const shut = () => {
    warning.hidden = true;
    if (door.open) return;
    say("");
    form.reset();
    door.showModal();
    show("password");
  };

  // Where somebody was typing, to go on there.
  let place = null;
  document.addEventListener("focusin", (event) => { if (event.target.closest("main")) place = event.target; });
  const goOn = () => { if (place && place.isConnected) place.focus({ preventScroll: true }); };
  // Pressing its button is activity like any other: it hides at once, and the focus stays where it was.
  warning.addEventListener("mousedown", (event) => event.preventDefault());

  const open = () => {
    active = renewed = Date.now();
    share();
    if (door.open) {
      door.close();
      goOn();
    }
    if (!held) return;
    const { target, button } = held;
    held = null;
    target.dataset.known = "1";
    target.requestSubmit(button);
  };

  const signOut = async () => {
    shut();
    try { await post(door.dataset.out); } catch { /* the server ends it by itself */ }
  };

  const renew = async () => {
    renewed = Date.now();
    let answer;
    try { answer = await post(door.dataset.renew); } catch { return; }
    if (answer.ok) useToken((await answer.json()).token);
    else if (answer.type === "opaqueredirect" && await ask() === "out") shut();
  };

  const onActivity = () => {
    if (door.open) return;
    active = Date.now();
    if (warning.contains(document.activeElement)) goOn();
    warning.hidden = true;
    share();
    if (active - renewed >= renewEvery) renew();
  };
  ["keydown", "pointerdown", "input"].forEach((kind) => document.addEventListener(kind, onActivity, { passive: true }));

  setInterval(() => {
    if (door.open) return;
    const left = lastActive() + idle - Date.now();
    warning.hidden = left > warnBefore;
    if (left <= 0) { signOut(); return; }
    const seconds = Math.ceil(left / 1000);
    warning.querySelector("[data-left]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }, 1000);

  // Somebody came back to this tab: perhaps they signed in, or out, in another.
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden) return;
    const state = await ask();
    if (state === "out") shut();
    else if (state === "in" && door.open) open();
  });
  // Part of the page was answered by the door (static/js/connection.js).
  document.addEventListener("signedout", shut);

  window.addEventListener("submit", async (event) => {
    const target = event.target;
    if (target === form || (target.method || "").toLowerCase() !== "post" || !target.closest("main")) return;
    if (target.dataset.known) { delete target.dataset.known; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held) return;
    held = { target, button: event.submitter };
    const state = await ask();
    if (state === "in") open();
    else if (state === "out") shut();
    else {
      held = null;
      const line = document.getElementById("connection");
      line.textContent = door.dataset.lost;
      line.hidden = false;
    }
  }, true);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = new FormData(form);
    if (door.querySelector('[data-step="second"]').hidden) given.delete("code");
    try {
      const state = await ask(); // a token that is right now
      if (state === "in") { open(); return; }
      const answer = await post(form.action, given);
      const said = await answer.json();
      if (said.person !== undefined) { useToken(said.token); open(); return; }
      if (said.step === "password") form.elements.password.value = "";
      form.elements.code.value = "";
      show(said.step);
      say(said.sentence);
    } catch { say(door.dataset.lost); }
  });
  // The door stays until somebody has come through it.
  door.addEventListener("cancel", (event) => event.preventDefault());
  door.addEventListener("click", (event) => event.stopPropagation());
  share();
})();
