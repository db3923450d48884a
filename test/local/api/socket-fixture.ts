import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { allowAll, type Shape, type Started } from './fixture';

export interface SocketEvent {
  requestContext: Record<string, unknown> & { connectionId: string; routeKey: string };
  headers?: Record<string, string>;
  body?: string;
}

export const shape: Shape = {
  identitySource: ['route.request.querystring.ticket'],
  socket: [
    ['$connect', 'connect', false],
    ['$disconnect', 'disconnect', false],
    ['$default', 'fallback', true],
    ['report', 'report', true],
    ['quiet', 'quiet', false],
    ['throws', 'throws', true],
    ['nothing', 'nothing', true],
    ['wait', 'wait', true],
    ['slow', 'echo', true],
  ],
  socketStage: { RouteSettings: { slow: { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 1 } } },
};

export const held: (() => void)[] = [];
const echo = (event: SocketEvent) => ({
  statusCode: 200,
  body: JSON.stringify({ key: event.requestContext.routeKey }),
});
export const handlers = {
  authorize: (event: { queryStringParameters: Record<string, string> }) =>
    authorizer(event.queryStringParameters.ticket),
  connect: (event: SocketEvent): unknown => {
    const wanted = event.headers?.['Sec-WebSocket-Protocol'];
    if (wanted?.includes('refused')) return { statusCode: 409 };
    if (wanted?.includes('broken')) throw new Error('connect failed');
    return { statusCode: 200, ...(wanted && { headers: { 'Sec-WebSocket-Protocol': 'waystream' } }) };
  },
  disconnect: () => ({ statusCode: 200 }),
  fallback: echo,
  report: echo,
  echo,
  quiet: () => ({ statusCode: 200, body: 'nobody sees this' }),
  throws: () => {
    throw new Error('secret of the function');
  },
  nothing: () => undefined,
  wait: (event: SocketEvent) =>
    new Promise((resolve) => held.push(() => resolve({ statusCode: 200, body: event.body ?? '' }))),
};

function authorizer(ticket: string | undefined): unknown {
  const deny = { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: '*' };
  const only = (Resource: string) => ({
    ...allowAll,
    policyDocument: { Statement: [{ Action: 'execute-api:*', Effect: 'Allow', Resource }] },
  });
  if (ticket === 'bad') throw new Error('Unauthorized');
  if (ticket === 'crash') throw new Error('no table');
  if (ticket === 'nonsense') return { ok: true };
  if (ticket === 'nested') return { ...allowAll, context: { roles: ['operator'] } };
  if (ticket === 'deny')
    return { ...allowAll, policyDocument: { Statement: [...allowAll.policyDocument.Statement, deny] } };
  if (ticket === 'other') return only('arn:aws:execute-api:eu-central-1:000000000000:Socket/other/*');
  if (ticket === 'this') return only('arn:aws:execute-api:eu-central-1:*:Socket/live/$connect');
  return allowAll;
}

export async function open(stack: Started, query = 'ticket=good', protocols: string[] = []): Promise<WebSocket> {
  const client = new WebSocket(`${stack.ws}?${query}`, protocols);
  await once(client, 'open');
  return client;
}

export async function ask(client: WebSocket, message: unknown): Promise<Record<string, unknown>> {
  const answer = once(client, 'message');
  client.send(typeof message === 'string' ? message : JSON.stringify(message));
  const [data] = await answer;
  return JSON.parse(String(data));
}

export async function refusal(
  stack: Started,
  query: string,
  protocols: string[] = [],
): Promise<[number | undefined, string]> {
  const client = new WebSocket(`${stack.ws}?${query}`, protocols);
  const [, response]: [unknown, IncomingMessage] = (await once(client, 'unexpected-response')) as [
    unknown,
    IncomingMessage,
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return [response.statusCode, JSON.parse(Buffer.concat(chunks).toString()).message];
}

export const closed = async (client: WebSocket) => Number((await once(client, 'close'))[0]);
export const last = (stack: Started, name: string) => stack.events.get(name)?.at(-1) as SocketEvent;
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
export async function connectionOf(client: WebSocket, stack: Started): Promise<string> {
  await ask(client, { type: 'report' });
  return last(stack, 'report').requestContext.connectionId;
}
