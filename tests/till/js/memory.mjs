// The browser's database as a few maps, for tests outside a browser: same promises as offline/database.js.

export class Memory {
  #stores = { keys: new Map(), kept: new Map(), outbox: new Map() };
  #position = 0;
  /** Called before each write with its changes; may throw, and then nothing is written. */
  beforeWrite = () => {};

  async get(store, name) {
    return structuredCloneOrKey(this.#stores[store].get(name));
  }

  async all(store) {
    return [...this.#stores[store].values()].map(structuredCloneOrKey);
  }

  async by(store, index, value) {
    return (await this.all(store)).find((record) => record[index] === value);
  }

  async write(changes) {
    this.beforeWrite(changes);
    const taken = ({ store, name, add }) => add && (name !== undefined
      ? this.#stores[store].has(name)
      : [...this.#stores[store].values()].some((record) => record.id === add.id));
    if (changes.some(taken)) throw new Error("ConstraintError");
    for (const { store, name, ...change } of changes) {
      const map = this.#stores[store];
      if ("drop" in change) map.delete(change.drop);
      else if (name !== undefined) map.set(name, change.put ?? change.add);
      else {
        const record = change.put ?? { ...change.add, position: ++this.#position };
        map.set(record.position, record);
      }
    }
  }
}

const structuredCloneOrKey = (value) => (value === undefined || value instanceof CryptoKey ? value : structuredClone(value));
