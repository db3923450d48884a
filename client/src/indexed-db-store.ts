import { type Entry, entryOf, type Store } from './store';

const POINTS = 'points';

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed.'));
  });
}

/**
 * Keeps positions in IndexedDB. A store of one name is used by one tab at a time, where the browser has Web Locks.
 * Transactions are strict: they end once what they wrote is on the disk, not before (Indexed Database API 3.0,
 * "durability hint").
 */
export class IndexedDbStore implements Store {
  private database: IDBDatabase | undefined;
  private unlock: () => void = () => undefined;

  /** @param name tells apart the stores of one origin */
  constructor(private readonly name = 'waystream') {}

  /** @throws Error where another tab uses it, DOMException where the browser has no room or allows none */
  async open(): Promise<Entry[]> {
    await this.lock();
    try {
      const opening = indexedDB.open(this.name, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(POINTS, { keyPath: 'seq' });
      this.database = await answered(opening);
      const found: unknown[] = await answered(this.transaction('readonly').objectStore(POINTS).getAll());
      return found.flatMap((value) => entryOf(value) ?? []);
    } catch (error) {
      this.unlock();
      throw error;
    }
  }

  put(entries: readonly Entry[]): Promise<void> {
    return this.change((points) => {
      for (const entry of entries) points.put(entry);
    });
  }

  remove(seqs: readonly number[]): Promise<void> {
    return this.change((points) => {
      for (const seq of seqs) points.delete(seq);
    });
  }

  async close(): Promise<void> {
    this.database?.close();
    this.database = undefined;
    this.unlock();
  }

  private transaction(mode: IDBTransactionMode): IDBTransaction {
    if (!this.database) throw new Error('The store is not open.');
    return this.database.transaction(POINTS, mode, { durability: 'strict' });
  }

  private async change(change: (points: IDBObjectStore) => void): Promise<void> {
    const transaction = this.transaction('readwrite');
    change(transaction.objectStore(POINTS));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB gave up a transaction.'));
    });
  }

  private async lock(): Promise<void> {
    if (typeof navigator === 'undefined' || navigator.locks === undefined) return;
    const taken = await new Promise<boolean>((resolve, reject) => {
      const held = new Promise<void>((release) => {
        this.unlock = release;
      });
      const use = async (lock: Lock | null) => {
        resolve(lock !== null);
        if (lock) await held;
      };
      navigator.locks.request(`waystream-${this.name}`, { ifAvailable: true }, use).catch(reject);
    });
    if (!taken) throw new Error(`Another tab tracks into the store “${this.name}”.`);
  }
}
