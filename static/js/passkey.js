// A form with data-passkey (options of WebAuthn as JSON) and data-passkey-use ("get" or "create"): its button
// data-passkey-start asks the browser for the passkey, and the form carries the answer in its field "passkey".
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  const start = form && form.querySelector("[data-passkey-start]");
  if (!start || !form.dataset.passkey) return;
  if (!window.PublicKeyCredential) { start.disabled = true; return; }

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = async (options) => {
    options.challenge = bytes(options.challenge);
    if (form.dataset.passkeyUse === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = known(options.excludeCredentials);
      return navigator.credentials.create({ publicKey: options });
    }
    options.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  };

  const written = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
  };

  start.addEventListener("click", async () => {
    if (form.dataset.passkeyUse === "create" && !form.reportValidity()) return;
    const said = form.querySelector("[data-passkey-said]");
    said.hidden = true;
    start.disabled = true;
    try {
      form.elements.passkey.value = written(await ask(JSON.parse(form.dataset.passkey)));
      form.submit();
    } catch {
      said.textContent = form.dataset.failed;
      said.hidden = false;
      start.disabled = false;
    }
  });
})();
