import { z } from 'zod';
import { utcDay } from './time';
import { trackAttributes } from './track-row';

/**
 * The registry of tasks lies in the `tracks` table under the bare device id: one item a UTC day and task, written before
 * the rows, so that whoever reads by device finds its tracks without an index.
 */
export interface TaskDay {
  task: string;
  /** Start of the UTC day, epoch ms. */
  day: number;
  /** Hours of the day that have points, 0–23, in any order. */
  hours: readonly number[];
}

/** Name of the attribute that holds the hours. */
export const hoursAttribute = 'hours';

/** @returns the sort key of a registry item; those of a day follow one another */
export const registryKey = (time: number, task: string): string => `d${utcDay(time)}#${task}`;

/** Reads a registry item (unmarshalled). */
export const taskDaySchema = z
  .object({
    [trackAttributes.minute]: z.string().regex(/^d\d{4}-\d\d-\d\d#/),
    [hoursAttribute]: z.set(z.number()),
  })
  .transform(
    (item): TaskDay => ({
      day: Date.parse(item.minute.slice(1, 11)),
      task: item.minute.slice(12),
      hours: [...item.hours],
    }),
  );
