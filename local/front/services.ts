import { z } from 'zod';
import type { Connections } from '../api/types';
import { putUnits } from '../billing';
import type { CreatedObject } from '../resources/events';
import { trace } from '../trace';
import { AwsError, type Call, type Service } from './call';
import { dynamodb, operationOf } from './dynamodb';
import { forward, relay } from './forward';
import type { Outgoing } from './listener';
import { s3 } from './objects';
import { answerSts, type StsOptions } from './sts';

export type Engine = 'dynamodb' | 'kinesis' | 's3' | 'es';

/** What a service needs from the front. */
export interface Context {
  /** URL of an engine. @throws AwsError when there is none */
  engine(name: Engine): string;
  count(action: string, units: Record<string, number>): void;
  connections(): Connections;
  /** an object has been put into a bucket */
  created(object: CreatedObject): void;
  /** what STS needs to answer this call */
  sts(): StsOptions;
  /** aborted when the caller is gone */
  signal: AbortSignal;
}

type Handle = (call: Call, response: Outgoing, context: Context) => Promise<void>;

/** How each service is served. */
export const handlers: Readonly<Record<Service, Handle>> = {
  dynamodb,
  kinesis,
  s3,
  es: search,
  sts,
  'execute-api': connections,
};

const putRecords = z.object({
  Records: z.array(z.object({ Data: z.string(), PartitionKey: z.string() })).optional(),
  Data: z.string().optional(),
  PartitionKey: z.string().optional(),
});

async function kinesis(call: Call, response: Outgoing, context: Context): Promise<void> {
  const action = operationOf(call);
  const { body } = call;
  trace.seeRecords('put', () => body.toString('utf8'));
  const answer = await forward(context.engine('kinesis'), call, namedByStream(body), context.signal);
  context.count(action, answer.statusCode === 200 ? recordUnits(action, body) : {});
  await relay(answer, response);
  trace.seeRecords('put acknowledged', () => body.toString('utf8'));
}

/** The engine knows streams by name only; the SDK may give the ARN instead, or both. */
function namedByStream(body: Buffer): Buffer {
  if (!body.includes('"StreamARN"')) return body;
  const { StreamARN: arn, ...rest }: Record<string, unknown> = JSON.parse(body.toString('utf8'));
  return Buffer.from(JSON.stringify({ ...rest, StreamName: String(arn).split('/')[1] }));
}

function recordUnits(action: string, body: Buffer): Record<string, number> {
  if (action !== 'PutRecords' && action !== 'PutRecord') return {};
  const parsed = putRecords.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return {};
  const { Records, Data = '', PartitionKey = '' } = parsed.data;
  const records = Records ?? [{ Data, PartitionKey }];
  const sizes = records.map((each) => Buffer.byteLength(each.Data, 'base64') + Buffer.byteLength(each.PartitionKey));
  return putUnits(sizes);
}

async function search(call: Call, response: Outgoing, context: Context): Promise<void> {
  const { pathname } = new URL(call.url, 'http://local');
  const api = pathname.split('/').find((part) => part.startsWith('_') && part !== '_doc') ?? 'document';
  const sent = call.body.length;
  let lines = 0;
  for (let at = call.body.indexOf(10); at >= 0; at = call.body.indexOf(10, at + 1)) lines += 1;
  const answer = await forward(context.engine('es'), call, call.body, context.signal);
  const bytes = await relay(answer, response);
  // A bulk body has two lines a document: what to do, and the document.
  context.count(api, { bytes: sent + bytes, sent, ...(api === '_bulk' && { documents: lines / 2 }) });
}

async function sts(call: Call, response: Outgoing, context: Context): Promise<void> {
  const { action, xml } = answerSts(call.body.toString('utf8'), call.caller, context.sts());
  context.count(action, {});
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(xml);
}

const refusals = {
  gone: new AwsError(410, 'GoneException', 'The connection is gone'),
  'too-large': new AwsError(413, 'PayloadTooLargeException', 'Message too long'),
  throttled: new AwsError(429, 'LimitExceededException', 'The connection takes no more messages now'),
};

async function connections(call: Call, response: Outgoing, context: Context): Promise<void> {
  const { pathname } = new URL(call.url, 'http://local');
  const id = /\/(?:@|%40)connections\/([^/]+)$/i.exec(pathname)?.[1];
  if (id === undefined) throw new AwsError(403, 'ForbiddenException', 'Forbidden');
  const connectionId = decodeURIComponent(id);
  const { body } = call;
  const action = { POST: 'PostToConnection', DELETE: 'DeleteConnection', GET: 'GetConnection' }[call.method];
  if (!action) throw new AwsError(405, 'ForbiddenException', `${call.method} is not allowed`);
  context.count(action, { bytes: body.length });
  trace.see('posted', () => body.toString('utf8'));
  const answer = manage(context.connections(), call.method, connectionId, body);
  response.writeHead(answer === undefined ? 204 : 200, { 'content-type': 'application/json' });
  response.end(answer);
}

/** @returns the answer's JSON, or nothing. @throws AwsError when the connection is gone or does not take the message */
function manage(api: Connections, method: string, connectionId: string, body: Buffer): string | undefined {
  if (method === 'POST') {
    const result = api.post(connectionId, body);
    if (result !== 'ok') throw refusals[result];
    return '';
  }
  if (method === 'DELETE') {
    if (!api.delete(connectionId)) throw refusals.gone;
    return undefined;
  }
  const info = api.get(connectionId);
  if (!info) throw refusals.gone;
  const [connected, active] = [info.connectedAt, info.lastActiveAt].map((time) => new Date(time).toISOString());
  return JSON.stringify({ connectedAt: connected, lastActiveAt: active, identity: info.identity });
}
