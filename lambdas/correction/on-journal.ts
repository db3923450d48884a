import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { decodeRideChange } from '../contract/ride-change';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { isOutage } from '../platform/outage';
import { type BatchResponse, bounded, failing, readChanges } from '../platform/streams';
import { Corrector } from './corrector';
import { type Due, toDue } from './due';
import { correctionEnv } from './env';
import { CorrectionStore } from './store';

const env = readEnvironment(correctionEnv);
const corrector = new Corrector(new CorrectionStore(dynamodb(), env.TRACKS_TABLE, env.RETENTION_DAYS));

/** Tracks at a time: each is read and written by one call after the other. */
const WIDTH = 16;
/** Kept for a last call that times out, and for answering (ms). */
const MARGIN_MS = 45_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/**
 * Corrects the tracks that are due. Tries are few and meant for records at fault, so an outage of the table is waited
 * for here, as long as the function may.
 * @returns those that are not corrected
 */
async function correctAll(due: readonly Due[], deadline: number): Promise<Due[]> {
  const refused: Due[] = [];
  let waiting = [...due];
  for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
    const failed = await bounded(waiting, WIDTH, (track) => corrector.correct(track, deadline));
    const passing = [...failed].filter(([, error]) => isOutage(error));
    for (const [track, error] of failed) {
      if (isOutage(error)) continue;
      logError('track not corrected', error, { records: track.sequences.length });
      refused.push(track);
    }
    waiting = passing.map(([track]) => track);
    if (waiting.length === 0) return refused;
    if (Date.now() + pause > deadline) break;
    await sleep(pause);
  }
  logError('table unavailable', new Error(`${waiting.length} tracks wait`));
  return [...refused, ...waiting];
}

/** Corrects what a ride's journal says is new, and what is complete now that a ride is over. */
export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<BatchResponse> => {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const { good, bad } = readChanges(event, ({ after }) => after && decodeRideChange(after));
  const failed = await correctAll(toDue(good), deadline);
  return failing([...bad, ...failed.flatMap(({ sequences }) => sequences)]);
};
