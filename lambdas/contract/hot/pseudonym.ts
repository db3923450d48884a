import { createHash, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Command, Valkey } from '../../platform/valkey';

/** Tells a device's pseudonym at the moment it was asked for. */
export type Pseudonym = (device: string) => string;

/** Bytes of a pseudonym: two of a million vehicles share one once in a million cities. */
const NAME_BYTES = 9;

/** How often a process holds its salts against everyone's. */
const COMPARE_EVERY_MS = 5_000;

const saltKey = (epoch: number) => `salt:{${epoch}}`;

/**
 * Rotating pseudonyms: an HMAC of the device under the salt of its rotation epoch. Salts are random, shared through
 * Valkey and gone soon after their epoch, so nobody, we included, can tell afterwards who it was. Devices change
 * names at moments of their own: a change can't be told from one vehicle leaving and another coming at once.
 */
export class Pseudonyms {
  private readonly salts = new Map<number, Buffer>();
  private comparedAt = 0;

  /** @param periodMs how long a pseudonym lasts */
  constructor(
    private readonly valkey: Valkey,
    private readonly periodMs: number,
  ) {}

  /** @returns names as of `now` (epoch ms); at most one round trip a rotation. @throws ValkeyUnavailable */
  async at(now: number): Promise<Pseudonym> {
    // A device's offset is less than a period, so its epoch is this one or the next.
    const first = Math.floor(now / this.periodMs);
    await this.load([first, first + 1]);
    return (device) => this.name(device, this.epochOf(device, now));
  }

  /**
   * @returns names by the time (epoch ms) at which they were shown, for times from `from` to `to`: whoever shows a
   * position names it by the position's own time, so that everyone tells the same name
   * @throws ValkeyUnavailable
   */
  async between(from: number, to: number): Promise<(device: string, time: number) => string> {
    const first = Math.floor(from / this.periodMs);
    const last = Math.floor(to / this.periodMs) + 1;
    await this.load(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    return (device, time) => this.name(device, this.epochOf(device, time));
  }

  /** @returns when a device's pseudonym changes next (epoch ms) */
  changesAt(device: string, now: number): number {
    return (this.epochOf(device, now) + 1) * this.periodMs - this.offsetOf(device);
  }

  private offsetOf(device: string): number {
    return createHash('sha256').update(device).digest().readUInt32BE(0) % this.periodMs;
  }

  private epochOf(device: string, now: number): number {
    return Math.floor((now + this.offsetOf(device)) / this.periodMs);
  }

  private name(device: string, epoch: number): string {
    const salt = this.salts.get(epoch);
    if (salt === undefined) throw new RangeError(`no salt for epoch ${epoch}`);
    return createHmac('sha256', salt).update(device).digest().subarray(0, NAME_BYTES).toString('base64url');
  }

  private async load(epochs: number[]): Promise<void> {
    // A salt may have been lost with what Valkey held, and another put in its place: from time to time they are compared.
    const due = Date.now() - this.comparedAt >= COMPARE_EVERY_MS;
    const missing = epochs.filter((epoch) => due || !this.salts.has(epoch));
    if (missing.length === 0) return;
    if (due) this.comparedAt = Date.now();
    const offers = missing.map((epoch) => (this.salts.get(epoch) ?? randomBytes(32)).toString('base64'));
    // The first to offer a salt for an epoch sets it; everyone else is answered that one.
    const replies = await this.valkey.run(
      missing.map(
        (epoch, i): Command => ['SET', saltKey(epoch), offers[i] ?? '', 'NX', 'GET', 'PX', 3 * this.periodMs],
      ),
    );
    for (const [i, epoch] of missing.entries()) {
      const salt = z.string().nullable().parse(replies[i]) ?? offers[i] ?? '';
      this.salts.set(epoch, Buffer.from(salt, 'base64'));
    }
    for (const epoch of this.salts.keys()) if (epoch < Math.min(...epochs) - 1) this.salts.delete(epoch);
  }
}
