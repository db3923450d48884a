import type { IncomingMessage } from 'node:http';
import { objectUnits } from '../billing';
import type { CreatedObject } from '../resources/events';
import { Turns } from '../turns';
import type { Call } from './call';
import { forward, relay } from './forward';
import type { Outgoing } from './listener';
import type { Context } from './services';

/** Who calls for each object, by its path. */
const turns = new Map<string, Turns>();

/**
 * One call at a time for each object. S3 answers a read with one version of an object, whole; its engine lets a read
 * meet a write half-way. Source: Amazon S3 user guide, "Amazon S3 data consistency model".
 */
export async function s3(call: Call, response: Outgoing, context: Context): Promise<void> {
  const { pathname } = new URL(call.url, 'http://local');
  const turn = turns.get(pathname) ?? new Turns();
  turns.set(pathname, turn);
  try {
    await turn.take(() => serve(call, response, context));
  } finally {
    if (turn.waiting === 0) turns.delete(pathname);
  }
}

async function serve(call: Call, response: Outgoing, context: Context): Promise<void> {
  const action = objectAction(call);
  const answer = await forward(context.engine('s3'), call, call.streamed ? undefined : call.body, context.signal);
  const sent = Number(call.request.headers['content-length'] ?? 0);
  if (creating.has(action) && answer.statusCode === 200) context.created(createdObject(call, answer, sent));
  const bytes = sent + (await relay(answer, response));
  context.count(action, objectUnits(action, bytes));
}

/** What brings an object about, in one call; one of several parts is put together by its engine unseen. */
const creating = new Set(['PutObject']);

function createdObject({ url }: Call, { headers }: IncomingMessage, size: number): CreatedObject {
  const [bucket = '', ...key] = new URL(url, 'http://local').pathname.slice(1).split('/').map(decodeURIComponent);
  return { bucket, key: key.join('/'), size, etag: String(headers.etag ?? '').replaceAll('"', '') };
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
