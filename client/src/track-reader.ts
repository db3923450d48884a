import { asAsked, defaultBackoff, fullJitter } from './backoff';
import { type Environment, pause, systemEnvironment } from './environment';
import { listOf, pointOf, textOf } from './json';
import type { Point } from './point';
import { type Answer, Api } from './request';
import { type TokenSource, Tokens } from './token';

export interface TrackReaderOptions {
  api: string;
  token: TokenSource;
  /** Whose track: the device. */
  owner: string;
  task: string;
  /** Where an earlier reader ended: nothing before it is read again. */
  cursor?: string;
  /** Time between polls while there is nothing new (ms), drawn anew each time, a quarter less or more. */
  pollMs?: number;
  signal?: AbortSignal;
  environment?: Partial<Environment>;
}

/** What is new of a track. */
export interface TrackNews {
  /** In the order in which they arrived, late ones included; never empty. */
  points: Point[];
  /** Keep it with the points: a reader that begins there reads what comes after them. */
  cursor: string;
}

/** The server will not answer this however often it is asked. */
export class TrackUnreadable extends Error {
  override readonly name = 'TrackUnreadable';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Refusals that waiting does not mend. A track that is not there yet may come. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && ![401, 404, 408, 429].includes(status);

/**
 * Reads a track as it grows: each point exactly once, whatever arrives late. Ends when the signal says so.
 * @throws TrackUnreadable where the server refuses for good: another's track, a cursor that is none
 * @example for await (const { points, cursor } of readTrack({ api, token, owner, task })) draw(points);
 */
export async function* readTrack(options: TrackReaderOptions): AsyncGenerator<TrackNews> {
  const { owner, task, pollMs = 5_000, signal } = options;
  const environment = { ...systemEnvironment(), ...options.environment };
  const api = new Api(options.api, new Tokens(options.token, environment.clock), environment);
  const path = `/v1/tracks/${encodeURIComponent(owner)}/${encodeURIComponent(task)}?order=arrival`;
  let { cursor } = options;
  for (let failures = 0; !signal?.aborted; ) {
    const answer = await api.ask('GET', cursor === undefined ? path : `${path}&cursor=${cursor}`, undefined, signal);
    const page = pageOf(answer);
    if (page === undefined) failures += 1;
    else failures = 0;
    if (page?.points.length) yield page;
    cursor = page?.cursor ?? cursor;
    if (page?.points.length) continue;
    await pause(environment.clock, waitFor(answer, failures, pollMs, environment), signal);
  }
}

function pageOf(answer: Answer | undefined): TrackNews | undefined {
  if (answer && isFinal(answer.status)) {
    const code = textOf(answer.body, 'code') ?? `http_${answer.status}`;
    throw new TrackUnreadable(answer.status, code, textOf(answer.body, 'detail') ?? '');
  }
  const cursor = textOf(answer?.body, 'next');
  if (answer?.status !== 200 || cursor === undefined) return undefined;
  return { points: listOf(answer.body, 'positions').flatMap((value) => pointOf(value) ?? []), cursor };
}

function waitFor(answer: Answer | undefined, failures: number, pollMs: number, { random }: Environment): number {
  const poll = pollMs * (0.75 + random() / 2);
  if (answer?.retryAfterMs !== undefined) return asAsked(answer.retryAfterMs, random());
  return failures === 0 || answer?.status === 404 ? poll : fullJitter(failures, random(), defaultBackoff);
}
