import { asAsked, defaultBackoff, fullJitter } from './backoff';
import type { RowShape } from './direct-row';
import { member, numberOf, textOf } from './json';
import type { Answer, Api } from './request';
import type { ServerClock } from './server-clock';
import type { AwsCredentials } from './sigv4';

/** What `POST /v1/credentials` answers. */
export interface Access {
  task: string;
  credentials: AwsCredentials;
  /** Epoch ms by the server's clock. */
  expiresAt: number;
  renewAt: number;
  region: string;
  endpoint: string;
  table: string;
  row: RowShape;
  futureToleranceMs: number;
}

/** Where direct writing is not for this device, it is asked again after this (ms). */
const NOT_FOR_US_MS = 3_600_000;
/** Where the task is not known yet, a first point reported makes it so soon (ms). */
const NOT_YET_MS = 30_000;
/** What would end before it arrives is not used (ms). */
const MARGIN_MS = 5_000;

/** @throws TypeError where a member is missing: the answer is of another version */
function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`The credentials lack ${name}.`);
  return value;
}

const text = (value: unknown, name: string): string => needed(textOf(value, name), name);
const number = (value: unknown, name: string): number => needed(numberOf(value, name), name);

function rowOf(body: unknown): RowShape {
  const row = member(body, 'row');
  const [partition, sort, expires] = [member(row, 'partitionKey'), member(row, 'sortKey'), member(row, 'expires')];
  return {
    partitionKey: { name: text(partition, 'name'), value: text(partition, 'value') },
    sortKey: { name: text(sort, 'name'), prefix: text(sort, 'prefix'), digits: number(sort, 'digits') },
    expires: { name: text(expires, 'name'), secondsAfterMinute: number(expires, 'secondsAfterMinute') },
    point: { prefix: text(member(row, 'point'), 'prefix') },
    pointsPerUpdate: number(row, 'pointsPerUpdate'),
  };
}

const endpointOf = (region: string): string =>
  `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** Reads the answer. @throws TypeError where something is missing */
export function accessOf(task: string, body: unknown): Access {
  const given = member(body, 'credentials');
  const region = text(body, 'region');
  return {
    task,
    credentials: {
      accessKeyId: text(given, 'accessKeyId'),
      secretAccessKey: text(given, 'secretAccessKey'),
      sessionToken: text(given, 'sessionToken'),
    },
    expiresAt: number(body, 'expiresAt'),
    renewAt: number(body, 'renewAt'),
    region,
    endpoint: (textOf(body, 'endpoint') ?? endpointOf(region)).replace(/\/+$/, ''),
    table: text(body, 'table'),
    row: rowOf(body),
    futureToleranceMs: number(body, 'futureToleranceMs'),
  };
}

/** Gets credentials, and gets new ones before they end; where that fails the old ones do until they end. */
export class AccessKeeper {
  private held: Access | undefined;
  private failures = 0;
  /** By the monotonic clock (ms): not asked before. */
  private askAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly api: Api,
    private readonly serverClock: ServerClock,
  ) {}

  /** Whether there are credentials that still hold, for whatever task. */
  get holds(): boolean {
    return this.held !== undefined && this.held.expiresAt - MARGIN_MS > this.serverClock.now();
  }

  /** @returns credentials of this task; undefined where there are none to be had now */
  async of(task: string, signal: AbortSignal): Promise<Access | undefined> {
    if (this.held?.task !== task) this.held = undefined;
    const due = !this.holds || this.serverClock.now() >= (this.held?.renewAt ?? 0);
    if (due && this.api.environment.clock.monotonic() >= this.askAt) await this.ask(task, signal);
    return this.holds ? this.held : undefined;
  }

  /** They were refused: they are not used again. */
  drop(): void {
    this.held = undefined;
  }

  private async ask(task: string, signal: AbortSignal): Promise<void> {
    const answer = await this.api.ask('POST', '/v1/credentials', { taskId: task }, signal);
    const serverTime = numberOf(answer?.body, 'serverTime');
    if (answer && serverTime !== undefined) this.serverClock.observe(answer.sentAt, answer.receivedAt, serverTime);
    if (answer?.status !== 201) return this.wait(answer);
    this.held = accessOf(task, answer.body);
    this.failures = 0;
  }

  private wait(answer: Answer | undefined): void {
    const { clock, random } = this.api.environment;
    this.failures += 1;
    const ms =
      answer?.retryAfterMs !== undefined
        ? asAsked(answer.retryAfterMs, random())
        : answer?.status === 404
          ? NOT_YET_MS * (0.5 + random())
          : answer?.status === 403
            ? NOT_FOR_US_MS
            : fullJitter(this.failures, random(), defaultBackoff);
    this.askAt = clock.monotonic() + ms;
  }
}
