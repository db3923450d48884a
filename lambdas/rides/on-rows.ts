import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { dynamodb, kinesis } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { Objects } from '../platform/objects';
import { StreamWriter } from '../platform/stream-writer';
import { type BatchResponse, failing, readChanges } from '../platform/streams';
import { toRowChange } from './changes';
import { ridesRowsEnv } from './env';
import { Journal } from './journal';
import { keepRows } from './keep-rows';
import { RideKeeper } from './keeper';
import { Direct } from './relay';
import { Mender } from './relay-store';
import { RowReads } from './row-reads';
import { RideStore } from './store';

const env = readEnvironment(ridesRowsEnv);
const client = dynamodb();
const keeper = new RideKeeper(
  new RideStore(client, env.RIDES_TABLE, env.RETENTION_DAYS),
  new Journal(client, env.RIDES_TABLE, env.RETENTION_DAYS),
  new RowReads(client, env.TRACKS_TABLE),
);
const direct = new Direct({
  retentionDays: env.RETENTION_DAYS,
  mender: new Mender(client, { tracks: env.TRACKS_TABLE, rides: env.RIDES_TABLE }),
  aside: new Objects({ ...env, UPLOADS_BUCKET: env.ARCHIVE_BUCKET }),
  positions: new StreamWriter(kinesis(), env.POSITIONS_STREAM),
});

/** Kept for a last round that times out, and for answering (ms). */
const MARGIN_MS = 45_000;

/**
 * Takes care of what devices wrote by themselves; then counts each changed row of the tracks table in its ride, and
 * enters what is new in the track's journal.
 */
export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<BatchResponse> => {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const { good, bad } = readChanges(event, (change) => change);
  const { changes, failed } = await direct.handle(good, deadline);
  const rows = changes.flatMap(({ sequence, value }) => {
    const row = toRowChange(value);
    return row ? [{ sequence, value: row }] : [];
  });
  return failing([...bad, ...failed, ...(await keepRows(keeper, rows, deadline))]);
};
