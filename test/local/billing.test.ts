import {
  httpUnits,
  invocationUnits,
  logUnits,
  messageUnits,
  metricUsages,
  objectUnits,
  platformLines,
  putUnits,
} from '../../local/billing';

const KB = 1024;

// "Amazon API Gateway pricing": HTTP APIs are metered in 512 KB increments; a 33 KB message is metered as two.
test.each([
  ['nothing', 0, 0, 1],
  ['a request of 512 KB', 512 * KB, 0, 1],
  ['a byte more', 512 * KB + 1, 0, 2],
  ['an answer larger than its request', 10, 1025 * KB, 3],
])('an HTTP call with %s: %i in, %i out, %i billed', (_, request, answer, requests) => {
  expect(httpUnits(request, answer)).toEqual({ requests, bytesOut: answer });
});

test.each([
  ['an empty message', 0, 1],
  ['32 KB', 32 * KB, 1],
  ['33 KB', 33 * KB, 2],
  ['the largest there is', 128 * KB, 4],
])('%s: %i bytes, %i billed, whichever way it goes', (_, bytes, messages) => {
  expect(messageUnits('in', bytes)).toEqual({ messages, bytesIn: bytes });
  expect(messageUnits('out', bytes)).toEqual({ messages, bytesOut: bytes });
});

// "Amazon Kinesis Data Streams pricing": 4.5 KB counts as 5 KB on demand; a PUT payload unit is 25 KB.
test('records are rounded up one by one', () => {
  expect(putUnits([100, 4.5 * KB, 25 * KB, 25 * KB + 1])).toEqual({
    items: 4,
    bytes: 100 + 54.5 * KB + 1,
    kilobytes: 1 + 5 + 25 + 26,
    payloadUnits: 1 + 1 + 1 + 2,
  });
});

// "AWS Lambda Pricing": duration is rounded up to the nearest 1 ms; memory counts as it is set.
test.each([
  [1, 1024, 0.001],
  [1.0001, 1024, 0.002],
  [999.2, 512, 0.5],
])('%d ms at %d MB are %d GB-seconds', (durationMs, memoryMb, gbSeconds) => {
  expect(invocationUnits({ durationMs, cpuMs: 0.5, memoryMb, cold: true })).toEqual({
    gbSeconds,
    durationMs,
    cpuMs: 0.5,
    coldStarts: 1,
  });
});

test('a log event is its bytes in UTF-8 and 26 more', () => {
  expect(logUnits(['abc', 'é'])).toEqual({ events: 2, bytes: 3 + 2 + 2 * 26 });
});

test('Lambda writes three lines about an invocation, rounding what it bills up', () => {
  const lines = platformLines('id', 12.3, 1024);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['START', 'END', 'REPORT']);
  expect(lines[2]).toContain('Billed Duration: 13 ms');
});

test('a metric is known by its namespace, dimensions and name', () => {
  const line = JSON.stringify({
    _aws: {
      CloudWatchMetrics: [
        { Namespace: 'Waystream', Dimensions: [['area']], Metrics: [{ Name: 'Skipped' }, { Name: 'Late' }] },
      ],
    },
    area: 'live',
    Skipped: 1,
    Late: 2,
  });
  const names = ['Waystream/live/Skipped', 'Waystream/live/Late'];
  expect(metricUsages(line).map((usage) => usage.function)).toEqual(names);
  expect(metricUsages('plain text')).toEqual([]);
  expect(metricUsages('"CloudWatchMetrics" but no JSON')).toEqual([]);
});

// "Amazon S3 pricing": PUT, COPY, POST and LIST; GET and all others; DELETE is free.
test.each([
  ['PutObject', { writeRequests: 1 }],
  ['ListObjectsV2', { writeRequests: 1 }],
  ['GetObject', { readRequests: 1 }],
  ['HeadObject', { readRequests: 1 }],
  ['DeleteObject', {}],
])('%s costs %j', (action, units) => {
  expect(objectUnits(action, 7)).toEqual({ bytes: 7, ...units });
});
