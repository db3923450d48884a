import { z } from 'zod';

/** A moment in a query string or message: epoch milliseconds or ISO 8601 with a zone. Answers epoch milliseconds. */
export const momentSchema = z
  .union(
    [
      z.int().min(0),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
      z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
      z.iso.date().transform((text) => Date.parse(text)),
    ],
    'is neither epoch milliseconds nor an ISO 8601 time such as 2026-07-01T08:00:00Z',
  )
  .meta({ id: 'Moment', description: 'Epoch milliseconds, or ISO 8601.', example: '2026-07-01T08:00:00Z' });

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** @returns the UTC day, `YYYY-MM-DD`, of an epoch time in ms */
export const utcDay = (time: number): string => new Date(time).toISOString().slice(0, 10);
