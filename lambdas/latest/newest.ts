import type { Latest } from '../contract/hot/latest';
import type { TaskDay } from '../contract/task-registry';

const HOUR_MS = 3_600_000;

/**
 * A device on its way reports every few seconds. Where its newest position is older than this (ms), a newer one may
 * have been accepted while Valkey was away, and has its place in the table alone.
 */
const FRESH_MS = 10_000;

/** Whether what Valkey has may be behind what was accepted. @param now epoch ms */
export const mayBeBehind = (hot: Latest | undefined, now: number): boolean =>
  hot === undefined || Math.abs(now - hot.position.time) >= FRESH_MS;

/** @returns the newer of the two; of one time the one in Valkey */
export const newerOf = (hot: Latest | undefined, stored: Latest | undefined): Latest | undefined =>
  stored && (!hot || stored.position.time > hot.position.time) ? stored : hot;

/** A stretch of time and the tasks that have points in it. */
export interface Hour {
  from: number;
  to: number;
  tasks: string[];
}

/** The hours in which a device was heard of, newest first. */
export function newestHours(days: readonly TaskDay[]): Hour[] {
  const hours = new Map<number, string[]>();
  for (const { day, task, hours: some } of days) {
    for (const hour of some) {
      const from = day + hour * HOUR_MS;
      hours.set(from, [...(hours.get(from) ?? []), task]);
    }
  }
  return [...hours].map(([from, tasks]) => ({ from, to: from + HOUR_MS, tasks })).sort((a, b) => b.from - a.from);
}
