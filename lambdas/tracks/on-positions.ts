import type { KinesisStreamEvent } from 'aws-lambda';
import { decodeBatch } from '../contract/batch';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { type BatchResponse, failing, readKinesis } from '../platform/streams';
import { tracksWriteEnv } from './env';
import { TrackRows } from './store';
import { TrackWriter } from './writer';

const env = readEnvironment(tracksWriteEnv);
const rows = new TrackRows(dynamodb(), env.TRACKS_TABLE, env.RETENTION_DAYS);
const writer = new TrackWriter(rows, env.RETENTION_DAYS);

export const handler = async (event: KinesisStreamEvent): Promise<BatchResponse> => {
  const { good, bad } = readKinesis(event, decodeBatch);
  const failed = await writer.write(good, Date.now());
  return failing([...bad, ...failed]);
};
