import { setTimeout as sleep } from 'node:timers/promises';
import { logError } from '../platform/log';
import type { Received } from './decide';
import type { Written } from './writer';

/** So long is waited for a table that takes nothing (ms). */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

interface Means {
  write(received: readonly Received[]): Promise<Written>;
  /** Puts records at the end of their stream once more. @throws where the stream is away as well */
  handBack(sequences: ReadonlySet<string>): Promise<void>;
  /** When the function has to answer (epoch ms). */
  deadline: number;
  now?: () => number;
  wait?: (ms: number) => Promise<unknown>;
}

/**
 * Writes records however long the table is away. Lambda tries a record three times, which is meant for records that
 * can't be written, and an outage would use up. So it is waited for here, and then what waits is handed back to the end
 * of the stream, from where it comes again: no try is used, and the records keep none waiting that come after.
 * @returns the sequence numbers to report as failed: what no repetition helps; what the table does not take although
 * it takes others; and where the stream is away too, what waits
 */
export async function outlast(received: readonly Received[], means: Means): Promise<Set<string>> {
  const { write, deadline, now = Date.now, wait = sleep } = means;
  const refused = new Set<string>();
  let waiting = received;
  let since = now();
  let takesSome = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const result = await write(waiting);
    for (const sequence of result.refused) refused.add(sequence);
    waiting = waiting.filter(({ sequence }) => result.later.has(sequence));
    if (waiting.length === 0) return refused;
    if (result.progress) since = now();
    takesSome ||= result.progress;
    const late = now() + pause > deadline;
    const left = new Set(waiting.map(({ sequence }) => sequence));
    if (now() + pause > since + PATIENCE_MS && !takesSome && (await handedBack(means, left))) return refused;
    if (late || (takesSome && now() + pause > since + PATIENCE_MS)) return new Set([...refused, ...left]);
    await wait(pause);
  }
}

async function handedBack({ handBack }: Means, sequences: ReadonlySet<string>): Promise<boolean> {
  try {
    await handBack(sequences);
    return true;
  } catch (error) {
    logError('could not hand records back', error, { records: sequences.size });
    return false;
  }
}
