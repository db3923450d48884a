import { appendFileSync } from 'node:fs';
import type { Outcome } from './device';

/** What a fault did, as the table of `npm run test:faults` shows it. Times in seconds unless named otherwise. */
export interface Row {
  fault: string;
  seconds: number;
  /** points acknowledged before, during and after it */
  accepted: number;
  /** requests that had to be sent again while it lasted */
  refused: number;
  before: Latency;
  during: Latency;
  after: Latency;
  /** from its end until nothing waited any more */
  catchUp: number;
  /** from its end until each viewer saw vehicles move again */
  viewers: number;
}

/** Milliseconds of requests that were answered 202. */
export interface Latency {
  count: number;
  p50: number | undefined;
  p99: number | undefined;
}

export function latencyOf(outcomes: readonly Outcome[]): Latency {
  const sorted = outcomes.filter(({ status }) => status === 202).map(({ ms }) => ms);
  sorted.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

const millis = ({ p50, p99 }: Latency) => `${p50 ?? '–'} / ${p99 ?? '–'}`;

/** A row in words, for whoever watches the run. */
export function inWords({ fault, seconds, accepted, refused, before, during, after, catchUp, viewers }: Row): string {
  return (
    `${fault}, ${seconds} s: ${accepted} points accepted, ${refused} requests sent again; ` +
    `ingest p50/p99 ${millis(before)} → ${millis(during)} → ${millis(after)} ms; ` +
    `caught up after ${catchUp.toFixed(1)} s, viewers after ${viewers.toFixed(1)} s`
  );
}

/** Prints a row, and keeps it where `WAYSTREAM_FAULTS_FILE` says, a JSON document a line. */
export function keep(row: Row): void {
  process.stdout.write(`${inWords(row)}\n`);
  const file = process.env.WAYSTREAM_FAULTS_FILE;
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
