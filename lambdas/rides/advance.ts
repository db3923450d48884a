import type { Position } from '../contract/position';
import { MINUTE_MS } from '../contract/time';
import { HOUR_MS, hourOf, rowNumber, type Versions } from './changes';
import type { HourItem, Progress, Track } from './ride';
import type { Minutes } from './row-reads';
import { mergeSummaries, type Summary, summarizeMinute } from './summary';

/** A row that has changed, and the version that is known of it from now on. */
export interface StepRow {
  row: string;
  /** Start of the minute, epoch ms. */
  minute: number;
  version: number;
  /** All points of the minute, where the row's image has them; else they are read. */
  points: readonly Position[] | undefined;
}

/** What is to be counted next. */
export interface Step {
  /** The journal entry that the step includes. */
  seq: number;
  rows: readonly StepRow[];
  /** When, epoch ms. */
  at: number;
}

/** Where a step reads what it can't know: stored rows, and the track's closed hours. */
export interface Sources {
  minutes(track: Track, from: number, to: number): Promise<Minutes>;
  hours(track: Track): Promise<HourItem[]>;
}

/** Hours to keep first, then the ride. */
export interface Advanced {
  hours: HourItem[];
  progress: Progress;
}

const fold = (summaries: Iterable<Summary | undefined>): Summary | undefined =>
  [...summaries].reduce(mergeSummaries, undefined);

const inOrder = <T>(byTime: ReadonlyMap<number, T>): T[] =>
  [...byTime].sort(([a], [b]) => a - b).map(([, value]) => value);

/** @returns the versions known of an hour once the step is counted */
function versionsAfter(known: Versions, { rows }: Step, hour: number): Versions {
  const versions = new Map(known);
  for (const { row, minute, version } of rows) {
    const number = rowNumber(row);
    if (hourOf(minute) === hour) versions.set(number, Math.max(version, versions.get(number) ?? 0));
  }
  return versions;
}

/**
 * Counts a step. Points that follow those known cost no more than themselves, however long the ride is. Points of
 * earlier minutes have their hours read anew, and the hours put together again. An hour gets its item once it is over.
 * @param known versions by the start of the hour: of each hour that the step has rows of, and of the newest
 */
export async function advance(
  track: Track,
  progress: Progress,
  step: Step,
  known: ReadonlyMap<number, Versions>,
  sources: Sources,
): Promise<Advanced> {
  const changed = await summariesOf(track, step, sources);
  const newest = Math.max(progress.newest ?? 0, ...changed.keys());
  const late = Math.min(...changed.keys()) < (progress.newest ?? 0);
  const hours: HourItem[] = [];
  for (const hour of closing(progress, [...changed.keys()], hourOf(newest))) {
    const minutes = await sources.minutes(track, hour, hour + HOUR_MS);
    const versions = versionsAfter(known.get(hour) ?? new Map(), step, hour);
    hours.push({ hour, seq: step.seq, versions, summary: fold(inOrder(minutes).map(summarizeMinute)) });
  }
  const { before, now } = late
    ? await recount(track, { ...progress, newest }, changed, hours, sources)
    : follow(progress, changed);
  return {
    hours,
    progress: {
      revision: progress.revision + 1,
      seq: step.seq,
      newest,
      versions: versionsAfter(known.get(hourOf(newest)) ?? new Map(), step, hourOf(newest)),
      ...{ before, now },
      lateAt: late ? step.at : progress.lateAt,
    },
  };
}

/** The summary of each minute that changed. */
async function summariesOf(track: Track, { rows }: Step, { minutes }: Sources) {
  const summaries = new Map<number, Summary | undefined>();
  for (const { minute, points } of rows) {
    const whole = points ?? (await minutes(track, minute, minute + MINUTE_MS)).get(minute) ?? [];
    summaries.set(minute, summarizeMinute(whole));
  }
  return summaries;
}

/** The hours, in order, that are over and have changed, or are over from now on. */
function closing({ newest }: Progress, minutes: readonly number[], current: number): number[] {
  const hours = new Set([...minutes, ...(newest === undefined ? [] : [newest])].map(hourOf));
  const changed = (hour: number) =>
    newest === undefined || hour >= hourOf(newest) || minutes.some((m) => hourOf(m) === hour);
  return [...hours].filter((hour) => hour < current && changed(hour)).sort((a, b) => a - b);
}

/** Nothing changed before the newest minute: what is new follows. */
function follow(progress: Progress, changed: ReadonlyMap<number, Summary | undefined>) {
  const replaced = progress.newest !== undefined && changed.has(progress.newest);
  const following = inOrder(changed);
  const now = following.pop();
  return { before: fold([progress.before, replaced ? undefined : progress.now, ...following]), now };
}

/** Something changed before the newest minute: all hours are put together again, and the newest up to that minute. */
async function recount(
  track: Track,
  { newest, now }: Progress & { newest: number },
  changed: ReadonlyMap<number, Summary | undefined>,
  recent: readonly HourItem[],
  sources: Sources,
) {
  const current = hourOf(newest);
  const hours = new Map((await sources.hours(track)).map((item) => [item.hour, item.summary]));
  for (const { hour, summary } of recent) hours.set(hour, summary);
  const over = inOrder(new Map([...hours].filter(([hour]) => hour < current)));
  const minutes = newest > current ? inOrder(await sources.minutes(track, current, newest)) : [];
  return {
    before: fold([...over, ...minutes.map(summarizeMinute)]),
    now: changed.has(newest) ? changed.get(newest) : now,
  };
}
