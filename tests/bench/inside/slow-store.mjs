// In the service worker, before the polyfill: a disk that writes 20 MiB a second.

/** Holds back the completion of transactions for as long as such a disk would take. */
export function slowStore() {
  const rate = (20 << 20) / 1000;
  let free = 0;
  /** @type {WeakMap<IDBTransaction, number>} */
  const bytes = new WeakMap();
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, key) {
    const length = value?.size ?? value?.byteLength ?? 0;
    bytes.set(this.transaction, (bytes.get(this.transaction) ?? 0) + length);
    return put.call(this, value, key);
  };
  const complete = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete');
  Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
    ...complete,
    set(handler) {
      complete?.set?.call(this, handler && ((/** @type {Event} */ event) => {
        const now = performance.now();
        free = Math.max(now, free) + (bytes.get(this) ?? 0) / rate;
        setTimeout(() => handler.call(this, event), free - now);
      }));
    },
  });
}
