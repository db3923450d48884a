import { z } from 'zod';
import type { StackClient } from '../test/system/stack';
import { Latencies, type Load } from './load';

/** One point in so many ms of time is traced: a prime, as reports come at even steps. */
const EVERY_MS = 17;

const marksSchema = z.array(z.tuple([z.string(), z.number(), z.number()]));

/** From now on the stack and the load keep when traced points were where. */
export async function startTrace(client: StackClient, load: Load): Promise<void> {
  await client.control('POST', 'trace', { every: EVERY_MS });
  await load.trace(EVERY_MS);
}

/** Milliseconds since the request was sent, hop by hop in the order in which a point comes by. */
export async function readTrace(client: StackClient, load: Load): Promise<[hop: string, since: Latencies][]> {
  const marks = marksSchema.parse(await client.control('GET', 'trace'));
  await client.control('POST', 'trace', { every: 0 });
  const { answered, received } = await load.traced();
  await load.trace(0);
  const sent = new Set(answered.map(([time]) => time));
  const hops = new Map<string, Latencies>();
  const add = (hop: string, time: number, at: number) => {
    if (!sent.has(time)) return;
    const since = hops.get(hop) ?? new Latencies();
    hops.set(hop, since);
    since.add(at - time);
  };
  for (const [hop, time, at] of marks) add(named(hop), time, at);
  for (const [time, at] of answered) add('answered', time, at);
  for (const [time, at] of received) add('frame received', time, at);
  return order.flatMap((hop) => {
    const since = hops.get(hop);
    return since ? [[hop, since] as [string, Latencies]] : [];
  });
}

/** `LiveOnPositions1A2B3C4D starts` → `LiveOnPositions starts` */
const named = (hop: string) => hop.replace(/^(\w+?)[0-9A-F]{8} /, '$1 ');

const order = [
  'taken by the API',
  'IngestOnPositions starts',
  'put',
  'put acknowledged',
  'answered',
  'read',
  'LiveOnPositions starts',
  'posted',
  'frame received',
];
