import { parseSchedule } from '../../../local/resources/cron';

const at = (time: string) => Date.parse(`${time}:00Z`);

test.each([
  ['rate(1 minute)', '2025-11-21T10:00', '2025-11-21T10:01'],
  ['rate(12 hours)', '2025-11-21T10:00', '2025-11-21T22:00'],
  ['at(2025-12-24T18:00:00)', '2025-11-21T10:00', '2025-12-24T18:00'],
  ['cron(15 10 * * ? *)', '2025-11-21T10:15', '2025-11-22T10:15'],
  ['cron(0/15 * * * ? *)', '2025-11-21T10:16', '2025-11-21T10:30'],
  ['cron(0 8 ? * MON-FRI *)', '2025-11-21T09:00', '2025-11-24T08:00'],
  ['cron(0 0 1 JAN,JUL ? *)', '2025-11-21T09:00', '2026-01-01T00:00'],
  ['cron(0 0 29 2 ? *)', '2025-11-21T09:00', '2028-02-29T00:00'],
  ['cron(30 4 ? * 1 2026)', '2025-11-21T09:00', '2026-01-04T04:30'],
])('%s after %s fires at %s', (expression, after, expected) => {
  expect(parseSchedule(expression)(at(after))).toBe(at(expected));
});

test('what is over never fires again', () => {
  expect(parseSchedule('at(2020-01-01T00:00:00)')(at('2025-01-01T00:00'))).toBeUndefined();
  expect(parseSchedule('cron(0 0 1 1 ? 2020)')(at('2025-01-01T00:00'))).toBeUndefined();
});

test.each([
  'every day',
  'rate(0 minutes)',
  'rate(1 week)',
  'cron(0 0 * * *)',
  'cron(61 0 * * ? *)',
  'cron(0 0 L * ? *)',
  'at(soon)',
])('%s is an error', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(expression);
});
