import { sleep } from '../functions';
import type { Functions, InvokeResult, Log, Meter } from '../model';
import type { EventSourceMappingProperties } from '../template/schemas';
import { Turns } from '../turns';
import type { Checkpoints } from './checkpoints';
import { type FailureObject, failureObject, putObject } from './failures';
import { Disorder, Repeats, type StreamFaults, streamFaultsSchema } from './faults';
import { compileFilters } from './filter';
import { NotPermitted } from './permitted';
import { type Attempt, type GivenUp, processBatch } from './process';
import { ShardReader } from './reader';
import { outcomeOf } from './settle';
import type { Position, Shard, Source, StreamRecord } from './source';

/** State of a mapping, for tests and operators. */
export interface MappingState {
  name: string;
  uuid: string;
  function: string;
  polls: number;
  records: number;
  outstanding: number;
  invocations: number;
  failedInvocations: number;
  givenUp: number;
  /** batches delivered twice, as a fault has it */
  repeated: number;
  /** age of the oldest record that is read and not settled, in milliseconds */
  iteratorAgeMs: number;
  /** why it does not read */
  problem?: string | undefined;
}

export interface MappingOptions {
  name: string;
  uuid: string;
  functionArn: string;
  properties: EventSourceMappingProperties;
  source: Source;
  functions: Functions;
  checkpoints: Checkpoints;
  meter: Meter;
  log: Log;
  /** URL of the object store */
  store(): string;
  /** whether the function's role may put what it gives up on there */
  mayKeep(object: FailureObject): boolean;
}

/** Largest event of one invocation. Source: Lambda quotas; some room is left for what surrounds the records. */
const payloadBytes = 6 * 1024 * 1024 - 1024;

/** How often new shards are looked for, in milliseconds. */
const shardsEveryMs = 10_000;

/** An event source mapping: takes a stream's records to a function, shard by shard, each in order. */
export class Mapping {
  private readonly readers = new Map<string, ShardReader>();
  private readonly finished = new Set<string>();
  private readonly matches: (record: StreamRecord) => boolean;
  private stopping = new AbortController();
  private running: Promise<unknown>[] = [];
  /** two at a time would both open the same shard */
  private readonly opening = new Turns();
  private faults: StreamFaults = streamFaultsSchema.parse({});
  private readonly repeats = new Repeats((records: readonly StreamRecord[]) => this.deliver(records));
  private said = { message: '', at: 0 };
  private counts = { invocations: 0, failedInvocations: 0, givenUp: 0, records: 0, polls: 0 };

  /** @throws TemplateError for a filter pattern that is not valid */
  constructor(private readonly options: MappingOptions) {
    const filters = options.properties.FilterCriteria?.Filters ?? [];
    const matches = compileFilters(filters.map(({ Pattern }) => Pattern));
    this.matches = filters.length === 0 ? () => true : (record) => matches(record.filterable);
  }

  get name(): string {
    return this.options.name;
  }

  /** Begins to read. When this returns, every record put from now on will be seen. */
  async start(from: 'TRIM_HORIZON' | 'LATEST' = this.options.properties.StartingPosition): Promise<void> {
    if (!this.options.properties.Enabled) return;
    this.stopping = new AbortController();
    await this.openShards({ from }).catch((error: unknown) => {
      // What is not granted yet is looked for again, as new shards are.
      if (!(error instanceof NotPermitted)) throw error;
      this.problem(error.message);
    });
    this.running.push(this.watchShards());
  }

  /** Stops reading and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
    for (const { records, polls } of this.readers.values()) {
      this.counts.records += records;
      this.counts.polls += polls;
    }
    this.running = [];
    this.readers.clear();
    this.finished.clear();
  }

  /** Reads the whole stream once more, as after a reset: for the proof that consumers are idempotent. */
  async replayFromStart(): Promise<void> {
    await this.stop();
    this.options.checkpoints.clear(this.options.uuid);
    await this.start('TRIM_HORIZON');
  }

  /** What is to go wrong with deliveries from now on. */
  setFaults(faults: StreamFaults): void {
    this.faults = faults;
  }

  /** Waits until a read that began after this call found nothing new and nothing is open. */
  async idle(signal: AbortSignal): Promise<void> {
    const before = new Map([...this.readers].map(([id, reader]) => [id, reader.polls]));
    // Readers that wait for a write would not read now.
    this.options.source.bell?.ring();
    const busy = (id: string, reader: ShardReader): boolean =>
      reader.progress.outstanding > 0 ||
      (reader.closed ? !this.finished.has(id) : reader.emptyPoll <= (before.get(id) ?? 0));
    const working = (): boolean =>
      this.opening.waiting > 0 || [...this.readers].some(([id, reader]) => busy(id, reader));
    while (!signal.aborted && working()) await sleep(20, signal);
  }

  state(): MappingState {
    const readers = [...this.readers.values()];
    const sum = (of: (reader: ShardReader) => number): number => readers.reduce((total, each) => total + of(each), 0);
    const oldest = Math.min(...readers.map((reader) => reader.progress.oldest ?? Number.POSITIVE_INFINITY));
    return {
      name: this.options.name,
      uuid: this.options.uuid,
      function: this.options.functionArn,
      ...this.counts,
      repeated: this.repeats.count,
      polls: this.counts.polls + sum((reader) => reader.polls),
      records: this.counts.records + sum((reader) => reader.records),
      outstanding: sum((reader) => reader.progress.outstanding),
      problem: this.options.source.problem?.(),
      iteratorAgeMs: Number.isFinite(oldest) ? Math.max(0, Date.now() - oldest) : 0,
    };
  }

