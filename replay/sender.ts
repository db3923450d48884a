import { Agent, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProblemDetails, problemSchema } from '../lambdas/contract/errors';
import { type Receipt, receiptSchema } from '../lambdas/contract/reports';

/** Attempts at one request before the replay gives up on it. */
const ATTEMPTS = 8;

export interface Counters {
  requests: number;
  accepted: number;
  refused: number;
  /** Requests that had to be sent again: limits, lost connections, errors of the server. */
  retried: number;
}

interface Answer {
  status: number;
  retryAfterSeconds: number | undefined;
  body: string;
}

/** What came back for a request that can't be repeated with success. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: ProblemDetails | undefined,
    body: string,
  ) {
    super(problem ? `${status} ${problem.code}: ${problem.detail}` : `${status}: ${body.slice(0, 200)}`);
  }
}

/** Sends reports over one kept-alive connection, one at a time; waits as Retry-After says, else with full jitter. */
export class Sender {
  readonly counters: Counters;
  private readonly agent: Agent;
  private readonly url: URL;

  /**
   * @param api the API's base URL
   * @param localAddress the loopback address to send from: a phone has an address of its own, and limits count by it
   */
  constructor(
    api: string,
    private readonly token: string,
    counters?: Counters,
    localAddress?: string,
  ) {
    this.url = new URL('/v1/positions', api);
    this.counters = counters ?? { requests: 0, accepted: 0, refused: 0, retried: 0 };
    const options = { keepAlive: true, maxSockets: 1, ...(localAddress && { localAddress }) };
    this.agent = this.url.protocol === 'https:' ? new SecureAgent(options) : new Agent(options);
  }

  /**
   * @throws Refused where the answer is final; the last error where nothing helped
   */
  async send(report: object, signal?: AbortSignal): Promise<Receipt> {
    const body = JSON.stringify(report);
    for (let attempt = 1; ; attempt++) {
      const answer = await this.post(body).catch((error: Error) => error);
      if (!(answer instanceof Error)) {
        if (answer.status === 202 || answer.status === 422) return this.count(answer);
        if (answer.status < 500 && answer.status !== 429)
          throw new Refused(answer.status, toProblem(answer), answer.body);
      }
      if (attempt === ATTEMPTS) {
        throw answer instanceof Error ? answer : new Refused(answer.status, toProblem(answer), answer.body);
      }
      this.counters.retried++;
      const asked = answer instanceof Error ? undefined : answer.retryAfterSeconds;
      const backoff = Math.random() * Math.min(10_000, 200 * 2 ** attempt);
      await sleep((asked ?? 0) * 1_000 + backoff, undefined, signal && { signal });
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private count(answer: Answer): Receipt {
    this.counters.requests++;
    const receipt =
      answer.status === 202
        ? receiptSchema.parse(JSON.parse(answer.body))
        : { accepted: 0, refused: toProblem(answer)?.refused ?? [], serverTime: Date.now() };
    this.counters.accepted += receipt.accepted;
    this.counters.refused += receipt.refused.length;
    return receipt;
  }

  private post(body: string): Promise<Answer> {
    const open = this.url.protocol === 'https:' ? secureRequest : request;
    const headers = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const outgoing = open(this.url, { method: 'POST', agent: this.agent, headers, timeout: 35_000 }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const retryAfter = Number(incoming.headers['retry-after']);
          resolve({
            status: incoming.statusCode ?? 0,
            retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
            body: Buffer.concat(chunks).toString('utf8'),
          });
        });
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 35 s')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function toProblem(answer: Answer): ProblemDetails | undefined {
  try {
    return problemSchema.parse(JSON.parse(answer.body));
  } catch {
    return undefined;
  }
}
