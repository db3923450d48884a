import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { Client } from '@opensearch-project/opensearch';
import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { TrackedPosition } from '../../../lambdas/contract/position';
import { encodePoint, minuteKey, pointName, type TrackRow, trackKey } from '../../../lambdas/contract/track-row';
import type { HttpAnswer, HttpEvent } from '../../../lambdas/platform/http';
import type { BatchResponse } from '../../../lambdas/platform/streams';
import { type Engines, startEngines } from '../../../local/engines';

const TABLE = 'partitions';

type Answer = Pick<HttpAnswer, 'statusCode' | 'headers' | 'body'>;

/** The functions of search on a real index and a real table, without the gateways in front of them. */
export interface SearchStack {
  engines: Engines;
  client: Client;
  onRows(event: DynamoDBStreamEvent, remainingMs?: number): Promise<BatchResponse>;
  /** @returns the answer's status and its body, read */
  search(
    query: Record<string, string>,
    caller?: Caller,
  ): Promise<{ status: number; body: SearchBody; headers: object }>;
  /** @returns what the function answered, and the frames that it posted before */
  overSocket(message: object, caller?: Caller): Promise<{ answer: Frame; frames: Frame[]; sizes: number[] }>;
  /** Makes what was indexed findable. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface Caller {
  sub: string;
  roles: string;
}

export interface SearchBody {
  code?: string;
  pointer?: string;
  partitions: { city: string; day: string; tier: string }[];
  positions: (TrackedPosition & { distance?: number })[];
  next?: string;
}

export interface Frame {
  type: string;
  id?: string;
  code?: string;
  partition?: { city: string; day: string };
  positions?: TrackedPosition[] | number;
  partitions?: number;
}

export const operator: Caller = { sub: 'olga', roles: 'operator' };

/** Takes the frames that are posted to connections. */
async function startConnections(): Promise<{ server: Server; url: string; posted: string[] }> {
  const posted: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    posted.push(Buffer.concat(chunks).toString('utf8'));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, posted };
}

async function createPartitions(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'city', AttributeType: 'S' },
        { AttributeName: 'day', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'city', KeyType: 'HASH' },
        { AttributeName: 'day', KeyType: 'RANGE' },
      ],
    }),
  );
}

const claims = ({ sub, roles }: Caller) => ({ sub, 'cognito:groups': `[${roles}]` });

function httpEvent(query: Record<string, string>, caller: Caller): HttpEvent {
  const event = {
    routeKey: 'GET /v1/search',
    headers: {},
    queryStringParameters: query,
    requestContext: {
      requestId: 'r',
      http: { sourceIp: '192.0.2.1' },
      authorizer: { jwt: { claims: claims(caller) } },
    },
  };
  return event as unknown as HttpEvent;
}

const socketEvent = (message: object, { sub, roles }: Caller) => ({
  body: JSON.stringify(message),
  isBase64Encoded: false,
  requestContext: { connectionId: 'c1', routeKey: 'search', authorizer: { sub, roles } },
});

export async function startSearchStack(): Promise<SearchStack> {
  const engines = await startEngines({ search: true, log: () => undefined });
  if (!engines.search) throw new Error('no search engine');
  const connections = await startConnections();
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engines.dynamodb.url,
    SEARCH_ENDPOINT: engines.search.url,
    PARTITIONS_TABLE: TABLE,
    SOCKET_ENDPOINT: connections.url,
  });
  const dynamodb = new DynamoDBClient({});
  await createPartitions(dynamodb);
  // The functions read their environment when they are loaded.
  const rows = await import('../../../lambdas/search/on-rows');
  const searches = await import('../../../lambdas/search/on-search');
  const sockets = await import('../../../lambdas/search/on-socket');
  const client = new Client({ node: engines.search.url });
  return {
    engines,
    client,
    onRows: (event, remainingMs = 300_000) =>
      rows.handler(event, { getRemainingTimeInMillis: () => remainingMs } as unknown as Context),
    async search(query, caller = operator) {
      const { statusCode, headers, body }: Answer = await searches.handler(httpEvent(query, caller));
      return { status: statusCode ?? 0, headers: headers ?? {}, body: JSON.parse(body ?? '{}') };
    },
    async overSocket(message, caller = operator) {
      connections.posted.length = 0;
      const event = socketEvent(message, caller) as unknown as Parameters<typeof sockets.handler>[0];
      const { body } = await sockets.handler(event);
      const frames = connections.posted.map((text): Frame => JSON.parse(text));
      return {
        answer: JSON.parse(body ?? '{}'),
        frames,
        sizes: connections.posted.map((text) => Buffer.byteLength(text)),
      };
    },
    async refresh() {
      await client.indices.refresh({ index: 'positions-*' });
    },
    async stop() {
      connections.server.close();
      await client.close();
      await engines.stop();
    },
  };
}

/** Puts an item into the catalogue as it stands. */
export async function putPartition(item: object): Promise<void> {
  await new DynamoDBClient({}).send(new PutItemCommand({ TableName: TABLE, Item: marshall(item) }));
}

/** A row as the tracks table's items are. */
export function toItem({ device, task, minute, points }: TrackRow): Record<string, unknown> {
  const named = points.map((point) => [pointName(point.time), encodePoint(point)]);
  return {
    track: trackKey(device, task),
    minute: minuteKey(minute),
    expires: 2_000_000_000,
    ...Object.fromEntries(named),
  };
}

let sequence = 0;

/** A change of an item as the table's stream reports it. */
export function changeOf(kind: 'INSERT' | 'MODIFY' | 'REMOVE', item: Record<string, unknown>): DynamoDBRecord {
  const image = marshall(item) as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];
  sequence += 1;
  const images = kind === 'REMOVE' ? { OldImage: image } : { NewImage: image };
  return { eventName: kind, dynamodb: { SequenceNumber: String(sequence), ...images } } as DynamoDBRecord;
}
