import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../../lambdas/contract/limits';
import type { Point } from '../../lambdas/contract/position';
import type { Ledger } from './ledger';

/** How one request went. `status` 0: no answer at all. */
export interface Outcome {
  /** epoch ms at which it was sent */
  at: number;
  ms: number;
  status: number;
}

/** Vehicles that report over one connection, and where they go: a phone has one, a fleet's gateway several. */
export interface Fleet {
  token: string;
  /** `feeder` speaks for its vehicles, a `device` for itself */
  role: 'feeder' | 'device';
  vehicles: readonly { device: string; task: string; path: readonly { lat: number; lon: number }[] }[];
  /** loopback address to send from: limits count by it */
  localAddress?: string;
}

type Pending = Map<string, Point[]>;

/** No answer is waited for longer than the API's own longest: 30 s. */
const REQUEST_TIMEOUT_MS = 32_000;
const LONGEST_WAIT_MS = 4_000;

/**
 * Notes a point a second for each vehicle and sends what is not sent yet, one request at a time. A request without a
 * 202 is sent again with the same points until it has one: what a device has to do so that nothing is lost.
 */
export class Reporter {
  readonly outcomes: Outcome[] = [];
  private readonly agent: Agent;
  private pending: Pending = new Map();
  private noted = 0;
  private recording = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(
    private api: string,
    private readonly fleet: Fleet,
    private readonly ledger: Ledger,
    private readonly everyMs: number,
    private readonly now: () => number = Date.now,
  ) {
    const { localAddress } = fleet;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1, ...(localAddress !== undefined && { localAddress }) });
  }

  start(): void {
    if (this.timer) return;
    this.recording = true;
    this.timer = setInterval(() => this.note(), this.everyMs);
    this.running ??= this.send();
  }

  /** Notes nothing more; resolves when all that was noted has been acknowledged. */
  async pause(): Promise<void> {
    this.recording = false;
    clearInterval(this.timer);
    this.timer = undefined;
    await this.running;
    this.running = undefined;
  }

  /** Gives up what is pending as well. */
  async stop(): Promise<void> {
    this.closed = true;
    await this.pause();
    this.agent.destroy();
  }

  /** Reports elsewhere from now on, as after a restart of the stack on another port. */
  moveTo(api: string): void {
    this.api = api;
  }

  /** Age of the oldest point that has not been acknowledged (ms). */
  get lagMs(): number {
    const oldest = Math.min(...[...this.pending.values(), ...this.inFlight.values()].flat().map(({ time }) => time));
    return Number.isFinite(oldest) ? this.now() - oldest : 0;
  }

  private inFlight: Pending = new Map();

  private note(): void {
    const index = this.noted++;
    for (const { device, task, path } of this.fleet.vehicles) {
      const place = path[index % path.length];
      if (!place) continue;
      const key = `${device}/${task}`;
      this.pending.set(key, [...(this.pending.get(key) ?? []), { time: this.now(), lat: place.lat, lon: place.lon }]);
    }
  }

  private async send(): Promise<void> {
    while (!this.closed && (this.recording || this.pending.size > 0)) {
      if (this.pending.size === 0) {
        await sleep(20);
        continue;
      }
      this.inFlight = this.cut();
      for (const [key, points] of this.inFlight) this.ledger.sent(...split(key), points);
      await this.insist(JSON.stringify(this.bodyOf(this.inFlight)));
      this.inFlight = new Map();
    }
  }

  /** As many points of each vehicle as one request takes. */
  private cut(): Pending {
    const each = Math.floor(limits.pointsPerRequest / this.fleet.vehicles.length);
    const taken = new Map([...this.pending].map(([key, points]) => [key, points.slice(0, each)]));
    this.pending = new Map([...this.pending].map(([key, points]) => [key, points.slice(each)]));
    for (const [key, points] of this.pending) if (points.length === 0) this.pending.delete(key);
    return taken;
  }

  private bodyOf(batches: Pending): object {
    const devices = [...batches].map(([key, points]) => {
      const [deviceId, taskId] = split(key);
      return { deviceId, taskId, points };
    });
    if (this.fleet.role === 'feeder') return { devices };
    return { taskId: devices[0]?.taskId, points: devices[0]?.points };
  }

  private async insist(body: string): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      const at = Date.now();
      const answer = await this.post(body).catch(() => ({ status: 0, retryAfterMs: undefined, text: '' }));
      this.outcomes.push({ at, ms: Date.now() - at, status: answer.status });
      if (answer.status === 202) return this.acknowledge(answer.text);
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new Error(answer.text);
      const backoff = Math.random() * Math.min(LONGEST_WAIT_MS, 100 * 2 ** attempt);
      await sleep((answer.retryAfterMs ?? 0) + backoff);
    }
  }

  private acknowledge(text: string): void {
    const { refused } = JSON.parse(text);
    if (refused.length > 0) throw new Error(`points were refused: ${text.slice(0, 500)}`);
    for (const [key, points] of this.inFlight) this.ledger.accepted(...split(key), points);
  }

  private post(body: string): Promise<{ status: number; retryAfterMs: number | undefined; text: string }> {
    const { agent } = this;
    const headers = {
      authorization: `Bearer ${this.fleet.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', agent, headers, timeout: REQUEST_TIMEOUT_MS };
      const sending = request(new URL('/v1/positions', this.api), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const seconds = Number(response.headers['retry-after']);
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : undefined,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      sending.once('timeout', () => sending.destroy(new Error('no answer')));
      sending.once('error', reject);
      sending.end(body);
    });
  }
}

function split(key: string): [device: string, task: string] {
  const [device = '', task = ''] = key.split('/');
  return [device, task];
}
