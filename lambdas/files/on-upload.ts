import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { DAY_MS } from '../contract/time';
import { kinesis } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { Objects } from '../platform/objects';
import { StreamUnavailable, StreamWriter } from '../platform/stream-writer';
import { uploadEnv } from './env';
import { importFile, type Outcome } from './import';
import { type ImportKey, Imports, toImportKey } from './store';

/** Source: Amazon S3 user guide, "EventBridge event message structure". Keys there are not encoded. */
const eventSchema = z.object({ detail: z.object({ object: z.object({ key: z.string() }) }) });

const env = readEnvironment(uploadEnv);
const imports = new Imports(new Objects(env));
const stream = new StreamWriter(kinesis(), env.POSITIONS_STREAM);

/** Time for the report once the points are sent, or can't be (ms). */
const SPARE_MS = 30_000;

/** A file has come: reads it, sends its points to the stream, and reports. Told twice, it does the same again. */
export const handler = async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<void> => {
  const key = toImportKey(eventSchema.parse(event).detail.object.key);
  if (!key) return;
  // It is there before the upload may begin, and is forgotten long after it.
  const { id, createdAt } = await imports.read(key);
  const begun = { id, createdAt, startedAt: Date.now() };
  const report = (outcome: Outcome) => imports.write(key, { ...begun, finishedAt: Date.now(), ...outcome });
  await imports.write(key, { ...begun, state: 'reading' });
  try {
    await report(await outcomeOf(key, Date.now() + context.getRemainingTimeInMillis() - SPARE_MS));
  } catch (error) {
    // Lambda tries twice more: until then, and where that fails too, this is the word.
    await report({ state: 'failed', problem: { code: 'internal', detail: 'Something went wrong on our side.' } });
    throw error;
  }
};

async function outcomeOf(key: ImportKey, deadline: number): Promise<Outcome> {
  const file = await imports.file(key);
  const circumstances = { now: Date.now(), retentionMs: env.RETENTION_DAYS * DAY_MS };
  try {
    return await importFile(file, { owner: key.owner, stream, circumstances, deadline });
  } catch (error) {
    if (!(error instanceof StreamUnavailable)) throw error;
    logError('an import was given up', error);
    const detail = 'Positions could not be taken for too long. Import the file again: what was taken stays once.';
    return { state: 'failed', problem: { code: 'stream_unavailable', detail } };
  }
}
