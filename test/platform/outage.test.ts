import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { dynamodb } from '../../lambdas/platform/clients';
import { isOutage } from '../../lambdas/platform/outage';

const named = (name: string, fields: object = { $metadata: {} }) => Object.assign(new Error('no'), { name }, fields);

test.each([
  ['throttling', named('ProvisionedThroughputExceededException')],
  ['an error of the service', named('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
  ['a refused connection', named('Error', { code: 'ECONNREFUSED' })],
  ['a connection that was cut', named('Error', { code: 'ECONNRESET', $metadata: { attempts: 3 } })],
  ['no answer in time', named('TimeoutError', {})],
])('%s passes', (_, error) => {
  expect(isOutage(error)).toBe(true);
});

test.each([
  ['a record that is refused', named('ValidationException', { $metadata: { httpStatusCode: 400 } })],
  ['a permission that is missing', named('AccessDeniedException', { $metadata: { httpStatusCode: 400 } })],
  ['a mistake of this code', new TypeError('undefined is not a function')],
  ['an argument that Node refuses', named('TypeError', { code: 'ERR_INVALID_ARG_TYPE' })],
  ['what is no error', 'no'],
])('%s does not', (_, error) => {
  expect(isOutage(error)).toBe(false);
});

test('a table that takes connections and never answers is an outage, not a function that hangs', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const client = dynamodb();
  const error = await client.send(new ListTablesCommand({})).catch((reason: unknown) => reason);
  expect(isOutage(error)).toBe(true);
  client.destroy();
  server.closeAllConnections();
  server.close();
}, 60_000);
