import { type FileHandle, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { textOf } from './json';
import { encodeLine, type Line, replayLog } from './log-format';
import type { Entry, Store } from './store';

/** A log is written anew once it has grown to this (bytes) and most of it is forgotten. */
const COMPACT_BYTES = 256 * 1024;

interface Write {
  text: string;
  durable: boolean;
  done(): void;
  failed(error: unknown): void;
}

/** Logs open in this process. */
const inUse = new Set<string>();

/**
 * Keeps positions in a log that is only ever appended to, and written anew now and then. `put` resolves after `fsync`;
 * what is put while one is under way shares the next. A line that was cut off by a crash was never acknowledged, and is
 * passed over.
 */
export class FileStore implements Store {
  /** Lines found on opening that could not be read: one is a write that a crash has cut off, more a damaged file. */
  damaged = 0;
  private readonly path: string;
  private file: FileHandle | undefined;
  private waiting: Write[] = [];
  private writing: Promise<void> | undefined;
  private bytes = 0;
  /** The last write may have ended within a line. */
  private torn = false;
  private readonly live = new Map<number, Entry>();

  /** @param path of the log; its folder is made where there is none */
  constructor(path: string) {
    this.path = resolve(path);
  }

  /** @throws Error where another process uses the log, or it can't be written */
  async open(): Promise<Entry[]> {
    await mkdir(dirname(this.path), { recursive: true });
    await this.lock();
    try {
      const { entries, damaged } = replayLog(await readFile(this.path, 'utf8').catch(absent));
      this.damaged = damaged;
      for (const entry of entries) this.live.set(entry.seq, entry);
      await this.compact();
      return entries;
    } catch (error) {
      await this.unlock();
      throw error;
    }
  }

  put(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.live.set(entry.seq, entry);
    return this.append({ put: entries }, true);
  }

  remove(seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) this.live.delete(seq);
    return this.append({ remove: seqs }, false);
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file?.close();
    this.file = undefined;
    this.live.clear();
    await this.unlock();
  }

  private append(line: Line, durable: boolean): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ text: encodeLine(line), durable, done, failed });
      this.writing ??= this.write();
    });
  }

  /** Writes what waits, in its order, until nothing does. */
  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const writes = this.waiting;
      this.waiting = [];
      try {
        await this.writeAll(writes);
        for (const { done } of writes) done();
      } catch (error) {
        this.torn = true;
        for (const { failed } of writes) failed(error);
      }
    }
    // At once, not when the promise is through: whoever waits for one write begins the next before that.
    this.writing = undefined;
  }

  private async writeAll(writes: readonly Write[]): Promise<void> {
    if (!this.file) throw new Error(`The log ${this.path} is not open.`);
    const data = writes.map(({ text }) => text).join('');
    this.bytes += Buffer.byteLength(data);
    // A log that is written anew from memory has all of this in it.
    if (this.bytes > COMPACT_BYTES && this.bytes > 2 * this.liveBytes()) return this.compact();
    await this.file.appendFile(this.torn ? `\n${data}` : data);
    this.torn = false;
    if (writes.some(({ durable }) => durable)) await this.file.datasync();
  }

  private liveBytes(): number {
    const [first] = this.live.values();
    return first ? encodeLine({ put: [first] }).length * this.live.size : 0;
  }

  /** Writes the log anew beside the old one and puts it in its place: at each moment one of them is whole. */
  private async compact(): Promise<void> {
    const text = [...this.live.values()].map((entry) => encodeLine({ put: [entry] })).join('');
    const fresh = `${this.path}.new`;
    const file = await open(fresh, 'w');
    await file.writeFile(text);
    await file.datasync();
    await file.close();
    await rename(fresh, this.path);
    await this.syncFolder();
    await this.file?.close();
    this.file = await open(this.path, 'a');
    this.bytes = Buffer.byteLength(text);
  }

  /** A name is durable once its folder is. Windows has no such call, and needs none. */
  private async syncFolder(): Promise<void> {
    if (process.platform === 'win32') return;
    const folder = await open(dirname(this.path), 'r');
    await folder.sync().finally(() => folder.close());
  }

  private get lockPath(): string {
    return `${this.path}.lock`;
  }

  /** A lock of a process that has ended counts for nothing. */
  private async lock(): Promise<void> {
    const owner = Number(await readFile(this.lockPath, 'utf8').catch(absent));
    if (inUse.has(this.path) || (owner > 0 && owner !== process.pid && isAlive(owner))) {
      throw new Error(`The log ${this.path} is in use by process ${owner}.`);
    }
    inUse.add(this.path);
    await writeFile(this.lockPath, String(process.pid));
  }

  private async unlock(): Promise<void> {
    if (!inUse.delete(this.path)) return;
    await unlink(this.lockPath).catch(absent);
  }
}

function absent(error: unknown): string {
  if (textOf(error, 'code') === 'ENOENT') return '';
  throw error;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return textOf(error, 'code') === 'EPERM';
  }
}
