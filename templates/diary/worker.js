// Keeps the shell of the participant's page, so that it opens without a connection. Made by diary/views/phone.py.
"use strict";
const KEPT = "diary-{{ version }}";
const PAGES = [{% for page in pages %}"{{ page|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  const fetched = (address) => new Request(address, { cache: "no-cache", credentials: "omit" });
  event.waitUntil(
    caches.open(KEPT).then((cache) => cache.addAll([...PAGES, ...FILES].map(fetched))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("diary-") && name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  })());
});

// Only the shell: what is asked about entries always goes to the server, or fails.
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== location.origin) return;
  if (![...PAGES, ...FILES].includes(address.pathname)) return;
  event.respondWith((async () => (await caches.match(address.pathname, { ignoreVary: true })) || fetch(event.request))());
});
