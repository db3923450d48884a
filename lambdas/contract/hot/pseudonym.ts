import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Command, Valkey } from '../../platform/valkey';

/** How names rotate. */
export interface Rotation {
  /** How long a name lasts (ms). All names change together, at whole multiples of it since 1970. */
  periodMs: number;
  /** The longest time that a vehicle is withheld around a change of names (ms); the shortest is a third of it. */
  silenceMs: number;
}

/** What viewers know a device by, judged by a position's own time (epoch ms); undefined: it is withheld from them. */
export type NameAt = (device: string, time: number) => string | undefined;

export interface Names {
  nameAt: NameAt;
  /** When these names end, all of them at once (epoch ms). */
  until: number;
}

/** Bytes of a pseudonym: two of a million vehicles share one once in a million cities. */
const NAME_BYTES = 9;

/** How often a process holds its salts against everyone's. */
const COMPARE_EVERY_MS = 5_000;

const saltKey = (epoch: number) => `salt:{${epoch}}`;

/**
 * How long after the begin of an epoch, and before its end, a device is withheld (ms): each at random between a sixth
 * and a half of the longest silence, told by nothing but the epoch's salt.
 */
export function quietOf(salt: Buffer, device: string, silenceMs: number): { after: number; before: number } {
  const draw = createHmac('sha256', salt).update(`quiet ${device}`).digest();
  const share = (offset: number) => (silenceMs * (1 + (2 * draw.readUInt32BE(offset)) / 2 ** 32)) / 6;
  return { after: share(0), before: share(4) };
}

/**
 * Rotating pseudonyms: an HMAC of the device under the salt of its epoch. Salts are random, shared through Valkey and
 * gone soon after their epoch, so nobody, we included, can tell afterwards who it was. Names change all at once and
 * each vehicle is silent around the change, for a time of its own: whoever watches sees many leave and many come, and
 * none change. What that is worth is measured by `npm run bench:pseudonyms`; the idea is of Huang et al., "Enhancing
 * wireless location privacy using silent period" (2005), and of the mix zones of Beresford and Stajano (2003).
 */
export class Pseudonyms {
  private readonly salts = new Map<number, Buffer>();
  private comparedAt = 0;

  constructor(
    private readonly valkey: Valkey,
    private readonly rotation: Rotation,
  ) {}

  /**
   * @returns the names as of `now` (epoch ms). A position from before the last change has none, however late it comes:
   * at no time are an old and a new name of a vehicle shown together. At most one round trip a rotation, and one each
   * few seconds.
   * @throws ValkeyUnavailable
   */
  async at(now: number): Promise<Names> {
    const { periodMs, silenceMs } = this.rotation;
    const epoch = Math.floor(now / periodMs);
    const salt = await this.saltOf(epoch);
    const [start, until] = [epoch * periodMs, (epoch + 1) * periodMs];
    const shown = remembered((device) => {
      const { after, before } = quietOf(salt, device, silenceMs);
      return { name: nameOf(salt, device), from: start + after, to: until - before };
    });
    const nameAt: NameAt = (device, time) => {
      const { name, from, to } = shown(device);
      return time >= from && time < to ? name : undefined;
    };
    return { nameAt, until };
  }

  private async saltOf(epoch: number): Promise<Buffer> {
    // A salt may have been lost with what Valkey held, and another put in its place: from time to time they are compared.
    const known = this.salts.get(epoch);
    if (known && Date.now() - this.comparedAt < COMPARE_EVERY_MS) return known;
    this.comparedAt = Date.now();
    const offer = (known ?? randomBytes(32)).toString('base64');
    // The first to offer a salt for an epoch sets it; everyone else is answered that one.
    const [reply] = await this.valkey.run([
      ['SET', saltKey(epoch), offer, 'NX', 'GET', 'PX', 2 * this.rotation.periodMs] satisfies Command,
    ]);
    const salt = Buffer.from(z.string().nullable().parse(reply) ?? offer, 'base64');
    this.salts.set(epoch, salt);
    for (const old of this.salts.keys()) if (old < epoch - 1) this.salts.delete(old);
    return salt;
  }
}

/** Names are asked for once a viewer and told once a device. */
function remembered<T>(tell: (device: string) => T): (device: string) => T {
  const told = new Map<string, T>();
  return (device) => {
    const known = told.get(device) ?? tell(device);
    told.set(device, known);
    return known;
  };
}

const nameOf = (salt: Buffer, device: string) =>
  createHmac('sha256', salt).update(device).digest().subarray(0, NAME_BYTES).toString('base64url');
