// IndexedDB as a few promises. Knows the names of the stores and nothing of what is in them.
// `keys`: name -> CryptoKey. `kept`: name -> what is kept once. `outbox`: scans in order, by position.

const NAME = "till";
const VERSION = 1;

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Open the database; rejects where there is none (old browsers, some private windows). */
export async function openDatabase() {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("keys");
    opening.result.createObjectStore("kept");
    opening.result.createObjectStore("outbox", { keyPath: "position", autoIncrement: true }).createIndex("id", "id", { unique: true });
  };
  return new Database(await answer(opening));
}

class Database {
  #base;

  constructor(base) {
    this.#base = base;
    // A newer version of the page wants to change the stores.
    base.onversionchange = () => base.close();
  }

  get(store, name) {
    return answer(this.#store(store).get(name));
  }

  /** Everything of a store, in the order of its keys. */
  all(store) {
    return answer(this.#store(store).getAll());
  }

  /** One record by another index than its key. */
  by(store, index, value) {
    return answer(this.#store(store).index(index).get(value));
  }

  /** Write at once or not at all, and to the disk: [{store, put, name}, {store, drop}, {store, add}, {store, clear}]. */
  write(changes) {
    const names = [...new Set(changes.map((change) => change.store))];
    const transaction = this.#base.transaction(names, "readwrite", { durability: "strict" });
    for (const { store, name, ...change } of changes) {
      const target = transaction.objectStore(store);
      if ("put" in change) name === undefined ? target.put(change.put) : target.put(change.put, name);
      else if ("add" in change) name === undefined ? target.add(change.add) : target.add(change.add, name);
      else if ("drop" in change) target.delete(change.drop);
      else target.clear();
    }
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #store(name) {
    return this.#base.transaction(name).objectStore(name);
  }
}
