import { z } from 'zod';
import { limits } from '../contract/limits';
import type { Command, Valkey } from '../platform/valkey';
import type { Place } from './decide';
import * as scripts from './scripts';
import { decodeSubscription, encodeSubscription, type Subscription } from './subscription';
import { type Kind, topicsOf } from './topics';

/**
 * A WebSocket lives no longer than two hours, so what stands in Valkey for it goes away by itself soon after.
 * Source: API Gateway quotas, "Connection duration for WebSocket API".
 */
const CONNECTION_MS = 2 * 3_600_000 + 300_000;

/** How long a place is kept after a device fell silent, for the sweep to find it (ms). */
export const PLACE_GRACE_MS = 600_000;

/** Commands sent at a time: a round trip stays far below its timeout. */
const CHUNK = 500;

/** All keys of a connection are in one slot, for scripts to work on them together. */
export const recordKey = (connection: string) => `live:{${connection}}:subscriptions`;
export const waitingKey = (connection: string) => `live:{${connection}}:waiting`;
export const takenKey = (connection: string) => `live:{${connection}}:taken`;
export const turnKey = (connection: string) => `live:{${connection}}:turn`;
const topicKey = (topic: string) => `subs:{${topic}}`;
const placeKey = (device: string) => `live:place:{${device}}`;
/** Kinds of topics that have had subscribers, by when the last of them is over. */
const KINDS_KEY = 'live:kinds';
/** Since when Valkey has had what it has: connections older than that may have lost their record. */
const SINCE_KEY = 'live:since';

/** Sends any number of commands, a chunk a round trip. */
export async function runAll(valkey: Valkey, commands: readonly Command[], chunk = CHUNK): Promise<unknown[]> {
  const replies: unknown[] = [];
  for (let from = 0; from < commands.length; from += chunk) {
    replies.push(...(await valkey.run(commands.slice(from, from + chunk))));
  }
  return replies;
}

const text = z.string();
const members = z.array(text);
const registered = z.tuple([z.number(), text]);

/** What is known of a connection's subscriptions on asking. */
export interface Standing {
  ids: string[];
  /** Subscriptions that were lost with what Valkey held; undefined stands for all of them, whatever they were. */
  lost: (string | undefined)[];
}

/** Who follows what: `subs:{topic}` sorted sets of subscriptions by expiry, and one record a connection. */
export class Subscriptions {
  constructor(private readonly valkey: Valkey) {}

  /**
   * Puts a subscription in force, in place of the one of the same id.
   * @returns false where the connection has too many
   */
  async add(subscription: Subscription, now: number): Promise<boolean> {
    const { connection, id } = subscription;
    const member = encodeSubscription(subscription);
    const args = [id, member, limits.subscriptionsPerConnection, CONNECTION_MS];
    const keys = [recordKey(connection), waitingKey(connection)];
    const [reply] = await this.valkey.run([{ script: scripts.register, keys, args }, ['SET', SINCE_KEY, now, 'NX']]);
    const [taken, replaced] = registered.parse(reply);
    if (taken === 0) return false;
    await this.join(subscription, member, now);
    if (replaced !== '') await this.leave([replaced]);
    // A message of the same client that ran meanwhile may have replaced it before it stood in its topics.
    const [current] = await this.valkey.run([['HGET', recordKey(connection), id]]);
    if (current !== member) await this.leave([member]);
    return true;
  }

  async remove(connection: string, id: string): Promise<void> {
    const keys = [recordKey(connection), waitingKey(connection)];
    const [member] = await this.valkey.run([{ script: scripts.unregister, keys, args: [id] }]);
    if (member !== '') await this.leave([text.parse(member)]);
  }

  /** Forgets a connection that is gone, with all that stands for it. */
  async forget(connection: string): Promise<void> {
    const [all] = await this.valkey.run([
      ['HVALS', recordKey(connection)],
      ['DEL', recordKey(connection), waitingKey(connection), takenKey(connection), turnKey(connection)],
    ]);
    await this.leave(members.parse(all).filter((member) => member.includes('|')));
  }

  /** @returns the subscriptions in force; what stands no more in one of its topics, looked up at random, is lost */
  async standing(connection: string, connectedAt: number, now: number): Promise<Standing> {
    const [all] = await this.valkey.run([['HVALS', recordKey(connection)]]);
    const found = members.parse(all);
    if (found.length === 0) return { ids: [], lost: (await this.lostSince(connectedAt, now)) ? [undefined] : [] };
    const subscriptions = found.filter((member) => member.includes('|')).map(decodeSubscription);
    const scores = await this.valkey.run(
      subscriptions.map((subscription): Command => {
        const { topics } = topicsOf(subscription.follows);
        const topic = topics[Math.floor(Math.random() * topics.length)] ?? '';
        return ['ZSCORE', topicKey(topic), encodeSubscription(subscription)];
      }),
    );
    const idsWhere = (stands: boolean) =>
      subscriptions.filter((_, index) => (scores[index] !== null) === stands).map(({ id }) => id);
    return { ids: idsWhere(true), lost: idsWhere(false) };
  }

