import { table } from '../../scripts/faults-table.mjs';

test('what faults did is a table in Markdown, a line each', () => {
  const latency = { count: 9, p50: 10, p99: 40 };
  const none = { count: 0 };
  const row = { fault: 'Kinesis killed', seconds: 120, accepted: 99, refused: 7, catchUp: 2.04, viewers: 0.5 };
  expect(table([{ ...row, before: latency, during: none, after: latency }]).split('\n')).toEqual([
    expect.stringMatching(/^\| fault \| .* \|$/),
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    '| Kinesis killed | 120 | 99 | 7 | 10 / 40 | – / – | 10 / 40 | 2.0 | 0.5 |',
  ]);
});
