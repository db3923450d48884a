import type { Context, KinesisStreamEvent } from 'aws-lambda';
import { decodeBatch } from '../contract/batch';
import { dynamodb, kinesis } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { putMetrics } from '../platform/metrics';
import { StreamWriter } from '../platform/stream-writer';
import { type BatchResponse, failing, readKinesis } from '../platform/streams';
import { tracksWriteEnv } from './env';
import { outlast } from './outlast';
import { TrackRows } from './store';
import { TrackWriter } from './writer';

const env = readEnvironment(tracksWriteEnv);
const rows = new TrackRows(dynamodb(), env.TRACKS_TABLE, env.RETENTION_DAYS);
const writer = new TrackWriter(rows, env.RETENTION_DAYS);
const stream = new StreamWriter(kinesis(), env.POSITIONS_STREAM);

/** Kept for a last round of writes that time out, and for handing records back (ms). */
const MARGIN_MS = 45_000;

/** Puts records of an event at the end of the stream once more, as they are. */
async function handBack(event: KinesisStreamEvent, sequences: ReadonlySet<string>): Promise<void> {
  const records = event.Records.filter(({ kinesis: { sequenceNumber } }) => sequences.has(sequenceNumber));
  await stream.put(
    records.map(({ kinesis: { partitionKey, data } }) => ({ partitionKey, data: Buffer.from(data, 'base64') })),
  );
  putMetrics('tracks', { handedBack: records.length });
}

export const handler = async (event: KinesisStreamEvent, context: Context): Promise<BatchResponse> => {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const { good, bad } = readKinesis(event, decodeBatch);
  const failed = await outlast(good, {
    write: (received) => writer.write(received, Date.now()),
    handBack: (sequences) => handBack(event, sequences),
    deadline,
  });
  return failing([...bad, ...failed]);
};