  /** Notes since when Valkey has had what it has, where it does not know. */
  async note(now: number): Promise<void> {
    await this.valkey.run([['SET', SINCE_KEY, now, 'NX']]);
  }

  /** Notes that a connection without subscriptions knows that it has none. */
  async mark(connection: string): Promise<void> {
    await this.valkey.run([
      ['HSETNX', recordKey(connection), scripts.MARK, '1'],
      ['PEXPIRE', recordKey(connection), CONNECTION_MS],
    ]);
  }

  /** @returns the kinds of topics that have subscribers */
  async kinds(now: number): Promise<Set<Kind>> {
    const [kinds] = await this.valkey.run([['ZRANGEBYSCORE', KINDS_KEY, now, '+inf']]);
    return new Set(members.parse(kinds).map(Number));
  }

  /** @returns the subscribers of each topic that has any; a subscription is one object, whatever topics it is in */
  async of(topics: readonly string[], now: number): Promise<Map<string, Subscription[]>> {
    const replies = await runAll(
      this.valkey,
      topics.map((topic): Command => ['ZRANGEBYSCORE', topicKey(topic), now, '+inf']),
    );
    const known = new Map<string, Subscription>();
    const decode = (member: string) => {
      const subscription = known.get(member) ?? decodeSubscription(member);
      known.set(member, subscription);
      return subscription;
    };
    const found = topics.map((topic, index) => [topic, members.parse(replies[index]).map(decode)] as const);
    return new Map(found.filter(([, subscribers]) => subscribers.length > 0));
  }

  private async join({ follows }: Subscription, member: string, now: number): Promise<void> {
    const { kind, topics } = topicsOf(follows);
    const args = [member, now + CONNECTION_MS, now, CONNECTION_MS];
    await this.valkey.run([
      ['ZADD', KINDS_KEY, now + CONNECTION_MS, kind],
      ...topics.map((topic): Command => ({ script: scripts.join, keys: [topicKey(topic)], args })),
    ]);
  }

  private async leave(gone: string[]): Promise<void> {
    const commands = gone.flatMap((member) =>
      topicsOf(decodeSubscription(member).follows).topics.map((topic): Command => ['ZREM', topicKey(topic), member]),
    );
    await runAll(this.valkey, commands);
  }

  /** Whether Valkey has lost what it held since the client connected. */
  private async lostSince(connectedAt: number, now: number): Promise<boolean> {
    const [, since] = await this.valkey.run([
      ['SET', SINCE_KEY, now, 'NX'],
      ['GET', SINCE_KEY],
    ]);
    return Number(text.parse(since)) > connectedAt;
  }
}

const placeSchema = z.tuple([z.coerce.number(), z.coerce.number(), z.coerce.number()]);

function decodePlace(reply: string): Place | undefined {
  if (reply === '') return undefined;
  const [time, lat, lon] = placeSchema.parse(reply.split('|'));
  return { time, lat, lon };
}

/** Where each device was last shown: tells who sees it leave, and keeps it from going back in time. */
export class Places {
  constructor(
    private readonly valkey: Valkey,
    private readonly staleAfterMs: number,
  ) {}

  /**
   * Moves devices on, one round trip a chunk.
   * @returns the places before by device, undefined where none was known; devices that have been seen later are left out
   */
  async advance(newest: ReadonlyMap<string, Place>): Promise<Map<string, Place | undefined>> {
    const ttl = this.staleAfterMs + PLACE_GRACE_MS;
    return this.replies(
      [...newest].map(([device, { time, lat, lon }]) => [device, [time, `${time}|${lat}|${lon}`, ttl]] as const),
      scripts.advance,
    );
  }

  /** Forgets devices not seen after `since`. @returns as `advance` */
  async retire(devices: readonly string[], since: number): Promise<Map<string, Place | undefined>> {
    return this.replies(
      devices.map((device) => [device, [since]] as const),
      scripts.retire,
    );
  }

  private async replies(
    calls: (readonly [device: string, args: (string | number)[]])[],
    script: (typeof scripts)['advance'],
  ): Promise<Map<string, Place | undefined>> {
    const replies = await runAll(
      this.valkey,
      calls.map(([device, args]) => ({ script, keys: [placeKey(device)], args })),
    );
    const places = new Map<string, Place | undefined>();
    for (const [index, [device]] of calls.entries()) {
      const reply = z.string().nullable().parse(replies[index]);
      if (reply !== null) places.set(device, decodePlace(reply));
    }
    return places;
  }
}
