import type { Partition } from '../contract/partition';
import { DAY_MS, utcDay } from '../contract/time';
import { boxesMeet } from '../geo/area';
import { regionBox } from '../geo/region';
import { type Area, boxAround, widen } from './areas';
import type { Key } from './order';
import type { Search } from './request';

/** No zone is further ahead of UTC than 14 hours, nor further behind than 12. */
const AHEAD_MS = 14 * 3_600_000;
const BEHIND_MS = 12 * 3_600_000;

/** The local days that some city's clock shows between `from` and `to`. */
export function localDays({ from, to }: Pick<Search, 'from' | 'to'>): string[] {
  const days: string[] = [];
  const last = utcDay(to - 1 + AHEAD_MS);
  for (let time = from - BEHIND_MS; utcDay(time) <= last; time += DAY_MS) days.push(utcDay(time));
  return days;
}

function mayHold(city: string, area: Area): boolean {
  const region = regionBox(city);
  return region === undefined || boxesMeet(widen(region), widen(boxAround(area)));
}

/** @returns whether the partition may hold what is looked for; one without an index can't be searched yet */
export function isWanted(partition: Partition, { from, to, area }: Search): boolean {
  if (partition.index === undefined || partition.from >= to || partition.to <= from) return false;
  return area === undefined || mayHold(partition.city, area);
}

/** Partitions to be searched together, and the time in question: whole minutes, but for the ends of the search. */
export interface Stage {
  partitions: Partition[];
  from: number;
  to: number;
  /** Comes before every hit of the stage, in the search's order. */
  start: Key;
}

const keyAt = (time: number): Key => ({ distance: 0, time, device: '', task: '' });

/** Where hits after `key` end, going back in time. A stage's start has no device: nothing of its very moment is left. */
const untilAndWith = (key: Key) => (key.device === '' ? key.time : key.time + 1);

/**
 * The stages of a search, in its order: UTC day by UTC day, so that one with enough hits leaves the rest unread. A row
 * is within a minute and so within one stage. By distance, any partition may hold the nearest: they are one stage.
 * @param after what was given before: stages that lie wholly before it are left out
 */
export function toStages(search: Search, partitions: readonly Partition[], after: Key | undefined): Stage[] {
  if (search.sort === 'distance') {
    const start = { distance: 0, time: -1, device: '', task: '' };
    return partitions.length === 0 ? [] : [{ partitions: [...partitions], from: search.from, to: search.to, start }];
  }
  const forwards = search.sort === 'time';
  const from = forwards && after ? Math.max(search.from, after.time) : search.from;
  const to = !forwards && after ? Math.min(search.to, untilAndWith(after)) : search.to;
  const stages: Stage[] = [];
  for (let day = from - (from % DAY_MS); day < to; day += DAY_MS) {
    const slice = { from: Math.max(from, day), to: Math.min(to, day + DAY_MS) };
    const touched = partitions.filter((partition) => partition.from < slice.to && partition.to > slice.from);
    const start = keyAt(forwards ? slice.from : slice.to);
    if (touched.length > 0) stages.push({ partitions: touched, ...slice, start });
  }
  return forwards ? stages : stages.reverse();
}
