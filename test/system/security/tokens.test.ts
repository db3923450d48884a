import { exportSPKI, generateKeyPair, importJWK, type JWTPayload } from 'jose';
import WebSocket from 'ws';
import { SocketClient, type StackClient } from '../stack';
import { leaks } from './leaks';
import { expire, type Signer, secured, signed, signerOf } from './stack';

jest.setTimeout(300_000);

let client: StackClient;
let signer: Signer;
beforeAll(async () => {
  client = await secured();
  signer = await signerOf(client, 'security-operator');
});

const seconds = () => Math.floor(Date.now() / 1_000);
const base64 = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const without = (claims: JWTPayload, name: string) => ({ ...claims, [name]: undefined });
const stranger = () => generateKeyPair('RS256');

async function publicPem(): Promise<string> {
  const { iss = '' } = signer.claims;
  const { keys } = await (await fetch(`${iss}/.well-known/jwks.json`)).json();
  const key = await importJWK(keys[0], 'RS256', { extractable: true });
  return 'type' in key ? exportSPKI(key) : '';
}

/** Tokens that are wrong in one thing each. */
const wrong: [name: string, make: () => Promise<string> | string][] = [
  ['expired', () => signed(signer, { claims: { exp: seconds() - 1 } })],
  ['without an expiry', () => signed(signer, { claims: without(signer.claims, 'exp') })],
  ['not valid yet', () => signed(signer, { claims: { nbf: seconds() + 600 } })],
  ['of another issuer, by our key', () => signed(signer, { claims: { iss: 'https://issuer.example' } })],
  [
    'of another issuer, by its key',
    async () => {
      const { privateKey } = await stranger();
      return signed(signer, { claims: { iss: 'https://issuer.example' }, key: privateKey, header: { kid: 'theirs' } });
    },
  ],
  ['for another app client', () => signed(signer, { claims: { client_id: 'another' } })],
  ['for no app client', () => signed(signer, { claims: without(signer.claims, 'client_id') })],
  ['by another key under our key’s id', async () => signed(signer, { key: (await stranger()).privateKey })],
  [
    'by a key of an unknown id',
    async () => signed(signer, { key: (await stranger()).privateKey, header: { kid: 'unknown' } }),
  ],
  ['by our key under an unknown id', () => signed(signer, { header: { kid: 'unknown' } })],
  [
    'by another key without an id',
    async () => signed(signer, { key: (await stranger()).privateKey, header: { kid: undefined } }),
  ],
  ['with alg none', () => `${base64({ alg: 'none', kid: signer.kid })}.${base64(signer.claims)}.`],
  [
    'with alg None and our signature',
    async () => `${base64({ alg: 'None', kid: signer.kid })}.${(await signed(signer)).split('.').slice(1).join('.')}`,
  ],
  [
    'HS256 by our public key as the secret',
    async () => signed(signer, { key: new TextEncoder().encode(await publicPem()), header: { alg: 'HS256' } }),
  ],
  [
    'with claims exchanged under its signature',
    async () => {
      const [header, , signature] = (await signed(signer)).split('.');
      return `${header}.${base64({ ...signer.claims, sub: 'somebody' })}.${signature}`;
    },
  ],
  ['without its signature', async () => (await signed(signer)).replace(/\.[^.]*$/, '.')],
  ['that is none', () => 'a.b.c'],
];

test('a token signed as these are is taken where nothing is wrong with it', async () => {
  const token = await signed(signer);
  expect((await client.request('/v1/nearby?lat=1&lon=1', { token })).status).toBe(200);
  (await client.socket(token)).close();
});

test.each(wrong)('a token %s opens neither the API nor a socket', async (_, make) => {
  const token = await make();
  const answer = await client.request('/v1/nearby?lat=1&lon=1', { token });
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 401, body: { message: 'Unauthorized' } });
  expect(answer.headers.get('www-authenticate')).not.toContain(token);
  await expect(client.socket(token)).rejects.toThrow('401');
});

test.each<[string, JWTPayload]>([
  ['none', { 'cognito:groups': undefined }],
  ['one that nobody knows', { 'cognito:groups': ['root'] }],
  ['one within another’s name', { 'cognito:groups': ['operators', 'not-operator'] }],
  ['one in other letters', { 'cognito:groups': ['Operator'] }],
])('with the role %s a token opens nothing that asks for a role', async (_, claims) => {
  const token = await signed(signer, { claims });
  for (const [path, body] of [['/v1/nearby?lat=1&lon=1'], ['/v1/positions', { points: [] }]] as const) {
    const answer = await client.request(path, { token, ...(body && { body }) });
    expect({ path, status: answer.status, code: answer.body.code }).toEqual({
      path,
      status: 403,
      code: 'role_missing',
    });
  }
});

const open = (query: string) => SocketClient.opened(new WebSocket(client.place.ws + query));
const newTicket = async () =>
  (await client.request('/v1/tickets', { method: 'POST', token: await signed(signer) })).body.ticket;

test('of ten who open a socket with one ticket at once, one gets in', async () => {
  const query = `?ticket=${await newTicket()}`;
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => open(query)));
  const sockets = results.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
  for (const socket of sockets) socket.close();
  expect(sockets).toHaveLength(1);
});

test('a ticket that has expired opens nothing, though its item is still there', async () => {
  const ticket = await newTicket();
  await expire(client, ticket);
  await expect(open(`?ticket=${ticket}`)).rejects.toThrow('401');
});

test('another device’s positions look as those of one that does not exist', async () => {
  const time = Date.now();
  const [mine, theirs] = [`security-a-${time}`, `security-b-${time}`];
  await client.report([{ deviceId: theirs, taskId: 't', points: [{ time, lat: 1, lon: 1 }] }]);
  await client.settled();
  const token = await client.token(mine, 'device');
  const ask = async (device: string, path: string) => {
    const { status, text, headers } = await client.request(path.replace('{}', device), { token });
    expect(leaks(text)).toEqual([]);
    return { status, text: text.replaceAll(device, '{}'), type: headers.get('content-type') };
  };
  const range = `from=${time - 1_000}&to=${time + 1_000}`;
  for (const path of [
    '/v1/devices/{}/position',
    `/v1/devices/{}/tracks?${range}`,
    '/v1/tracks/{}/t',
    '/v1/tracks/{}/t?cursor=x',
  ]) {
    const [there, nowhere] = [await ask(theirs, path), await ask('security-nobody', path)];
    expect(there).toEqual(nowhere);
    expect([400, 404]).toContain(there.status);
  }
  const socket = await client.socket(token);
  const follow = (id: string, device: string) =>
    socket.ask({ type: 'subscribe', id, device }, (frame) => frame.id === id);
  expect({ ...(await follow('a', theirs)), id: '' }).toEqual({ ...(await follow('b', 'security-nobody')), id: '' });
  socket.close();
  const answer = await client.request('/v1/positions', {
    token,
    body: { devices: [{ deviceId: theirs, points: [{ time, lat: 2, lon: 2 }] }] },
  });
  expect([answer.status, answer.body.code]).toEqual([403, 'role_missing']);
});
