import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { callEngine, EngineError } from '../engine-call';
import type { Template } from '../model';
import { readAll } from '../template/known';
import { stream as streamSchema } from '../template/schemas';

const anything = z.looseObject({});
const summary = z.object({ StreamDescriptionSummary: z.object({ StreamStatus: z.string() }) });

/**
 * Makes the streams of the template that the engine does not have yet, and waits until they can be written.
 * @param onDemandShards how many shards a stream has whose template leaves it to AWS
 */
export async function createStreams(engine: string, template: Template, onDemandShards: number): Promise<void> {
  const streams = readAll(template, 'AWS::Kinesis::Stream', streamSchema);
  await Promise.all(
    streams.map(({ resource, properties }) => create(engine, resource.ref, properties.ShardCount ?? onDemandShards)),
  );
}

async function create(engine: string, StreamName: string, ShardCount: number): Promise<void> {
  try {
    await callEngine(engine, 'kinesis', 'CreateStream', { StreamName, ShardCount }, anything);
  } catch (error) {
    if (!(error instanceof EngineError && error.type === 'ResourceInUseException')) throw error;
  }
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const { StreamDescriptionSummary: now } = await callEngine(
      engine,
      'kinesis',
      'DescribeStreamSummary',
      { StreamName },
      summary,
    );
    if (now.StreamStatus === 'ACTIVE') return;
    await delay(25);
  }
  throw new Error(`The stream ${StreamName} did not become active`);
}
