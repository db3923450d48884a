import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { dynamodb } from '../platform/clients';
import { readEnvironment } from '../platform/environment';
import { logError } from '../platform/log';
import { searchClient } from '../platform/search';
import { type BatchResponse, bounded, failing, readChanges } from '../platform/streams';
import { Catalogue } from './catalogue';
import { newest, type Pending, toTasks } from './decide';
import { indexEnv } from './env';
import { RowWriter } from './row-writer';

/** A bulk request takes some hundred milliseconds; giving one up that is still under way only adds to the load. */
const REQUEST_TIMEOUT_MS = 30_000;

const env = readEnvironment(indexEnv);
const catalogue = new Catalogue(dynamodb(), env.PARTITIONS_TABLE);
const writer = new RowWriter(searchClient(env.SEARCH_ENDPOINT, env.AWS_REGION, REQUEST_TIMEOUT_MS));

/** Kept for a last request's timeout and for answering (ms). */
const MARGIN_MS = REQUEST_TIMEOUT_MS + 5_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
const CATALOGUE_WIDTH = 8;

/** Enters what will be written to. @returns the tasks whose partition could not be entered, which must wait */
async function enterPartitions(tasks: readonly Pending[]): Promise<Set<Pending>> {
  const written = tasks.filter(({ operation }) => operation.document);
  const byIndex = new Map(written.map(({ operation, partition }) => [operation.index, partition]));
  const failed = await bounded([...byIndex], CATALOGUE_WIDTH, ([, partition]) => catalogue.enter(partition));
  const shut = new Set([...failed.keys()].map(([index]) => index));
  for (const [[index], error] of failed) logError('partition not entered', error, { index });
  return new Set(written.filter(({ operation }) => shut.has(operation.index)));
}

/**
 * Writes the tasks, once their partitions stand in the catalogue, and tries again while the domain or the catalogue is
 * away: a stream's retries are few and meant for records that can't be written, so an outage is waited for here, as
 * long as the function may.
 * @returns the tasks that were not written
 */
async function write(tasks: readonly Pending[], deadline: number): Promise<Pending[]> {
  const refused: Pending[] = [];
  let waiting = [...tasks];
  for (let pause = FIRST_WAIT_MS; ; pause = Math.min(2 * pause, LONGEST_WAIT_MS)) {
    const shut = await enterPartitions(waiting);
    const open = waiting.filter((task) => !shut.has(task)).map(({ operation }) => operation);
    const outcomes = await writer.write(open);
    refused.push(...waiting.filter(({ operation }) => outcomes.get(operation) === 'refused'));
    waiting = waiting.filter((task) => shut.has(task) || outcomes.get(task.operation) === 'later');
    if (waiting.length === 0 || Date.now() + pause > deadline) break;
    await sleep(pause);
  }
  for (const { operation } of refused)
    logError('row refused by the index', new Error(operation.id), { index: operation.index });
  if (waiting.length > 0) logError('index or catalogue unavailable', new Error(`${waiting.length} rows wait`));
  return [...refused, ...waiting];
}

/** Indexes each changed row of the tracks table in the partitions that it touches, once they stand in the catalogue. */
export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<BatchResponse> => {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
  const { good, bad } = readChanges(event, toTasks);
  const tasks = newest(good);
  const unwritten = await write(tasks, deadline);
  return failing([...bad, ...unwritten.flatMap(({ sequences }) => sequences)]);
};
