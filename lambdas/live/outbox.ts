import { z } from 'zod';
import { type VehiclePosition, vehiclePositionSchema } from '../contract/position';
import type { Command, Valkey } from '../platform/valkey';
import type { Change, Changes } from './decide';
import * as scripts from './scripts';
import { recordKey, runAll, takenKey, turnKey, waitingKey } from './store';
import { encodeSubscription } from './subscription';

/** How long a client's changes wait for somebody to send them (ms). */
const WAITING_MS = 120_000;

/** For how long a sender that never comes back keeps others from sending (ms): longer than any post takes. */
export const TURN_MS = 10_000;

/** Clients that something waits for and that nobody is sending to, by when they have rested. */
const OWED_KEY = 'live:owed';
/** Stands while a flusher is at work. */
const FLUSHER_KEY = 'live:flusher';
const OWED_AT_ONCE = 200;

/** Clients offered to in one round trip: each may bring as many changes as there are vehicles. */
const CLIENTS_AT_ONCE = 50;

/** What a subscription is to be told. */
export interface Told {
  positions: VehiclePosition[];
  left: string[];
}

export type Offered =
  | { kind: 'nothing' }
  /** Another sends to this client, and will look for what waits when it is done. */
  | { kind: 'busy'; ms: number }
  /** The client has just had a frame. */
  | { kind: 'resting'; ms: number }
  /** It is our turn: release it when it is told. */
  | { kind: 'taken'; told: Map<string, Told> };

const reply = z.tuple([z.enum(['nothing', 'busy', 'resting', 'taken'])]).rest(z.union([z.string(), z.number()]));

function toOffered(raw: unknown): Offered {
  const [kind, ...rest] = reply.parse(raw);
  if (kind === 'nothing') return { kind };
  if (kind === 'taken') return { kind, told: toTold(rest.map(String)) };
  return { kind, ms: Number(rest[0]) };
}

/** @param pairs `id|vehicle`, then `at|position as JSON`, or `at|` where it left */
function toTold(pairs: string[]): Map<string, Told> {
  const told = new Map<string, Told>();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const [id = '', vehicle = ''] = (pairs[index] ?? '').split('|');
    const json = (pairs[index + 1] ?? '').replace(/^\d+\|/, '');
    const ofSubscription = told.get(id) ?? { positions: [], left: [] };
    told.set(id, ofSubscription);
    if (json === '') ofSubscription.left.push(vehicle);
    else ofSubscription.positions.push(vehiclePositionSchema.parse(JSON.parse(json)));
  }
  return told;
}

const toArgs = (number: number, { vehicle, at, position }: Change) => [
  number,
  vehicle,
  at,
  position === undefined ? '' : JSON.stringify(position),
];

const keysOf = (connection: string) => [
  recordKey(connection),
  waitingKey(connection),
  takenKey(connection),
  turnKey(connection),
];

/**
 * What waits for each client, merged by vehicle so that a slow client has no backlog, and whose turn it is to send:
 * one sender at a time and a rest between frames, however many functions run.
 */
export class Outbox {
  /** @param sender tells this function from the others */
  constructor(
    private readonly valkey: Valkey,
    private readonly sender: string,
  ) {}

  /** Lets changes wait and takes all that waits, client by client, where nobody else is at it. */
  async offer(clients: ReadonlyMap<string, Changes>): Promise<Map<string, Offered>> {
    const commands = [...clients].map(([connection, changes]): Command => {
      const subscriptions = [...changes.keys()];
      const members = subscriptions.flatMap((each) => [each.id, encodeSubscription(each)]);
      const entries = [...changes.values()].flatMap((ofOne, index) =>
        [...ofOne.values()].flatMap((change) => toArgs(index + 1, change)),
      );
      const args = [this.sender, TURN_MS, WAITING_MS, subscriptions.length, ...members, ...entries];
      return { script: scripts.offer, keys: keysOf(connection), args };
    });
    const replies = await runAll(this.valkey, commands, CLIENTS_AT_ONCE);
    return new Map([...clients.keys()].map((connection, index) => [connection, toOffered(replies[index])]));
  }

  /** Takes the turn at a client although it rests. @returns 0, or for how many ms another has it */
  async hold(connection: string): Promise<number> {
    const script = scripts.hold;
    const [ms] = await this.valkey.run([{ script, keys: [turnKey(connection)], args: [this.sender, TURN_MS] }]);
    return z.number().parse(ms);
  }

  /**
   * Ends a turn; the client rests for so long.
   * @param sent false lets what was taken wait again
   * @returns whether something waits
   */
  async release(connection: string, restMs: number, sent: boolean): Promise<boolean> {
    const args = [this.sender, Math.max(1, Math.round(restMs)), sent ? 1 : 0];
    const [waits] = await this.valkey.run([{ script: scripts.release, keys: keysOf(connection), args }]);
    return waits === 1;
  }

  /** Leaves clients to whoever comes next, not before they have rested. @param late for how long they rest (ms) */
  async owe(late: ReadonlyMap<string, number>, now: number): Promise<void> {
    const entries = [...late].map(([connection, ms]): Command => ['ZADD', OWED_KEY, 'LT', now + ms, connection]);
    await runAll(this.valkey, entries);
  }

  /** @returns clients that were left over and have rested, and whether a flusher has promised to look for such */
  async due(now: number): Promise<{ connections: string[]; promised: boolean }> {
    const [connections, promised] = await this.valkey.run([
      { script: scripts.takeDue, keys: [OWED_KEY], args: [now, OWED_AT_ONCE] },
      ['EXISTS', FLUSHER_KEY],
    ]);
    return { connections: z.array(z.string()).parse(connections), promised: promised === 1 };
  }

  /** Promises for so long (ms) to look for clients that are left over. */
  async promise(ms: number): Promise<void> {
    await this.valkey.run([['SET', FLUSHER_KEY, this.sender, 'PX', ms]]);
  }
}
