import type { ImportReport } from '../contract/imports';

/** A function reads for a quarter of an hour at the most, and is called again within minutes where it failed. */
const READING_MS = 20 * 60_000;

/**
 * A report as it is to be told. One that nobody finished, since its function was ended, is a failure, though nobody was
 * left to write so.
 * @param now epoch ms
 */
export function asOf(report: ImportReport, now: number): ImportReport {
  const { state, startedAt } = report;
  if (state !== 'reading' || startedAt === undefined || now < startedAt + READING_MS) return report;
  const detail = 'The import was interrupted. Import the file again: what was taken stays once.';
  return { ...report, state: 'failed', problem: { code: 'interrupted', detail } };
}
