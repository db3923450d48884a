import { allowPolicy, credentialOf, offeredProtocols } from '../../lambdas/access/decide';
import { handler as onConnect } from '../../lambdas/access/on-connect';

const header = (...values: string[]) => ({ multiValueHeaders: { 'Sec-WebSocket-Protocol': values } });

test('a ticket in the URL identifies, and goes before a token', () => {
  const both = { ...header('waystream, bearer.abc'), queryStringParameters: { ticket: 'T' } };
  expect(credentialOf(both)).toEqual({ ticket: 'T' });
});

test.each([
  ['one header', header('waystream, bearer.a.b.c')],
  ['two headers', header('waystream', 'bearer.a.b.c')],
  ['lower case', { multiValueHeaders: { 'sec-websocket-protocol': ['waystream,bearer.a.b.c'] } }],
])('a token in the subprotocol identifies: %s', (_, handshake) => {
  expect(credentialOf(handshake)).toEqual({ token: 'a.b.c' });
});

test.each([
  ['nothing', {}],
  ['an empty ticket', { queryStringParameters: { ticket: '' } }],
  ['no token beside the subprotocol', header('waystream')],
  ['a token beside another subprotocol', header('chat, bearer.a.b.c')],
  ['a token in the query', { queryStringParameters: { token: 'a.b.c' } }],
])('%s identifies nobody', (_, handshake) => {
  expect(credentialOf(handshake)).toBeUndefined();
});

test('the subprotocol is echoed only where it was offered, and the token never is', async () => {
  expect(await onConnect(header('waystream, bearer.a.b.c'))).toEqual({
    statusCode: 200,
    headers: { 'Sec-WebSocket-Protocol': 'waystream' },
  });
  expect(await onConnect({ queryStringParameters: { ticket: 'T' } })).toEqual({ statusCode: 200 });
  expect(offeredProtocols({ multiValueHeaders: null })).toEqual([]);
});

test('the policy opens the stage’s routes and no other stage, and carries who the client is', () => {
  const identity = { sub: 'rider-1', roles: new Set(['viewer', 'operator'] as const) };
  const answer = allowPolicy(identity, 'arn:aws:execute-api:eu-central-1:000000000000:abc/live/$connect');
  expect(answer.policyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: 'arn:aws:execute-api:eu-central-1:000000000000:abc/live/*',
    },
  ]);
  expect(answer.context).toEqual({ sub: 'rider-1', roles: 'viewer,operator' });
});
