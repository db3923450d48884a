import type { Environment } from './environment';
import { numberOf, parseJson } from './json';
import type { Tokens } from './token';

/** What came back for a request. */
export interface Answer {
  status: number;
  body: unknown;
  /** What the server asks to wait (ms). */
  retryAfterMs: number | undefined;
  /** By the device's clock, epoch ms. */
  sentAt: number;
  receivedAt: number;
}

/** No answer of the API takes longer than 30 s. */
const TIMEOUT_MS = 35_000;

/** @returns a `Retry-After` in ms: seconds, or an HTTP date */
function retryAfter(response: Response, body: unknown, now: number): number | undefined {
  const header = response.headers.get('retry-after');
  const seconds = header === null || header === '' ? numberOf(body, 'retryAfterSeconds') : Number(header);
  if (seconds !== undefined && Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = header === null ? Number.NaN : Date.parse(header);
  return Number.isFinite(date) ? Math.max(0, date - now) : undefined;
}

/** Sends a request. @returns undefined where no answer came: no connection, or none in time */
export async function send(
  { clock, fetch }: Environment,
  url: string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Answer | undefined> {
  const ends = new AbortController();
  const end = () => ends.abort();
  if (signal?.aborted) return undefined;
  signal?.addEventListener('abort', end);
  const cancel = clock.after(TIMEOUT_MS, end);
  const sentAt = clock.now();
  try {
    const response = await fetch(url, { ...init, signal: ends.signal });
    const text = await response.text();
    const receivedAt = clock.now();
    const body = parseJson(text);
    const retryAfterMs = retryAfter(response, body, receivedAt);
    return { status: response.status, body, retryAfterMs, sentAt, receivedAt };
  } catch {
    return undefined;
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
}

/** The API, asked by whoever the token names. */
export class Api {
  private readonly base: string;

  /** @param url of the API, with or without a slash at its end */
  constructor(
    url: string,
    readonly tokens: Tokens,
    readonly environment: Environment,
  ) {
    this.base = url.replace(/\/+$/, '');
  }

  /** Asks; a token that is refused is renewed once. @returns undefined where no answer came, or there is no token */
  async ask(method: 'GET' | 'POST', path: string, body?: object, signal?: AbortSignal): Promise<Answer | undefined> {
    const token = await this.tokens.current().catch(() => undefined);
    if (token === undefined) return undefined;
    const answer = await this.once(method, path, token, body, signal);
    if (answer?.status !== 401 || !(await this.tokens.refused(token).catch(() => false))) return answer;
    const another = await this.tokens.current().catch(() => undefined);
    return another === undefined ? answer : this.once(method, path, another, body, signal);
  }

  /** The server's clock needs no token. */
  health(signal?: AbortSignal): Promise<Answer | undefined> {
    return send(this.environment, `${this.base}/v1/health`, { method: 'GET' }, signal);
  }

  private once(method: string, path: string, token: string, body: object | undefined, signal: AbortSignal | undefined) {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return send(this.environment, this.base + path, init, signal);
  }
}