  private async watchShards(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(shardsEveryMs, signal);
      if (signal.aborted) return;
      // Shards that appear later are children: nothing of them may be missed.
      await this.openShards({ from: 'TRIM_HORIZON' }).catch((error: unknown) => this.problem(String(error)));
    }
  }

  private openShards(start: Position): Promise<void> {
    return this.opening.take(() => this.openReady(start));
  }

  /** Opens shards whose parents are read to their end, so that a key's records keep their order over a split. */
  private async openReady(start: Position): Promise<void> {
    const { signal } = this.stopping;
    const shards = await this.options.source.shards(signal);
    const ids = new Set(shards.map(({ id }) => id));
    const ready = (shard: Shard): boolean =>
      !this.readers.has(shard.id) && shard.parentIds.every((id) => !ids.has(id) || this.finished.has(id));
    for (const shard of shards.filter(ready)) {
      const reader = this.reader(shard.id, start);
      const iterator = await reader.open();
      this.readers.set(shard.id, reader);
      this.running.push(this.read(shard.id, reader, iterator));
    }
  }

  private async read(shardId: string, reader: ShardReader, iterator: string): Promise<void> {
    await reader.run(iterator);
    if (!reader.closed || this.stopping.signal.aborted) return;
    this.finished.add(shardId);
    await this.openShards({ from: 'TRIM_HORIZON' }).catch((error: unknown) => this.problem(String(error)));
  }

  private reader(shardId: string, start: Position): ShardReader {
    const { source, properties, checkpoints, uuid } = this.options;
    const { signal } = this.stopping;
    const disorder = new Disorder(Math.random);
    return new ShardReader({
      source,
      shardId,
      start,
      checkpoint: checkpoints.get(uuid, shardId),
      parallelism: properties.ParallelizationFactor,
      limits: {
        size: properties.BatchSize,
        windowMs: properties.MaximumBatchingWindowInSeconds * 1000,
        bytes: payloadBytes,
      },
      matches: this.matches,
      order: (records) => disorder.pass(records, this.faults.reorder),
      process: (batch, settled) => this.process(shardId, batch, settled, signal),
      checkpointed: (sequence) => checkpoints.set(uuid, shardId, sequence),
      problem: (message) => this.problem(message),
      signal,
    });
  }

  private process(
    shardId: string,
    batch: StreamRecord[],
    settled: (records: readonly StreamRecord[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { MaximumRetryAttempts, BisectBatchOnFunctionError, MaximumRecordAgeInSeconds } = this.options.properties;
    return processBatch(batch, {
      policy: { maximumRetries: MaximumRetryAttempts, bisect: BisectBatchOnFunctionError },
      invoke: (records) => this.invoke(records),
      tooOld: ({ at }) => MaximumRecordAgeInSeconds >= 0 && Date.now() - at > MaximumRecordAgeInSeconds * 1000,
      settled,
      giveUp: (failure) => this.giveUp(shardId, failure, signal),
      pause: (retries) => sleep(Math.min(30_000, 250 * 2 ** retries), signal),
      signal,
    });
  }

  private async invoke(records: readonly StreamRecord[]): Promise<Attempt> {
    const { properties } = this.options;
    const result = await this.repeats.run(records, this.faults.duplicate);
    if (!result.ok && result.throttled) return { kind: 'throttled' };
    const attempt = this.judge(result, records, properties.FunctionResponseTypes.length > 0);
    this.counts.invocations += 1;
    if (!attempt.outcome.ok) this.counts.failedInvocations += 1;
    return attempt;
  }

  private deliver(records: readonly StreamRecord[]): Promise<InvokeResult> {
    const { functions, functionArn } = this.options;
    return functions.invoke(functionArn, { Records: records.map(({ event }) => event) });
  }

  private judge(result: InvokeResult, records: readonly StreamRecord[], reports: boolean): Attempt & { kind: 'done' } {
    if (!result.ok) return { kind: 'done', outcome: { ok: false, failedFrom: 0 }, fault: result.error };
    const sequences = records.map(({ sequence }) => sequence);
    return { kind: 'done', outcome: reports ? outcomeOf(result.payload, sequences) : { ok: true } };
  }

  private async giveUp(shardId: string, failure: GivenUp<StreamRecord>, signal: AbortSignal): Promise<void> {
    const { properties, store, meter, name } = this.options;
    this.counts.givenUp += failure.records.length;
    this.problem(`${failure.records.length} records are given up: ${failure.condition}`);
    const bucket = properties.DestinationConfig?.OnFailure?.Destination;
    if (bucket === undefined) return;
    const object = failureObject(bucket, this.options, shardId, failure, new Date());
    if (!this.options.mayKeep(object)) return this.problem('they are not kept: the role may not put objects there');
    // A record that could neither be processed nor be kept would be lost: wait for the store.
    while (!signal.aborted) {
      try {
        await putObject(store(), object, signal);
        meter.add({ service: 's3', action: 'PutObject', function: name, units: { bytes: object.body.length } });
        return;
      } catch (error) {
        this.problem(String(error));
        await sleep(1_000, signal);
      }
    }
  }

  /** Says what is wrong; what goes on being wrong, once a minute. */
  private problem(message: string): void {
    const now = Date.now();
    if (this.stopping.signal.aborted || (message === this.said.message && now - this.said.at < 60_000)) return;
    this.said = { message, at: now };
    this.options.log(this.options.name, message);
  }
}
