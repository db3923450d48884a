import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../lambdas/contract/limits';
import type { Receipt } from '../lambdas/contract/reports';
import type { Recorded } from './datasets';
import { clearProgress, type Progress, saveProgress } from './progress';
import { type Anchor, type DeviceBatch, dueTick, toBatches } from './schedule';

/** Sends a tick's batches, all of them or throwing. */
export interface Reporter {
  /** How often due points are gathered and sent (ms). */
  tickMs: number;
  report(batches: DeviceBatch[], signal: AbortSignal): Promise<Receipt[]>;
  close(): void;
}

export interface ReplayOptions {
  set: readonly Recorded[];
  name: string;
  reporter: Reporter;
  speed: number;
  intervals: Anchor['intervals'];
  /** Send as fast as the answers come, instead of when points are due. */
  flatOut: boolean;
  /** Where to save the progress; nowhere without it. */
  progressFile?: string;
  resume?: Progress | undefined;
  signal: AbortSignal;
  /** Called after each tick with how many points are done. */
  onProgress(done: number, receipts: Receipt[]): void;
}

function anchorAt(options: ReplayOptions, start: number): Anchor {
  const { set, speed, intervals } = options;
  const first = set[start]?.point.time ?? 0;
  const last = set.at(-1)?.point.time ?? first;
  // Kept intervals must end now: nothing may be dated in the future.
  const now = intervals === 'keep' && options.flatOut ? Date.now() - (last - first) : Date.now();
  return { recorded: first, now, speed, intervals };
}

async function sendTick(options: ReplayOptions, progress: Progress): Promise<void> {
  if (options.progressFile) await saveProgress(options.progressFile, progress);
  const batches = toBatches(options.set.slice(progress.from, progress.next), progress.anchor);
  options.onProgress(progress.next, await options.reporter.report(batches, options.signal));
}

/**
 * Replays a recorded set, dated to now. Resumed, it first repeats the tick that was under way, with its old dates.
 * @returns the number of points sent
 */
export async function replay(options: ReplayOptions): Promise<number> {
  const { set, name, signal } = options;
  let start = options.resume?.next ?? 0;
  if (options.resume) await sendTick(options, options.resume);
  // With kept intervals the dates go on as they began; live ones start afresh from now.
  const kept = options.intervals === 'keep' ? options.resume?.anchor : undefined;
  const anchor = kept ?? anchorAt(options, start);
  while (start < set.length && !signal.aborted) {
    const { next } = dueTick(set, start, anchor, options.flatOut ? Number.POSITIVE_INFINITY : Date.now());
    if (next > start) await sendTick(options, { set: name, anchor, from: start, next });
    // A full request means that more is due already.
    const behind = options.flatOut || next - start >= limits.pointsPerRequest;
    start = next;
    if (!behind) await sleep(options.reporter.tickMs, undefined, { signal }).catch(() => undefined);
  }
  if (start >= set.length && options.progressFile) await clearProgress(options.progressFile);
  return start;
}
