import { z } from 'zod';
import type { StackClient } from '../../test/system/stack';
import type { Load, Sample } from '../load';
import { partsOf } from '../parts';

/** What a stack is like at one moment. */
export interface Moment {
  /** epoch ms */
  at: number;
  /** bytes by part: processes by what they hold of the machine, functions by their heaps */
  memory: Record<string, number>;
  /** ms by mapping: age of the oldest record that is read and not settled */
  lag: Record<string, number>;
  /** records read and not settled, of all mappings */
  open: number;
  /** ms */
  ingest: { p50: number; p99: number };
  push: { p50: number; p99: number };
  /** positions accepted a second */
  rate: number;
  behind: number;
  unsure: number;
  resubscribed: number;
}

const statusSchema = z.object({
  functions: z.array(z.object({ logicalId: z.string(), instances: z.array(z.object({ heapBytes: z.number() })) })),
  mappings: z.array(z.object({ name: z.string(), iteratorAgeMs: z.number(), outstanding: z.number() })),
});

/** `LiveOnPositions1A2B3C4D` → `LiveOnPositions` */
const shortName = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');

/** Looks at everything once; what the load counted is since the last look. */
export async function look(client: StackClient, load: Load): Promise<Moment> {
  const [status, sample] = await Promise.all([client.control('GET', 'status').then(statusSchema.parse), load.sample()]);
  const memory: Record<string, number> = { 'load generator': sample.rssBytes };
  for (const { name, rssBytes } of partsOf(client.place.pid)) memory[name] = (memory[name] ?? 0) + rssBytes;
  for (const { logicalId, instances } of status.functions) {
    const heap = instances.reduce((total, { heapBytes }) => total + heapBytes, 0);
    if (instances.length > 0) memory[`heap of ${shortName(logicalId)}`] = heap;
  }
  const lag = Object.fromEntries(status.mappings.map(({ name, iteratorAgeMs }) => [shortName(name), iteratorAgeMs]));
  const open = status.mappings.reduce((total, { outstanding }) => total + outstanding, 0);
  return { at: Date.now(), memory, lag, open, ...countsOf(sample) };
}

const percentiles = (latencies: Sample['push']) => ({
  p50: latencies.percentile(0.5),
  p99: latencies.percentile(0.99),
});

function countsOf(sample: Sample) {
  const { behind, unsure, resubscribed } = sample;
  const rate = (sample.accepted * 1_000) / sample.elapsedMs;
  return { ingest: percentiles(sample.ingest), push: percentiles(sample.push), rate, behind, unsure, resubscribed };
}

/** @returns the lag of the slowest mapping (ms) */
export const worstLag = ({ lag }: Moment): number => Math.max(0, ...Object.values(lag));
