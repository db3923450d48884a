import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { PlannedFault } from '../../local/functions/faults';
import type { StreamFaults } from '../../local/streams/faults';
import { eventually, type StackClient } from '../system/stack';
import type { Fault } from './harness';

const statusSchema = z.object({
  functions: z.array(z.object({ logicalId: z.string(), faults: z.int() })),
  mappings: z.array(z.object({ name: z.string(), iteratorAgeMs: z.number(), repeated: z.int(), records: z.int() })),
});

/** Functions that read a stream, by a part of their names; their mappings are called the same. */
export const consumers = ['TracksOnPositions', 'LiveOnPositions', 'SearchOnRows', 'RidesOnRows'] as const;
/** Hears of a track once a minute: nothing is waited for here. */
const seldom = 'CorrectionOnJournal';
export type Struck = (typeof consumers)[number] | 'IngestOnPositions';

type How = PlannedFault extends infer P ? (P extends unknown ? Omit<P, 'invocations'> : never) : never;

const statusOf = async (client: StackClient) => statusSchema.parse(await client.control('GET', 'status'));

const busyMappings = async (client: StackClient) =>
  (await statusOf(client)).mappings.filter(({ name }) => !name.startsWith(seldom));

/** @returns how often planned faults have struck a function */
export async function strikesOf(client: StackClient, name: Struck): Promise<number> {
  const { functions } = await statusOf(client);
  return z.int().parse(functions.find(({ logicalId }) => logicalId.startsWith(name))?.faults);
}

/** @returns batches that each consumer's mapping has delivered twice */
async function repeatsOf(client: StackClient): Promise<Map<string, number>> {
  return new Map((await busyMappings(client)).map(({ name, repeated }) => [name, repeated]));
}

/** Waits until every consumer has read so many records more. */
export async function readOn(client: StackClient, records: number): Promise<void> {
  const read = async () => new Map((await busyMappings(client)).map(({ name, records }) => [name, records]));
  const before = await read();
  await eventually(
    async () => [...(await read())].every(([name, count]) => count >= (before.get(name) ?? 0) + records),
    PATIENCE_MS,
    () => 'a consumer reads nothing',
  );
}

/**
 * A record is tried three times and then set aside, so two strikes may hit it and no third: the next ones wait until
 * everything that these may have hit is done with.
 */
const STRIKES = 2;
const PATIENCE_MS = 60_000;

async function strikeTwice(client: StackClient, name: Struck, how: How): Promise<void> {
  const before = await strikesOf(client, name);
  await client.control('POST', `functions/${name}/faults`, { ...how, invocations: STRIKES });
  await eventually(
    async () => (await strikesOf(client, name)) >= before + STRIKES,
    PATIENCE_MS,
    () => `${name} was not struck`,
  );
  const struck = Date.now();
  const younger = async () => {
    const { mappings } = await statusOf(client);
    const mapping = mappings.find((each) => each.name.startsWith(name));
    return mapping === undefined || mapping.iteratorAgeMs < Date.now() - struck;
  };
  await eventually(younger, PATIENCE_MS, () => `${name} does not go on`);
}

/** Rounds that each function goes through at the least, however long they take. */
const ROUNDS = 2;
/** Times that each function is struck at the least. */
export const leastStrikes = ROUNDS * STRIKES;

/** Strikes functions beside one another, round after round. @param how of each round anew, counted from 0 */
export const struckAgain = (
  name: string,
  seconds: number,
  functions: readonly Struck[],
  how: (name: Struck, round: number) => How,
): Fault => ({
  name,
  seconds,
  begin: async ({ client }) => {
    const until = Date.now() + seconds * 1_000;
    const rounds = async (each: Struck) => {
      for (let round = 0; round < ROUNDS || Date.now() < until; round++)
        await strikeTwice(client, each, how(each, round));
    };
    await Promise.all(functions.map(rounds));
  },
  end: async () => undefined,
});

/**
 * A moment at random in the midst of a batch: a while after its begin, or once so many calls are answered. What writes
 * through AWS' services is ended between its writes, or after the last and before its answer.
 */
export function atRandom(name: Struck): How {
  const counted = name !== 'LiveOnPositions' && Math.random() < 0.7;
  const most = { TracksOnPositions: 12, SearchOnRows: 1, RidesOnRows: 12, IngestOnPositions: 1, LiveOnPositions: 1 }[
    name
  ];
  return counted
    ? { kill: { afterCalls: 1 + Math.floor(Math.random() * most) } }
    : { kill: { afterMs: Math.floor(Math.random() * 40) } };
}

/** Batches that a consumer is delivered twice, at the least, before deliveries go wrong in another way. */
const REPEATS = 2;

/** Deliveries of every consumer go wrong in one way after the other. @param seconds of all of them, at the least */
export const misdelivered = (name: string, seconds: number, ways: readonly StreamFaults[]): Fault => ({
  name,
  seconds,
  begin: async ({ client }) => {
    for (const way of ways) {
      const before = await repeatsOf(client);
      for (const mapping of [...consumers, seldom]) await client.control('POST', `mappings/${mapping}/faults`, way);
      await sleep((seconds * 1_000) / ways.length);
      const enough = way.duplicate === 'never' ? 0 : REPEATS;
      const repeated = async () =>
        [...(await repeatsOf(client))].every(([each, count]) => count >= (before.get(each) ?? 0) + enough);
      await eventually(repeated, PATIENCE_MS, () => 'nothing is delivered twice');
    }
  },
  end: async ({ client }) => {
    for (const mapping of [...consumers, seldom]) await client.control('POST', `mappings/${mapping}/faults`, {});
  },
});
