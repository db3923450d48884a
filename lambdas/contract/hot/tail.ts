import { z } from 'zod';
import type { Valkey } from '../../platform/valkey';
import { decodeBatch, type PositionBatch } from '../batch';

/** What is kept of the batches accepted last, until the table has them. */
export const tailLimits = { ttlMs: 600_000, entries: 1_000, bytes: 512 * 1024 } as const;

/** Keys of a device's tail: the list of its batches, and their bytes. */
export const tailKeys = (device: string): [tail: string, size: string] => [`tail:{${device}}`, `tailsize:{${device}}`];

const encoder = new TextEncoder();

/**
 * The batches accepted from a device in the last minutes, in order of acceptance. They may be in the `tracks` table
 * already, and the same point may stand in several of them: a point is known by device, task and time, and the first
 * accepted counts.
 * @throws ValkeyUnavailable
 */
export async function readTail(valkey: Valkey, device: string): Promise<PositionBatch[]> {
  const [reply] = await valkey.run([['LRANGE', tailKeys(device)[0], 0, -1]]);
  return z
    .array(z.string())
    .parse(reply)
    .map((entry) => decodeBatch(encoder.encode(entry.slice(entry.indexOf(' ') + 1))));
}
