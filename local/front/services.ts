import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Connections } from '../api/types';
import { accountId } from '../model';
import { AwsError, type Call, readBody, type Service } from './call';
import { dynamodb, targetAction } from './dynamodb';
import { forward, relay } from './forward';
import type { Outgoing } from './listener';

export type Engine = 'dynamodb' | 'kinesis' | 's3' | 'es';

/** What a service needs from the front. */
export interface Context {
  /** URL of an engine. @throws AwsError when there is none */
  engine(name: Engine): string;
  count(action: string, units: Record<string, number>): void;
  connections(): Connections;
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
  const action = targetAction(call);
  const body = await readBody(call.request);
  const answer = await forward(context.engine('kinesis'), call, namedByStream(body), context.signal);
  context.count(action, answer.statusCode === 200 ? recordUnits(action, body) : {});
  await relay(answer, response);
}

/** The engine knows streams by name only; the SDK may give the ARN instead, or both. */
function namedByStream(body: Buffer): Buffer {
  if (!body.includes('"StreamARN"')) return body;
  const { StreamARN: arn, ...rest }: Record<string, unknown> = JSON.parse(body.toString('utf8'));
  return Buffer.from(JSON.stringify({ ...rest, StreamName: String(arn).split('/')[1] }));
}

/** On-demand streams bill each record in whole kilobytes. Source: Kinesis Data Streams pricing, "On-demand mode". */
function recordUnits(action: string, body: Buffer): Record<string, number> {
  if (action !== 'PutRecords' && action !== 'PutRecord') return {};
  const parsed = putRecords.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return {};
  const { Records, Data = '', PartitionKey = '' } = parsed.data;
  const records = Records ?? [{ Data, PartitionKey }];
  const sizes = records.map((each) => Buffer.byteLength(each.Data, 'base64') + Buffer.byteLength(each.PartitionKey));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const kilobytes = sizes.reduce((sum, size) => sum + Math.ceil(size / 1024), 0);
  return { items: records.length, bytes, kilobytes };
}

async function s3(call: Call, response: Outgoing, context: Context): Promise<void> {
  const action = objectAction(call);
  const answer = await forward(context.engine('s3'), call, undefined, context.signal);
  const sent = Number(call.request.headers['content-length'] ?? 0);
  const bytes = sent + (await relay(answer, response));
  context.count(action, { bytes });
}

function objectAction({ method, url }: Call): string {
  const { pathname, searchParams } = new URL(url, 'http://local');
  const inBucket = pathname.split('/').filter(Boolean).length > 1;
  if (method === 'GET' && !inBucket) return searchParams.has('list-type') ? 'ListObjectsV2' : 'GetBucket';
  if (searchParams.has('uploads')) return 'CreateMultipartUpload';
  if (searchParams.has('uploadId') && method === 'PUT') return 'UploadPart';
  if (searchParams.has('uploadId') && method === 'POST') return 'CompleteMultipartUpload';
  const verb = { GET: 'Get', PUT: 'Put', DELETE: 'Delete', HEAD: 'Head', POST: 'Post' }[method] ?? method;
  return `${verb}${inBucket ? 'Object' : 'Bucket'}`;
}

async function search(call: Call, response: Outgoing, context: Context): Promise<void> {
  const { pathname } = new URL(call.url, 'http://local');
  const api = pathname.split('/').find((part) => part.startsWith('_') && part !== '_doc') ?? 'document';
  let lines = 0;
  call.request.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  });
  call.request.pause();
  const answer = await forward(context.engine('es'), call, undefined, context.signal);
  const bytes = await relay(answer, response);
  // A bulk body has two lines a document: what to do, and the document.
  context.count(api, { bytes, ...(api === '_bulk' && { documents: lines / 2 }) });
}

async function sts(call: Call, response: Outgoing, context: Context): Promise<void> {
  const body = new URLSearchParams((await readBody(call.request)).toString('utf8'));
  const action = body.get('Action') ?? 'Unknown';
  if (action !== 'GetCallerIdentity') throw new AwsError(400, 'InvalidAction', `${action} is not served locally`);
  context.count(action, {});
  const { arn, accessKeyId } = call.caller;
  const result = `<Arn>${arn}</Arn><UserId>${accessKeyId}</UserId><Account>${accountId}</Account>`;
  const text =
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
    `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(text);
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
  const body = await readBody(call.request);
  const action = { POST: 'PostToConnection', DELETE: 'DeleteConnection', GET: 'GetConnection' }[call.method];
  if (!action) throw new AwsError(405, 'ForbiddenException', `${call.method} is not allowed`);
  context.count(action, { bytes: body.length });
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
