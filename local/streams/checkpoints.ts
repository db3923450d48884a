import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const file = z.record(z.string(), z.string());

/** Checkpoints of all mappings by mapping and shard, on disk when the stack keeps its data. */
export class Checkpoints {
  private values: Record<string, string> = {};
  private readonly path: string | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private dirty = false;

  constructor(dataDir: string | undefined) {
    if (dataDir === undefined) return;
    this.path = join(dataDir, 'checkpoints.json');
    if (existsSync(this.path)) this.values = file.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    // A crash repeats what came since the last write; consumers are idempotent.
    this.timer = setInterval(() => this.save(), 500).unref();
  }

  get(mapping: string, shard: string): string | undefined {
    return this.values[`${mapping} ${shard}`];
  }

  set(mapping: string, shard: string, sequence: string): void {
    const key = `${mapping} ${shard}`;
    if (this.values[key] === sequence) return;
    this.values[key] = sequence;
    this.dirty = true;
  }

  clear(mapping: string): void {
    const kept = Object.entries(this.values).filter(([key]) => !key.startsWith(`${mapping} `));
    this.values = Object.fromEntries(kept);
    this.dirty = true;
  }

  close(): void {
    clearInterval(this.timer);
    this.save();
  }

  private save(): void {
    if (!this.dirty || this.path === undefined) return;
    this.dirty = false;
    writeFileSync(`${this.path}.new`, JSON.stringify(this.values));
    renameSync(`${this.path}.new`, this.path);
  }
}
