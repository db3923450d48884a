import { createHash } from 'node:crypto';
import { EngineError } from '../engine-call';
import { sleep } from '../functions';
import { type BatchLimits, Lane } from './lane';
import { Progress } from './progress';
import type { Position, Source, StreamRecord } from './source';

export interface ReaderOptions {
  source: Source;
  shardId: string;
  /** where to begin when there is no checkpoint */
  start: Position;
  checkpoint: string | undefined;
  parallelism: number;
  limits: BatchLimits;
  /** records that do not match are settled unseen */
  matches(record: StreamRecord): boolean;
  /** the order in which records are handed on: theirs, unless a fault is set */
  order(records: readonly StreamRecord[]): readonly StreamRecord[];
  /** takes one batch to its end */
  process(batch: StreamRecord[], settled: (records: readonly StreamRecord[]) => void): Promise<void>;
  checkpointed(sequence: string): void;
  problem(message: string): void;
  signal: AbortSignal;
}

/** Records that a shard holds in memory at a time; reading waits beyond it. */
const outstandingLimit = 10_000;

/** Records that a page has when more wait behind it: then the next read follows at once. */
const fullPage = 500;

/** Pauses after a write was signalled or a record came: a record may become visible a little after its write. */
const followUpsMs = [10, 20, 40, 80, 160, 320, 640];

/** Pause when nothing is signalled: for what is written past the front, such as by time to live. */
const idleMs = 5_000;

/** Reads one shard in order and hands its records to lanes by key. */
export class ShardReader {
  readonly progress: Progress;
  records = 0;
  /** number of reads that began; and of the last one that found nothing */
  polls = 0;
  emptyPoll = 0;
  closed = false;
  private readonly lanes: Lane[];
  private position: Position;
  /** follow-ups since the last sign of a record, and rings of the bell before the last read */
  private followUps = 0;
  private heard = 0;

  constructor(private readonly options: ReaderOptions) {
    this.progress = new Progress(options.checkpoint);
    this.position = options.checkpoint === undefined ? options.start : { after: options.checkpoint };
    this.lanes = Array.from({ length: options.parallelism }, () => new Lane(options.limits, options.signal));
  }

  /** Gets the first iterator: from then on, no record is missed. */
  async open(): Promise<string> {
    return this.iterator();
  }

  /** Reads until the shard ends or the signal is aborted, and returns when the lanes have finished. */
  async run(first: string): Promise<void> {
    const working = this.lanes.map((lane) => this.work(lane));
    await this.poll(first);
    await Promise.all(this.options.signal.aborted ? working : []);
  }

  private async work(lane: Lane): Promise<void> {
    for (let batch = await lane.take(); batch.length > 0; batch = await lane.take()) {
      await this.options.process(batch, (records) => this.settle(records));
    }
  }

  private async poll(first: string): Promise<void> {
    const { signal, source } = this.options;
    let iterator: string | undefined = first;
    while (iterator !== undefined && !signal.aborted) {
      const read = await this.read(iterator);
      iterator = read.next;
      this.closed = iterator === undefined;
      if (!read.full && !this.closed) await this.pause(read.again);
      while (this.progress.outstanding > outstandingLimit && !signal.aborted) await sleep(source.pollMs, signal);
    }
    while (this.progress.outstanding > 0 && !signal.aborted) await sleep(source.pollMs, signal);
  }

  /** Waits until it is time for the next read. @param again true when it is likely to find something */
  private async pause(again: boolean): Promise<void> {
    const { signal, source } = this.options;
    if (again) this.followUps = 0;
    // Between two reads at least, so that many small writes don't bring a read each.
    await sleep(source.pollMs, signal);
    const pauseMs = followUpsMs[this.followUps] ?? idleMs;
    this.followUps += 1;
    if (source.bell && (await source.bell.wait(this.heard, pauseMs, signal))) this.followUps = 0;
  }

  private async read(iterator: string): Promise<{ next: string | undefined; full: boolean; again: boolean }> {
    const { source, shardId, signal } = this.options;
    const poll = ++this.polls;
    this.heard = source.bell?.rings ?? 0;
    try {
      const page = await source.read(shardId, iterator, signal);
      for (const record of page.records) this.note(record);
      for (const record of this.options.order(page.records)) this.hand(record);
      // Nothing follows that could bring along what an order holds back.
      if (page.next === undefined) for (const record of this.options.order([])) this.hand(record);
      if (page.records.length === 0) this.emptyPoll = poll;
      return { next: page.next, full: page.records.length >= fullPage, again: page.records.length > 0 };
    } catch (error) {
      if (signal.aborted) return { next: iterator, full: false, again: true };
      this.options.problem(`${shardId}: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(500, signal);
      return { next: await this.reopened(error, iterator), full: false, again: true };
    }
  }

  /** An engine that refuses the iterator needs a new one, after the last record read. */
  private async reopened(error: unknown, iterator: string): Promise<string> {
    if (!(error instanceof EngineError) || /^HTTP 5|Internal|Unavailable/.test(error.type)) return iterator;
    // What came between a start at the end and the first record would be missed: rather repeat what is there.
    const unread = 'from' in this.position || /Trimmed/.test(error.type);
    if (unread) this.position = { from: 'TRIM_HORIZON' };
    return this.iterator().catch(() => iterator);
  }

  private iterator(): Promise<string> {
    const { source, shardId, signal } = this.options;
    return source.iterator(shardId, this.position, signal);
  }

  private note(record: StreamRecord): void {
    this.records += 1;
    this.position = { after: record.sequence };
    this.progress.read(record.sequence, record.at);
  }

  private hand(record: StreamRecord): void {
    if (this.options.matches(record)) this.lanes[laneOf(record.key, this.lanes.length)]?.push(record);
    else this.settle([record]);
  }

  private settle(records: readonly StreamRecord[]): void {
    for (const { sequence } of records) this.progress.done(sequence);
    if (this.progress.settled !== undefined) this.options.checkpointed(this.progress.settled);
  }
}

function laneOf(key: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash('md5').update(key).digest().readUInt32BE(0) % lanes;
}
