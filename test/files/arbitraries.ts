import { Readable } from 'node:stream';
import type { Moment } from '../../lambdas/contract/objection';
import type { Position } from '../../lambdas/contract/position';
import { type Reading, readFile } from '../../lambdas/files/read';
import { type Findings, Survey } from '../../lambdas/files/survey';

export const DAY_MS = 86_400_000;

/** A retention under which nothing is too old, at a moment after all fixtures. */
export const always: Moment = { now: Date.parse('2026-11-21T12:00:00Z'), retentionMs: 40_000 * DAY_MS };

/** A file's bytes in pieces of so many. */
export function* pieces(file: Uint8Array, size = 64 * 1024): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

export interface Result {
  reading: Reading;
  findings: Findings;
  points: { ride: number; position: Position }[];
}

/** Reads a whole file as the import does. */
export async function readAll(
  file: string | Uint8Array | Iterable<Uint8Array>,
  circumstances = always,
  size?: number,
): Promise<Result> {
  const points: Result['points'] = [];
  const survey = new Survey(circumstances, (ride, position) => points.push({ ride, position }));
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const chunks = bytes instanceof Uint8Array ? pieces(bytes, size) : bytes;
  const reading = await readFile(Readable.from(chunks, { objectMode: true }), survey);
  return { reading, findings: survey.findings(), points };
}

/** @returns how often each thing was met */
export const counts = (list: Findings['refused']): Record<string, number> =>
  Object.fromEntries(list.map(({ code, count }) => [code, count]));

export const gpx = (inner: string): string =>
  `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">${inner}</gpx>`;
