import { billOf } from '../../bench/cost/hops';
import { dollarsOf } from '../../bench/prices';
import { cacheUnits } from '../../bench/valkey-usage';

const GB = 1024 ** 3;
const line = (service: string, action: string, name: string, calls: number, units: Record<string, number>) => ({
  ...{ service, action, function: name, calls, units },
});
const nothing = { commands: 0, scripts: 0, scriptMicroseconds: 0, bytes: 0, held: 0 };

test('each line is billed at the hop of the function that it is about', () => {
  const bills = billOf(
    [
      line('apigateway', 'HttpRequest', 'POST /v1/positions', 2, { requests: 3, bytesOut: 0 }),
      line('lambda', 'Invoke', 'IngestOnPositions12345678', 2, { gbSeconds: 0.5 }),
      line('lambda', 'Invoke', 'LiveOnPositions12345678', 1, { gbSeconds: 0.25 }),
      line('lambda', 'Invoke', 'LiveOnSweep12345678', 1, { gbSeconds: 6 }),
      line('kinesis', 'PutRecords', 'IngestOnPositions12345678', 1, { kilobytes: 1024 ** 2, bytes: 0 }),
      line('kinesis', 'GetRecords', 'TracksOnPositionsSource', 1, { bytes: GB }),
      line('kinesis', 'SubscribeToShard', 'LiveOnPositionsSource', 1, { bytes: GB }),
      line('dynamodb', 'UpdateItem', 'TracksOnPositions12345678', 1, { writeUnits: 4 }),
      line('dynamodbstreams', 'GetRecords', 'SearchOnRowsSource', 1, { items: 9 }),
      line('es', '_bulk', 'SearchOnRows12345678', 1, { documents: 9 }),
      line('logs', 'PutLogEvents', 'api.access', 1, { bytes: GB }),
    ],
    { ...nothing, commands: 10 },
  );
  expect(bills.get('API')).toMatchObject({ httpRequests: 3 });
  expect(bills.get('ingest')).toEqual({ invocations: 2, gbSeconds: 0.5 });
  expect(bills.get('live')).toEqual({ invocations: 1, gbSeconds: 0.25 });
  expect(bills.get('clock')).toEqual({ invocations: 1, gbSeconds: 6 });
  expect(bills.get('stream')).toEqual({ streamGbIn: 1, streamGbOut: 1, onDemandFanOutGb: 1 });
  expect(bills.get('tracks')).toEqual({ writeUnits: 4 });
  expect(bills.get('search')).toEqual({});
  expect(bills.get('logs')).toEqual({ logGb: 1 });
  expect(bills.get('Valkey')).toEqual({ cacheUnits: 10 });
});

test.each([
  ['plain commands count one each', { commands: 100, scripts: 0, scriptMicroseconds: 0, bytes: 2_000 }, 100],
  [
    'scripts by their time, three microseconds each',
    { commands: 100, scripts: 10, scriptMicroseconds: 300, bytes: 0 },
    190,
  ],
  ['a short script counts one', { commands: 10, scripts: 10, scriptMicroseconds: 3, bytes: 0 }, 10],
  ['kilobytes where there are more of them', { commands: 10, scripts: 0, scriptMicroseconds: 0, bytes: 102_400 }, 100],
])('%s', (_, usage, units) => {
  expect(cacheUnits({ ...usage, held: 0 })).toBe(units);
});

test('a million requests, writes and positions of a tracker cost what the lists say', () => {
  expect(dollarsOf({ httpRequests: 1_000_000 })).toBeCloseTo(1);
  expect(dollarsOf({ writeUnits: 1_000_000, readUnits: 1_000_000 })).toBeCloseTo(0.75);
  expect(dollarsOf({ trackerPositions: 1_000_000 })).toBeCloseTo(50);
});
