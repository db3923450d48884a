import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { type Stack, startStack } from '../../../local/start';
import { eventually } from '../stack';
import { type Fixture, makeFixture } from './fixture';

jest.setTimeout(120_000);

let fixture: Fixture;
let stack: Stack;
let kinesis: KinesisClient;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  fixture = makeFixture();
  stack = await startStack({ assembly: fixture.assembly });
  const options = { endpoint: stack.aws, region: 'eu-central-1', credentials: stack.credentials };
  kinesis = new KinesisClient(options);
  dynamodb = new DynamoDBClient(options);
});
afterEach(() => control('DELETE', 'permissions'));
afterAll(async () => {
  kinesis.destroy();
  dynamodb.destroy();
  await stack.stop();
  rmSync(fixture.folder, { recursive: true });
});

/** Places of the fixture's statements in its role. */
const statements = { write: 0, readChanges: 1, readStream: 2, keep: 4 };

async function control(method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`${stack.aws}/_local/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(await response.text());
}

const withhold = (statement: keyof typeof statements) =>
  control('POST', `permissions/${encodeURIComponent('Role/own')}/withhold`, { index: statements[statement] });

async function put(id: string, poison = false): Promise<void> {
  const Data = Buffer.from(JSON.stringify({ id, poison }));
  const StreamName = stack.template.find('Positions').ref;
  await kinesis.send(new PutRecordsCommand({ StreamName, Records: [{ Data, PartitionKey: 'one' }] }));
}

async function stored(id: string): Promise<boolean> {
  const TableName = stack.template.find('Table').ref;
  return (await dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item !== undefined;
}

function log(part: string): string {
  const file = join(stack.logs, `${part}.log`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const state = (name: string) => stack.mappings.find((each) => each.name === name)?.state();

test('a function writes with its role; without the grant it is denied as in AWS, and the stack says what to grant', async () => {
  await put('granted');
  await eventually(() => stored('granted'), 30_000);
  await withhold('write');
  await put('denied');
  const arn = stack.template.find('Table').attributes.Arn;
  const denial = await eventually(() => {
    const [first] = stack.front.denials.filter(({ action }) => action === 'dynamodb:PutItem');
    return first;
  }, 30_000);
  const role = stack.template.find('Role').ref;
  const name = stack.template.find('Writer').ref;
  expect(denial).toMatchObject({ caller: 'Writer', resource: arn });
  expect(denial.message).toBe(
    `User: arn:aws:sts::000000000000:assumed-role/${role}/${name} is not authorized to perform: dynamodb:PutItem ` +
      `on resource: ${String(arn)} because no identity-based policy allows the dynamodb:PutItem action`,
  );
  await eventually(() => log('Writer').includes('AccessDeniedException'), 30_000);
  await eventually(async () => (await stack.failures.list()).length === 1, 30_000);
  expect(
    log('permissions')
      .split('\n')
      .filter((line) => line.includes('grant dynamodb:PutItem')),
  ).toHaveLength(1);
  expect(await stored('denied')).toBe(false);
});

test('what was given up for want of a grant is redriven once it is there', async () => {
  expect(await stack.failures.redrive()).toMatchObject([{ remaining: [] }]);
  expect(await stored('denied')).toBe(true);
});

test('a mapping whose function may not read the stream stops, says so, and goes on where it was', async () => {
  await withhold('readStream');
  await eventually(() => state('WriterSource')?.problem?.startsWith('PROBLEM: Cannot access stream'), 30_000);
  await put('unread');
  await control('DELETE', 'permissions');
  await eventually(() => stored('unread'), 30_000);
  expect(state('WriterSource')?.problem).toBeUndefined();
});

test('a mapping that may not keep what it gives up drops it and says so', async () => {
  await withhold('keep');
  await put('poisoned', true);
  await eventually(() => log('WriterSource').includes('the role may not put objects there'), 30_000);
  expect(await stack.failures.list()).toEqual([]);
});
