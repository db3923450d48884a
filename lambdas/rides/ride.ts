import { z } from 'zod';
import { activitySchema, type Ride, type RideHead } from '../contract/rides';
import type { Versions } from './changes';
import { packIntegers, unpackIntegers } from './integers';
import { toStatistics } from './statistics';
import { mergeSummaries, type Summary } from './summary';
import { decodeSummary, encodeSummary } from './summary-codec';

/** A track: whose, and which. */
export interface Track {
  device: string;
  task: string;
}

/** What a ride's item says of its points: as much for a minute as for a day. */
export interface Progress {
  /** Grows with every change, so that none is made on top of what another did meanwhile. */
  revision: number;
  /** Number of the last journal entry that is counted. */
  seq: number;
  /** Start of the newest minute with a point, and the rows known of its hour. Hours before have items of their own. */
  newest: number | undefined;
  versions: Versions;
  /** All points before the newest minute, and those of that minute. */
  before: Summary | undefined;
  now: Summary | undefined;
  /** When points last came for an earlier minute than the newest, epoch ms. */
  lateAt: number | undefined;
}

export const noProgress: Progress = {
  ...{ revision: 0, seq: 0, newest: undefined, versions: new Map() },
  ...{ before: undefined, now: undefined, lateAt: undefined },
};

/** What an hour that is over has: all but the newest have one. */
export interface HourItem {
  /** Start of the hour, epoch ms. */
  hour: number;
  /** The last journal entry that the versions include. */
  seq: number;
  versions: Versions;
  summary: Summary | undefined;
}

export const versionsText = (versions: Versions): string => packIntegers([...versions].flat());

const versionsSchema = z.string().transform((text): Versions => {
  const values = unpackIntegers(text);
  const pairs = values.flatMap((version, i) => (i % 2 === 1 ? [[values[i - 1] ?? 0, version] as const] : []));
  return new Map(pairs);
});
const summarySchema = z.string().transform(decodeSummary);

/** Attributes of progress in a ride's item. */
export function progressAttributes(progress: Progress) {
  const { revision, seq, newest, versions, before, now, lateAt } = progress;
  return {
    ...{ rev: revision, seq, newest, rows: versionsText(versions), lateAt },
    before: before && encodeSummary(before),
    now: now && encodeSummary(now),
  };
}

const itemSchema = z.object({
  owner: z.string(),
  ride: z.string().regex(/^\d{13}#/),
  createdAt: z.int(),
  activity: activitySchema.optional(),
  finishedAt: z.int().optional(),
  rev: z.int().default(0),
  seq: z.int().default(0),
  newest: z.int().optional(),
  rows: versionsSchema.default(new Map()),
  before: summarySchema.optional(),
  now: summarySchema.optional(),
  lateAt: z.int().optional(),
});

/** A ride as its item has it. */
export interface StoredRide {
  head: RideHead;
  progress: Progress;
}

/** @throws ZodError or RangeError where the item is no ride */
export function decodeRide(item: Record<string, unknown>): StoredRide {
  const { owner, ride, createdAt, activity, finishedAt, rev, seq, newest, rows, before, now, lateAt } =
    itemSchema.parse(item);
  const head: RideHead = {
    owner,
    task: ride.slice(14),
    state: finishedAt === undefined ? 'active' : 'finished',
    createdAt,
  };
  if (activity !== undefined) head.activity = activity;
  if (finishedAt !== undefined) head.finishedAt = finishedAt;
  return { head, progress: { revision: rev, seq, newest, versions: rows, before, now, lateAt } };
}

const hourSchema = z
  .object({
    ride: z.string().regex(/^h\d{8}$/),
    seq: z.int(),
    rows: versionsSchema,
    summary: summarySchema.optional(),
  })
  .transform(
    ({ ride, seq, rows, summary }): HourItem => ({
      hour: Number(ride.slice(1)) * 3_600_000,
      ...{ seq, versions: rows, summary },
    }),
  );

/** @throws ZodError or RangeError where the item is no hour */
export const decodeHour = (item: Record<string, unknown>): HourItem => hourSchema.parse(item);

/** A ride as the API answers it. */
export function toRide({ head, progress: { before, now, lateAt } }: StoredRide): Ride {
  const summary = mergeSummaries(before, now);
  const statistics = summary && toStatistics(summary);
  return { ...head, ...(lateAt !== undefined && { lateArrivalAt: lateAt }), ...(statistics && { statistics }) };
}
