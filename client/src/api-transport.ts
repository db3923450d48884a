import { listOf, numberOf, textOf } from './json';
import type { Answer, Api } from './request';
import type { ServerClock } from './server-clock';
import type { Batch, Outcome, RefusedPoint, Transport } from './transport';

/** Datum of the coordinates sent. */
export type CoordinateSystem = 'wgs84' | 'gcj02' | 'bd09';

const noAnswer: Outcome = { is: 'later', code: 'no_answer', detail: 'No answer: no connection, or none in time.' };

/** `/points/3/lat` is about the fourth point. */
function toRefused(refusal: unknown): RefusedPoint[] {
  const index = /^\/points\/(\d+)/.exec(textOf(refusal, 'pointer') ?? '')?.[1];
  if (index === undefined) return [];
  const code = textOf(refusal, 'code') ?? 'refused';
  return [{ index: Number(index), code, detail: textOf(refusal, 'detail') ?? '' }];
}

/** One refusal a point, however much was wrong with it. */
const refusedPoints = (body: unknown): RefusedPoint[] => [
  ...new Map(
    listOf(body, 'refused')
      .flatMap(toRefused)
      .map((each) => [each.index, each]),
  ).values(),
];

/** @returns what an answer of `POST /v1/positions` means for the batch */
export function judge(answer: Answer | undefined): Outcome {
  if (!answer) return noAnswer;
  const { status, body, retryAfterMs } = answer;
  if (status === 202 || status === 422) return { is: 'taken', refused: refusedPoints(body) };
  const code = textOf(body, 'code') ?? `http_${status}`;
  const detail = textOf(body, 'detail') ?? `The server answered ${status}.`;
  if (status === 400 || status === 413) return { is: 'split', code, detail };
  return { is: 'later', code, detail, ...(retryAfterMs !== undefined && { waitMs: retryAfterMs }) };
}

/** Sends by the API, and learns the server's time from each answer. */
export class ApiTransport implements Transport {
  readonly worksWithoutApi = false;

  constructor(
    private readonly api: Api,
    private readonly clock: ServerClock,
    private readonly coordinateSystem: CoordinateSystem = 'wgs84',
  ) {}

  async send({ task, points }: Batch, signal: AbortSignal): Promise<Outcome> {
    const datum = this.coordinateSystem === 'wgs84' ? {} : { coordinateSystem: this.coordinateSystem };
    const report = { ...(task !== undefined && { taskId: task }), ...datum, points };
    const answer = await this.api.ask('POST', '/v1/positions', report, signal);
    this.learn(answer);
    return judge(answer);
  }

  /** Asks for the server's time alone. */
  async learnTime(signal: AbortSignal): Promise<void> {
    this.learn(await this.api.health(signal));
  }

  private learn(answer: Answer | undefined): void {
    const serverTime = numberOf(answer?.body, 'serverTime');
    if (answer && serverTime !== undefined) this.clock.observe(answer.sentAt, answer.receivedAt, serverTime);
  }
}
