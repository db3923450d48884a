import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Answer, Cloud } from './cloud';

const WAITS_MS = 45_000;

const acceptedSchema = z.object({ accepted: z.literal(1), refused: z.tuple([]) });
const trackSchema = z.looseObject({
  positions: z.array(z.looseObject({ time: z.number(), lat: z.number(), lon: z.number() })),
});
const subjectSchema = z.object({ sub: z.string() });

/** Where a phone in Porto is. */
const place = { lat: 41.1496, lon: -8.6109, speed: 8.2 };
const task = 'deploy-check';

export interface Phone {
  api: string;
  token: string;
}

/** Reports a position at this time (epoch ms). */
export function report(cloud: Cloud, { api, token }: Phone, time: number): Promise<Answer> {
  const body = { taskId: task, points: [{ time, ...place }] };
  return cloud.visit(`${api}/v1/positions`, { method: 'POST', token, body });
}

/**
 * Reports a position through the deployed API, with its token and without, and reads the track until it is in it.
 * @throws Error that says which answer was wrong
 */
export async function travel(cloud: Cloud, phone: Phone): Promise<void> {
  const time = Date.now();
  const stranger = await cloud.visit(`${phone.api}/v1/positions`, { method: 'POST', body: {} });
  if (stranger.status !== 401) throw new Error(`A report without a token is answered ${told(stranger)}.`);
  const taken = await report(cloud, phone, time);
  if (taken.status !== 202) throw new Error(`A report is answered ${told(taken)}.`);
  acceptedSchema.parse(JSON.parse(taken.text));
  await read(cloud, phone, time);
}

/** @throws Error where the track has not exactly one point of that time within {@link WAITS_MS} */
async function read(cloud: Cloud, { api, token }: Phone, time: number): Promise<void> {
  const url = `${api}/v1/tracks/${subjectOf(token)}/${task}?from=${time}&to=${time + 1}`;
  for (const until = Date.now() + WAITS_MS; ; await sleep(250)) {
    const answer = await cloud.visit(url, { token });
    if (answer.status === 200 && trackSchema.parse(JSON.parse(answer.text)).positions.length > 0) {
      return compare(answer, time);
    }
    if (Date.now() > until) throw new Error(`The position is not in its track: ${told(answer)}.`);
  }
}

function compare(answer: Answer, time: number): void {
  const { positions } = trackSchema.parse(JSON.parse(answer.text));
  const [point] = positions;
  const same = point?.time === time && point.lat === place.lat && point.lon === place.lon;
  if (positions.length !== 1 || !same) throw new Error(`The track has something else: ${told(answer)}.`);
}

/** Whom a token is about; the API verifies it. */
function subjectOf(token: string): string {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return subjectSchema.parse(JSON.parse(payload)).sub;
}

export const told = ({ status, text }: Answer): string => `${status} ${text.slice(0, 500)}`;
