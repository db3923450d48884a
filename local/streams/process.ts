import type { FunctionFault } from '../model';
import { type Outcome, type Policy, settle, type Work } from './settle';

/** How one invocation for a batch went. */
export type Attempt =
  | { kind: 'done'; outcome: Outcome; fault?: FunctionFault }
  /** the function was never called: it is throttled */
  | { kind: 'throttled' };

/** Why records are given up. */
export interface GivenUp<R> {
  records: readonly R[];
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  invocations: number;
  fault: FunctionFault | undefined;
}

export interface ProcessOptions<R> {
  policy: Policy;
  invoke(records: readonly R[]): Promise<Attempt>;
  /** @returns true when the record is older than the mapping takes */
  tooOld(record: R): boolean;
  /** records that are settled, one way or the other */
  settled(records: readonly R[]): void;
  /** keeps records that are given up; called before they count as settled */
  giveUp(failure: GivenUp<R>): Promise<void>;
  /** waits before the same attempt anew. @param retries those used up, 0 for a throttled call */
  pause(retries: number): Promise<void>;
  signal: AbortSignal;
}

/**
 * Takes a batch to its end: when this returns, each record has succeeded or is given up, in order,
 * unless the signal was aborted in between.
 */
export async function processBatch<R>(batch: readonly R[], options: ProcessOptions<R>): Promise<void> {
  const stack: Work<R>[] = [{ records: batch, retries: 0 }];
  let last: { invocations: number; fault: FunctionFault | undefined } = { invocations: 0, fault: undefined };
  for (let work = stack.pop(); work && !options.signal.aborted; work = stack.pop()) {
    const records = await withoutOld(work.records, last, options);
    if (records.length === 0) continue;
    const attempt = await options.invoke(records);
    if (attempt.kind === 'throttled') {
      stack.push({ ...work, records });
      await options.pause(0);
      continue;
    }
    // Stopped in between: a success counts, a failure may be that of an instance that was ended.
    if (options.signal.aborted && !attempt.outcome.ok) return;
    last = { invocations: work.retries + 1, fault: attempt.fault };
    const result = settle({ ...work, records }, attempt.outcome, options.policy);
    if (result.succeeded.length > 0) options.settled(result.succeeded);
    if (result.givenUp.length > 0) {
      await options.giveUp({ records: result.givenUp, condition: 'RetryAttemptsExhausted', ...last });
      if (options.signal.aborted) return;
      options.settled(result.givenUp);
    }
    stack.push(...result.again.toReversed());
    if (result.retry) await options.pause(work.retries + 1);
  }
}

/** Gives up what is too old before the function sees it. Records are in order of age, so those are the first. */
async function withoutOld<R>(
  records: readonly R[],
  last: { invocations: number; fault: FunctionFault | undefined },
  options: ProcessOptions<R>,
): Promise<readonly R[]> {
  const found = records.findIndex((record) => !options.tooOld(record));
  const young = found < 0 ? records.length : found;
  if (young === 0) return records;
  const old = records.slice(0, young);
  await options.giveUp({ records: old, condition: 'RecordAgeExceeded', ...last });
  if (options.signal.aborted) return [];
  options.settled(old);
  return records.slice(young);
}
