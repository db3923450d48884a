import { fullJitter } from './backoff';
import { type Access, AccessKeeper } from './direct-access';
import { toUpdates } from './direct-row';
import type { Environment } from './environment';
import { textOf } from './json';
import type { Point } from './point';
import { type Answer, send } from './request';
import type { ServerClock } from './server-clock';
import { type Digests, sign } from './sigv4';
import type { DirectOption } from './tracker';
import type { Batch, Outcome, Transport } from './transport';

export interface DirectSettings {
  /** Web Cryptography, where there is none of that name: React Native. */
  subtle?: Digests;
  /** Which way a batch went. */
  onWay?(way: 'direct' | 'api', reason?: string): void;
}

/** After failures the direct way rests (ms), ever longer and with full jitter. */
const REST = { firstMs: 5_000, mostMs: 300_000 };

/** What the API refuses with a reason would be taken out of a row later, and held against the device. */
const within = (value: number | undefined, least: number, most: number): boolean =>
  value === undefined || (value >= least && value <= most);

const areSound = (attributes: Record<string, unknown>): boolean =>
  Object.keys(attributes).length <= 16 && new TextEncoder().encode(JSON.stringify(attributes)).length <= 512;

const isSound = (point: Point, latest: number): boolean =>
  Number.isInteger(point.time) &&
  point.time <= latest &&
  within(point.lat, -90, 90) &&
  within(point.lon, -180, 180) &&
  within(point.accuracy, 0, 100_000) &&
  within(point.speed, 0, 500) &&
  within(point.heading, 0, 360) &&
  within(point.altitude, -1_000, 100_000) &&
  (point.attributes === undefined || areSound(point.attributes));

/** Names of refusals after which new credentials may help. */
const aboutCredentials = /AccessDenied|ExpiredToken|UnrecognizedClient|InvalidSignature|MissingAuthentication/;

/** Writes rows past the API while it can, and by the API while it can't. */
class DirectTransport implements Transport {
  private readonly keeper: AccessKeeper;
  private failures = 0;
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(
    api: ConstructorParameters<typeof AccessKeeper>[0],
    private readonly serverClock: ServerClock,
    private readonly fallback: Transport,
    private readonly environment: Environment,
    private readonly settings: DirectSettings,
  ) {
    this.keeper = new AccessKeeper(api, serverClock);
  }

  get worksWithoutApi(): boolean {
    return this.keeper.holds;
  }

  async send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const reason = await this.tryDirect(batch, signal);
    if (reason === undefined) {
      this.settings.onWay?.('direct');
      return { is: 'taken', refused: [] };
    }
    if (signal.aborted) return { is: 'later', code: 'stopped', detail: 'The tracker was stopped.' };
    this.settings.onWay?.('api', reason);
    return this.fallback.send(batch, signal);
  }

  /** @returns why it could not be: undefined where all of it was written */
  private async tryDirect({ task, points }: Batch, signal: AbortSignal): Promise<string | undefined> {
    if (task === undefined) return 'no task';
    if (this.environment.clock.monotonic() < this.restUntil) return 'resting';
    const access = await this.keeper.of(task, signal);
    if (!access) return 'no credentials';
    const latest = this.serverClock.now() + access.futureToleranceMs;
    if (!points.every((point) => isSound(point, latest))) return 'points that the API has to judge';
    for (const body of toUpdates(access.table, access.row, points)) {
      const refusal = refusalOf(await this.post(access, body, signal));
      if (refusal !== undefined) return this.failed(refusal);
    }
    this.failures = 0;
    return undefined;
  }

  private async post(access: Access, body: string, signal: AbortSignal): Promise<Answer | undefined> {
    const [, host = '', path = ''] = /^https?:\/\/([^/]+)(.*)$/.exec(access.endpoint) ?? [];
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.UpdateItem',
    };
    const { region, credentials } = access;
    const request = {
      host,
      path: path || '/',
      region,
      service: 'dynamodb',
      headers,
      body,
      time: this.serverClock.now(),
    };
    const signed = await sign(request, credentials, this.settings.subtle ?? crypto.subtle);
    return send(
      this.environment,
      `${access.endpoint}${path ? '' : '/'}`,
      { method: 'POST', headers: signed, body },
      signal,
    );
  }

  private failed(refusal: string): string {
    const { clock, random } = this.environment;
    if (aboutCredentials.test(refusal)) this.keeper.drop();
    this.failures += 1;
    this.restUntil = clock.monotonic() + fullJitter(this.failures, random(), REST);
    return refusal;
  }
}

function refusalOf(answer: Answer | undefined): string | undefined {
  if (!answer) return 'no answer';
  if (answer.status === 200) return undefined;
  return `${answer.status} ${textOf(answer.body, '__type') ?? ''}`;
}

/**
 * Writes rows straight into the table with temporary credentials of the task: cheaper, and independent of the API. What
 * can't be written so goes by the API; the direct way is tried again by itself.
 */
export function directWrites(settings: DirectSettings = {}): DirectOption {
  return (api, clock, fallback, environment) => new DirectTransport(api, clock, fallback, environment, settings);
}
