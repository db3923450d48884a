/**
 * What becomes of a batch after the function ran: pure, so that it can be held against a brute-force oracle.
 * Source of the rules: AWS Lambda developer guide, "Configuring partial batch response with Kinesis Data Streams and
 * Lambda" and "Retain discarded batch records for a Kinesis Data Streams event source in Lambda".
 */

/** Records that are sent to the function together. */
export interface Work<R> {
  records: readonly R[];
  /** retries that it has used up; splitting a batch uses none */
  retries: number;
}

/** `failedFrom`: index of the first record that was not processed. */
export type Outcome = { ok: true } | { ok: false; failedFrom: number };

export interface Policy {
  /** -1: for ever */
  maximumRetries: number;
  bisect: boolean;
}

export interface Settled<R> {
  succeeded: readonly R[];
  /** to be processed next, in this order, before anything later of the shard */
  again: readonly Work<R>[];
  /** true when the first of `again` is the same attempt anew, before which to wait */
  retry: boolean;
  givenUp: readonly R[];
}

/** Every record of the batch is in exactly one of the three results, in order. */
export function settle<R>(work: Work<R>, outcome: Outcome, policy: Policy): Settled<R> {
  const { records, retries } = work;
  if (outcome.ok) return { succeeded: records, again: [], retry: false, givenUp: [] };
  const succeeded = records.slice(0, outcome.failedFrom);
  const rest = records.slice(outcome.failedFrom);
  if (policy.bisect && records.length > 1) {
    // A reported record says where to split; a failure without one splits in the middle.
    const again = succeeded.length > 0 ? [rest] : halves(rest);
    return { succeeded, again: again.map((part) => ({ records: part, retries })), retry: false, givenUp: [] };
  }
  const exhausted = policy.maximumRetries >= 0 && retries >= policy.maximumRetries;
  if (exhausted) return { succeeded, again: [], retry: false, givenUp: rest };
  return { succeeded, again: [{ records: rest, retries: retries + 1 }], retry: true, givenUp: [] };
}

/**
 * Reads a function's answer to a batch, when it may report single failures.
 * @param sequences sequence numbers of the batch, in order
 */
export function outcomeOf(answer: unknown, sequences: readonly string[]): Outcome {
  const failures = field(answer, 'batchItemFailures');
  if (failures === undefined || failures === null) return { ok: true };
  if (!Array.isArray(failures)) return { ok: false, failedFrom: 0 };
  if (failures.length === 0) return { ok: true };
  const indexes = failures.map((each) => sequences.indexOf(String(field(each, 'itemIdentifier') ?? '')));
  // An identifier that is empty, missing or of no record here fails the whole batch.
  return { ok: false, failedFrom: Math.max(0, Math.min(...indexes)) };
}

function halves<R>(records: readonly R[]): (readonly R[])[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
