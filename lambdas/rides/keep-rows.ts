import { setTimeout as sleep } from 'node:timers/promises';
import { logError } from '../platform/log';
import { isOutage } from '../platform/outage';
import { bounded, type Read } from '../platform/streams';
import type { RowChange } from './changes';
import type { RideKeeper } from './keeper';
import type { Track } from './ride';

/** Tracks under way at a time. */
const WIDTH = 32;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** The changes of one track, in the order of the stream. */
interface Group {
  track: Track;
  changes: RowChange[];
  sequences: string[];
}

function byTrack(changes: readonly Read<RowChange>[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { sequence, value } of changes) {
    const { device, task } = value;
    const key = `${device}#${task}`;
    const group = groups.get(key) ?? { track: { device, task }, changes: [], sequences: [] };
    group.changes.push(value);
    group.sequences.push(sequence);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Counts changed rows, track by track. A table that takes nothing is waited for as long as the function may: a stream's
 * tries are few and meant for what can't be counted.
 * @param deadline when to give up waiting, epoch ms
 * @returns the sequence numbers of what could not be counted
 */
export async function keepRows(
  keeper: Pick<RideKeeper, 'keep'>,
  changes: readonly Read<RowChange>[],
  deadline: number,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<string[]> {
  const refused: Group[] = [];
  let waiting = byTrack(changes);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const failures = await bounded(waiting, WIDTH, ({ track, changes: own }) => keeper.keep(track, own));
    const bad = [...failures].filter(([, error]) => !isOutage(error));
    for (const [{ track }, error] of bad) logError('ride not kept', error, { ...track });
    refused.push(...bad.map(([group]) => group));
    waiting = waiting.filter((group) => failures.has(group) && isOutage(failures.get(group)));
    if (waiting.length === 0 || Date.now() + pause > deadline) break;
    await wait(pause);
  }
  if (waiting.length > 0) logError('table unavailable', new Error(`${waiting.length} rides wait`));
  return [...refused, ...waiting].flatMap(({ sequences }) => sequences);
}
