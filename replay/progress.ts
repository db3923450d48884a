import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const anchorSchema = z.object({
  recorded: z.number(),
  now: z.number(),
  speed: z.number(),
  intervals: z.enum(['live', 'keep']),
});

/**
 * How far a replay got. `from` to `next` was on its way when this was saved: on resuming it is sent again with the same
 * dates, which changes nothing where it had arrived.
 */
const progressSchema = z.object({ set: z.string(), anchor: anchorSchema, from: z.int(), next: z.int() });
export type Progress = z.infer<typeof progressSchema>;

/** @returns what an earlier run saved, or undefined where it ended */
export async function loadProgress(file: string): Promise<Progress | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : progressSchema.parse(JSON.parse(text));
}

/** Saves in one step: a crash leaves the old progress or the new. */
export async function saveProgress(file: string, progress: Progress): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(progress));
  await rename(`${file}.new`, file);
}

export const clearProgress = (file: string): Promise<void> => rm(file, { force: true });
