import type { Position } from '../../lambdas/contract/position';
import { encodePoint, minuteKey, pointName, rowExpiry, trackKey, writerMark } from '../../lambdas/contract/track-row';
import { appendCondition, appendExpression } from '../../lambdas/tracks/store';
import { START } from './arbitraries';

test('an update of a hundred points stays within what DynamoDB takes', () => {
  const points = Array.from({ length: 100 }, (_, index) => ({ time: START + 59_999 - index, lat: 1, lon: 2 }));
  const expression = appendExpression(points);
  expect(Buffer.byteLength(expression)).toBeLessThan(4_096);
  expect(expression.match(/=|if_not_exists/g)?.length).toBeLessThan(300);
  const condition = appendCondition(points);
  expect(Buffer.byteLength(condition)).toBeLessThan(4_096);
  expect(condition.match(/attribute_not_exists|OR|AND/g)?.length).toBeLessThan(300);
});

/**
 * Bytes of an item of strings and one number. Source: "DynamoDB item sizes and formats": names and strings in UTF-8;
 * a number one byte for two digits, and one more.
 */
function itemBytes(strings: Record<string, string>, numbers: Record<string, number>): number {
  const texts = Object.entries(strings).map(([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value));
  const figures = Object.entries(numbers).map(
    ([name, value]) => Buffer.byteLength(name) + Math.ceil(String(value).length / 2) + 1,
  );
  return [...texts, ...figures].reduce((sum, bytes) => sum + bytes, 0);
}

/** A row as the table holds it, of points with the longest coordinates, speed and heading. */
function rowBytes(count: number, task: string): number {
  const points = Array.from(
    { length: count },
    (_, index): Position => ({
      time: START + Math.floor((index * 60_000) / count) + 3,
      lat: -41.1234567,
      lon: -108.7654321,
      speed: 12.34,
      heading: 271.5,
    }),
  );
  const attributes = Object.fromEntries(points.map((point) => [pointName(point.time), encodePoint(point)]));
  const mark = writerMark(Object.keys(attributes));
  const keys = { track: trackKey('taxi-20000589', task), minute: minuteKey(START), w: mark };
  return itemBytes({ ...keys, ...attributes }, { expires: rowExpiry(START, 3_650) });
}

test('fifteen points with speed and heading are one write unit', () => {
  expect(rowBytes(15, '1372636858620000589')).toBeLessThanOrEqual(1_024);
});

test('a point each second makes a row of three write units', () => {
  expect(rowBytes(60, '1372636858620000589')).toBeLessThanOrEqual(3 * 1_024);
});
