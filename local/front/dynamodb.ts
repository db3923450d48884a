import { z } from 'zod';
import { isObject } from '../template/json';
import type { Call } from './call';
import { forward, passed } from './forward';
import type { Outgoing } from './listener';
import type { Context } from './services';

/** Actions that report consumed capacity when asked to. */
const measured: Readonly<Record<string, 'readUnits' | 'writeUnits'>> = {
  GetItem: 'readUnits',
  Query: 'readUnits',
  Scan: 'readUnits',
  BatchGetItem: 'readUnits',
  TransactGetItems: 'readUnits',
  PutItem: 'writeUnits',
  UpdateItem: 'writeUnits',
  DeleteItem: 'writeUnits',
  BatchWriteItem: 'writeUnits',
  TransactWriteItems: 'writeUnits',
};

const capacity = z.object({ CapacityUnits: z.number().default(0) });
const consumed = z.union([capacity.transform((one) => [one]), z.array(capacity)]);

/** The operation of a request in the JSON protocols: `DynamoDB_20120810.GetItem` → `GetItem`. */
export function operationOf(call: Call): string {
  return String(call.request.headers['x-amz-target'] ?? '').split('.')[1] ?? 'Unknown';
}

/**
 * Passes a call on to the table engine and counts what it consumed. The capacity is asked for on the way there and
 * taken out of the answer on the way back, unless the caller asked for it.
 */
export async function dynamodb(call: Call, response: Outgoing, context: Context): Promise<void> {
  const action = operationOf(call);
  const { body } = call;
  const unit = measured[action];
  const asks = unit !== undefined && !body.includes('"ReturnConsumedCapacity"');
  const sent = asks ? asking(body) : body;
  const answer = await forward(context.engine('dynamodb'), call, sent, context.signal);
  const received = await readAll(answer);
  const parsed: unknown = unit && answer.statusCode === 200 ? JSON.parse(received.toString('utf8')) : undefined;
  context.count(action, { bytes: body.length + received.length, ...usage(parsed, unit, body) });
  const headers = passed(answer.headers);
  // The checksum is of the engine's bytes, which may have changed here; clients accept an answer without one.
  delete headers['x-amz-crc32'];
  if (asks && isObject(parsed)) delete parsed.ConsumedCapacity;
  const written = asks && parsed !== undefined ? Buffer.from(JSON.stringify(parsed)) : received;
  response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': written.length });
  response.end(written);
}

function asking(body: Buffer): Buffer {
  const text = body.toString('utf8').trimStart();
  const rest = text.slice(1).trimStart();
  return Buffer.from(`{"ReturnConsumedCapacity":"TOTAL"${rest.startsWith('}') ? '' : ','}${rest}`);
}

function usage(answer: unknown, unit: 'readUnits' | 'writeUnits' | undefined, request: Buffer): Record<string, number> {
  if (!isObject(answer) || !unit) return {};
  const parsed = consumed.safeParse(answer.ConsumedCapacity);
  const units = parsed.success ? parsed.data.reduce((sum, each) => sum + each.CapacityUnits, 0) : 0;
  return { [unit]: units, items: itemsOf(answer, request) };
}

function itemsOf(answer: Record<string, unknown>, request: Buffer): number {
  if (typeof answer.Count === 'number') return answer.Count;
  if (isObject(answer.Responses)) return countArrays(answer.Responses);
  const sent: unknown = request.includes('"RequestItems"') ? JSON.parse(request.toString('utf8')) : undefined;
  return isObject(sent) && isObject(sent.RequestItems) ? countArrays(sent.RequestItems) : 1;
}

function countArrays(byTable: Record<string, unknown>): number {
  return Object.values(byTable).reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
