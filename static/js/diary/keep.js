// What the phone keeps: entries that wait to be sent, what is being typed, and what the server said last. IndexedDB.
(() => {
  "use strict";
  const opened = () => new Promise((done, failed) => {
    const asked = indexedDB.open("diary", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("entries", { keyPath: "key" });
      asked.result.createObjectStore("notes");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
    asked.onblocked = () => failed(new Error("blocked"));
  });
  let database = null;

  const within = async (store, mode, work) => {
    database ??= await opened();
    return new Promise((done, failed) => {
      const block = database.transaction(store, mode);
      const asked = work(block.objectStore(store));
      block.oncomplete = () => done(asked.result);
      block.onerror = () => failed(block.error);
      block.onabort = () => failed(block.error);
    });
  };

  window.diary = {
    keep: {
      entry: (entry) => within("entries", "readwrite", (store) => store.put(entry)),
      remove: (key) => within("entries", "readwrite", (store) => store.delete(key)),
      // Entries of one diary in the order they were written: two people may share a phone.
      waiting: async (name) => {
        const all = await within("entries", "readonly", (store) => store.getAll());
        return all.filter((one) => one.diary === name).sort((a, b) => a.order - b.order);
      },
      note: (name, value) => within("notes", "readwrite", (store) => store.put(value, name)),
      noted: (name) => within("notes", "readonly", (store) => store.get(name)),
      forget: (name) => within("notes", "readwrite", (store) => store.delete(name)),
    },
  };
})();
