import { Trace } from '../../local/trace';

const time = 1_763_719_200_020;

test('points are traced by their times, in reports, in events and in records of a stream', () => {
  const trace = new Trace();
  trace.start(20);
  const report = JSON.stringify({ points: [{ time: time - 1 }, { time, lat: 41.15, lon: -8.61 }] });
  const record = JSON.stringify({ v: 1, at: time + 20, points: [[time, 41.15, -8.61]] });
  trace.see('report', () => report);
  trace.see('event', () => JSON.stringify({ timeEpoch: time + 40, body: report }));
  trace.seeRecords('record', () => JSON.stringify({ Records: [{ Data: Buffer.from(record).toString('base64') }] }));
  expect(trace.take().map(([hop, seen]) => [hop, seen])).toEqual([
    ['report', time],
    ['event', time],
    ['record', time],
  ]);
  expect(trace.take()).toEqual([]);
});

test('nothing is looked at while nothing is traced', () => {
  const text = jest.fn(() => '');
  const trace = new Trace();
  trace.see('report', text);
  trace.seeRecords('record', text);
  expect(text).not.toHaveBeenCalled();
});
